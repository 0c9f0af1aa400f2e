"""Scanner Ops at a glance."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.icons import icon
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure, link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content
from execution_ops.components.status import status
from execution_ops.scanner.plan import INSPECT
from execution_ops.state.scanner import ScannerPage
from execution_ops.state.shell import surroundings

ON_LOAD = (ScannerPage.open,)


def page() -> rx.Component:
    """The figures, and the five parts, those that need somebody first."""
    return shell_page(
        "scanner",
        content(ScannerPage, rx.fragment(_figures(), _parts())),
        surroundings=surroundings(),
        summary=ScannerPage.sentence,
        actions=(refresh_button(ScannerPage.refresh), link_button("Scans", routes.jobs([("job_type", INSPECT)]))),
        liveness=Liveness(ScannerPage.stamp, {"on_hide": ScannerPage.hide, "on_show": ScannerPage.show}),
    )


def _figures() -> rx.Component:
    none = rx.el.span("none", class_name="fg3")
    kit = rx.cond(
        ScannerPage.active_kit != "", link(ScannerPage.active_kit, href=routes.offline_kits(), look="num mono"), none
    )
    return ledger(
        ("Active kit", kit, ScannerPage.kit_word),
        ("In quarantine", figure(ScannerPage.quarantined, routes.offline_kits()), ScannerPage.quarantined_noun),
        (
            "Analyzers",
            figure(ScannerPage.healthy, routes.analyzers()),
            rx.fragment("of ", ScannerPage.analyzers, " healthy"),
        ),
        (
            "Promoted baselines",
            figure(ScannerPage.promoted, routes.baselines()),
            rx.fragment("of ", ScannerPage.sources, rx.cond(ScannerPage.sources == 1, " source", " sources")),
        ),
        (
            "Breaches",
            figure(ScannerPage.breaches, routes.performance()),
            rx.fragment("of ", ScannerPage.results, rx.cond(ScannerPage.results == 1, " benchmark", " benchmarks")),
        ),
        (
            "Settings version",
            figure(ScannerPage.version, routes.scanner_settings()),
            rx.cond(ScannerPage.version == 0, "the defaults", "holds now"),
        ),
    )


def _parts() -> rx.Component:
    return rx.el.ul(rx.foreach(ScannerPage.parts, _part), class_name="panel scan-parts", aria_label="Parts")


def _part(part: Any) -> rx.Component:
    return rx.el.li(
        icon(part.icon, 18, class_name="fg3"),
        rx.el.div(
            rx.el.h2(link(part.title, href=part.href, look="name")),
            rx.el.p(part.says),
            class_name="says",
        ),
        status(part.level, kind="part"),
        link(part.step, href=part.href, look="btn"),
    )
