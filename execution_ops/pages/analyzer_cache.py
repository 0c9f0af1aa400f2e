"""The cache of results on the analyzers page: its figures, and the drawer that previews a clear."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, link_button
from execution_ops.components.dialog import field
from execution_ops.components.drawer import drawer
from execution_ops.components.kv import panel
from execution_ops.components.links import link
from execution_ops.domain.analyzers import ECOSYSTEMS
from execution_ops.domain.scan_cache import DAYS_MAX
from execution_ops.domain.scanner_verbs import CACHE_CLEAR
from execution_ops.pages.analyzer_parts import close, part
from execution_ops.state.analyzers import AnalyzersPage


def cache_panel() -> rx.Component:
    """The figures of the cache against their limits."""
    cache = AnalyzersPage.cache
    return rx.el.div(
        panel(
            "Cache of results",
            rx.el.div(
                _figure("Entries", cache.kept, cache.dropped, "mute"),
                _figure(
                    "Hit rate", rx.cond(cache.hit_rate != "", cache.hit_rate, "none"), cache.hit_words, cache.hit_tone
                ),
                _figure("Used", cache.used, cache.used_words, cache.used_tone, share=cache.used_share),
                class_name="cache-figures",
            ),
            rx.el.p(
                "An archive or image with the same content, looked at by the same Syft with the same settings, is not "
                "looked at twice. The limits are those of the ",
                link("settings", href=routes.scanner_settings()),
                ".",
                class_name="meta pad",
            ),
            meta=rx.cond(cache.enabled, cache.limits, "switched off in the settings"),
            actions=rx.cond(
                AnalyzersPage.clear_off == "",
                link_button("Clear…", routes.analyzers([("clear", "1")]), icon=CACHE_CLEAR.icon, look="sm"),
                action("Clear…", icon=CACHE_CLEAR.icon, look="sm", off=AnalyzersPage.clear_off),
            ),
        ),
        class_name="cache-panel",
    )


def _figure(label: str, value: Any, words: Any, tone: Any, share: Any = None) -> rx.Component:
    bar = [] if share is None else [_bar(share, tone)]
    return rx.el.div(
        rx.el.span(label, class_name="over"),
        rx.el.b(value),
        *bar,
        rx.el.span(words, class_name=f"sub cache-{tone}" if isinstance(tone, str) else "sub cache-" + tone),
    )


def _bar(share: Any, tone: Any) -> rx.Component:
    return rx.el.span(
        rx.el.i(class_name=tone, style={"width": f"{share}%"}),
        class_name="bar",
        custom_attrs={"aria-hidden": True},
    )


def cache_drawer() -> rx.Component:
    """What a clear of the cache would drop, and the button that clears it."""
    clear = action(
        "Clear these",
        on_click=AnalyzersPage.ask_verb(CACHE_CLEAR.name),
        icon=CACHE_CLEAR.icon,
        look="danger",
        off=AnalyzersPage.clear_now_off,
        changes=True,
    )
    return drawer(
        rx.el.div(_scope_form(), _preview(), class_name="parts"),
        open=AnalyzersPage.is_clearing,
        title="Clear the cache",
        subtitle="Look first at what goes, then clear it.",
        on_close=AnalyzersPage.close_drawer,
        footer=rx.fragment(clear, close("Cancel")),
    )


def _scope_form() -> rx.Component:
    return rx.el.form(
        field("Found by", _analyzer_choice()),
        field(
            "Kept longer than, days",
            rx.el.input(
                name="older",
                type="number",
                min=0,
                max=DAYS_MAX,
                default_value=AnalyzersPage.clear_older.to_string(),
                class_name="in",
            ),
            help_text="0: of any age.",
        ),
        action("Show what that drops", icon="search", kind="submit", form="clear_scope"),
        id="clear_scope",
        key=f"{AnalyzersPage.clear_of}:{AnalyzersPage.clear_older}",
        on_submit=AnalyzersPage.choose_clear,
        class_name="qform",
    )


def _preview() -> rx.Component:
    return part(
        "What a clear drops now",
        rx.el.p(rx.el.b(AnalyzersPage.clear_words, class_name="clear-words"), class_name="said"),
        rx.el.p(
            AnalyzersPage.clear_scope,
            ". The documents stay with the jobs that found them; what is kept after this look stays too.",
            class_name="fg2",
        ),
    )


def _analyzer_choice() -> rx.Component:
    return rx.el.select(
        rx.el.option("Any analyzer", value=""),
        *[rx.el.option(name, value=name) for name in ECOSYSTEMS],
        name="of",
        default_value=AnalyzersPage.clear_of,
        class_name="in",
    )
