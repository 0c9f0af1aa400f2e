"""The queue of dead letters: its address is its filter and its cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import reflex as rx

from execution_ops.domain.access import Actor
from execution_ops.domain.dead_letters import LetterOutcome, LetterPage
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import LETTER_VERBS, REOPEN, REPLAY, RESOLVE
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.topics import LETTERS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp, why_not
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.letters_view import LISTING, LetterLine, known_values, letter_line
from execution_ops.state.list_view import Listing
from execution_ops.state.lists import FACETS_AGE_S, PAGE_SIZE, Beside, ListPage
from execution_ops.state.live import Ask
from execution_ops.state.plans import make_plan, plan_question
from execution_ops.texts import dead_letters as words

_ONE_BY_ONE = words.QUARANTINED_ONE_BY_ONE


@dataclass(frozen=True)
class Address:
    """What the address says: filter and cursor."""

    where: DeadLetterFilter
    cursor: str

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no list could show."""
        pairs = query_pairs(query)
        return cls(DeadLetterFilter.from_query(pairs), dict(pairs).get("cursor", ""))

    def own(self) -> list[tuple[str, str]]:
        """Nothing outlives a change of the filter."""
        return []


@dataclass(frozen=True)
class Found:
    """One page of the list, as rows of the ledger and as all its viewers are shown them."""

    page: LetterPage
    lines: list[LetterLine]


def read_queue(actor: Actor, address: Address) -> Found:
    """The rows that the address shows; blocking."""
    page = services().letters.list(actor, address.where, cursor=address.cursor or None, limit=PAGE_SIZE)
    return Found(page, [letter_line(row) for row in page.rows])


class QueueRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[LetterLine]] = rx.field(default_factory=list)


class QueuePage(ListPage, rx.State):
    """The queue around its rows."""

    replay_off: str = ""
    resolve_off: str = ""
    reopen_off: str = ""
    question_facts: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)

    # Of each row shown: the revision that the operator acts on.
    _revisions: dict[str, int] = {}  # noqa: RUF012 - a Reflex field; every instance gets its own

    # ListPage

    def _listing(self) -> Listing:
        return LISTING

    def _rows(self) -> type[QueueRows]:
        return QueueRows

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _ask(self) -> Ask:
        address, actor, service = self._address(), actor_of(self), services()

        async def beside() -> Beside:
            facets = await service.hub.sample(
                ("letter facets", viewer_key(actor)), lambda: service.letters.facets(actor), max_age=FACETS_AGE_S
            )
            counts = await service.summary.letter_counts(actor, address.where)
            return Beside(counts, await service.summary.letter_counts(actor, DeadLetterFilter()), known_values(facets))

        return Ask(LETTERS, ("letters", address, viewer_key(actor)), lambda: read_queue(actor, address), beside)

    async def _show(self, answer: Any) -> None:
        await super()._show(answer)
        self._revisions = {row.id: row.revision for row in answer.page.rows}

    def _offer(self, states: Sequence[StrEnum]) -> None:
        actor = actor_of(self)
        self.resolve_off, self.reopen_off = why_not(RESOLVE, actor, states), why_not(REOPEN, actor, states)
        self.replay_off = why_not(REPLAY, actor, states)
        if not self.replay_off and DeadLetterState.PENDING not in states:
            self.replay_off = _ONE_BY_ONE

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return LETTER_VERBS

    def _phrase(self, verb: Verb) -> None:
        super()._phrase(verb)
        if not self.asking:
            return
        counts = self._applicable(verb)
        quarantined = counts.get(DeadLetterState.QUARANTINED, 0)
        planned = self.everything or verb is REPLAY
        left = quarantined if planned else 0
        self.question_title, self.question_button, self.question_facts = plan_question(
            verb, sum(counts.values()) - left, left, planned=planned
        )
        chosen = self._matching if self.everything else len(self.picked)
        if others := chosen - sum(counts.values()):
            self.question_facts = [*self.question_facts, (words.NOT_TOUCHED, words.others_untouched(others))]

    def _applicable(self, verb: Verb) -> dict[StrEnum, int]:
        """How many of the selection the verb can be done to, by state."""
        if not self.everything:
            picked = set(self.picked)
            states = [state for key, state in self._on_page if key in picked and state in verb.applies_to]
            return {state: states.count(state) for state in states}
        where: Any = self._asked
        wanted = [state for state in where.state or DeadLetterState if state in verb.applies_to]
        # What the plan freezes: the rest would only be refused, one by one.
        self._asked = where.model_copy(update={"state": tuple(wanted)})
        return {state: self._by_state.get(state, 0) for state in wanted}

    def _carry_out(self, verb: Verb, actor: Actor, ids: list[str], stamp: Stamp) -> list[LetterOutcome]:
        seen = {key: self._revisions[key] for key in ids if key in self._revisions}
        return services().letters.act(actor, verb.name, ids, stamp, seen)

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        if self.everything:
            return await make_plan(actor, verb, stamp, where=self._asked)
        if verb is REPLAY:
            return await make_plan(actor, verb, stamp, ids=self._asked_ids)
        return await super()._act(verb, actor, stamp)
