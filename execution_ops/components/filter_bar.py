"""The filter as tokens, and an input that suggests others; `listing.list_filter` puts them above a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, TypedDict

import reflex as rx

from execution_ops.components.islands import FOLDER, Island, one_text
from execution_ops.domain.filter_fields import FilterField

_DIGEST_SHOWN = 6


class Token(TypedDict):
    """One condition for the eye; key and value as the query spells them."""

    key: str
    value: str
    label: str
    op: str
    text: str


class FilterBar(Island):
    """The combobox with its tokens.

    `pairs` is the filter as the query spells it (its `to_pairs()`, the sort included), `tokens` the same for the eye
    (`filter_tokens`). `values` are the known values by field, for the suggestions. `on_query(query)` gets the whole new
    query string without `?`; parse it with the filter's `from_query` and show what that refuses as `error`. Keys: `f`
    and `/` focus it.
    """

    library = f"{FOLDER}/filter-bar.jsx"

    pairs: rx.Var[Any]
    tokens: rx.Var[Any]
    field_table: rx.Var[Any]
    values: rx.Var[Any]
    error: rx.Var[Any]
    placeholder: rx.Var[str]
    on_query: rx.EventHandler[one_text]


def field_table(fields: Sequence[FilterField]) -> list[dict[str, Any]]:
    """The fields as the bar takes them, for a Var that chooses among several."""
    return [asdict(field) for field in fields]


def filter_tokens(fields: Sequence[FilterField], pairs: Iterable[tuple[str, str]]) -> list[Token]:
    """The conditions of a filter (its `to_pairs()`) as tokens, in the order of its query."""
    return [_token(fields, key, value) for key, value in pairs if key != "sort"]


def _token(fields: Sequence[FilterField], key: str, value: str) -> Token:
    field = next(field for field in fields if field.key == key or (field.key[-1] == "." and key.startswith(field.key)))
    label = key if field.key.endswith(".") else field.label
    text = value
    if key in ("state", "category") or key.endswith(".state"):
        text = value.replace("_", " ")
    elif key == "group":
        text = value[:_DIGEST_SHOWN]
    elif key in ("after", "before", "ended_after") and value[-1:] in "mhd" and value[:-1].isdigit():
        text = f"{value[:-1]} {value[-1]} ago"
    return Token(key=key, value=value, label=label, op=field.op, text=text)
