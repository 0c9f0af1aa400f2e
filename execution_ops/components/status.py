"""States as icon, word and tone: the one table for all that has states."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

import reflex as rx

from execution_ops.components.islands import FOLDER, Island
from execution_ops.domain.benchmarks import BenchState
from execution_ops.domain.quotas import QuotaState
from execution_ops.domain.replays import ItemStatus, Verdict
from execution_ops.domain.sbom_diff import BOTH, ChangeKind
from execution_ops.domain.scanner_overview import Level
from execution_ops.domain.schedules import ScheduleState
from execution_ops.domain.states import (
    AnalyzerState,
    AttemptState,
    BaselineState,
    DeadLetterState,
    JobState,
    KitState,
    ReplayState,
    RunState,
    TargetState,
    WorkerState,
)

Tone = Literal["run", "ok", "wait", "warn", "bad", "mute"]
Kind = Literal[
    "job",
    "attempt",
    "worker",
    "event",
    "letter",
    "plan",
    "item",
    "verdict",
    "quota",
    "schedule",
    "run",
    "target",
    "part",
    "baseline",
    "change",
    "kit",
    "analyzer",
    "bench",
]
CANCELING = "canceling"


class Look(NamedTuple):
    """How a state is drawn. Tones: run works now, ok ended well, wait starts by itself,
    warn a person should look, bad failed or lost, mute ended or off by choice. `word` is said
    in place of the state's own."""

    icon: str
    tone: Tone
    spin: bool = False
    word: str = ""


_RUNNING = Look("loader-circle", "run", spin=True)
_SUCCEEDED = Look("circle-check", "ok")
_FAILED = Look("circle-x", "bad")
_TIMED_OUT = Look("timer-off", "warn")
_CANCELED = Look("circle-slash", "mute")

JOB: dict[str, Look] = {
    JobState.PENDING: Look("circle-dashed", "mute"),
    JobState.SCHEDULED: Look("clock", "wait"),
    JobState.RUNNING: _RUNNING,
    JobState.SUCCEEDED: _SUCCEEDED,
    JobState.FAILED: _FAILED,
    JobState.TIMED_OUT: _TIMED_OUT,
    JobState.CANCELED: _CANCELED,
    CANCELING: Look("loader-circle", "warn", spin=True),
}
ATTEMPT: dict[str, Look] = {
    AttemptState.RUNNING: _RUNNING,
    AttemptState.SUCCEEDED: _SUCCEEDED,
    AttemptState.FAILED: _FAILED,
    AttemptState.TIMED_OUT: _TIMED_OUT,
    AttemptState.CANCELED: _CANCELED,
    AttemptState.LOST: Look("unplug", "warn"),
}
WORKER: dict[str, Look] = {
    WorkerState.ONLINE: _SUCCEEDED,
    WorkerState.DRAINING: Look("circle-arrow-down", "warn"),
    WorkerState.DRAINED: Look("moon", "mute"),
    WorkerState.LOST: Look("unplug", "bad"),
}
LETTER: dict[str, Look] = {
    DeadLetterState.PENDING: Look("inbox", "warn"),
    DeadLetterState.REPLAYING: Look("refresh-cw", "run", spin=True),
    DeadLetterState.REPLAYED: Look("history", "mute"),
    DeadLetterState.RESOLVED: Look("check", "mute"),
    DeadLetterState.QUARANTINED: Look("shield-ban", "bad"),
}
PLAN: dict[str, Look] = {
    ReplayState.DRAFT: Look("file-pen", "mute"),
    ReplayState.RUNNING: _RUNNING,
    ReplayState.HELD: Look("circle-pause", "warn", word="paused"),
    ReplayState.COMPLETED: _SUCCEEDED._replace(word="completed"),
    ReplayState.ABORTED: Look("octagon-x", "mute"),
}
ITEM: dict[str, Look] = {
    ItemStatus.ELIGIBLE: Look("clock", "wait", word="to be sent"),
    ItemStatus.INELIGIBLE: Look("circle-minus", "mute", word="not eligible"),
    ItemStatus.SENT: _RUNNING._replace(word="sent, not ended"),
    ItemStatus.SKIPPED: Look("skip-forward", "mute"),
    ItemStatus.DONE: Look("check", "ok"),
    ItemStatus.SUCCEEDED: _SUCCEEDED,
    ItemStatus.DIED_SAME: _FAILED._replace(word="died again, same error"),
    ItemStatus.DIED_NEW: Look("triangle-alert", "bad", word="died again, new error"),
    ItemStatus.CANCELED: _CANCELED,
}
# The words are those of the domain (`replays.SAYS`).
VERDICT: dict[str, Look] = {
    Verdict.ELIGIBLE: Look("circle-check", "ok"),
    Verdict.NOT_OPEN: Look("circle-minus", "mute"),
    Verdict.QUARANTINED: Look("shield-ban", "bad"),
    Verdict.UNREGISTERED: Look("unplug", "warn"),
    Verdict.PAYLOAD_INVALID: Look("triangle-alert", "warn"),
    Verdict.PAYLOAD_GONE: Look("archive", "warn"),
    Verdict.JOB_MOVED: Look("route", "mute"),
    Verdict.FORBIDDEN: Look("key-round", "warn"),
    Verdict.SUPERSEDED: Look("history", "mute"),
    Verdict.CHANGED: Look("user", "mute"),
}
QUOTA: dict[str, Look] = {
    QuotaState.ACTIVE: _SUCCEEDED,
    QuotaState.PAUSED: Look("circle-pause", "warn"),
}
SCHEDULE: dict[str, Look] = {
    ScheduleState.ENABLED: Look("calendar-clock", "ok"),
    ScheduleState.PAUSED: Look("circle-pause", "warn"),
}
RUN: dict[str, Look] = {
    RunState.PLANNING: Look("scan-search", "wait"),
    RunState.QUEUED: Look("clock", "wait"),
    RunState.RUNNING: _RUNNING,
    RunState.COMPLETED: _SUCCEEDED,
    RunState.ERROR: _FAILED,
    RunState.CANCELED: _CANCELED,
}
TARGET: dict[str, Look] = {
    TargetState.WAITING: Look("clock", "wait"),
    TargetState.RUNNING: _RUNNING,
    TargetState.COMPLETED: _SUCCEEDED,
    TargetState.FAILED: _FAILED,
    TargetState.CANCELED: _CANCELED,
    TargetState.SKIPPED: Look("skip-forward", "mute"),
}
# The parts of Scanner Ops (`domain/scanner_overview.Level`).
PART: dict[str, Look] = {
    Level.BAD: Look("circle-x", "bad", word="needs you now"),
    Level.WARN: Look("triangle-alert", "warn", word="look at it"),
    Level.UNUSED: Look("circle-dashed", "mute", word="not used yet"),
    Level.OK: Look("circle-check", "ok", word="well"),
}
BASELINE: dict[str, Look] = {
    BaselineState.CANDIDATE: Look("circle-dashed", "wait"),
    BaselineState.PROMOTED: _SUCCEEDED,
}
# What a comparison says of a package; none of it is good or bad by itself.
CHANGE: dict[str, Look] = {
    ChangeKind.ADDED: Look("plus", "ok"),
    ChangeKind.REMOVED: Look("minus", "bad"),
    ChangeKind.VERSION: Look("tag", "run", word="version changed"),
    ChangeKind.LICENCE: Look("scroll-text", "warn", word="licence changed"),
    BOTH: Look("pencil", "warn", word="version and licence changed"),
}
KIT: dict[str, Look] = {
    KitState.VERIFIED: Look("circle-check", "ok"),
    KitState.QUARANTINED: Look("shield-ban", "bad"),
    KitState.ACTIVE: Look("package-check", "run"),
    KitState.SUPERSEDED: Look("archive", "mute"),
}
ANALYZER: dict[str, Look] = {
    AnalyzerState.HEALTHY: _SUCCEEDED,
    AnalyzerState.DEGRADED: Look("triangle-alert", "warn"),
    AnalyzerState.FAILED: _FAILED,
    AnalyzerState.UNTRIED: Look("circle-dashed", "mute", word="not tried yet"),
}
BENCH: dict[str, Look] = {
    BenchState.WITHIN: Look("circle-check", "ok", word="within limits"),
    BenchState.BREACH: Look("triangle-alert", "bad"),
}
# Events are history: nothing in them still turns.
EVENT: dict[str, Look] = {state: look._replace(spin=False) for state, look in {**JOB, **ATTEMPT}.items()}
LOOKS: dict[Kind, dict[str, Look]] = {
    "job": JOB,
    "attempt": ATTEMPT,
    "worker": WORKER,
    "event": EVENT,
    "letter": LETTER,
    "plan": PLAN,
    "item": ITEM,
    "verdict": VERDICT,
    "quota": QUOTA,
    "schedule": SCHEDULE,
    "run": RUN,
    "target": TARGET,
    "part": PART,
    "baseline": BASELINE,
    "change": CHANGE,
    "kit": KIT,
    "analyzer": ANALYZER,
    "bench": BENCH,
}


_TABLES = {kind: {state: look._asdict() for state, look in table.items()} for kind, table in LOOKS.items()}


class Looks(Island):
    """Base of what draws states. The tables stand once in a module, not in every row that is drawn."""

    def add_custom_code(self) -> list[str]:
        """The tables, for `looks`."""
        return [f"const STATE_LOOKS = {json.dumps(_TABLES)};"]


def looks(kind: Kind) -> rx.Var[Any]:
    """The table of a kind of state, for a prop of a component that is a `Looks`."""
    return rx.Var(f"STATE_LOOKS.{kind}")


class Status(Looks):
    """Draws a state from the table that it is given; a state that the table lacks is drawn plainly."""

    library = f"{FOLDER}/status.jsx"
    tag = "Status"
    alias = "StatusMark"

    table: rx.Var[Any]
    state: rx.Var[Any]
    canceling: rx.Var[Any]
    badge: rx.Var[bool]
    word: rx.Var[Any]


def status(
    state: str | rx.Var[str],
    canceling: bool | rx.Var[bool] = False,
    *,
    kind: Kind = "job",
    word: str | rx.Var[str] = "",
) -> rx.Component:
    """A state in a row: icon and word, untinted. `canceling` (of a job) wins over the state.

    `word` replaces the state's own word ("no worker").
    """
    return Status.create(table=looks(kind), state=state, canceling=canceling, word=word)


def badge(state: str | rx.Var[str], canceling: bool | rx.Var[bool] = False, *, kind: Kind = "job") -> rx.Component:
    """A state in a header or drawer: tinted."""
    return Status.create(table=looks(kind), state=state, canceling=canceling, badge=True)
