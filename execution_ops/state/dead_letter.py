"""The error groups: what died, as the few errors that it really is."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.dead_letters import Groups
from execution_ops.domain.filter_fields import GROUP_FIELDS
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import REPLAY, RESOLVE
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.times import iso
from execution_ops.domain.topics import LETTERS
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.filtered import FilteredPage, query_pairs
from execution_ops.state.letters_view import (
    LISTING,
    OPEN,
    Figures,
    GroupLine,
    figures,
    group_line,
    groups_sentence,
    known_values,
)
from execution_ops.state.list_view import Listing, suggestions
from execution_ops.state.lists import FACETS_AGE_S, Beside
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.plans import make_plan, plan_question
from execution_ops.state.sending import send_changed
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import dead_letters as words

GROUPS_SHOWN = 100
_GROUPS = replace(LISTING, fields=GROUP_FIELDS, href=routes.dead_letter)
# What the groups are counted by; other conditions of a filter are the queue's.
_KEYS = frozenset(field.key for field in GROUP_FIELDS)
_NOTHING_OPEN = words.NOTHING_HERE_IS_OPEN
_ALL_QUARANTINED = words.ALL_OPEN_ARE_QUARANTINED


@lru_cache(maxsize=256)
def read_groups_filter(query: str) -> DeadLetterFilter:
    """The filter of the page's address; InvalidInput for what no page could show."""
    return DeadLetterFilter.from_query([pair for pair in query_pairs(query) if pair[0] in _KEYS])


@dataclass(frozen=True)
class Grouped:
    """The groups, and the same as all viewers are shown them."""

    groups: Groups
    lines: list[GroupLine]
    figures: Figures


def read_groups(actor: Actor, where: DeadLetterFilter) -> Grouped:
    """What the page shows; blocking."""
    found = services().letters.groups(actor, where, limit=GROUPS_SHOWN)
    return Grouped(found, [group_line(group, where) for group in found.groups], figures(found, where))


class GroupRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[GroupLine]] = rx.field(default_factory=list)


class GroupsPage(FilteredPage, VerbQuestion, rx.State):
    """The groups' surroundings: figures, filter, and the question before a plan."""

    summary: str = ""
    figures: Figures = Figures()
    any_letter: bool = False
    groups: int = 0
    groups_text: str = ""
    more: str = ""
    queue_text: str = ""
    queue_href: str = ""
    as_of: str = ""
    replay_off: str = LOADING
    resolve_off: str = LOADING
    question_title: str = ""
    question_button: str = ""
    question_facts: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)

    # Of each group shown: how many are pending, and in quarantine.
    _open: dict[str, tuple[int, int]] = {}  # noqa: RUF012 - a Reflex field; every instance gets its own
    _all_open: tuple[int, int] = (0, 0)
    # The filter whose groups these are; the address may be ahead of them.
    _shown: DeadLetterFilter | None = None
    _asked: DeadLetterFilter = DeadLetterFilter()

    # FilteredPage

    def _listing(self) -> Listing:
        return _GROUPS

    def _read_filter(self, query: str) -> DeadLetterFilter:
        return read_groups_filter(query)

    # LivePage

    def _ask(self) -> Ask:
        where, actor, service = read_groups_filter(self.router.url.query), actor_of(self), services()

        async def beside() -> Beside:
            facets = await service.hub.sample(
                ("letter facets", viewer_key(actor)), lambda: service.letters.facets(actor), max_age=FACETS_AGE_S
            )
            counts = await service.summary.letter_counts(actor, where)
            return Beside(counts, await service.summary.letter_counts(actor, DeadLetterFilter()), known_values(facets))

        return Ask(LETTERS, ("groups", where, viewer_key(actor)), lambda: read_groups(actor, where), beside)

    async def _show(self, answer: Any) -> None:
        where, found = read_groups_filter(self.router.url.query), answer.groups
        send_changed(await self.get_state(GroupRows), rows=answer.lines)
        self._shown = where
        self._show_filter(where)
        # The file has the entries that the figures count.
        self.summary, self.figures = groups_sentence(found), answer.figures
        self.any_letter = found.health.total > 0
        self.groups = len(found.groups)
        self.groups_text = f"{len(found.groups) + found.more:,}"
        self.more = words.smaller_groups(found.more) if found.more else ""
        self.queue_text = f"{found.health.total:,}"
        self.queue_href = routes.dead_letter_queue(where.to_pairs())
        self.as_of = iso(found.health.as_of)
        self._open = {
            group.fingerprint: (
                group.by_state.get(DeadLetterState.PENDING, 0),
                group.by_state.get(DeadLetterState.QUARANTINED, 0),
            )
            for group in found.groups
        }
        states = found.health.by_state
        self._all_open = (states.get(DeadLetterState.PENDING, 0), states.get(DeadLetterState.QUARANTINED, 0))
        actor, nothing = actor_of(self), ""
        if not states.get(DeadLetterState.PENDING, 0):
            nothing = _ALL_QUARANTINED if found.health.open else _NOTHING_OPEN
        self.replay_off = why_off(REPLAY, actor) or nothing
        self.resolve_off = why_off(RESOLVE, actor) or nothing

    def _show_beside(self, beside: Any) -> None:
        self.hidden = f"{beside.everything.total:,}"
        self.values = suggestions(_GROUPS, beside.facets)

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return (REPLAY, RESOLVE)

    def _subjects(self) -> list[str]:
        # A plan freezes what the filter matches, not ids.
        return []

    def _about(self) -> tuple[Hashable, ...]:
        return tuple(self._shown.to_pairs()) if self._shown else ()

    @rx.event
    def ask_group(self, verb: str, fingerprint: str) -> None:
        """Ask before all open entries of one group are replayed or resolved."""
        known = self._known(verb)
        if known is None or not isinstance(fingerprint, str) or fingerprint not in self._open:
            return
        self.ask_verb(known.name)
        if not self.asking or self._shown is None:
            return
        where = self._shown.model_copy(update={"group": (fingerprint,)})
        self._word(known, where, self._open[fingerprint])

    def _phrase(self, verb: Verb) -> None:
        if self.refused or self._shown is None:
            self.asking = ""
            return
        self._word(verb, self._shown, self._all_open)

    def _word(self, verb: Verb, where: DeadLetterFilter, counts: tuple[int, int]) -> None:
        pending, quarantined = counts
        self._asked = where.model_copy(update={"state": OPEN})
        self.question_title, self.question_button, self.question_facts = plan_question(verb, pending, quarantined)

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        return await make_plan(actor, verb, stamp, where=self._asked)
