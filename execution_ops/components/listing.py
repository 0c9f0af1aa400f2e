"""What every keyset list shows around its table. `page` is the State of the page, a `ListPage`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from execution_ops.components.bulk_bar import bulk_bar, select_all_button
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.dialog import question
from execution_ops.components.filter_bar import filter_bar
from execution_ops.components.live import announce, count_age, new_changes
from execution_ops.components.overlays import menu
from execution_ops.components.states import content, empty, filtered_empty
from execution_ops.components.status import Kind
from execution_ops.components.table import Selection, pager, select_all_banner
from execution_ops.components.tabs import state_tabs
from execution_ops.domain.filter_fields import FilterField
from execution_ops.domain.verb import Verb
from execution_ops.texts import common as words


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
        page.tabs,
        new_changes(page.held, page.refresh),
        count_age(page.counts_as_of, words.COUNTS),
        announce(rx.cond(page.total != "", page.total + " " + words.MATCH_THE_FILTER, "")),
        kind=kind,
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
    order = rx.cond(newest, words.NEWEST_FIRST, words.OLDEST_FIRST)
    looked = rx.cond(page.searched != "", words.looked_at(page.searched, noun), "")
    return pager(
        before=page.before_href,
        after=page.after_href,
        note=rx.fragment(order, looked),
        words=(rx.cond(newest, words.NEWER, words.OLDER), rx.cond(newest, words.OLDER, words.NEWER)),
    )


def list_nothing(page: Any, nothing_yet: rx.Component, noun: str) -> rx.Component:
    """No row: the search has not come to its end, the filters hide all, or there is nothing at all."""
    searching = rx.fragment(
        empty(
            words.NOTHING_FOUND_SO_FAR,
            words.none_matches(page.searched, noun),
            link_button(words.GO_ON_SEARCHING, page.after_href, icon="search", look="pri"),
            icon_name="search",
        ),
        list_pager(page, noun),
    )
    hidden = filtered_empty(page.active, page.hidden, page.clear_href, noun=noun)
    return rx.el.div(
        rx.cond(page.searched != "", searching, rx.cond(page.active > 0, hidden, nothing_yet)),
        class_name="panel",
    )


def list_refused(page: Any, way_out: rx.Component, noun: str = "rows") -> rx.Component:
    """The address is none of this list: why, and the way out."""
    return rx.el.div(
        empty(words.shows_no(noun), page.problem, way_out, icon_name="list-filter"), class_name="panel", role="alert"
    )


def list_body(page: Any, body: object, *, noun: str, href: str) -> rx.Component:
    """The body of a list; or why its address is none, and the way (`href`) to the list without a filter."""
    way_out = link_button(words.show_all(noun), href, icon="list")
    return rx.cond(page.refused, list_refused(page, way_out, noun), content(page, body))


def list_hidden(page: Any, noun: str) -> rx.Component:
    """The filters hide all rows of a list that has some."""
    return rx.el.div(filtered_empty(page.active, page.hidden, page.clear_href, noun=noun), class_name="panel")


def list_rows(page: Any, rows: rx.Component, noun: str) -> rx.Component:
    """The rows of a list that has some; or the filters hide them all."""
    return rx.cond(page.rows_on_page > 0, rows, list_hidden(page, noun))


def missing(title: str, text: object, way_out: rx.Component) -> rx.Component:
    """In place of a page about one thing that is not there, or not for this viewer."""
    return rx.el.div(empty(title, text, way_out, icon_name="text-search"), class_name="panel")


def first_step(title: str, text: str, *steps: rx.Component, icon_name: str = "inbox") -> rx.Component:
    """In place of a page that has nothing yet: why, and the real first step; also what to type at a terminal."""
    return rx.el.div(empty(title, text, *steps, icon_name=icon_name), class_name="panel first")


def export_menu(label: str, *files: rx.Component) -> rx.Component:
    """What the page shows, as files: `csv_file`, `json_file` and others."""
    return menu(*files, label=label, icon="download", text=words.EXPORT, trigger="btn")


def csv_file(href: str | rx.Var[str]) -> rx.Component:
    """The CSV in the menu."""
    return link_button(words.CSV, href, icon="file-text", look="ghost", download=True)


def json_file(href: str | rx.Var[str], label: str = words.JSON) -> rx.Component:
    """The JSON in the menu, or another file for programs."""
    return link_button(label, href, icon="braces", look="ghost", download=True)


def list_exports(page: Any, label: str) -> rx.Component:
    """What matches, as a file."""
    return export_menu(label, csv_file(page.csv_href), json_file(page.ndjson_href, words.NDJSON))


def list_question(page: Any, verb: Verb, noun: str, **more: Any) -> rx.Component:
    """The question before a verb on the selection."""
    return question(page, verb, typed=page.question_count, typed_label=words.type_the_number(noun), **more)
