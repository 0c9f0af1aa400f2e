"""One replay plan: its dry run, how far it is, what came of it, and the verbs on it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import SubjectKind
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.ids import check_id, new_id
from execution_ops.domain.letter_verbs import (
    ABORT_PLAN,
    HOLD_PLAN,
    PLAN_VERBS,
    REOPEN,
    RESUME_PLAN,
    SET_RATE,
    START_PLAN,
)
from execution_ops.domain.query_values import by_key, last, one_of_words, read_pairs
from execution_ops.domain.replays import ItemPage, ItemStatus, PlanKind, ReplayPlan, Verdict
from execution_ops.domain.states import ReplayState
from execution_ops.domain.times import now_ms
from execution_ops.domain.topics import plan_topic
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import Stamp, why_not
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import trail_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.plan_steps import DONE, ItemLine, StepLine, item_line, status_lines, verdict_lines
from execution_ops.state.plan_view import PlanView, judged, plan_view, speed, speed_words
from execution_ops.state.shell import ShellState
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import dead_letters
from execution_ops.texts import replays as words

PAGE_SIZE = 50
# The speed is taken over this long.
SPEED_MS = 10_000
_RATE_CHARS = 20


@dataclass(frozen=True)
class Chosen:
    """Which entries of the plan the address asks for, and from which number on."""

    statuses: tuple[ItemStatus, ...]
    verdicts: tuple[Verdict, ...]
    after: int

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Chosen:
        """From the query string; InvalidInput for what no plan could have."""
        many = by_key(read_pairs(query_pairs(query)))
        after = last(many, "after") or "0"
        if not after.isascii() or not after.isdigit() or len(after) > 15:
            raise InvalidInput("after is the number of an entry in the plan.")
        return cls(
            one_of_words(ItemStatus, many.get("status", ()), "status"),
            one_of_words(Verdict, many.get("verdict", ()), "verdict"),
            int(after),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """As query pairs, without the position."""
        return [*(("status", one.value) for one in self.statuses), *(("verdict", one.value) for one in self.verdicts)]


@dataclass(frozen=True)
class Opened:
    """What the page reads in one go."""

    plan: ReplayPlan
    items: ItemPage


def read_plan(actor: Actor, plan_id: str, chosen: Chosen) -> Opened:
    """The plan and the chosen of its entries; blocking."""
    replays = services().replays
    plan = replays.get(actor, plan_id)
    items = replays.items(
        actor, plan_id, statuses=chosen.statuses, verdicts=chosen.verdicts, after=chosen.after, limit=PAGE_SIZE
    )
    return Opened(plan, items)


class ItemRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[ItemLine]] = rx.field(default_factory=list)


class ReplayPage(VerbQuestion, rx.State):
    """A plan around its entries."""

    plan: PlanView = PlanView()
    statuses: rx.Field[list[StepLine]] = rx.field(default_factory=list)
    verdicts: rx.Field[list[StepLine]] = rx.field(default_factory=list)
    stuck: bool = False
    speed: str = ""
    rate_problem: str = ""
    rate_off: str = LOADING
    start_off: str = LOADING
    hold_off: str = LOADING
    resume_off: str = LOADING
    abort_off: str = LOADING
    undo_off: str = LOADING
    rows_on_page: int = 0
    narrowed: bool = False
    all_href: str = ""
    first_href: str = ""
    next_href: str = ""
    question_title: str = ""
    question_button: str = ""
    question_facts: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)

    _shown: ReplayPlan | None = None
    _samples: list[tuple[int, int]] = []  # noqa: RUF012 - a Reflex field; every instance gets its own

    # LivePage

    def _ask(self) -> Ask:
        plan_id = check_id(self.plan_id)  # type: ignore[attr-defined]
        actor, chosen, service = actor_of(self), Chosen.read(self.router.url.query), services()

        async def beside() -> ReplayPlan:
            # That the background job ended without finishing is no change of the plan.
            key = ("plan", plan_id, viewer_key(actor))
            return await service.hub.sample(key, lambda: service.replays.get(actor, plan_id))

        key = ("plan", plan_id, chosen, viewer_key(actor))
        trail = trail_of(actor, SubjectKind.REPLAY_PLAN, plan_id)
        return Ask(plan_topic(plan_id), key, lambda: read_plan(actor, plan_id, chosen), beside, trail)

    async def _show(self, answer: Any) -> None:
        plan: ReplayPlan = answer.plan
        chosen = Chosen.read(self.router.url.query)
        rows = await self.get_state(ItemRows)
        lines = [item_line(plan, item) for item in answer.items.items]
        if rows.rows != lines:
            rows.rows = lines
        self.rows_on_page = len(lines)
        if self._shown is None or self._shown.id != plan.id:
            self._samples, self.rate_problem = [], ""
        self._shown = plan
        self.plan = plan_view(plan)
        self.statuses, self.verdicts = status_lines(plan, chosen.statuses), verdict_lines(plan, chosen.verdicts)
        self.narrowed = bool(chosen.pairs())
        self.all_href = routes.replay(plan.id)
        self.first_href = routes.replay(plan.id, chosen.pairs()) if chosen.after else ""
        following = answer.items.next_no
        self.next_href = routes.replay(plan.id, [*chosen.pairs(), ("after", str(following))]) if following else ""
        self._show_speed(plan)
        self._show_verbs(plan)

    def _show_beside(self, beside: Any) -> None:
        if self._shown is None or beside.id != self._shown.id:
            return  # The plan of the address is yet to be shown.
        self._show_speed(beside)
        if beside.driver_failed != self._shown.driver_failed:
            self._shown = beside
            self._show_verbs(beside)

    def _show_speed(self, plan: ReplayPlan) -> None:
        if plan.state is not ReplayState.RUNNING:
            self._samples, self.speed = [], ""
            return
        now = now_ms()
        recent = [sample for sample in self._samples if sample[0] > now - SPEED_MS]
        self._samples = [*recent, (now, plan.counts.sent)]
        self.speed = speed_words(speed(self._samples), plan.counts.left)

    def _show_verbs(self, plan: ReplayPlan) -> None:
        actor, state = actor_of(self), plan.state
        self.stuck = plan.driver_failed
        self.start_off = why_not(START_PLAN, actor, [state])
        if not self.start_off and not plan.prepared and not plan.driver_failed:
            self.start_off = words.DRY_RUN_GOES_ON_YET if not plan.starts else words.IT_STARTS_AFTER_THE_DRY_RUN
        elif not self.start_off and plan.prepared and not plan.counts.left:
            self.start_off = words.FOUND_NOTHING_TO_DO
        self.hold_off = why_not(HOLD_PLAN, actor, [state])
        self.resume_off = why_off(RESUME_PLAN, actor)
        if not plan.driver_failed or state is ReplayState.DRAFT:
            self.resume_off = why_not(RESUME_PLAN, actor, [state])
        self.abort_off = why_not(ABORT_PLAN, actor, [state])
        self.rate_off = why_not(SET_RATE, actor, [state])
        self.undo_off = why_off(REOPEN, actor)
        if plan.kind is not PlanKind.RESOLVE or not plan.counts.by_status.get(ItemStatus.DONE, 0):
            self.undo_off = words.THIS_PLAN_HAS_RESOLVED_NOTHING
        elif state not in (ReplayState.COMPLETED, ReplayState.ABORTED):
            self.undo_off = words.ONLY_WHEN_THE_PLAN_HAS_ENDED

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return (*PLAN_VERBS, REOPEN)

    def _subjects(self) -> list[str]:
        return [self._shown.id] if self._shown else []

    def _phrase(self, verb: Verb) -> None:
        plan = self._shown
        if plan is None:
            self.asking = ""
            return
        left, noun = plan.counts.left, dead_letters.DEAD_LETTER if plan.counts.left == 1 else dead_letters.LETTERS
        self.question_button = words.the_plan(verb.label)
        self.question_title = words.asks_plan_verb(verb.label)
        facts: list[tuple[str, str]] = []
        if verb is START_PLAN:
            word = plan.kind.value.capitalize()
            self.question_title, self.question_button = f"{word} {left:,} {noun}?", f"{word} {left:,} {noun}"
            facts = [(words.RATE, self.plan.rate_words)] if plan.kind is PlanKind.REPLAY else []
            if refused := plan.total - judged(plan):
                facts.append((words.LEFT_OUT, words.found_not_eligible(refused)))
            if plan.side_effects:
                facts.append((dead_letters.CAREFUL_LABEL, self.plan.side_effects))
        elif verb is REOPEN:
            done = plan.counts.by_status.get(ItemStatus.DONE, 0)
            what = words.letters(done)
            self.question_title, self.question_button = words.asks_reopen(what), words.reopen(what)
            facts = [(words.HOW, words.BY_A_PLAN_UNLESS_CHANGED)]
        else:
            facts = [
                (words.NOT_SENT_YET, f"{left:,} {noun}"),
                (words.DONE_SO_FAR, f"{plan.counts.sent:,} {DONE[plan.kind]}"),
            ]
        self.question_facts = facts

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        (plan_id,) = self._asked_ids
        if verb is REOPEN:
            made = await asyncio.to_thread(services().replays.undo, actor, plan_id, stamp)
            return rx.redirect(routes.replay(made.id))
        done = await asyncio.to_thread(services().replays.act, actor, verb.name, plan_id, stamp)
        shell = await self.get_state(ShellState)
        await shell._tell(words.plan_is(verb.label, _STANDS[done.state]), stamp)
        await self._refresh(anew=True)
        return None

    # rate

    @rx.event
    async def change_rate(self, form: dict[str, Any]) -> None:
        """Send at another rate from now on; an empty field means no limit."""
        plan = self._shown
        if plan is None:
            return
        try:
            rate = read_rate(form)
            stamp = Stamp(actor=actor_of(self), idempotency_key=new_id(), correlation_id=new_id())
            await asyncio.to_thread(services().replays.set_rate, stamp.actor, plan.id, rate, stamp)
        except OpsError as error:
            self.rate_problem = error.message
            return
        self.rate_problem = ""
        await self._refresh(anew=True)
        shell = await self.get_state(ShellState)
        await shell._tell(words.rate_is(self.plan.rate_words), stamp)


_STANDS = {
    ReplayState.DRAFT: words.STARTS_AFTER_DRY_RUN,
    ReplayState.RUNNING: "running",
    ReplayState.HELD: "paused",
    ReplayState.COMPLETED: "completed",
    ReplayState.ABORTED: "aborted",
}


def read_rate(form: object) -> float | None:
    """The rate that somebody typed, None for no limit; InvalidInput for what is no number."""
    typed = form.get("rate", "") if isinstance(form, dict) else None
    if not isinstance(typed, str) or len(typed) > _RATE_CHARS:
        raise InvalidInput("A rate is a number of jobs a second, or nothing for no limit.")
    if not typed.strip():
        return None
    try:
        return float(typed.strip().replace(",", "."))
    except ValueError:
        raise InvalidInput("A rate is a number of jobs a second, or nothing for no limit.") from None
