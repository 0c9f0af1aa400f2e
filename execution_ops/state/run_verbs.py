"""The verbs on one run, and why it waits: for every page that shows one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import reflex as rx

from execution_ops.domain.access import Actor
from execution_ops.domain.jobs import Health
from execution_ops.domain.run_waiting import why_run_waits
from execution_ops.domain.runs import Run
from execution_ops.domain.schedule_verbs import RUN_CANCEL, RUN_RETRY, RUN_RETRY_FAILED, RUN_VERBS
from execution_ops.domain.states import TargetState
from execution_ops.domain.text import visible
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp, why_not
from execution_ops.domain.words import counted
from execution_ops.services.bulk import QUEUE as PLANNER_QUEUE
from execution_ops.services.container import services
from execution_ops.services.runs import RunDetail
from execution_ops.state.actor import actor_of
from execution_ops.state.live import LOADING
from execution_ops.state.run_view import WaitView, wait_view
from execution_ops.state.shell import ShellState, message
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import runs as words

_UNPLANNED = words.NEVER_PLANNED


class RunVerbs(VerbQuestion, rx.State, mixin=True):
    """What can be done to the run that a page shows (`_detail`), and what it waits for."""

    wait: WaitView = WaitView()
    cancel_off: str = LOADING
    retry_off: str = LOADING
    retry_failed_off: str = LOADING
    question_title: str = ""
    question_button: str = ""
    question_facts: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)

    _detail: RunDetail | None = None

    # what the page says of itself

    def _made_href(self, run_id: str) -> str:
        """Where a run that was made just now is shown."""
        raise NotImplementedError

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return RUN_VERBS

    def _noun(self) -> tuple[str, str]:
        return ("run", "runs")

    def _subjects(self) -> list[str]:
        return [self._detail.run.id] if self._detail else []

    def _phrase(self, verb: Verb) -> None:
        if self._detail is None:
            self.asking = ""
            return
        run = self._detail.run
        name = visible(run.schedule_name)
        what = {
            RUN_CANCEL.name: (words.ASKS_CANCEL, words.CANCEL_THE_RUN),
            RUN_RETRY.name: (words.ASKS_RETRY, words.START_THE_NEW_RUN),
            RUN_RETRY_FAILED.name: (words.ASKS_RETRY_FAILED, words.START_THE_NEW_RUN),
        }
        title, self.question_button = what[verb.name]
        self.question_title = title.format(name)
        self.question_facts = question_facts(verb, self._detail)

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        (run_id,) = self._asked_ids
        runs, shell = services().runs, await self.get_state(ShellState)
        if verb is RUN_CANCEL:
            await asyncio.to_thread(runs.cancel, actor, run_id, stamp)
            shell._say(message(words.RUN_IS_CANCELED))
            await self._refresh(anew=True)
            return None
        made = await asyncio.to_thread(runs.retry, actor, verb, run_id, stamp)
        shell._say(message(words.A_NEW_RUN_HAS_STARTED))
        return rx.redirect(self._made_href(made.id))

    # helpers

    def _show_wait(self, health: Health | None) -> None:
        detail = self._detail
        if detail is None or health is None:
            return
        waiting = why_run_waits(
            detail.run,
            parallelism=detail.parallelism,
            before=detail.before,
            health=health,
            planner_queue=PLANNER_QUEUE,
        )
        self.wait = wait_view(waiting)

    def _take_detail(self, detail: RunDetail | None) -> None:
        """What is shown from now on; what another run waits for, or one that has ended, is not shown any more."""
        before, self._detail = self._detail, detail
        if detail is None or before is None or before.run.id != detail.run.id or detail.run.finished_at is not None:
            self.wait = WaitView()
        if detail is not None:
            self._offer(detail.run)

    def _offer(self, run: Run) -> None:
        actor, states = actor_of(self), [run.state]
        self.cancel_off = why_not(RUN_CANCEL, actor, states, run.tenant)
        self.retry_off = why_not(RUN_RETRY, actor, states, run.tenant)
        self.retry_failed_off = why_not(RUN_RETRY_FAILED, actor, states, run.tenant)
        if not self.retry_failed_off and not run.counts.planned:
            self.retry_failed_off = _UNPLANNED


def question_facts(verb: Verb, detail: RunDetail) -> list[tuple[str, str]]:
    """What a verb would do to this run."""
    counts = detail.run.counts
    if verb is RUN_CANCEL:
        found = [
            (words.NEVER_START, counts.of(TargetState.WAITING)),
            (words.ASKED_TO_STOP, counts.of(TargetState.RUNNING)),
        ]
        return [(label, _targets(count)) for label, count in found if count]
    if verb is RUN_RETRY:
        return [(words.FOLLOWS, words.same_version(detail.run.schedule_version))]
    failed = [one for one in detail.segments if any(state != TargetState.COMPLETED for state in one.by_state)]
    again = sum(sum(one.by_state.values()) - one.by_state.get(TargetState.COMPLETED, 0) for one in failed)
    of = f"{len(failed):,} of {counted(len(detail.segments), 'segment')}"
    return [(words.REPEATS, words.repeats(_targets(again), of))]


def _targets(count: int) -> str:
    return counted(count, "target")
