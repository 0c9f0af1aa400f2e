"""Events of the audit as a file: CSV, NDJSON or one JSON document, streamed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from execution_ops.domain.audit import AuditRecord
from execution_ops.domain.exports import write_csv, write_ndjson


class AuditExportFormat(StrEnum):
    """How events are written."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"

    @property
    def media_type(self) -> str:
        """The media type of the whole document."""
        kinds = {AuditExportFormat.CSV: "text/csv; charset=utf-8", AuditExportFormat.JSON: "application/json"}
        return kinds.get(self, "application/x-ndjson")


def write_audit(batches: Iterable[Sequence[AuditRecord]], form: AuditExportFormat) -> Iterator[bytes]:
    """The events in the given format, a chunk a batch; CSV is safe to open in a spreadsheet, JSON is in ASCII."""
    if form is AuditExportFormat.CSV:
        return write_csv(batches, tuple(AuditRecord.model_fields))
    return write_ndjson(batches) if form is AuditExportFormat.NDJSON else _document(batches)


def _document(batches: Iterable[Sequence[AuditRecord]]) -> Iterator[bytes]:
    yield b'{"items": ['
    between = "\n"
    for batch in batches:
        rows = ",\n".join(json.dumps(row.model_dump(mode="json")) for row in batch)
        yield f"{between}{rows}".encode()
        between = ",\n"
    yield b"\n]}\n"
