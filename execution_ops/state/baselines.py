"""The page of baselines: its address is the filter and the cursor, and the open drawer or the comparison."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import SubjectKind
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import Baseline, BaselinePage, BaselineSource, name_of
from execution_ops.domain.errors import InvalidInput, NotFound, OpsError
from execution_ops.domain.ids import check_id, new_id
from execution_ops.domain.query_values import VALUE_MAX
from execution_ops.domain.sbom_exports import DiffFormat
from execution_ops.domain.text import visible
from execution_ops.domain.topics import BASELINES
from execution_ops.domain.verbs import Stamp
from execution_ops.services.baseline_answers import ComparisonPage
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import trail_of
from execution_ops.state.baseline_verbs import BaselineVerbs
from execution_ops.state.baselines_view import (
    LISTING,
    BaselineFacts,
    BaselineLine,
    OfferLine,
    PromotionLine,
    baseline_facts,
    baseline_line,
    offer_lines,
    promotion_lines,
)
from execution_ops.state.comparison_view import (
    ChangeLine,
    CountTab,
    EcosystemOption,
    Shown,
    change_lines,
    count_tabs,
    ecosystem_options,
    pages,
    summary,
)
from execution_ops.state.filtered import query_pairs
from execution_ops.state.keyset_page import KeysetPage
from execution_ops.state.list_view import Listing, suggestions
from execution_ops.state.lists import FACETS_AGE_S, PAGE_SIZE
from execution_ops.state.live import Ask
from execution_ops.state.shell import ShellState, message
from execution_ops.texts import baselines as words


@dataclass(frozen=True)
class Address:
    """What the address says: filter and cursor, the baseline whose drawer is open, and the comparison."""

    where: BaselineFilter
    cursor: str
    baseline: str
    compared: Shown

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        pairs = query_pairs(query)
        own = dict(pairs)
        compared = Shown.read(pairs)
        opened = own.get("baseline", "")
        return cls(
            BaselineFilter.from_query(pairs),
            own.get("cursor", ""),
            check_id(opened) if opened and not compared.right else "",
            compared,
        )

    def own(self) -> list[tuple[str, str]]:
        """The pairs that outlive a change of the filter: what is compared with one that is to be chosen."""
        return [("left", self.compared.left)] if self.compared.left and not self.compared.right else []

    def plain(self) -> list[tuple[str, str]]:
        """The pairs without the drawer."""
        return [*self.where.to_pairs(), *self.own(), *([("cursor", self.cursor)] if self.cursor else [])]

    def line_href(self, baseline_id: str) -> str:
        """Where the row of a baseline leads: to its drawer, or to the comparison that it is chosen for."""
        if self.own():
            return routes.compare_baselines(self.compared.left, baseline_id)
        return routes.baselines([*self.plain(), ("baseline", baseline_id)])


@dataclass(frozen=True)
class Opened:
    """What the drawer shows; `baseline` is None where there is no such one."""

    baseline: Baseline | None
    offers: list[OfferLine]
    promotions: list[PromotionLine]


@dataclass(frozen=True)
class Found:
    """What the page reads in one go: its rows, or a comparison; the open drawer, and what is to be compared."""

    page: BaselinePage
    lines: list[BaselineLine]
    opened: Opened | None
    left: Baseline | None
    compared: ComparisonPage | None


def read_baselines(actor: Actor, address: Address) -> Found:
    """What the address shows; blocking. NotFound for a comparison of what is not there."""
    service, shown = services().baselines, address.compared
    if shown.right:
        compared = service.compare(actor, shown.left, shown.right, shown.where, start=shown.start)
        return Found(BaselinePage(rows=(), older=None, newer=None), [], None, None, compared)
    left = service.get(actor, shown.left) if shown.left else None
    page = service.list(actor, address.where, cursor=address.cursor or None, limit=PAGE_SIZE)
    lines = [baseline_line(row, address.line_href(row.id)) for row in page.rows if row.id != shown.left]
    return Found(page, lines, _read_opened(actor, address.baseline) if address.baseline else None, left, None)


def _read_opened(actor: Actor, baseline_id: str) -> Opened:
    service = services().baselines
    try:
        one = service.get(actor, baseline_id)
        offers = offer_lines(service.suggestion(actor, baseline_id), one)
        return Opened(one, offers, promotion_lines(service.history(actor, baseline_id)))
    except NotFound:
        # The list in front of which the drawer stands is none the worse for it.
        return Opened(None, [], [])


class BaselineRows(rx.State):
    """The rows of the list and of a comparison, apart from all else."""

    rows: rx.Field[list[BaselineLine]] = rx.field(default_factory=list)
    changes: rx.Field[list[ChangeLine]] = rx.field(default_factory=list)


class BaselinesPage(KeysetPage, BaselineVerbs, rx.State):
    """The list around its rows, the drawer, and the comparison."""

    open_id: str = ""
    is_missing: bool = False
    facts: BaselineFacts = BaselineFacts()
    offers: rx.Field[list[OfferLine]] = rx.field(default_factory=list)
    promotions: rx.Field[list[PromotionLine]] = rx.field(default_factory=list)
    choose_href: str = ""

    choosing: str = ""
    is_comparing: bool = False
    left: BaselineFacts = BaselineFacts()
    right: BaselineFacts = BaselineFacts()
    compare_words: str = ""
    count_tabs: rx.Field[list[CountTab]] = rx.field(default_factory=list)
    ecosystems: rx.Field[list[EcosystemOption]] = rx.field(default_factory=list)
    ecosystem: str = ""
    text: str = ""
    changes_active: int = 0
    changes_hidden: str = ""
    changes_on_page: int = 0
    changes_total: int = 0
    changes_before: str = ""
    changes_after: str = ""
    changes_words: str = ""
    all_changes_href: str = ""
    swap_href: str = ""
    diff_csv: str = ""
    diff_json: str = ""
    diff_cyclonedx: str = ""

    # KeysetPage

    def _listing(self) -> Listing:
        return LISTING

    def _rows(self) -> type[BaselineRows]:
        return BaselineRows

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _ask(self) -> Ask:
        address, actor, service = self._address(), actor_of(self), services()
        viewer = viewer_key(actor)

        async def beside() -> tuple[dict[str, list[str]], list[BaselineSource]]:
            facets = await service.hub.sample(
                ("facets", viewer), lambda: service.jobs.facets(actor), max_age=FACETS_AGE_S
            )
            sources = await service.hub.sample(
                ("baseline sources", viewer), lambda: service.baselines.sources(actor), max_age=FACETS_AGE_S
            )
            return facets, sources

        trail = trail_of(actor, SubjectKind.BASELINE, address.baseline)
        return Ask(BASELINES, ("baselines", address, viewer), lambda: read_baselines(actor, address), beside, trail)

    def _show_beside(self, beside: Any) -> None:
        facets, sources = beside
        known = [one.source for one in sources if len(one.source) <= VALUE_MAX]
        values = {"tenant": facets.get("tenant", []), "source": list(dict.fromkeys(known))}
        self.values = suggestions(LISTING, values)

    async def _count_changes(self, answer: Any) -> int:
        # The rows are held back, the drawer is not: it is about one baseline, which nothing moves.
        self._show_opened(answer)
        return await super()._count_changes(answer)

    async def _show(self, answer: Any) -> None:
        await super()._show(answer)
        self._show_opened(answer)
        rows = await self.get_state(BaselineRows)
        changes = [] if answer.compared is None else change_lines(answer.compared)
        if rows.changes != changes:
            rows.changes = changes
        self.choosing = visible(name_of(answer.left)) if answer.left else ""
        if self.choosing:
            self.summary = words.choose_what_to_compare(self.choosing)
        elif not self._address().where.active():
            self.summary = words.BASELINES_SUMMARY
        self.is_comparing = answer.compared is not None
        if answer.compared is not None:
            self._show_comparison(answer.compared)

    # helpers

    def _show_opened(self, found: Found) -> None:
        address, opened = self._address(), found.opened
        self.open_id = address.baseline
        self.is_missing = opened is not None and opened.baseline is None
        one = opened.baseline if opened else None
        self.facts = baseline_facts(one) if one else BaselineFacts()
        self.offers = opened.offers if opened else []
        self.promotions = opened.promotions if opened else []
        self.choose_href = routes.baselines([("left", one.id)]) if one else ""
        self._show_verbs(found.compared.right if found.compared else one)

    def _show_comparison(self, page: ComparisonPage) -> None:
        shown = self._address().compared
        where = shown.where
        self.left, self.right = baseline_facts(page.left), baseline_facts(page.right)
        self.compare_words = self.summary = summary(page.left, page.right, page.counts)
        self.count_tabs = count_tabs(page.counts, shown)
        self.ecosystems = ecosystem_options(page, shown)
        self.ecosystem = where.ecosystem[0] if where.ecosystem else ""
        self.text, self.changes_active = where.text, where.active()
        self.changes_total, self.changes_on_page = page.counts.total, len(page.rows)
        self.changes_hidden = f"{page.counts.total - page.matching:,}"
        self.changes_before, self.changes_after, self.changes_words = pages(page, shown)
        self.all_changes_href = routes.compare_baselines(shown.left, shown.right)
        self.swap_href = routes.compare_baselines(shown.right, shown.left, where.to_pairs())
        self.diff_csv, self.diff_json = shown.export(DiffFormat.CSV), shown.export(DiffFormat.JSON)
        self.diff_cyclonedx = shown.export(DiffFormat.CYCLONEDX)

    # BaselineVerbs

    def _about(self) -> tuple[Hashable, ...]:
        # The same baseline, seen in its drawer and then in a comparison, is another place.
        return (*super()._about(), self.open_id, self.is_comparing)

    def _gone_href(self) -> str:
        try:
            return routes.baselines(self._address().plain())
        except OpsError:
            return routes.baselines()

    # events

    @rx.event
    def close_drawer(self) -> Any:
        """Close the drawer."""
        return rx.redirect(self._gone_href())

    @rx.event
    async def keep_comparison(self) -> Any:
        """Keep what is compared as files of a job."""
        stamp = Stamp(actor=actor_of(self), idempotency_key=new_id())
        try:
            shown = self._address().compared
            started = await asyncio.to_thread(
                services().baselines.keep_comparison, stamp.actor, shown.left, shown.right, stamp
            )
        except OpsError as error:
            shell = await self.get_state(ShellState)
            shell._say(message(error.message, tone="bad"))
            return None
        return await self._follow(
            started,
            words.A_JOB_COMPARES_THEM,
            done=words.THE_CHANGES_ARE_KEPT,
            failed=words.THE_CHANGES_WERE_NOT_KEPT,
        )

    @rx.event
    def search_changes(self, form: dict[str, Any]) -> Any:
        """Show the changes that match a text and an ecosystem: a new address, one step in the history."""
        try:
            shown = self._address().compared
            asked = [("left", shown.left), ("text", str(form.get("text", "")).strip())]
            found = Shown.read([*asked, ("ecosystem", str(form.get("ecosystem", "")))]).where
        except InvalidInput as error:
            self.complaint = error.message
            return None
        if not shown.right:
            return None
        where = shown.where.model_copy(update={"text": found.text, "ecosystem": found.ecosystem})
        return rx.redirect(shown.href(where))
