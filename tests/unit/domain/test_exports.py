"""Exports read back equal, and run nothing in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.exports import ExportFormat, safe_cell, write
from execution_ops.domain.jobs import JobRow
from execution_ops.domain.text import visible
from tests.job_samples import job_row

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)

COLUMNS = tuple(JobRow.model_fields)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1"])
def test_a_formula_is_taken_as_text(text: str) -> None:
    assert safe_cell(text).startswith("'")


@given(ANY_TEXT)
def test_no_cell_starts_a_formula_or_steers(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in cell if char not in "\n\t")
    assert not set(cell) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200f")


@given(st.lists(ANY_TEXT, max_size=5))
def test_csv_reads_back(texts: list[str]) -> None:
    rows = [job_row(error_message=text, label=text) for text in texts]
    document = b"".join(write([rows], ExportFormat.CSV, JobRow)).decode()
    header, *lines = csv.reader(io.StringIO(document, newline=""))
    assert tuple(header) == COLUMNS
    assert [line[COLUMNS.index("error_message")] for line in lines] == [safe_cell(text) for text in texts]
    assert [line[COLUMNS.index("id")] for line in lines] == [row.id for row in rows]


@given(st.lists(ANY_TEXT, max_size=5))
def test_ndjson_reads_back_exactly(texts: list[str]) -> None:
    rows = [job_row(error_message=text) for text in texts]
    document = b"".join(write([rows[:2], rows[2:]], ExportFormat.NDJSON, JobRow))
    assert document.isascii()
    assert [json.loads(line)["error_message"] for line in document.splitlines()] == texts


def test_batches_are_written_as_they_come() -> None:
    read: list[int] = []

    def batches() -> object:
        for number in range(3):
            read.append(number)
            yield [job_row()]

    chunks = write(batches(), ExportFormat.NDJSON, JobRow)  # type: ignore[arg-type]
    next(chunks)
    assert read == [0]


def test_numbers_stay_numbers() -> None:
    document = b"".join(write([[job_row(priority=-5)]], ExportFormat.CSV, JobRow)).decode()
    (_, line) = csv.reader(io.StringIO(document))
    assert line[COLUMNS.index("priority")] == "-5"


def test_visible_keeps_ordinary_text_of_every_script() -> None:
    text = "Zażółć gęślą jaźń · 名前 · عربى · 🚀"
    assert visible(text) == text
    assert visible("a\tb\nc", lines=True) == "a\tb\nc"
    assert visible("a\tb\nc") == "a\\x09b\\x0ac"
