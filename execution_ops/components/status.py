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
from execution_ops.domain.tokens import TokenState
from execution_ops.texts import states as words

Tone = Literal["run", "ok", "wait", "warn", "bad", "mute"]
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
_CANCELED = Look("circle-slash", "mute")
# What a job and an attempt at it can both be.
_TRIES: dict[str, Look] = {
    JobState.RUNNING: _RUNNING,
    JobState.SUCCEEDED: _SUCCEEDED,
    JobState.FAILED: _FAILED,
    JobState.TIMED_OUT: Look("timer-off", "warn"),
    JobState.CANCELED: _CANCELED,
}
# By the kind of what has the states.
LOOKS: dict[str, dict[str, Look]] = {
    "job": {
        JobState.PENDING: Look("circle-dashed", "mute"),
        JobState.SCHEDULED: Look("clock", "wait"),
        **_TRIES,
        CANCELING: Look("loader-circle", "warn", spin=True),
    },
    "attempt": {
        **_TRIES,
        AttemptState.LOST: Look("unplug", "warn"),
    },
    "worker": {
        WorkerState.ONLINE: _SUCCEEDED,
        WorkerState.DRAINING: Look("circle-arrow-down", "warn"),
        WorkerState.DRAINED: Look("moon", "mute"),
        WorkerState.LOST: Look("unplug", "bad"),
    },
    "token": {
        TokenState.ACTIVE: _SUCCEEDED,
        TokenState.EXPIRED: Look("timer-off", "mute"),
        TokenState.REVOKED: Look("ban", "mute"),
    },
    "letter": {
        DeadLetterState.PENDING: Look("inbox", "warn"),
        DeadLetterState.REPLAYING: Look("refresh-cw", "run", spin=True),
        DeadLetterState.REPLAYED: Look("history", "mute"),
        DeadLetterState.RESOLVED: Look("check", "mute"),
        DeadLetterState.QUARANTINED: Look("shield-ban", "bad"),
    },
    "plan": {
        ReplayState.DRAFT: Look("file-pen", "mute"),
        ReplayState.RUNNING: _RUNNING,
        ReplayState.HELD: Look("circle-pause", "warn", word=words.PAUSED),
        ReplayState.COMPLETED: _SUCCEEDED._replace(word=words.COMPLETED),
        ReplayState.ABORTED: Look("octagon-x", "mute"),
    },
    "item": {
        ItemStatus.ELIGIBLE: Look("clock", "wait", word=words.TO_BE_SENT),
        ItemStatus.INELIGIBLE: Look("circle-minus", "mute", word=words.NOT_ELIGIBLE),
        ItemStatus.SENT: _RUNNING._replace(word=words.SENT_NOT_ENDED),
        ItemStatus.SKIPPED: Look("skip-forward", "mute"),
        ItemStatus.DONE: Look("check", "ok"),
        ItemStatus.SUCCEEDED: _SUCCEEDED,
        ItemStatus.DIED_SAME: _FAILED._replace(word=words.DIED_OF_THE_SAME),
        ItemStatus.DIED_NEW: Look("triangle-alert", "bad", word=words.DIED_OF_ANOTHER),
        ItemStatus.CANCELED: _CANCELED,
    },
    # The words are those of the domain (`replays.SAYS`).
    "verdict": {
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
    },
    "quota": {
        QuotaState.ACTIVE: _SUCCEEDED,
        QuotaState.PAUSED: Look("circle-pause", "warn"),
    },
    "schedule": {
        ScheduleState.ENABLED: Look("calendar-clock", "ok"),
        ScheduleState.PAUSED: Look("circle-pause", "warn"),
    },
    "run": {
        RunState.PLANNING: Look("scan-search", "wait"),
        RunState.QUEUED: Look("clock", "wait"),
        RunState.RUNNING: _RUNNING,
        RunState.COMPLETED: _SUCCEEDED,
        RunState.ERROR: _FAILED,
        RunState.CANCELED: _CANCELED,
    },
    "target": {
        TargetState.WAITING: Look("clock", "wait"),
        TargetState.RUNNING: _RUNNING,
        TargetState.COMPLETED: _SUCCEEDED,
        TargetState.FAILED: _FAILED,
        TargetState.CANCELED: _CANCELED,
        TargetState.SKIPPED: Look("skip-forward", "mute"),
    },
    # The parts of Scanner Ops (`domain/scanner_overview.Level`).
    "part": {
        Level.BAD: Look("circle-x", "bad", word=words.NEEDS_YOU_NOW),
        Level.WARN: Look("triangle-alert", "warn", word=words.LOOK_AT_IT),
        Level.UNUSED: Look("circle-dashed", "mute", word=words.NOT_USED_YET),
        Level.OK: Look("circle-check", "ok", word=words.WELL),
    },
    "baseline": {
        BaselineState.CANDIDATE: Look("circle-dashed", "wait"),
        BaselineState.PROMOTED: _SUCCEEDED,
    },
    # What a comparison says of a package; none of it is good or bad by itself.
    "change": {
        ChangeKind.ADDED: Look("plus", "ok"),
        ChangeKind.REMOVED: Look("minus", "bad"),
        ChangeKind.VERSION: Look("tag", "run", word=words.VERSION_CHANGED),
        ChangeKind.LICENCE: Look("scroll-text", "warn", word=words.LICENCE_CHANGED),
        BOTH: Look("pencil", "warn", word=words.BOTH_CHANGED),
    },
    "kit": {
        KitState.VERIFIED: Look("circle-check", "ok"),
        KitState.QUARANTINED: Look("shield-ban", "bad"),
        KitState.ACTIVE: Look("package-check", "run"),
        KitState.SUPERSEDED: Look("archive", "mute"),
    },
    "analyzer": {
        AnalyzerState.HEALTHY: _SUCCEEDED,
        AnalyzerState.DEGRADED: Look("triangle-alert", "warn"),
        AnalyzerState.FAILED: _FAILED,
        AnalyzerState.UNTRIED: Look("circle-dashed", "mute", word=words.NOT_TRIED_YET),
    },
    "bench": {
        BenchState.WITHIN: Look("circle-check", "ok", word=words.WITHIN_LIMITS),
        BenchState.BREACH: Look("triangle-alert", "bad"),
    },
}
# Events are history: nothing in them still turns.
LOOKS["event"] = {state: look._replace(spin=False) for state, look in (LOOKS["job"] | LOOKS["attempt"]).items()}

_IN_THE_PAGE = "STATE_LOOKS"
_TABLES = {kind: {state: look._asdict() for state, look in table.items()} for kind, table in LOOKS.items()}


class Looks(Island):
    """Base of what draws states. The tables stand once in a module, not in every row that is drawn."""

    def add_custom_code(self) -> list[str]:
        """The tables, for `looks`."""
        return [f"const {_IN_THE_PAGE} = {json.dumps(_TABLES)};"]


def looks(kind: str) -> rx.Var[Any]:
    """The table of a kind of state, for a prop of a component that is a `Looks`. KeyError for a kind that has none."""
    if kind not in LOOKS:
        raise KeyError(kind)
    return rx.Var(f"{_IN_THE_PAGE}.{kind}")


class Status(Looks):
    """Draws a state from the table that it is given; a state that the table lacks is drawn plainly."""

    library = f"{FOLDER}/status.jsx"
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
    kind: str = "job",
    word: str | rx.Var[str] = "",
) -> rx.Component:
    """A state in a row: icon and word, untinted. `canceling` (of a job) wins over the state.

    `word` replaces the state's own word ("no worker").
    """
    return Status.create(table=looks(kind), state=state, canceling=canceling, word=word)


def badge(
    state: str | rx.Var[str],
    canceling: bool | rx.Var[bool] = False,
    *,
    kind: str = "job",
    word: str | rx.Var[str] = "",
) -> rx.Component:
    """A state in a header or drawer: tinted."""
    return Status.create(table=looks(kind), state=state, canceling=canceling, word=word, badge=True)
