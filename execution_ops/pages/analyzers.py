"""Analyzers: what Syft offers by ecosystem, how each does, which run by default, and the cache of their results."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action
from execution_ops.components.icons import icon
from execution_ops.components.kv import ledger, note, panel
from execution_ops.components.links import link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, row_link, table
from execution_ops.components.times import age
from execution_ops.domain.scanner_verbs import ANALYZER_TEST, ANALYZERS_EDIT, ANALYZERS_REFRESH
from execution_ops.pages.analyzer_cache import cache_panel
from execution_ops.pages.analyzer_drawers import analyzer_drawers
from execution_ops.state.analyzers import AnalyzerRows, AnalyzersPage
from execution_ops.state.shell import surroundings

ON_LOAD = (AnalyzersPage.open,)
TABLE = "analyzers"


def page() -> rx.Component:
    """Figures, the table, the cache; or the first step while Syft was never asked."""
    return shell_page(
        "analyzers",
        rx.cond(
            AnalyzersPage.refused,
            _refused(),
            content(AnalyzersPage, rx.cond(AnalyzersPage.total > 0, _body(), _first_step())),
        ),
        analyzer_drawers(),
        surroundings=surroundings(),
        summary="What Syft looks for, how well each analyzer does, and which of them scans run.",
        actions=(
            rx.cond(AnalyzersPage.total > 0, _test_all()),
            rx.cond(AnalyzersPage.total > 0, _refresh()),
        ),
        liveness=Liveness(AnalyzersPage.stamp, {"on_hide": AnalyzersPage.hide, "on_show": AnalyzersPage.show}),
    )


def _refresh() -> rx.Component:
    return action(
        ANALYZERS_REFRESH.label,
        on_click=AnalyzersPage.ask_syft,
        icon=ANALYZERS_REFRESH.icon,
        look="pri",
        off=AnalyzersPage.refresh_off,
        changes=True,
    )


def _test_all() -> rx.Component:
    return action(
        "Test all",
        on_click=AnalyzersPage.test(""),
        icon=ANALYZER_TEST.icon,
        off=AnalyzersPage.test_off,
        changes=True,
    )


def _body() -> rx.Component:
    return rx.fragment(
        _problem(),
        _replaced(),
        ledger(
            ("Syft", AnalyzersPage.syft, rx.el.span("asked ", _asked(), title=f"on {AnalyzersPage.worker}")),
            ("Healthy", AnalyzersPage.healthy, ""),
            ("Degraded", AnalyzersPage.degraded, ""),
            ("Failed", AnalyzersPage.failed, ""),
            ("Not tried yet", AnalyzersPage.untried, ""),
        ),
        _defaults(),
        table(
            TABLE,
            AnalyzerRows.rows,
            _columns(),
            key=lambda row: row.name,
            label="Analyzers",
            two_lines=True,
        ),
        rx.cond(AnalyzersPage.untested != "", rx.el.p(AnalyzersPage.untested, class_name="meta untested")),
        cache_panel(),
    )


def _asked() -> rx.Component:
    words = age(AnalyzersPage.asked_at)
    return rx.cond(AnalyzersPage.asked_href != "", link(words, href=AnalyzersPage.asked_href, look="num"), words)


def _problem() -> rx.Component:
    leads = link("Open the job", href=AnalyzersPage.problem_href)
    return rx.cond(
        AnalyzersPage.syft_problem != "",
        rx.el.div(
            note(
                rx.el.b("Syft could not be asked ", age(AnalyzersPage.problem_at), ". "),
                AnalyzersPage.syft_problem,
                " ",
                rx.cond(AnalyzersPage.problem_href != "", leads),
                tone="bad",
                icon_name="circle-x",
            ),
            class_name="warnings",
        ),
    )


def _replaced() -> rx.Component:
    return rx.cond(
        AnalyzersPage.replaced_at != "",
        rx.el.div(
            note(
                rx.el.b("Another offline kit became active ", age(AnalyzersPage.replaced_at), ". "),
                "Workers may use another Syft since. What stands here was said by Syft ",
                AnalyzersPage.syft,
                " before; Refresh asks the one in use, and so does the next scan.",
                tone="warn",
                icon_name="triangle-alert",
            ),
            class_name="warnings",
        ),
    )


def _defaults() -> rx.Component:
    return panel(
        "Default analyzers",
        rx.el.div(
            rx.el.p(
                rx.cond(
                    AnalyzersPage.left_out != "",
                    rx.fragment("Scans run all analyzers but ", rx.el.b(AnalyzersPage.left_out), ". "),
                    "Scans run all analyzers. ",
                ),
                "A change holds for scans started afterwards; scans that were started go on with what held then.",
            ),
            class_name="pad",
        ),
        meta=rx.cond(
            AnalyzersPage.defaults_version > 0, rx.fragment("version ", AnalyzersPage.defaults_version), "never changed"
        ),
        actions=rx.cond(
            AnalyzersPage.edit_off == "",
            link(icon(ANALYZERS_EDIT.icon), "Change", href=AnalyzersPage.edit_href, look="btn sm"),
            action("Change", icon=ANALYZERS_EDIT.icon, look="sm", off=AnalyzersPage.edit_off),
        ),
    )


def _columns() -> list[Column]:
    return [
        Column("analyzer", "Analyzer", _name, place="name", fixed=True),
        Column("health", "Health", _health, place="state", fixed=True),
        Column("last", "Last ran", _last, place="sub"),
        Column("rate", "Success", _rate),
        Column("took", "p50 / p95", _took, right=True),
        Column("components", "Components", _components, right=True),
        Column("test", "Self-test", _test),
        Column("error", "Last error", _error),
        Column("verbs", "Verbs", _verbs, right=True, head=rx.el.span("Verbs", class_name="sr")),
    ]


def _none(words: str = "none") -> rx.Component:
    return rx.el.span(words, class_name="fg3")


def _name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.name), href=row.href),
        rx.cond(row.is_default, rx.fragment(), rx.el.span("left out", class_name="tag-off")),
        rx.el.span(row.ecosystem, title=row.ecosystem, class_name="sub trunc eco"),
    )


def _health(row: Any) -> rx.Component:
    return rx.fragment(
        status(row.health, kind="analyzer"),
        rx.el.span(row.words, title=row.words, class_name="sub trunc only-d health-words"),
    )


def _last(row: Any) -> rx.Component:
    return rx.cond(
        row.last_at != "",
        rx.fragment(
            link(age(row.last_at), href=row.last_href, look="num"),
            rx.el.span(row.last_text, title=row.last_text, class_name="sub trunc only-d last-words"),
        ),
        _none("never"),
    )


def _rate(row: Any) -> rx.Component:
    return rx.cond(
        row.rate != "",
        rx.fragment(rx.el.span(row.rate, class_name=row.rate_tone), rx.el.span(row.runs, class_name="sub")),
        _none(),
    )


def _took(row: Any) -> rx.Component:
    return rx.cond(
        row.p50 != "", rx.fragment(rx.el.span(row.p50), rx.el.span(row.p95, class_name="sub")), _none("no figure")
    )


def _components(row: Any) -> rx.Component:
    return rx.cond(
        row.runs != "",
        rx.fragment(
            rx.el.span(rx.cond(row.components != "", row.components, "none")),
            rx.el.span(row.components_all, class_name="sub"),
        ),
        _none(),
    )


def _test(row: Any) -> rx.Component:
    said = status(row.test, kind="analyzer", word=row.test_word)
    return rx.cond(
        row.test != "", rx.cond(row.test_href != "", link(said, href=row.test_href, look="link"), said), _none("never")
    )


def _error(row: Any) -> rx.Component:
    return rx.cond(
        row.error != "",
        link(row.error, href=row.error_href, look="link trunc last-error", title=row.error),
        _none(),
    )


def _verbs(row: Any) -> rx.Component:
    return action(
        "Test",
        on_click=AnalyzersPage.test(row.name),
        icon=ANALYZER_TEST.icon,
        look="sm",
        off=rx.cond(AnalyzersPage.test_off != "", AnalyzersPage.test_off, row.test_off),
        changes=True,
    )


def _first_step() -> rx.Component:
    return rx.fragment(
        _problem(),
        rx.el.div(
            empty(
                "Syft was never asked what it offers",
                "Which analyzers there are is for the Syft of the workers to say. The first scan asks it, and so does "
                "Refresh. The same from a terminal:",
                _refresh(),
                rx.el.code("execution-ops analyzers refresh", class_name="cmd mono"),
                icon_name="microscope",
            ),
            class_name="panel first",
        ),
    )


def _refused() -> rx.Component:
    return rx.el.div(
        empty(
            "This address shows no analyzers",
            AnalyzersPage.problem,
            link("Show all analyzers", href=routes.analyzers(), look="btn"),
            icon_name="list-filter",
        ),
        class_name="panel",
        role="alert",
    )
