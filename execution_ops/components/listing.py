"""What every keyset list shows around its table. `page` is the State of the page, a `ListPage`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from execution_ops.components.bulk_bar import bulk_bar, select_all_button
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.dialog import confirm
from execution_ops.components.filter_bar import FilterField, filter_bar
from execution_ops.components.live import count_age, new_changes
from execution_ops.components.overlays import menu
from execution_ops.components.states import empty, filtered_empty
from execution_ops.components.status import Kind
from execution_ops.components.table import Selection, pager, select_all_banner
from execution_ops.components.tabs import state_tabs
from execution_ops.domain.verb import Verb


def list_filter(
    page: Any,
    *controls: rx.Component,
    fields: Sequence[FilterField] | rx.Var[Any],
    placeholder: str | rx.Var[str],
) -> rx.Component:
    """The filter bar with the list's own controls and Refresh."""
    return filter_bar(
        *controls,
        refresh_button(page.refresh),
        pairs=page.pairs,
        tokens=page.tokens,
        values=page.values,
        error=page.complaint,
        on_query=page.apply,
        fields=fields,
        placeholder=placeholder,
    )


def list_tabs(page: Any, kind: Kind = "job") -> rx.Component:
    """The tabs of states, what is held back, and how old the counts are."""
    return state_tabs(
        page.tabs, new_changes(page.held, page.refresh), count_age(page.counts_as_of, "counts"), kind=kind
    )


def list_selection(page: Any, noun: str) -> Selection:
    """The picked rows, and the banner that widens the selection to all that match."""
    return Selection(
        keys=page.picked,
        on_toggle=page.toggle,
        on_page=page.toggle_page,
        all_on_page=page.all_on_page,
        any_on_page=page.any_picked,
        banner=select_all_banner(
            shown=page.all_on_page,
            picked=page.picked_count,
            everything=page.everything,
            total=page.total,
            on_all=page.pick_all,
            on_clear=page.drop_all,
            noun=noun,
        ),
    )


def list_bulk(page: Any, *verbs: rx.Component) -> rx.Component:
    """The bar that floats while something is picked."""
    return bulk_bar(
        *verbs,
        count=page.picked_count,
        shown=page.any_picked,
        on_clear=page.drop_all,
        select_all=rx.cond(~page.everything, select_all_button(page.total, page.pick_all)),
    )


def list_pager(page: Any, noun: str) -> rx.Component:
    """The pages before and after, and how far the search for this one went."""
    newest = page.newest_first
    order = rx.cond(newest, "Newest first, 50 per page", "Oldest first, 50 per page")
    looked = rx.cond(page.searched != "", f". Looked at {page.searched} {noun} for this page.", "")
    return pager(
        before=page.before_href,
        after=page.after_href,
        note=rx.fragment(order, looked),
        words=(rx.cond(newest, "Newer", "Older"), rx.cond(newest, "Older", "Newer")),
    )


def list_nothing(page: Any, nothing_yet: rx.Component, noun: str) -> rx.Component:
    """No row: the search has not come to its end, the filters hide all, or there is nothing at all."""
    searching = rx.fragment(
        empty(
            "Nothing found so far",
            f"None of the {page.searched} {noun} looked at for this page matches. Go on, or narrow the filter.",
            link_button("Go on searching", page.after_href, icon="search", look="pri"),
            icon_name="search",
        ),
        list_pager(page, noun),
    )
    hidden = filtered_empty(page.active, page.hidden, page.clear_href, noun=noun)
    return rx.el.div(
        rx.cond(page.searched != "", searching, rx.cond(page.active > 0, hidden, nothing_yet)),
        class_name="panel",
    )


def list_refused(page: Any, way_out: rx.Component) -> rx.Component:
    """The address asks for what no list can show: why, and the way out."""
    return rx.el.div(
        empty("This address is no list", page.problem, way_out, icon_name="list-filter"),
        class_name="panel",
        role="alert",
    )


def list_exports(page: Any, label: str) -> rx.Component:
    """What matches, as a file."""
    return menu(
        link_button("CSV, for spreadsheets", page.csv_href, icon="file-text", look="ghost", download=True),
        link_button("NDJSON, for programs", page.ndjson_href, icon="braces", look="ghost", download=True),
        label=label,
        icon="download",
        text="Export",
        trigger="btn",
    )


def list_question(page: Any, verb: Verb, noun: str, **more: Any) -> rx.Component:
    """The question before a verb on the selection."""
    return confirm(
        verb,
        open=page.asking == verb.name,
        title=page.question_title,
        confirm_label=page.question_button,
        typed=page.question_count,
        typed_label=f"To confirm, type the number of {noun}",
        on_confirm=page.do_verb,
        on_close=page.leave_verb,
        error=page.verb_problem,
        **more,
    )
