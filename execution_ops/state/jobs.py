"""The job list: its address is its filter, its cursor and its selection's beginning."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import OpsError
from execution_ops.domain.filter_fields import JOB_FIELDS
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import check_id
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.domain.jobs import JobRow, Page
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.topics import JOBS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp, why_not
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.jobs_view import JobLine, job_line
from execution_ops.state.list_view import Listing
from execution_ops.state.lists import PAGE_SIZE, Beside, ListPage, job_facets
from execution_ops.state.live import Ask
from execution_ops.texts import jobengine as words

LISTING = Listing(JobFilter, JobState, JOB_FIELDS, ("job", "jobs"), routes.jobs, routes.api_export)


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
        pairs = query_pairs(query)
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


class JobsPage(ListPage, rx.State):
    """The list around its rows."""

    cancel_off: str = ""
    retry_off: str = ""

    bulk_id: str = ""
    bulk_title: str = ""
    bulk_state: str = ""
    bulk_done: int = 0
    bulk_total: int = 0
    bulk_href: str = ""
    bulk_ended: bool = False

    # ListPage

    def _listing(self) -> Listing:
        return LISTING

    def _rows(self) -> type[JobRows]:
        return JobRows

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _ask(self) -> Ask:
        address, actor, service = self._address(), actor_of(self), services()

        async def beside() -> Beside:
            summary, facets = service.summary, await job_facets(actor)
            return Beside(await summary.counts(actor, address.where), await summary.counts(actor, JobFilter()), facets)

        key = ("jobs", address, viewer_key(actor))
        return Ask(JOBS, key, lambda: read_list(actor, address), beside)

    async def _show(self, answer: Any) -> None:
        await super()._show(answer)
        self._show_bulk(answer.bulk)

    def _show_bulk(self, row: JobRow | None) -> None:
        self.bulk_id = row.id if row else ""
        if row is None:
            return
        self.bulk_title = words.of_all_that_matched(row.label.capitalize())
        self.bulk_state, self.bulk_ended = row.state.value, row.state in ENDED
        self.bulk_done, self.bulk_total = row.progress_done, row.progress_total
        self.bulk_href = routes.job(row.id)

    def _offer(self, states: Sequence[StrEnum]) -> None:
        actor = actor_of(self)
        self.cancel_off, self.retry_off = why_not(CANCEL, actor, states), why_not(RETRY, actor, states)

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        if not self.everything:
            return await super()._act(verb, actor, stamp)
        made = await asyncio.to_thread(services().jobs.bulk, actor, verb.name, self._asked, stamp)
        (job_id,) = made.job_ids.values()
        self._pick([], everything=False)
        return rx.redirect(routes.jobs([*self._asked.to_pairs(), ("bulk", job_id)]))

    @rx.event
    def close_bulk(self) -> Any:
        """Stop showing the background job; it goes on."""
        try:
            return rx.redirect(routes.jobs(self._address().where.to_pairs()))
        except OpsError:
            return rx.redirect(routes.jobs())
