"""The question before a verb, and what its answer does: one mechanism for every page with verbs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any, Protocol

import reflex as rx

from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_verbs import JOB_VERBS
from execution_ops.domain.text import is_unicode
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.state.actor import actor_of
from execution_ops.state.live import LivePage
from execution_ops.state.shell import ShellState


class Outcome(Protocol):
    """What a verb did to one thing: done, or refused with the reason in words."""

    @property
    def done(self) -> bool:
        """Whether it was done."""

    @property
    def why(self) -> str:
        """Why it was refused."""


class VerbQuestion(LivePage, rx.State, mixin=True):
    """A page's open question: `asking` names the verb, "" for none; `verb_problem` why it failed.

    The answer is one to what was asked, whatever the page shows by then; a page that has come to show
    something else closes the question. The verbs are those on jobs unless the page says otherwise.
    """

    asking: str = ""
    verb_problem: str = ""

    _key: str = ""
    # What the open question is about, as it was when it was asked. Tuples, which Reflex does not wrap.
    _asked_ids: tuple[str, ...] = ()
    _asked_about: tuple[Hashable, ...] = ()

    # what a page says of itself

    def _verbs(self) -> Sequence[Verb]:
        """The verbs that the page knows."""
        return JOB_VERBS

    def _noun(self) -> tuple[str, str]:
        """What the verbs are done to: one, several."""
        return ("job", "jobs")

    def _subjects(self) -> list[str]:
        """The ids that a question asked now would be about."""
        raise NotImplementedError

    def _about(self) -> tuple[Hashable, ...]:
        """What the page shows now: when it is another, the question is closed."""
        return tuple(self._subjects())

    def _carry_out(self, verb: Verb, actor: Actor, ids: list[str], stamp: Stamp) -> Sequence[Outcome]:
        """Do the verb through a service; blocking, one outcome an id."""
        return services().jobs.act(actor, verb.name, ids, stamp)

    def _phrase(self, verb: Verb) -> None:
        """Word the question; a page whose question needs no count leaves it."""

    async def _done(self, verb: Verb) -> None:
        """The verb was carried out: show it."""
        raise NotImplementedError

    # LivePage

    async def _take(self, answer: Any) -> None:
        await super()._take(answer)
        if not self.asking:
            return
        # An error that does not pass means that what was asked about is not there to be looked at.
        lost = bool(self.problem_code) and not self._passing
        if lost or self._about() != self._asked_about:
            self.leave_verb()

    # events

    @rx.event
    def ask_verb(self, verb: str) -> None:
        """Open the question before a verb."""
        # Any client can send any JSON.
        known = self._known(verb)
        self.asking = known.name if known else ""
        self.verb_problem = ""
        # One question is one request, however often its button is pressed.
        self._key = new_id()
        if known:
            self._phrase(known)
        if self.asking:
            self._asked_ids, self._asked_about = tuple(self._subjects()), self._about()

    @rx.event
    def leave_verb(self) -> None:
        """Close the question."""
        self.asking = self.verb_problem = ""

    @rx.event
    async def do_verb(self, reason: str, ticket: str) -> Any:
        """Carry out the verb that was asked for."""
        verb = self._known(self.asking)
        if verb is None:
            return None
        self.verb_problem = ""
        try:
            stamp = self._stamp_with(str(reason), str(ticket))
            answer = await self._act(verb, stamp.actor, stamp)
        except OpsError as error:
            self.verb_problem = error.message
            return None
        if not self.verb_problem:
            self.asking = ""
        return answer

    # helpers

    def _known(self, name: object) -> Verb | None:
        return next((verb for verb in self._verbs() if verb.name == name), None)

    def _stamp_with(self, reason: str, ticket: str) -> Stamp:
        # Half a character, and the character NUL, can't be stored everywhere.
        texts = f"{reason}{ticket}"
        if not is_unicode(texts) or "\0" in texts:
            raise InvalidInput("The reason and the ticket have only whole characters, and no NUL.")
        return Stamp(
            actor=actor_of(self), reason=reason, ticket=ticket, idempotency_key=self._key, correlation_id=new_id()
        )

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        """Do the verb to what was asked about; sets `verb_problem` when all of them were refused."""
        outcomes = await asyncio.to_thread(self._carry_out, verb, actor, list(self._asked_ids), stamp)
        if not any(outcome.done for outcome in outcomes):
            self.verb_problem = _refusals(outcomes, self._noun())
            return None
        shell = await self.get_state(ShellState)
        await shell._tell(say_outcomes(verb, outcomes, self._noun()), stamp)
        await self._done(verb)
        return None


def say_outcomes(verb: Verb, outcomes: Sequence[Outcome], noun: tuple[str, str]) -> str:
    """What a verb did, in a sentence: "Retry: 3 jobs done, 1 refused (The job is running.)."."""
    done = sum(outcome.done for outcome in outcomes)
    text = f"{verb.label}: {done:,} {noun[done != 1]} done"
    refused = len(outcomes) - done
    return f"{text}, {refused:,} refused ({_refusals(outcomes, noun)})." if refused else f"{text}."


def _refusals(outcomes: Sequence[Outcome], noun: tuple[str, str]) -> str:
    """Each reason once, with how many it stopped where that is more than one."""
    reasons = Counter(outcome.why for outcome in outcomes if not outcome.done)
    return " ".join(why if count == 1 else f"{why} ({count:,} {noun[1]})" for why, count in reasons.most_common(3))
