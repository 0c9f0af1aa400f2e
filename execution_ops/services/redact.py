"""Redaction of whole entities: every text of a job that a person may read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from execution_ops.domain.jobs import Attempt, Dag, JobDetail, JobEvent, JobRow, LogSlice
from execution_ops.domain.redaction import redact_json, redact_text


@lru_cache(maxsize=4)
def _clean(text: str, keys: tuple[str, ...]) -> str:
    return redact_json(text, keys)


class Redactor:
    """Knows the key list; returns copies and leaves what has no secret untouched."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(keys)

    def text(self, text: str) -> str:
        """The text with its secrets hidden."""
        return redact_text(text, self._keys) if text else text

    def json(self, text: str) -> str:
        """The JSON text with its secrets hidden; the last few are kept for who opens them bit by bit."""
        return _clean(text, self._keys)

    def row(self, row: JobRow) -> JobRow:
        """The row with its error, label and progress note redacted."""
        changed = {
            name: clean
            for name in ("error_message", "progress_note", "label")
            if (clean := self.text(getattr(row, name))) != getattr(row, name)
        }
        return row.model_copy(update=changed) if changed else row

    def rows(self, rows: Iterable[JobRow]) -> tuple[JobRow, ...]:
        """Every row redacted."""
        return tuple(self.row(row) for row in rows)

    def detail(self, detail: JobDetail) -> JobDetail:
        """The job with its attempts, timeline, relatives and the title of its DAG redacted."""
        return detail.model_copy(
            update={
                "row": self.row(detail.row),
                "attempts": tuple(self._attempt(attempt) for attempt in detail.attempts),
                "events": tuple(self._event(event) for event in detail.events),
                "parents": self.rows(detail.parents),
                "children": self.rows(detail.children),
                "dag_title": self.text(detail.dag_title),
            }
        )

    def log(self, part: LogSlice) -> LogSlice:
        """The lines redacted."""
        lines = tuple(line.model_copy(update={"text": self.text(line.text)}) for line in part.lines)
        return part.model_copy(update={"lines": lines})

    def dag(self, dag: Dag) -> Dag:
        """The title and the nodes redacted."""
        nodes = tuple(node.model_copy(update={"row": self.row(node.row)}) for node in dag.nodes)
        return dag.model_copy(update={"title": self.text(dag.title), "nodes": nodes})

    def _event(self, event: JobEvent) -> JobEvent:
        texts = {name: self.text(getattr(event, name)) for name in ("detail", "reason", "ticket")}
        return event.model_copy(update=texts)

    def _attempt(self, attempt: Attempt) -> Attempt:
        return attempt.model_copy(
            update={
                "error_message": self.text(attempt.error_message),
                "error_stack": self.text(attempt.error_stack),
            }
        )
