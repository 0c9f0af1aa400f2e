"""The dense table: sticky head, links, selection, keyboard, cards on a phone; and its pager."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.components.islands import FOLDER, Island, nothing
from execution_ops.components.links import link
from execution_ops.components.times import zone_name
from execution_ops.texts import common

Place = Literal["name", "state", "sub", "end", "rest"]
_PAGES = (common.PREVIOUS, common.NEXT)


@dataclass(frozen=True)
class Column:
    """One column.

    `cell` draws a row (an item of the rows Var). `place` says where it stands in the card of a
    phone: the name and the state in the first line, `sub` and `end` in the second, `rest` opens
    with the row. `sort_href` makes the head a link; `sorted` is "asc", "desc" or "" (may be a Var).
    A `fixed` column cannot be switched off; `wide` takes the spare width and cuts its text.
    """

    key: str
    label: str
    cell: Callable[[Any], object]
    place: Place = "rest"
    right: bool = False
    wide: bool = False
    fixed: bool = False
    head: object = None
    sort_href: str | rx.Var[str] | None = None
    sorted: str | rx.Var[str] = ""


@dataclass(frozen=True)
class Selection:
    """Which rows are picked: `keys` (a Var list), `on_toggle(key)`, `on_page()` picks or drops the
    page; `all_on_page` and `any_on_page` are Vars. `banner` is shown below the head while set."""

    keys: rx.Var[list[str]]
    on_toggle: Callable[[Any], Any]
    on_page: Any
    all_on_page: rx.Var[bool]
    any_on_page: rx.Var[bool]
    banner: rx.Component | None = None


def time_column(
    key: str, label: str, cell: Callable[[Any], object], *, place: Place = "end", right: bool = True, **more: Any
) -> Column:
    """A column of instants, the zone in its head."""
    return Column(key, label, cell, place=place, right=right, head=rx.fragment(label, ", ", zone_name()), **more)


def verbs_column(cell: Callable[[Any], object]) -> Column:
    """The last column: what can be done to the row."""
    return Column("verbs", common.VERBS, cell, right=True, head=rx.el.span(common.VERBS, class_name="sr"))


class TableFrame(Island):
    """Carries the columns that are switched off."""

    library = f"{FOLDER}/table.jsx"

    name: rx.Var[Any]
    columns: rx.Var[Any]


class ColumnChooser(Island):
    """The menu of columns."""

    library = f"{FOLDER}/table.jsx"

    name: rx.Var[Any]
    columns: rx.Var[Any]


class Pick(Island):
    """A checkbox that can be half on."""

    library = f"{FOLDER}/table.jsx"

    checked: rx.Var[Any]
    mixed: rx.Var[bool]
    label: rx.Var[Any]
    on_pick: rx.EventHandler[nothing]


def row_link(*children: object, href: str | rx.Var[str], **props: Any) -> rx.Component:
    """The name of a row: the one link that `j`, `k` and Enter use."""
    return link(*children, href=href, look="name", custom_attrs={"data-row-link": ""}, **props)


def table(
    name: str,
    rows: rx.Var[list[Any]],
    columns: Sequence[Column],
    *,
    key: Callable[[Any], Any],
    label: str,
    row_label: Callable[[Any], Any] | None = None,
    selection: Selection | None = None,
    two_lines: bool = False,
    under: Callable[[Any], tuple[Any, object]] | None = None,
    foot: rx.Component | None = None,
) -> rx.Component:
    """A table of `rows`.

    `name` is the table's own (column choices are kept under it), `key` gives a row's id, `label`
    names the table for screen readers, `row_label` a row (for its checkbox). Put `row_link` into
    the name column. `under` gives what stands in full width below a row, and whether it does.
    `foot` is the `pager`.
    """
    look = " ".join(["tbl", "cards", *(["two"] if two_lines else []), *([] if selection else ["nopick"])])
    span = len(columns) + (2 if selection else 1)

    def draw(row: Any) -> rx.Component:
        line = _row(row, columns, key, row_label or key, selection)
        if under is None:
            return line
        shown, below = under(row)
        return rx.fragment(line, rx.cond(shown, _under(below, span)), key=key(row))

    body = rx.el.tbody(rx.foreach(rows, draw))
    parts = [rx.el.table(_head(columns, selection), body, class_name=look, aria_label=label)]
    if selection and selection.banner is not None:
        parts.insert(0, selection.banner)
    return TableFrame.create(
        rx.el.div(*parts, class_name="scroll"),
        *([foot] if foot is not None else []),
        name=name,
        columns=_names(columns),
        class_name="panel lst",
    )


def column_chooser(name: str, columns: Sequence[Column]) -> rx.Component:
    """The menu that switches columns on and off; kept in the browser under the table's name.

    Not on a phone: its cards show every figure when they open.
    """
    return rx.el.span(ColumnChooser.create(name=name, columns=_names(columns)), class_name="only-d")


def pager(
    *, before: str | rx.Var[str], after: str | rx.Var[str], note: object, words: tuple[object, object] = _PAGES
) -> rx.Component:
    """The pages before and after this one as links; an empty address means that there is none."""
    return rx.el.nav(
        rx.el.span(note),
        rx.el.span(class_name="grow"),
        _turn(before, words[0], "chevron-left", before=True),
        _turn(after, words[1], "chevron-right", before=False),
        class_name="pager",
        aria_label=common.PAGES,
    )


def _turn(href: str | rx.Var[str], word: object, icon_name: str, *, before: bool) -> rx.Component:
    parts = [icon(icon_name), word] if before else [word, icon(icon_name)]
    off = rx.el.span(*parts, class_name="btn sm", aria_disabled="true", role="link")
    rel = "prev" if before else "next"
    return rx.cond(rx.Var.create(href) != "", link(*parts, href=href, look="btn sm", custom_attrs={"rel": rel}), off)


def _names(columns: Sequence[Column]) -> list[dict[str, object]]:
    return [{"key": column.key, "label": column.label, "fixed": column.fixed} for column in columns]


def _classes(index: int, column: Column) -> str:
    return f"k{index} m-{column.place}{' r' if column.right else ''}{' w' if column.wide else ''}"


def _head(columns: Sequence[Column], selection: Selection | None) -> rx.Component:
    cells = [_head_cell(index, column) for index, column in enumerate(columns)]
    if selection:
        pick = Pick.create(
            checked=selection.all_on_page,
            mixed=selection.any_on_page,
            label=common.SELECT_THIS_PAGE,
            on_pick=selection.on_page,
        )
        cells.insert(0, rx.el.th(pick, class_name="c-cb", scope="col"))
    return rx.el.thead(rx.el.tr(*cells, rx.el.th(rx.el.span(common.MORE, class_name="sr"), class_name="c-more")))


def _head_cell(index: int, column: Column) -> rx.Component:
    title = column.head if column.head is not None else column.label
    classes = _classes(index, column)
    if column.sort_href is None:
        return rx.el.th(title, class_name=classes, scope="col")
    order = rx.Var.create(column.sorted)
    arrow = rx.match(order, ("asc", icon("arrow-up", 11)), ("desc", icon("arrow-down", 11)), rx.fragment())
    said = rx.match(order, ("asc", "ascending"), ("desc", "descending"), "none")
    return rx.el.th(
        link(rx.el.span(title), arrow, href=column.sort_href, look=""),
        class_name=classes,
        scope="col",
        aria_sort=said,
    )


def _under(below: object, span: int) -> rx.Component:
    return rx.el.tr(rx.el.td(below, col_span=span), class_name="under")


def _row(
    row: Any,
    columns: Sequence[Column],
    key: Callable[[Any], Any],
    row_label: Callable[[Any], Any],
    selection: Selection | None,
) -> rx.Component:
    cells = [
        rx.el.td(column.cell(row), class_name=_classes(index, column), custom_attrs={"data-label": column.label})
        for index, column in enumerate(columns)
    ]
    props: dict[str, Any] = {}
    if selection:
        picked = selection.keys.contains(key(row))
        props["class_name"] = rx.cond(picked, "sel", "")
        pick = Pick.create(
            checked=picked, label=common.select_row(row_label(row)), on_pick=selection.on_toggle(key(row))
        )
        cells.insert(0, rx.el.td(pick, class_name="c-cb m-pick"))
    more = rx.el.input(type="checkbox", class_name="unfold", aria_label=common.SHOW_ALL_FIGURES, default_checked=False)
    cells.append(rx.el.td(more, class_name="c-more m-more"))
    return rx.el.tr(*cells, key=key(row), custom_attrs={"data-row": key(row)}, **props)
