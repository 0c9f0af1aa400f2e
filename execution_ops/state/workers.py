"""The page of the worker fleet: its address is the filter and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import SubjectKind
from execution_ops.domain.errors import OpsError
from execution_ops.domain.filter_fields import WORKER_FIELDS
from execution_ops.domain.fleet import Fleet, FleetWorker, WorkerOutcome, refusal
from execution_ops.domain.fleet_filters import WorkerFilter, check_worker_cursor, worker_page
from execution_ops.domain.states import WorkerState
from execution_ops.domain.topics import WORKERS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_VERBS
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.services.requests import IDS_MAX
from execution_ops.services.workers import check_worker_id, summarize, why_worker_off
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import trail_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.list_view import Listing
from execution_ops.state.live import CONFIRM_S, Ask
from execution_ops.state.named_list import NamedAddress, NamedListPage
from execution_ops.state.sending import send_changed
from execution_ops.state.verbs import VerbQuestion
from execution_ops.state.worker_drawer import Lately, WorkerDrawer, read_lately
from execution_ops.state.workers_view import (
    Fact,
    WarningLine,
    WorkerLine,
    fleet_values,
    question,
    warning_line,
    worker_line,
)
from execution_ops.texts import workers as words

PAGE_SIZE = 50
LISTING = Listing(WorkerFilter, WorkerState, WORKER_FIELDS, ("worker", "workers"), routes.workers)


@dataclass(frozen=True)
class Address(NamedAddress):
    """What the address says: filter, cursor, and the worker whose drawer is open."""

    where: WorkerFilter
    worker: str

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        pairs = query_pairs(query)
        own = dict(pairs)
        worker = own.get("worker", "")
        return cls(
            WorkerFilter.from_query(pairs),
            check_worker_cursor(own.get("cursor", "")),
            check_worker_id(worker) if worker else "",
        )


class WorkerRows(rx.State):
    """The rows, apart from all else: those that live, and those that are gone."""

    rows: rx.Field[list[WorkerLine]] = rx.field(default_factory=list)
    gone: rx.Field[list[WorkerLine]] = rx.field(default_factory=list)


class WorkersPage(NamedListPage, WorkerDrawer, VerbQuestion, rx.State):
    """The fleet around its rows, the drawer of one worker, and the question before a verb."""

    summary: str = ""
    warnings: rx.Field[list[WarningLine]] = rx.field(default_factory=list)
    gone_on_page: int = 0
    total: int = 0
    living: int = 0
    drain_label: str = ""
    drain_off: str = ""
    resume_label: str = ""
    resume_off: str = ""
    question_title: str = ""
    question_button: str = ""
    question_facts: rx.Field[list[Fact]] = rx.field(default_factory=list)

    _fleet: Fleet | None = None
    _chosen: tuple[str, ...] = ()
    # What the operator saw when the question was opened.
    _seen_revisions: dict[str, int] = {}  # noqa: RUF012 - a Reflex field; every instance gets its own

    # NamedListPage

    def _listing(self) -> Listing:
        return LISTING

    def _read_address(self, query: str) -> Address:
        return Address.read(query)

    # LivePage

    def _ask(self) -> Ask:
        # What is loaded is the same for every filter, so all tabs share it.
        worker, actor = self._address().worker, actor_of(self)
        viewer = viewer_key(actor)

        async def lately() -> Lately:
            # The fleet moves each second; what a worker did needs no look as often.
            key = ("lately", worker, viewer)
            return await services().hub.sample(key, lambda: read_lately(actor, worker), max_age=CONFIRM_S)

        return Ask(
            WORKERS,
            ("workers", viewer),
            lambda: services().workers.fleet(actor),
            lately if worker else None,
            trail_of(actor, SubjectKind.WORKER, worker),
        )

    async def _show(self, answer: Any) -> None:
        fleet: Fleet = answer
        address = self._address()
        self._fleet = fleet
        page = worker_page(fleet.workers, address.where, address.cursor or None, PAGE_SIZE)
        off = why_worker_off(actor_of(self), WORKER_DRAIN)
        keep = address.plain()
        rows = [worker_line(worker, off, keep) for worker in page.rows if not worker.gone]
        gone = [worker_line(worker, off, keep) for worker in page.rows if worker.gone]
        send_changed(await self.get_state(WorkerRows), rows=rows, gone=gone)
        self.rows_on_page, self.gone_on_page = len(rows), len(gone)
        self._show_fleet(fleet, address, off)
        self._show_part(address.where, page, self.total)
        self._show_drawer(address.worker, fleet.workers, off)

    def _show_beside(self, beside: Any) -> None:
        self._lately = beside
        workers = self._fleet.workers if self._fleet else ()
        self._show_drawer(self._address().worker, workers, why_worker_off(actor_of(self), WORKER_DRAIN))

    def _show_fleet(self, fleet: Fleet, address: Address, off: str) -> None:
        found = summarize(fleet)
        self.summary = found.sentence
        lines = [warning_line(warning) for warning in found.warnings]
        self.total, self.living = len(fleet.workers), sum(not worker.gone for worker in fleet.workers)
        send_changed(self, warnings=lines, values=fleet_values(fleet))
        drains, resumes = self._able(WORKER_DRAIN), self._able(WORKER_RESUME)
        filtered = bool(address.where.active())
        self.drain_label = _label(WORKER_DRAIN, drains, filtered=filtered)
        self.resume_label = _label(WORKER_RESUME, resumes, filtered=filtered)
        self.drain_off = off or ("" if drains else words.NO_WORKER_HERE_TAKES_JOBS)
        self.resume_off = off or ("" if resumes else words.NO_WORKER_HERE_IS_DRAINED)

    def _able(self, verb: Verb) -> list[FleetWorker]:
        """The workers that match the filter and that the verb can do something to."""
        where = self._address().where
        workers = self._fleet.workers if self._fleet else ()
        return [worker for worker in workers if where.matches(worker) and not refusal(worker, verb)][:IDS_MAX]

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return WORKER_VERBS

    def _noun(self) -> tuple[str, str]:
        return ("worker", "workers")

    def _subjects(self) -> list[str]:
        return list(self._chosen)

    def _phrase(self, verb: Verb) -> None:
        workers = self._fleet.workers if self._fleet else ()
        chosen = [worker for worker in workers if worker.id in self._chosen]
        if self._fleet is None or not chosen:
            self.asking = ""
            return
        self._seen_revisions = {worker.id: worker.revision for worker in chosen}
        self.question_title, self.question_button, self.question_facts = question(verb, chosen, self._fleet)

    def _carry_out(self, verb: Verb, actor: Actor, ids: list[str], stamp: Stamp) -> Sequence[WorkerOutcome]:
        return services().workers.act(actor, verb.name, ids, stamp, self._seen_revisions)

    async def _done(self, verb: Verb) -> None:
        await self._refresh(anew=True)

    # events

    @rx.event
    def ask_worker(self, verb: str, worker_id: str) -> None:
        """Open the question before a verb on one worker."""
        self._chosen = (str(worker_id),)
        self.ask_verb(str(verb))

    @rx.event
    def ask_matching(self, verb: str) -> None:
        """Open the question before a verb on all workers that match and that it can do something to."""
        known = self._known(verb)
        try:
            self._chosen = tuple(worker.id for worker in self._able(known)) if known else ()
        except OpsError:
            # The page says what is wrong with its address.
            self._chosen = ()
        self.ask_verb(str(verb))


def _label(verb: Verb, able: Sequence[FleetWorker], *, filtered: bool) -> str:
    """What the button for all workers of the page says."""
    which = (words.all_that_match(len(able)) if able else words.THOSE_THAT_MATCH) if filtered else "all"
    return f"{verb.label} {which}"
