"""The cache of results on the analyzers page: its figures, and the drawer that previews a clear."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, close_button, link_button, verb_button
from execution_ops.components.drawer import drawer
from execution_ops.components.fields import field, text_input
from execution_ops.components.kv import panel, part
from execution_ops.components.links import link
from execution_ops.components.prose import said
from execution_ops.domain.analyzers import ECOSYSTEMS
from execution_ops.domain.scan_cache import DAYS_MAX
from execution_ops.domain.scanner_verbs import CACHE_CLEAR
from execution_ops.state.analyzers import AnalyzersPage
from execution_ops.texts import analyzers as words
from execution_ops.texts import common


def cache_panel() -> rx.Component:
    """The figures of the cache against their limits."""
    cache = AnalyzersPage.cache
    return rx.el.div(
        panel(
            words.CACHE_OF_RESULTS,
            rx.el.div(
                _figure(common.ENTRIES, cache.kept, cache.dropped, "mute"),
                _figure(
                    words.HIT_RATE,
                    rx.cond(cache.hit_rate != "", cache.hit_rate, "none"),
                    cache.hit_words,
                    cache.hit_tone,
                ),
                _figure(words.USED, cache.used, cache.used_words, cache.used_tone, share=cache.used_share),
                class_name="cache-figures",
            ),
            rx.el.p(
                said(words.LOOKED_AT_ONCE, settings=link("settings", href=routes.scanner_settings())),
                class_name="meta pad",
            ),
            meta=rx.cond(cache.enabled, cache.limits, words.SWITCHED_OFF_IN_THE_SETTINGS),
            actions=rx.cond(
                AnalyzersPage.clear_off == "",
                link_button(words.CLEAR, routes.analyzers([("clear", "1")]), icon=CACHE_CLEAR.icon, look="sm"),
                action(words.CLEAR, icon=CACHE_CLEAR.icon, look="sm", off=AnalyzersPage.clear_off),
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
    clear = verb_button(
        CACHE_CLEAR,
        AnalyzersPage.ask_verb(CACHE_CLEAR.name),
        label=words.CLEAR_THESE,
        look="danger",
        off=AnalyzersPage.clear_now_off,
    )
    return drawer(
        rx.el.div(_scope_form(), _preview(), class_name="parts"),
        open=AnalyzersPage.is_clearing,
        title=words.CLEAR_THE_CACHE,
        subtitle=words.CLEAR_THE_CACHE_SUB,
        on_close=AnalyzersPage.close_drawer,
        footer=rx.fragment(clear, close_button(AnalyzersPage.close_drawer, common.CANCEL)),
    )


def _scope_form() -> rx.Component:
    return rx.el.form(
        field(words.FOUND_BY, _analyzer_choice()),
        field(
            words.KEPT_LONGER_THAN_DAYS,
            text_input(
                "older", type="number", min=0, max=DAYS_MAX, default_value=AnalyzersPage.clear_older.to_string()
            ),
            help_text=words.KEPT_LONGER_THAN_DAYS_HELP,
        ),
        action(words.SHOW_WHAT_THAT_DROPS, icon="search", kind="submit", form="clear_scope"),
        id="clear_scope",
        key=f"{AnalyzersPage.clear_of}:{AnalyzersPage.clear_older}",
        on_submit=AnalyzersPage.choose_clear,
        class_name="qform",
    )


def _preview() -> rx.Component:
    return part(
        words.WHAT_A_CLEAR_DROPS_NOW,
        rx.el.p(rx.el.b(AnalyzersPage.clear_words, class_name="clear-words"), class_name="said"),
        rx.el.p(
            words.documents_stay(AnalyzersPage.clear_scope),
            class_name="fg2",
        ),
    )


def _analyzer_choice() -> rx.Component:
    return rx.el.select(
        rx.el.option(words.ANY_ANALYZER, value=""),
        *[rx.el.option(name, value=name) for name in ECOSYSTEMS],
        name="of",
        default_value=AnalyzersPage.clear_of,
        class_name="in",
    )
