"""What every keyset list shows around its table. `page` is the State of the page, a `ListPage`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.filter_bar import FilterBar, field_table
from execution_ops.components.islands import FOLDER, Island
from execution_ops.components.live import announce, count_age, new_changes
from execution_ops.components.states import content, empty, filtered_empty
from execution_ops.components.table import pager
from execution_ops.components.tabs import state_tabs
from execution_ops.domain.filter_fields import FilterField
from execution_ops.texts import common as words


class Menu(Island):
    """A button with a small panel of choices below it."""

    library = f"{FOLDER}/overlays.jsx"

    label: rx.Var[Any]
    icon: rx.Var[Any]
    text: rx.Var[Any]
    trigger: rx.Var[str]


def list_filter(
    page: Any,
    *controls: rx.Component,
    fields: Sequence[FilterField] | rx.Var[Any],
    placeholder: str | rx.Var[str],
) -> rx.Component:
    """The filter of the list, its own controls (the column chooser) and Refresh. `fields` may be a Var of
    `filter_bar.field_table`."""
    bar = FilterBar.create(
        pairs=page.pairs,
        tokens=page.tokens,
        values=page.values,
        error=page.complaint,
        on_query=page.apply,
        field_table=fields if isinstance(fields, rx.Var) else field_table(fields),
        placeholder=placeholder,
    )
    return rx.el.div(bar, *controls, refresh_button(page.refresh), class_name="fbar", role="search")


def list_tabs(page: Any, kind: str = "job") -> rx.Component:
    """The tabs of states, what is held back, and how old the counts are."""
    return state_tabs(
        page.tabs,
        new_changes(page.held, page.refresh),
        count_age(page.counts_as_of, words.COUNTS),
        announce(rx.cond(page.total != "", page.total + " " + words.MATCH_THE_FILTER, "")),
        kind=kind,
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
    nothing = rx.cond(page.searched != "", searching, rx.cond(page.active > 0, hidden, nothing_yet))
    return rx.el.div(nothing, class_name="panel")


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
    return Menu.create(*files, label=label, icon="download", text=words.EXPORT, trigger="btn")


def csv_file(href: str | rx.Var[str]) -> rx.Component:
    """The CSV in the menu."""
    return link_button(words.CSV, href, icon="file-text", look="ghost", download=True)


def json_file(href: str | rx.Var[str], label: str = words.JSON) -> rx.Component:
    """The JSON in the menu, or another file for programs."""
    return link_button(label, href, icon="braces", look="ghost", download=True)


def list_exports(page: Any, label: str) -> rx.Component:
    """What matches, as a file."""
    return export_menu(label, csv_file(page.csv_href), json_file(page.ndjson_href, words.NDJSON))
