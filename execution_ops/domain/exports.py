"""Rows of any entity as CSV and NDJSON, streamed; CSV is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from pydantic import BaseModel

from execution_ops.domain.text import visible

# With these in front a spreadsheet takes a cell for a formula; the wide forms are folded by some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class ExportFormat(StrEnum):
    """How an export is written."""

    CSV = "csv"
    NDJSON = "ndjson"

    @property
    def media_type(self) -> str:
        """The media type of the whole document."""
        return "text/csv; charset=utf-8" if self is ExportFormat.CSV else "application/x-ndjson"


def safe_cell(text: str) -> str:
    """The text as a spreadsheet cell that can't run, steer or reorder anything."""
    risky = text.lstrip(" ").startswith(_FORMULA)
    clean = visible(text, lines=True)
    return f"'{clean}" if risky else clean


def write_csv(batches: Iterable[Sequence[BaseModel]], columns: Sequence[str]) -> Iterator[bytes]:
    """The header, then one chunk a batch (RFC 4180, UTF-8)."""
    yield csv_lines([columns])
    for batch in batches:
        yield csv_lines([_values(row, columns) for row in batch])


def write_ndjson(batches: Iterable[Sequence[BaseModel]]) -> Iterator[bytes]:
    """One chunk a batch, one JSON object a line, in ASCII: marks that hide or reorder stay visible."""
    for batch in batches:
        yield "".join(f"{json.dumps(row.model_dump(mode='json'))}\n" for row in batch).encode()


def write(batches: Iterable[Sequence[BaseModel]], form: ExportFormat, entity: type[BaseModel]) -> Iterator[bytes]:
    """The batches of an entity in the given format; the columns of CSV are the entity's fields."""
    return write_csv(batches, tuple(entity.model_fields)) if form is ExportFormat.CSV else write_ndjson(batches)


def csv_lines(lines: Iterable[Iterable[object]]) -> bytes:
    """Lines of plain values as CSV, every text in them safe."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([_cell(value) for value in line] for line in lines)
    return buffer.getvalue().encode()


def _values(row: BaseModel, columns: Sequence[str]) -> list[object]:
    values = row.model_dump(mode="json")
    return [values[name] for name in columns]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return safe_cell(str(value))
