"""The question before a verb on a baseline; before a promotion, what changes against the promoted one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.baselines import Baseline, name_of
from execution_ops.domain.errors import NotFound, OpsError
from execution_ops.domain.scanner_verbs import BASELINE_COMPARE, BASELINE_PROMOTE, BASELINE_REMOVE, BASELINE_ROLLBACK
from execution_ops.domain.text import visible
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import Stamp, why_not
from execution_ops.services.container import services
from execution_ops.state.actor import actor_of
from execution_ops.state.comparison_view import diff_facts
from execution_ops.state.job_outcome import JobOutcome
from execution_ops.state.live import LOADING
from execution_ops.state.shell import ShellState, message
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import baselines as words
from execution_ops.texts import common

# The verbs that a question comes before.
ASKED = (BASELINE_PROMOTE, BASELINE_ROLLBACK, BASELINE_REMOVE)


@dataclass(frozen=True)
class AgainstPromoted:
    """What promoting a baseline changes: the one that is promoted now (its id, "" for none), the difference as facts,
    the address of all of it, and why there is no difference to show."""

    held: str
    facts: list[tuple[str, str]]
    href: str = ""
    problem: str = ""


def against_promoted(actor: Actor, one: Baseline) -> AgainstPromoted:
    """What promoting a baseline changes; blocking."""
    held = services().baselines.promoted(actor, one)
    if held is None:
        return AgainstPromoted("", [(words.PROMOTED_NOW, words.NOTHING_PROMOTED_SO_FAR)])
    named = [(words.PROMOTED_NOW, visible(name_of(held)))]
    try:
        counts = services().baselines.counts(actor, held.id, one.id)
    except NotFound as error:
        return AgainstPromoted(held.id, named, problem=error.message)
    return AgainstPromoted(held.id, [*named, *diff_facts(counts)], routes.compare_baselines(held.id, one.id))


class BaselineVerbs(JobOutcome, VerbQuestion, rx.State, mixin=True):
    """The verbs on the baseline that the page is about (`_acting`); None when it is about none."""

    promote_off: str = LOADING
    rollback_off: str = LOADING
    remove_off: str = LOADING
    keep_off: str = LOADING
    question_title: str = ""
    question_facts: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)
    question_href: str = ""
    comparing_first: bool = False

    _acting: Baseline | None = None
    # What was promoted when the difference was shown; None while that is not known.
    _held: str | None = None

    # what the page says of itself

    def _gone_href(self) -> str:
        """Where the page leads once what it is about was deleted."""
        raise NotImplementedError

    # events

    @rx.event
    async def ask_promote(self) -> AsyncIterator[Any]:
        """Ask before a promotion, and show what it changes."""
        self.ask_verb(BASELINE_PROMOTE.name)
        one = self._acting
        if not self.asking or one is None:
            return
        self.question_facts, self.comparing_first = [(common.CHANGES, words.COMPARING)], True
        key = self._key
        yield
        try:
            found = await asyncio.to_thread(against_promoted, actor_of(self), one)
        except OpsError as error:
            if key == self._key:
                self.question_facts, self.verb_problem = [], error.message
                self.comparing_first = False
            return
        if key == self._key:
            self.question_facts, self.question_href, self._held = found.facts, found.href, found.held
            self.verb_problem, self.comparing_first = found.problem, False

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return ASKED

    def _noun(self) -> tuple[str, str]:
        return ("baseline", "baselines")

    def _subjects(self) -> list[str]:
        return [self._acting.id] if self._acting else []

    def _about(self) -> tuple[Hashable, ...]:
        return (*self._subjects(), self._acting.state if self._acting else "")

    def _phrase(self, verb: Verb) -> None:
        if self._acting is None:
            self.asking = ""
            return
        self.question_facts, self.question_href, self.comparing_first = [], "", False
        self._held = None
        self.question_title = f"{verb.label}: {visible(name_of(self._acting))}?"

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        (baseline_id,) = self._asked_ids
        service, shell = services().baselines, await self.get_state(ShellState)
        if verb is BASELINE_PROMOTE:
            return await self._promote(baseline_id, stamp)
        act = service.rollback if verb is BASELINE_ROLLBACK else service.remove
        one = await asyncio.to_thread(act, actor, baseline_id, stamp)
        named = visible(name_of(one))
        if verb is BASELINE_REMOVE:
            shell._say(message(words.is_deleted(named)))
            return rx.redirect(self._gone_href())
        await shell._tell(words.is_promoted_again(named), stamp, href=routes.baseline(one.id))
        await self._refresh(anew=True)
        return None

    async def _promote(self, baseline_id: str, stamp: Stamp) -> Any:
        service, held = services().baselines, self._held
        one = await asyncio.to_thread(service.get, stamp.actor, baseline_id)
        started = await asyncio.to_thread(service.promote, stamp.actor, baseline_id, stamp, held=held)
        named = visible(name_of(one))
        return await self._follow(
            started,
            words.is_being_promoted(named),
            done=words.is_promoted(named),
            failed=words.was_not_promoted(named),
            stamp=stamp,
        )

    # helpers

    def _show_verbs(self, one: Baseline | None) -> None:
        """Say which verbs are off for what the page is about."""
        self._acting, actor = one, actor_of(self)
        states, tenant = [one.state] if one else [], one.tenant if one else ""
        self.promote_off = why_not(BASELINE_PROMOTE, actor, states, tenant)
        self.rollback_off = why_not(BASELINE_ROLLBACK, actor, states, tenant)
        self.remove_off = why_not(BASELINE_REMOVE, actor, states, tenant)
        self.keep_off = why_off(BASELINE_COMPARE, actor, tenant)
        if one is None:
            self.promote_off = self.rollback_off = self.remove_off = why_off(BASELINE_PROMOTE, actor)
