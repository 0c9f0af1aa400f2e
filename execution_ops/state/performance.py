"""The page of performance: its address is the filter, the page, and the result whose drawer is open."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.bench_filters import BenchFilter, check_bench_cursor
from execution_ops.domain.benchmarks import BenchState
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filter_fields import BENCH_FIELDS
from execution_ops.domain.ids import check_id
from execution_ops.domain.job_verbs import CANCEL
from execution_ops.domain.jobs import JobRow
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE
from execution_ops.domain.topics import BENCHMARKS, JOBS
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner.plan import PATH_MAX
from execution_ops.services.benchmarks import ANALYZERS, BenchPage
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.bench_dialog import OPENED_BY, WITH
from execution_ops.state.filtered import QUERY_MAX
from execution_ops.state.list_view import Listing
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.named_list import NamedAddress, NamedListPage
from execution_ops.state.performance_drawer import Opened, ResultDrawer, read_opened
from execution_ops.state.performance_view import ResultLine, RunningLine, result_line, running_line
from execution_ops.state.sending import send_changed
from execution_ops.state.shell import ShellState, message
from execution_ops.texts import performance as words

PAGE_SIZE = 50
RUNNING_AGE_S = 0.3
LISTING = Listing(BenchFilter, BenchState, BENCH_FIELDS, ("benchmark", "benchmarks"), routes.performance)
_OWN = ("cursor", "result", OPENED_BY, WITH)


@dataclass(frozen=True)
class Address(NamedAddress):
    """What the address says: filter, cursor, and the result whose drawer is open."""

    where: BenchFilter
    result: str

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        # The dialog begins with a path, which is longer than what a filter takes.
        if len(query) > QUERY_MAX + 3 * PATH_MAX:
            raise InvalidInput("This address is too long to be a filter.")
        pairs = parse_qsl(query, keep_blank_values=True)
        own = dict(pairs)
        result = own.get("result", "")
        return cls(
            BenchFilter.from_query([pair for pair in pairs if pair[0] not in _OWN]),
            check_bench_cursor(own.get("cursor", "")),
            check_id(result) if result else "",
        )


@dataclass(frozen=True)
class Answer:
    """What the page reads in one go; `opened` is None without a drawer, and for a result that is not there."""

    page: BenchPage
    opened: Opened | None


def read_page(actor: Actor, address: Address) -> Answer:
    """The page of the list and what its drawer shows; blocking."""
    page = services().benchmarks.page(actor, address.where, cursor=address.cursor or None, limit=PAGE_SIZE)
    return Answer(page, read_opened(actor, address.result) if address.result else None)


class ResultRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[ResultLine]] = rx.field(default_factory=list)


class PerformancePage(NamedListPage, ResultDrawer, rx.State):
    """The list around its rows, what runs, and the drawer of a result."""

    summary: str = ""
    shown: str = ""
    budget: str = ""
    running: rx.Field[list[RunningLine]] = rx.field(default_factory=list)
    json_href: str = ""
    measured: int = 0
    breaches: int = 0
    without_baseline: int = 0

    cancel_off: str = LOADING
    question_title: str = ""

    _chosen: tuple[str, ...] = ()

    # NamedListPage

    def _listing(self) -> Listing:
        return LISTING

    def _read_address(self, query: str) -> Address:
        return Address.read(query)

    # LivePage

    def _ask(self) -> Ask:
        address, actor, service = self._address(), actor_of(self), services()

        async def beside() -> list[JobRow]:
            return await service.hub.sample(
                ("bench-running", viewer_key(actor)),
                lambda: service.benchmarks.running(actor),
                max_age=RUNNING_AGE_S,
            )

        key = ("benchmarks", address.where, address.cursor, address.result, viewer_key(actor))
        # What runs moves with its job; results come and change on their own topic.
        return Ask(JOBS if self.running else BENCHMARKS, key, lambda: read_page(actor, address), beside)

    async def _show(self, answer: Any) -> None:
        address, page = self._address(), answer.page
        lines = [result_line(one, address.plain()) for one in page.rows]
        shown = await self.get_state(ResultRows)
        if shown.rows != lines:
            shown.rows = lines
        self.rows_on_page = len(lines)
        self._show_figures(page)
        self._show_address(address, page)
        self._show_drawer(address.result, answer.opened, address.plain(), page.figures.budget)

    def _show_beside(self, beside: Any) -> None:
        send_changed(self, running=[running_line(row) for row in beside])

    def _show_figures(self, page: BenchPage) -> None:
        figures = page.figures
        self.summary = figures.sentence
        self.measured, self.breaches = figures.measured, figures.breaches
        self.without_baseline = figures.without_baseline
        budget = figures.budget
        self.budget = words.breach_rule(budget.max_ms, budget.worse_percent)
        self.cancel_off = why_off(CANCEL, actor_of(self))
        self.values = {
            "scenario": list(page.scenarios),
            "analyzer": list(ANALYZERS),
            "state": [state.value for state in BenchState],
        }

    def _show_address(self, address: Address, page: BenchPage) -> None:
        where, pairs = address.where, address.where.to_pairs()
        text = where.describe()
        self.shown = words.results_shown(text, PAGE_SIZE)
        self._show_part(where, page, self.measured)
        self.csv_href = routes.api_benchmarks_export([*pairs, ("format", "csv")])
        self.json_href = routes.api_benchmarks_export([*pairs, ("format", "json")])

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return (BENCH_PROMOTE, CANCEL)

    def _noun(self) -> tuple[str, str]:
        return ("benchmark", "benchmarks")

    def _subjects(self) -> list[str]:
        return list(self._chosen)

    def _about(self) -> tuple[Hashable, ...]:
        return (self.open_id, self.is_missing)

    def _phrase(self, verb: Verb) -> None:
        title = next((one.title for one in self.running if (one.id,) == self._chosen), "")
        if verb is CANCEL and title:
            self.question_title = words.asks_cancel(title)
        elif verb is BENCH_PROMOTE and self.open_id and not self.is_missing:
            self._chosen = (self.open_id,)
            self.question_title = words.asks_promote(self.facts.title)
        else:
            self.asking = ""

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        if verb is CANCEL:
            return await super()._act(verb, actor, stamp)
        (result_id,) = self._asked_ids
        await asyncio.to_thread(services().benchmarks.promote, actor, result_id, stamp)
        shell = await self.get_state(ShellState)
        shell._say(message(words.is_the_baseline_now(self.facts.title)))
        await self._refresh(anew=True)
        return None

    async def _done(self, verb: Verb) -> None:
        await self._refresh(anew=True)

    # events

    @rx.event
    def ask_cancel(self, job_id: str) -> None:
        """Open the question before a running benchmark is canceled."""
        self._chosen = (str(job_id),)
        self.ask_verb(CANCEL.name)

    @rx.event
    def close_drawer(self) -> Any:
        """Close the drawer."""
        return rx.redirect(self._list_href())
