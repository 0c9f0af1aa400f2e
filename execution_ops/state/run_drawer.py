"""The drawer of a run: what it is about, why it waits, its parts, and the verbs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.ids import check_id
from execution_ops.domain.query_values import by_key, last, one_of_words
from execution_ops.domain.run_events import RunArtifact, RunLog
from execution_ops.domain.runs import RunTarget
from execution_ops.domain.states import TargetState
from execution_ops.services.container import services
from execution_ops.services.runs import RunDetail
from execution_ops.state.log_window import LogRow
from execution_ops.state.run_log import log_row
from execution_ops.state.run_verbs import RunVerbs
from execution_ops.state.run_view import (
    EvidenceLine,
    Fact,
    RunView,
    SegmentLine,
    TargetLine,
    evidence_lines,
    facts,
    log_words,
    run_view,
    say_run_deltas,
    segment_lines,
    target_lines,
    target_tabs,
)
from execution_ops.state.runs_view import TabLine

TARGETS_SHOWN = 50
# What the jobs of so many targets left behind, and so many lines of the end of the log.
EVIDENCE_OF = 20
LINES_SHOWN = 8
_DIGITS = 9


@dataclass(frozen=True)
class Shown:
    """What the address says of the drawer: the run, and which of its targets, from which number on."""

    run: str = ""
    states: tuple[TargetState, ...] = ()
    after: int = 0

    @classmethod
    def read(cls, pairs: list[tuple[str, str]]) -> Shown:
        """From the pairs of an address; InvalidInput for what no run could have."""
        many = by_key(pairs)
        run, after = last(many, "run"), last(many, "target") or "0"
        if not after.isascii() or not after.isdigit() or len(after) > _DIGITS:
            raise InvalidInput("target is the number of a target of the run.")
        states = one_of_words(TargetState, many.get("target_state", ()), "target_state")
        return cls(check_id(run) if run else "", states, int(after))

    def pairs(self) -> list[tuple[str, str]]:
        """As query pairs; none without a run."""
        if not self.run:
            return []
        states = [("target_state", state.value) for state in self.states]
        return [("run", self.run), *states, *([("target", str(self.after))] if self.after else [])]


@dataclass(frozen=True)
class Opened:
    """The run whose drawer is open; `detail` is None, and `missing` says so, where there is no such run."""

    shown: Shown
    detail: RunDetail | None = None
    targets: Sequence[RunTarget] = ()
    more: bool = False
    artifacts: Sequence[RunArtifact] = ()
    log: RunLog | None = None
    missing: str = ""


def read_run(actor: Actor, shown: Shown) -> Opened:
    """The run and one page of its targets; blocking."""
    runs, stream = services().runs, services().run_stream
    try:
        detail = runs.get(actor, shown.run)
    except NotFound as error:
        # The list in front of which the drawer stands is none the worse for it.
        return Opened(shown, missing=error.message)
    found = runs.targets(actor, shown.run, after=shown.after, limit=TARGETS_SHOWN + 1, states=shown.states)
    shown_targets, more = found[:TARGETS_SHOWN], len(found) > TARGETS_SHOWN
    artifacts = stream.artifacts(actor, shown.run, after=shown.after, limit=EVIDENCE_OF)
    log = stream.log(actor, shown.run, limit=LINES_SHOWN, last=True)
    return Opened(shown, detail, shown_targets, more, artifacts, log)


@dataclass(frozen=True)
class Parts:
    """What the drawer lists."""

    segments: list[SegmentLine] = field(default_factory=list)
    targets: list[TargetLine] = field(default_factory=list)
    evidence: list[EvidenceLine] = field(default_factory=list)
    log: list[LogRow] = field(default_factory=list)


class RunParts(rx.State):
    """The parts of the open run, apart from all else."""

    segments: rx.Field[list[SegmentLine]] = rx.field(default_factory=list)
    targets: rx.Field[list[TargetLine]] = rx.field(default_factory=list)
    evidence: rx.Field[list[EvidenceLine]] = rx.field(default_factory=list)
    log: rx.Field[list[LogRow]] = rx.field(default_factory=list)


class RunDrawer(RunVerbs, rx.State, mixin=True):
    """What the drawer shows. It is open while the address has `run=<id>`."""

    open_id: str = ""
    missing: str = ""
    run: RunView = RunView()
    facts: rx.Field[list[Fact]] = rx.field(default_factory=list)
    has_segments: bool = False
    target_tabs: rx.Field[list[TabLine]] = rx.field(default_factory=list)
    stream_href: str = ""
    deltas: str = ""
    log_words: str = ""
    first_href: str = ""
    next_href: str = ""

    # what the page says of itself

    def _href(self, shown: Shown) -> str:
        """The address of the same list with this in the drawer; without a drawer if it is of no run."""
        raise NotImplementedError

    # events

    @rx.event
    def close_drawer(self) -> Any:
        """Close the drawer."""
        return rx.redirect(self._href(Shown()))

    # RunVerbs

    def _made_href(self, run_id: str) -> str:
        return self._href(Shown(run_id))

    # helpers

    async def _show_drawer(self, opened: Opened | None) -> None:
        """Show what the address opens."""
        self.open_id, self.missing = (opened.shown.run, opened.missing) if opened else ("", "")
        self._take_detail(opened.detail if opened else None)
        if opened is None or opened.detail is None:
            self.run, self.facts, self.has_segments = RunView(), [], False
            await self._show_parts(Parts())
            return
        detail = opened.detail
        self.run, self.facts = run_view(detail.run), facts(detail.run)
        self.has_segments = bool(detail.segments)
        self.stream_href = routes.run_stream(detail.run.id)
        self.deltas = say_run_deltas(detail.run)
        self.log_words = log_words(opened.log)
        lines = [log_row(line) for line in opened.log.lines] if opened.log else []
        await self._show_parts(
            Parts(segment_lines(detail.segments), target_lines(opened.targets), evidence_lines(opened.artifacts), lines)
        )
        shown = opened.shown
        self.first_href = self._href(replace(shown, after=0)) if shown.after else ""
        self.next_href = self._href(replace(shown, after=opened.targets[-1].no)) if opened.more else ""
        self.target_tabs = target_tabs(
            detail.run, shown.states, lambda states: self._href(Shown(shown.run, tuple(states)))
        )

    async def _show_parts(self, parts: Parts) -> None:
        shown = await self.get_state(RunParts)
        for name in ("segments", "targets", "evidence", "log"):
            # What is as it was is not sent again.
            if getattr(shown, name) != getattr(parts, name):
                setattr(shown, name, getattr(parts, name))
