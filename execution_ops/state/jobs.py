"""The job list: its address is its filter, its cursor and its selection's beginning."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import reflex as rx

from execution_ops import routes
from execution_ops.components.filter_bar import Token, job_tokens
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import check_id
from execution_ops.domain.jobs import Counts, JobRow, Page
from execution_ops.domain.query_values import Sort
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.times import iso
from execution_ops.domain.verbs import CANCEL, RETRY, Stamp, Verb, why_not
from execution_ops.services.container import services
from execution_ops.services.live import JOBS, viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.jobs_view import JobLine, TabLine, job_line, matching, suggestions, tabs
from execution_ops.state.live import Ask, LivePage
from execution_ops.state.verbs import VerbQuestion

PAGE_SIZE = 50
FACETS_AGE_S = 10.0
QUERY_MAX = 4096
# NOT_FOUND: the background job that the address follows. A list itself is never missing.
_ADDRESS_FAULTS = ("INVALID_INPUT", "BAD_CURSOR", "NOT_FOUND")


@dataclass(frozen=True)
class Address:
    """What the address says: filter, cursor, and the background job whose progress is shown."""

    where: JobFilter
    cursor: str
    bulk: str

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no list could show."""
        if len(query) > QUERY_MAX:
            raise InvalidInput("This address is too long to be a filter.")
        pairs = parse_qsl(query, keep_blank_values=True)
        own = dict(pairs)
        bulk = own.get("bulk", "")
        return cls(JobFilter.from_query(pairs), own.get("cursor", ""), check_id(bulk) if bulk else "")

    def own(self) -> list[tuple[str, str]]:
        """The pairs that outlive a change of the filter."""
        return [("bulk", self.bulk)] if self.bulk else []


@dataclass(frozen=True)
class Found:
    """One page of the list, as rows of the ledger and as all its viewers are shown them, and the
    background job if one is followed."""

    page: Page
    lines: list[JobLine]
    bulk: JobRow | None


@dataclass(frozen=True)
class Beside:
    """What stands around the rows: counts for the filter and without one, and the known values."""

    counts: Counts
    everything: Counts
    facets: dict[str, list[str]]


def read_list(actor: Actor, address: Address) -> Found:
    """The rows that the address shows; blocking."""
    jobs = services().jobs
    page = jobs.list(actor, address.where, cursor=address.cursor or None, limit=PAGE_SIZE)
    return Found(
        page, [job_line(row) for row in page.rows], jobs.get(actor, address.bulk).row if address.bulk else None
    )


class JobRows(rx.State):
    """The rows, apart from all else: what shares their State would be compared with them on each click."""

    rows: rx.Field[list[JobLine]] = rx.field(default_factory=list)


class JobsPage(LivePage, VerbQuestion, rx.State):
    """The list around its rows."""

    summary: str = ""
    pairs: rx.Field[list[list[str]]] = rx.field(default_factory=list)
    tokens: rx.Field[list[Token]] = rx.field(default_factory=list)
    tabs: rx.Field[list[TabLine]] = rx.field(default_factory=list)
    values: rx.Field[dict[str, list[str]]] = rx.field(default_factory=dict)
    counts_as_of: str = ""
    total: str = ""
    hidden: str = ""
    active: int = 0
    rows_on_page: int = 0
    searched: str = ""
    before_href: str = ""
    after_href: str = ""
    newest_first: bool = True
    sort_href: str = ""
    clear_href: str = ""
    complaint: str = ""
    csv_href: str = ""
    ndjson_href: str = ""

    picked: rx.Field[list[str]] = rx.field(default_factory=list)
    everything: bool = False
    cancel_off: str = ""
    retry_off: str = ""
    question_title: str = ""
    question_button: str = ""
    question_count: str = ""

    bulk_id: str = ""
    bulk_title: str = ""
    bulk_state: str = ""
    bulk_done: int = 0
    bulk_total: int = 0
    bulk_href: str = ""
    bulk_ended: bool = False

    _on_page: list[tuple[str, JobState]] = []  # noqa: RUF012 - a Reflex field; every instance gets its own
    _matching: int = 0
    _deep: bool = False
    # The filter that the open question is about.
    _asked: JobFilter = JobFilter()

    @rx.var
    def refused(self) -> bool:
        """Whether the address itself is at fault, so that reading again would not help."""
        return self.problem_code in _ADDRESS_FAULTS

    @rx.var
    def all_on_page(self) -> bool:
        """Whether every row of this page is picked."""
        return bool(self.rows_on_page) and len(self.picked) == self.rows_on_page

    @rx.var
    def any_picked(self) -> bool:
        """Whether a selection is open."""
        return bool(self.picked)

    @rx.var
    def picked_count(self) -> str:
        """How many jobs the verbs would be done to."""
        return self.total if self.everything else f"{len(self.picked):,}"

    # LivePage

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _ask(self) -> Ask:
        address, actor, service = self._address(), actor_of(self), services()

        async def beside() -> Beside:
            facets = await service.hub.sample(
                ("facets", viewer_key(actor)), lambda: service.jobs.facets(actor), max_age=FACETS_AGE_S
            )
            summary = service.summary
            return Beside(await summary.counts(actor, address.where), await summary.counts(actor, JobFilter()), facets)

        key = ("jobs", address, viewer_key(actor))
        return Ask(JOBS, key, lambda: read_list(actor, address), beside)

    def _holds(self) -> bool:
        return bool(self.picked) or self._deep

    async def _count_changes(self, answer: Any) -> int:
        shown = (await self.get_state(JobRows)).rows
        return max(sum(line not in shown for line in answer.lines), len(shown) - len(answer.lines))

    async def _show(self, answer: Any) -> None:
        address, page = self._address(), answer.page
        shown = await self.get_state(JobRows)
        # Most changes are of jobs on other pages: then nothing is sent.
        if shown.rows != answer.lines:
            shown.rows = answer.lines
        self._on_page = [(row.id, row.state) for row in page.rows]
        self.rows_on_page = len(page.rows)
        self.searched = f"{page.searched:,}" if page.searched else ""
        self._deep = bool(address.cursor)
        self._show_address(address, page)
        self._show_bulk(answer.bulk)
        # A selection lives only while its rows do.
        on_page = {job_id for job_id, _ in self._on_page}
        self._pick([job_id for job_id in self.picked if job_id in on_page], everything=False)

    def _show_beside(self, beside: Any) -> None:
        address, counts = self._address(), beside.counts
        self.tabs = tabs(address.where, counts, address.own())
        self.counts_as_of = iso(counts.as_of)
        self._matching, self.total = matching(address.where, counts)
        _, self.hidden = matching(JobFilter(), beside.everything)
        self.values = suggestions(beside.facets)

    def _show_address(self, address: Address, page: Page) -> None:
        where, own = address.where, address.own()
        pairs = where.to_pairs()
        self.complaint = ""
        self.summary = where.describe()[:1].upper() + where.describe()[1:]
        self.pairs, self.tokens, self.active = [list(pair) for pair in pairs], job_tokens(where), where.active()
        self.newest_first = where.sort is Sort.NEWEST
        before, after = (page.newer, page.older) if self.newest_first else (page.older, page.newer)
        self.before_href = routes.jobs([*pairs, *own, ("cursor", before)]) if before else ""
        self.after_href = routes.jobs([*pairs, *own, ("cursor", after)]) if after else ""
        turned = where.model_copy(update={"sort": Sort.OLDEST if self.newest_first else Sort.NEWEST})
        self.sort_href = routes.jobs([*turned.to_pairs(), *own])
        self.clear_href = routes.jobs(own)
        self.csv_href = routes.api_export([*pairs, ("format", "csv")])
        self.ndjson_href = routes.api_export([*pairs, ("format", "ndjson")])

    def _show_bulk(self, row: JobRow | None) -> None:
        self.bulk_id = row.id if row else ""
        if row is None:
            return
        self.bulk_title = f"{row.label.capitalize()} of all that matched"
        self.bulk_state, self.bulk_ended = row.state.value, row.state in ENDED
        self.bulk_done, self.bulk_total = row.progress_done, row.progress_total
        self.bulk_href = routes.job(row.id)

    # filter

    @rx.event
    def apply(self, query: str) -> Any:
        """Show the list of another filter: a new address, one step in the history."""
        try:
            where = Address.read(str(query)).where
        except OpsError as error:
            # The rows stay: they are still those of the address.
            self.complaint = error.message
            return None
        own = [("bulk", self.bulk_id)] if self.bulk_id else []
        return rx.redirect(routes.jobs([*where.to_pairs(), *own]))

    # selection

    @rx.event
    def toggle(self, job_id: str) -> Any:
        """Pick or drop one row."""
        if job_id in self.picked:
            return self._picked([other for other in self.picked if other != job_id])
        if any(job_id == known for known, _ in self._on_page):
            return self._picked([*self.picked, job_id])
        return None

    @rx.event
    def toggle_page(self) -> Any:
        """Pick the whole page, or drop the selection if it is picked."""
        return self._picked([] if self.all_on_page else [job_id for job_id, _ in self._on_page])

    @rx.event
    def pick_all(self) -> None:
        """Widen the selection to everything that matches the filter."""
        if self.refused:
            return
        self._pick([job_id for job_id, _ in self._on_page], everything=True)

    @rx.event
    def drop_all(self) -> Any:
        """Close the selection."""
        return self._picked([])

    def _picked(self, ids: list[str]) -> Any:
        self._pick(ids, everything=False)
        # What was held back for the selection is shown as soon as there is none.
        return type(self).refresh if not ids and self.held else None

    def _pick(self, ids: list[str], *, everything: bool) -> None:
        self.picked, self.everything = ids, everything and bool(ids)
        states = [state for job_id, state in self._on_page if job_id in set(ids)]
        if self.everything:
            states = list(self._address().where.state or JobState)
        actor = actor_of(self)
        self.cancel_off, self.retry_off = why_not(CANCEL, actor, states), why_not(RETRY, actor, states)
        # A question is about a selection: another selection is another question.
        self.asking = ""

    # VerbQuestion

    def _subjects(self) -> list[str]:
        return list(self.picked)

    def _phrase(self, verb: Verb) -> None:
        count = self._matching if self.everything else len(self.picked)
        noun = "job" if count == 1 else "jobs"
        self.question_title = f"{verb.label} {self.picked_count} {noun}?"
        self.question_button = f"{verb.label} {self.picked_count} {noun}"
        self._asked = self._address().where
        # Only what can't be seen on the page has to be typed.
        self.question_count = str(count) if self.everything and verb.danger else ""

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        if not self.everything:
            return await super()._act(verb, actor, stamp)
        made = await asyncio.to_thread(services().jobs.bulk, actor, verb.name, self._asked, stamp)
        (job_id,) = made.job_ids.values()
        self._pick([], everything=False)
        return rx.redirect(routes.jobs([*self._asked.to_pairs(), ("bulk", job_id)]))

    async def _done(self, verb: Verb) -> None:
        self._pick([], everything=False)
        await self._refresh(anew=True)

    @rx.event
    def close_bulk(self) -> Any:
        """Stop showing the background job; it goes on."""
        try:
            return rx.redirect(routes.jobs(self._address().where.to_pairs()))
        except OpsError:
            return rx.redirect(routes.jobs())
