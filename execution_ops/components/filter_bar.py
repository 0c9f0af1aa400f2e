"""The filter bar: the filter as tokens, an input that suggests, and the buttons beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

import reflex as rx

from execution_ops.components.islands import FOLDER, Island, one_text
from execution_ops.domain.filters import JobFilter


@dataclass(frozen=True)
class FilterField:
    """A field that can be typed.

    `key` is the name in the query (an open family ends with a dot: `payload.`), `label` and `op`
    make the token ("tenant is acme"), `help` and `kind` the suggestion. `many` values are
    alternatives; `free` takes any text; `plain` takes words typed without a field.
    """

    key: str
    label: str
    help: str
    kind: str
    icon: str
    op: str = "is"
    many: bool = False
    free: bool = False
    plain: bool = False


JOB_FIELDS = (
    FilterField("state", "state", "where the job is", "7 states", "circle-dot", many=True),
    FilterField("job_type", "type", "what kind of work it is", "list", "package", many=True, free=True),
    FilterField("queue", "queue", "the queue it waits or waited in", "list", "layers", many=True, free=True),
    FilterField("tenant", "tenant", "whom it is for", "list", "user", many=True, free=True),
    FilterField("after", "created", "created since, like 24h or a time", "time", "clock", op="after", free=True),
    FilterField("before", "created", "created before, like 1h or a time", "time", "clock", op="before", free=True),
    FilterField("ended_after", "ended", "ended since, like 1h or a time", "time", "clock", op="after", free=True),
    FilterField("id", "id", "an id or its beginning", "text", "search", op="begins with", free=True),
    FilterField("dag", "DAG", "jobs of one pipeline", "id", "workflow", free=True),
    FilterField("worker", "worker", "ran or runs on this worker", "text", "server", free=True),
    FilterField("quota", "quota", "held back by this quota", "id", "gauge", free=True),
    FilterField(
        "error", "error", "words of the last error", "text", "triangle-alert", op="contains", free=True, plain=True
    ),
    FilterField("payload.", "payload", "payload.key:value, the exact value", "text", "file-text", many=True, free=True),
)
QUOTA_FIELDS = (
    FilterField("tenant", "tenant", "whose jobs it governs, * for any", "list", "user", many=True, free=True),
    FilterField("job_type", "type", "which jobs it governs, * for any", "list", "package", many=True, free=True),
    FilterField("paused", "paused", "whether it lets nothing start", "yes or no", "circle-pause"),
    FilterField("at_limit", "at its limit", "whether it is used up now", "yes or no", "gauge"),
)
AGES = ("15m", "1h", "6h", "24h", "7d")


class Token(TypedDict):
    """One condition for the eye; key and value as the query spells them."""

    key: str
    value: str
    label: str
    op: str
    text: str


class FilterBar(Island):
    """The combobox with its tokens."""

    library = f"{FOLDER}/filter-bar.jsx"
    tag = "FilterBar"

    pairs: rx.Var[Any]
    tokens: rx.Var[Any]
    field_table: rx.Var[Any]
    values: rx.Var[Any]
    error: rx.Var[Any]
    placeholder: rx.Var[str]
    on_query: rx.EventHandler[one_text]


def job_tokens(job_filter: JobFilter) -> list[Token]:
    """The conditions of a filter as tokens, in the order of its query."""
    return tokens_of([pair for pair in job_filter.to_pairs() if pair[0] != "sort"], JOB_FIELDS)


def tokens_of(pairs: Sequence[tuple[str, str]], fields: Sequence[FilterField]) -> list[Token]:
    """Conditions as tokens; each has to be one of the fields."""
    return [_token(key, value, fields) for key, value in pairs]


def _token(key: str, value: str, fields: Sequence[FilterField]) -> Token:
    field = next(field for field in fields if field.key == key or (field.key[-1] == "." and key.startswith(field.key)))
    label = key if field.key.endswith(".") else field.label
    text = value
    if key == "state":
        text = value.replace("_", " ")
    elif key in ("after", "before", "ended_after") and value[-1:] in "mhd" and value[:-1].isdigit():
        text = f"{value[:-1]} {value[-1]} ago"
    return Token(key=key, value=value, label=label, op=field.op, text=text)


def filter_bar(
    *controls: rx.Component,
    pairs: object,
    tokens: object,
    on_query: Any,
    values: object = None,
    error: object = "",
    fields: Sequence[FilterField] = JOB_FIELDS,
    placeholder: str = "Filter by state, type, queue, tenant, time, id, error, payload",
) -> rx.Component:
    """The filter bar of a list; `controls` (column chooser, refresh) stand at its right.

    `pairs` is the filter as the query spells it (`to_pairs()`, a sort included), `tokens` the same
    for the eye (`job_tokens`, `tokens_of` with these `fields`). `values` are the known values by field, for the
    suggestions. `on_query(query)` gets the whole new query string without `?`; parse it with
    `from_query` of the filter and show what that refuses as `error`. Keys: `f` and `/` focus it.
    """
    bar = FilterBar.create(
        pairs=pairs,
        tokens=tokens,
        on_query=on_query,
        values={} if values is None else values,
        error=error,
        field_table=[asdict(field) for field in fields],
        placeholder=placeholder,
    )
    return rx.el.div(bar, *controls, class_name="fbar", role="search")
