"""Redaction of whole entities: every text of a job, or of what operators wrote, that a person may read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel

from execution_ops.domain.audit import AuditEvent
from execution_ops.domain.baselines import Baseline, Promotion
from execution_ops.domain.dead_letters import DeadLetter, DeadLetterDetail, ErrorGroup, Groups, LetterOutcome
from execution_ops.domain.jobs import Attempt, Dag, JobDetail, JobEvent, JobRow, LogSlice
from execution_ops.domain.kit_records import Kit, KitActivation, KitPlace, KitRun
from execution_ops.domain.redaction import redact_json, redact_text
from execution_ops.domain.replays import ItemPage, ReplayPlan
from execution_ops.domain.run_events import RunEvent, RunLine, RunLog, TargetBars
from execution_ops.domain.runs import Run

M = TypeVar("M", bound=BaseModel)
E = TypeVar("E", bound=AuditEvent)


@lru_cache(maxsize=4)
def _clean(text: str, keys: tuple[str, ...]) -> str:
    return redact_json(text, keys)


@lru_cache(maxsize=1_024)
def _clean_name(name: str, keys: tuple[str, ...]) -> str:
    return redact_text(name, keys)


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
        return self._texts(row, "error_message", "progress_note", "label")

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

    def letters(self, rows: Iterable[DeadLetter]) -> tuple[DeadLetter, ...]:
        """Every entry redacted."""
        return tuple(self._texts(row, "error_message", "label", "note") for row in rows)

    def letter_detail(self, detail: DeadLetterDetail) -> DeadLetterDetail:
        """The entry with its snapshot and its chain redacted."""
        (row,) = self.letters([detail.row])
        chain = tuple(self._texts(link, "error_message") for link in detail.chain)
        clean = self._texts(detail, "error_stack", "error_template", "dag_title")
        return clean.model_copy(update={"row": row, "chain": chain})

    def groups(self, found: Groups) -> Groups:
        """The groups with their messages redacted."""
        groups: tuple[ErrorGroup, ...] = tuple(self._texts(group, "template") for group in found.groups)
        health = self._texts(found.health, "most_common")
        return found.model_copy(update={"groups": groups, "health": health})

    def outcomes(self, outcomes: Iterable[LetterOutcome]) -> list[LetterOutcome]:
        """What was refused may quote a payload: every reason redacted."""
        return [self._texts(outcome, "why") for outcome in outcomes]

    def run(self, run: Run) -> Run:
        """The run with its error and what operators said of it redacted."""
        return self._texts(run, "error", "why", "cancel_reason")

    def run_log(self, part: RunLog) -> RunLog:
        """The lines redacted, with the labels of the jobs that wrote them."""
        return part.model_copy(update={"lines": tuple(map(self._run_line, part.lines))})

    def run_event(self, event: RunEvent) -> RunEvent:
        """The event with the texts of its data redacted."""
        clean: dict[str, str] = {name: self.text(event.data[name]) for name in ("text", "error") if name in event.data}
        if "source" in event.data:
            clean["source"] = self._name(event.data["source"])
        return event.model_copy(update={"data": event.data | clean}) if clean else event

    def target_bars(self, bars: TargetBars) -> TargetBars:
        """The target's error and the names of its jobs redacted."""
        jobs = tuple(self._texts(job, "name") for job in bars.jobs)
        return bars.model_copy(update={"target": self._texts(bars.target, "error"), "jobs": jobs})

    def values(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The payload with its secrets hidden."""
        clean: dict[str, Any] = json.loads(self.json(json.dumps(payload)))
        return clean

    def plan(self, plan: ReplayPlan) -> ReplayPlan:
        """The plan with what its maker wrote redacted."""
        return self._texts(plan, "description", "filter", "reason", "ticket", "note")

    def items(self, page: ItemPage) -> ItemPage:
        """The entries of a plan redacted."""
        items = tuple(self._texts(item, "error_message", "label", "detail") for item in page.items)
        return page.model_copy(update={"items": items})

    def baseline(self, baseline: Baseline) -> Baseline:
        """The baseline with what operators wrote redacted."""
        return self._texts(baseline, "label", "promote_reason")

    def promotion(self, entry: Promotion) -> Promotion:
        """The entry of the promotion log with what operators wrote redacted."""
        return self._texts(entry, "reason", "label", "previous_label")

    def kit(self, kit: Kit) -> Kit:
        """The kit with what operators wrote and what a job said redacted."""
        return self._texts(kit, "failure", "activate_reason", "remove_reason")

    def kit_place(self, place: KitPlace) -> KitPlace:
        """The kits that are active, and were before, redacted."""
        kits = {name: kit and self.kit(kit) for name, kit in (("active", place.active), ("previous", place.previous))}
        return place.model_copy(update=kits)

    def kit_activation(self, activation: KitActivation) -> KitActivation:
        """The activation with what operators wrote redacted."""
        return self._texts(activation, "reason", "undone_reason")

    def audit(self, event: E) -> E:
        """The event with what operators wrote redacted, and the text of what it was done to."""
        return self._texts(event, "subject", "scope", "reason", "ticket")

    def kit_run(self, run: KitRun) -> KitRun:
        """The work on a kit with what its job said redacted."""
        return self._texts(run, "failure")

    def _run_line(self, line: RunLine) -> RunLine:
        text, source = self.text(line.text), self._name(line.source)
        same = text == line.text and source == line.source
        return line if same else line.model_copy(update={"text": text, "source": source})

    def _name(self, name: str) -> str:
        """The name of a job with its secrets hidden. One job writes very many lines, so names are kept."""
        return _clean_name(name, self._keys)

    def _texts(self, entity: M, *names: str) -> M:
        """The entity with these texts redacted; the same one if none of them has a secret."""
        changed = {
            name: clean for name in names if (clean := self.text(getattr(entity, name))) != getattr(entity, name)
        }
        return entity.model_copy(update=changed) if changed else entity

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
