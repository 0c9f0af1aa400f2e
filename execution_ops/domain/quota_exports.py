"""A snapshot of quotas as a file: JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from execution_ops.domain.exports import csv_lines
from execution_ops.domain.quotas import LIMIT_NAMES, QuotaRow
from execution_ops.domain.times import iso

_PARTS = ("limits", "configured", "override")
_LAST = ("created_at", "changed_at", "changed_by", "revision", "as_of")
_FIGURES = ("active", "started", "tokens_left", "next_token_at", "waiting", "at_limit")
_PAUSE = ("paused_at", "paused_by", "pause_reason")
COLUMNS = (
    *("id", "tenant", "job_type", "state"),
    # What holds now has the plain names.
    *(name if part == "limits" else f"{part}_{name}" for part in _PARTS for name in LIMIT_NAMES),
    *_FIGURES,
    *_PAUSE,
    *_LAST,
)


class QuotaExportFormat(StrEnum):
    """How a snapshot is written."""

    JSON = "json"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """The media type of the document."""
        return "text/csv; charset=utf-8" if self is QuotaExportFormat.CSV else "application/json"


def write_quotas(rows: Sequence[QuotaRow], form: QuotaExportFormat, now: datetime) -> bytes:
    """The snapshot; JSON in ASCII, so that marks that hide or reorder text stay visible."""
    if form is QuotaExportFormat.CSV:
        return csv_lines([COLUMNS, *(_values(row) for row in rows)])
    items = [row.model_dump(mode="json") for row in rows]
    return json.dumps({"exported_at": iso(now), "items": items}, indent=2).encode()


def _values(row: QuotaRow) -> list[object]:
    plain = row.model_dump(mode="json")
    for part in _PARTS:
        for name in LIMIT_NAMES:
            plain[name if part == "limits" else f"{part}_{name}"] = (plain[part] or {}).get(name)
    return [plain[name] for name in COLUMNS]
