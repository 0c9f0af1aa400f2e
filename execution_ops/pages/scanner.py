"""Scanner Ops at a glance."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.icons import icon
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure, link
from execution_ops.components.prose import noun, or_word, said
from execution_ops.components.states import content
from execution_ops.components.status import status
from execution_ops.pages.live_page import live_page
from execution_ops.scanner.plan import INSPECT
from execution_ops.state.scanner import ScannerPage
from execution_ops.texts import common
from execution_ops.texts import scanner as words

ON_LOAD = (ScannerPage.open,)


def page() -> rx.Component:
    """The figures, and the five parts, those that need somebody first."""
    return live_page(
        "scanner",
        ScannerPage,
        content(ScannerPage, rx.fragment(_figures(), _parts())),
        summary=ScannerPage.sentence,
        actions=(refresh_button(ScannerPage.refresh), link_button(common.SCANS, routes.jobs([("job_type", INSPECT)]))),
    )


def _figures() -> rx.Component:
    kit = or_word(
        ScannerPage.active_kit, common.NONE, link(ScannerPage.active_kit, href=routes.offline_kits(), look="num mono")
    )
    return ledger(
        (common.ACTIVE_KIT, kit, ScannerPage.kit_word),
        (common.IN_QUARANTINE, figure(ScannerPage.quarantined, routes.offline_kits()), ScannerPage.quarantined_noun),
        (
            common.ANALYZERS,
            figure(ScannerPage.healthy, routes.analyzers()),
            words.of_healthy(ScannerPage.analyzers),
        ),
        (
            words.PROMOTED_BASELINES,
            figure(ScannerPage.promoted, routes.baselines()),
            said(words.OF_SOURCES, count=ScannerPage.sources, noun=noun(ScannerPage.sources, words.SOURCES)),
        ),
        (
            common.BREACHES,
            figure(ScannerPage.breaches, routes.performance()),
            said(words.OF_BENCHMARKS, count=ScannerPage.results, noun=noun(ScannerPage.results, words.BENCHMARKS)),
        ),
        (
            words.SETTINGS_VERSION,
            figure(ScannerPage.version, routes.scanner_settings()),
            rx.cond(ScannerPage.version == 0, words.THE_DEFAULTS, words.HOLDS_NOW),
        ),
    )


def _parts() -> rx.Component:
    return rx.el.ul(rx.foreach(ScannerPage.parts, _part), class_name="panel scan-parts", aria_label=words.PARTS)


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
