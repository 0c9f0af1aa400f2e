"""A JSON document as rows that can be opened one by one, with every number exactly as written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.text import visible

STEP = 100
PREVIEW_MAX = 300
ROWS_MAX = 2000


class TreeRow(BaseModel):
    """One visible line of the tree.

    `path` is the JSON Pointer of the value ("" is the document itself). `kind` is object, array,
    string, number, boolean, null, or `more`: the line that offers the next children of `path`.
    `size` counts children, or the characters of a string; `shown` counts the children on view.
    `preview` is safe to show: control characters and direction marks are spelled out.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    depth: int
    key: str
    kind: str
    preview: str
    size: int = 0
    shown: int = 0
    expanded: bool = False
    truncated: bool = False


# A float would round the digits, so they are kept as they stood in the text: as bytes, which no other
# JSON value is, and which cost a tenth of objects of a class of our own.
_number = str.encode


class JsonTree:
    """A parsed document. Parsing is the only step whose cost grows with the document."""

    def __init__(self, text: str) -> None:
        try:
            self._root = json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_number)
        except RecursionError:
            raise InvalidInput("This document is nested too deeply to show; download it instead.") from None
        except ValueError as error:
            raise InvalidInput(f"This is not JSON: {error}.") from None

    def rows(self, expanded: Mapping[str, int], *, limit: int = ROWS_MAX) -> list[TreeRow]:
        """The lines to show when the paths in `expanded` are open.

        Its values say how many children of each are on view (rounded up to whole steps of 100).
        At most `limit` lines come back. Paths that do not exist are ignored.
        """
        found: list[TreeRow] = []
        for row in _walk(self._root, "", "", 0, expanded):
            found.append(row)
            if len(found) == limit:
                break
        return found


@lru_cache(maxsize=4)
def parse_tree(text: str) -> JsonTree:
    """The tree of the text; the last few are kept, so opening a branch does not parse again."""
    return JsonTree(text)


def _walk(value: object, path: str, key: str, depth: int, expanded: Mapping[str, int]) -> Iterator[TreeRow]:
    if not isinstance(value, dict | list):
        yield _leaf(value, path, key, depth)
        return
    is_object = isinstance(value, dict)
    size = len(value)
    wanted = expanded.get(path)
    shown = 0 if wanted is None else min(size, max(1, -(-wanted // STEP)) * STEP)
    word = ("key" if is_object else "item") if size == 1 else ("keys" if is_object else "items")
    yield TreeRow(
        path=path,
        depth=depth,
        key=_short(key)[0],
        kind="object" if is_object else "array",
        preview=f"{size:,} {word}",
        size=size,
        shown=shown,
        expanded=wanted is not None,
    )
    if not shown:
        return
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for position, (name, child) in enumerate(children):
        if position == shown:
            break
        step = str(name)
        yield from _walk(child, f"{path}/{_pointer(step)}", step, depth + 1, expanded)
    if shown < size:
        yield TreeRow(
            path=path,
            depth=depth + 1,
            key="",
            kind="more",
            preview=f"{shown:,} of {size:,} shown",
            size=size,
            shown=shown,
        )


def _leaf(value: object, path: str, key: str, depth: int) -> TreeRow:
    name = _short(key)[0]
    if isinstance(value, bytes):
        text, truncated = _short(value.decode())
        return TreeRow(path=path, depth=depth, key=name, kind="number", preview=text, truncated=truncated)
    if isinstance(value, str):
        text, truncated = _short(value)
        return TreeRow(
            path=path, depth=depth, key=name, kind="string", preview=text, size=len(value), truncated=truncated
        )
    kind = "null" if value is None else "boolean"
    return TreeRow(path=path, depth=depth, key=name, kind=kind, preview=json.dumps(value))


def _short(text: str) -> tuple[str, bool]:
    if len(text) <= PREVIEW_MAX:
        return visible(text), False
    return visible(text[:PREVIEW_MAX]) + "…", True


def _pointer(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
