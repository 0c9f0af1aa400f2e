"""What every area of the gateway shares: the way to the remote, and what the remote can do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from execution_ops.backends.gateway.failures import garbled, too_large
from execution_ops.backends.gateway.files import FileCache
from execution_ops.backends.gateway.transport import Pairs, Tenants, Transport
from execution_ops.domain.capabilities import CapabilityDocument
from execution_ops.domain.errors import Conflict
from execution_ops.domain.times import iso
from execution_ops.domain.verbs import Stamp

T = TypeVar("T")
R = TypeVar("R", bound=BaseModel)
# What the contract hands out at once: rows of a list, lines of a log.
PAGE_MAX = 500
LOG_MAX = 5000
# Of a list that is read whole: 100,000 rows, where the remote fills its pages.
PAGES_MAX = 200


class Listed(BaseModel, Generic[T]):
    """One page of any list, as the contract has it."""

    model_config = ConfigDict(frozen=True)

    items: tuple[T, ...]
    next_cursor: str | None = None
    prev_cursor: str | None = None
    searched: int | None = None


class Remote:
    """The base of each area. What is asked is narrowed to tenants, what is changed is signed."""

    def __init__(self, transport: Transport, offers: Callable[[], CapabilityDocument], files: FileCache) -> None:
        self._http = transport
        self._offers = offers
        self._files = files

    def _needs(self, feature: str) -> None:
        """Conflict, in words, if the remote is too old to have the feature."""
        if feature not in self._offers().features:
            raise Conflict(
                f"The remote system at {self._http.where} is of an older version that does not offer this.",
                code="NOT_SUPPORTED",
            )

    def _all(self, kind: type[T], path: str, query: Pairs = (), *, tenants: Tenants = None) -> list[T]:
        """The items of all pages of a list that is short enough to be read whole."""
        found: list[T] = []
        cursor = ""
        for _ in range(PAGES_MAX):
            pairs = [*query, ("limit", str(PAGE_MAX)), *([("cursor", cursor)] if cursor else [])]
            page = self._http.get(Listed[kind], path, pairs, tenants=tenants)  # type: ignore[valid-type]
            found.extend(page.items)
            if not page.items or page.next_cursor is None:
                return found
            cursor = page.next_cursor
        raise garbled(self._http.where, f"a list that does not end after {PAGES_MAX} pages")

    def _lines(
        self, kind: type[R], path: str, query: Pairs, tenants: Tenants, stamp: Stamp | None, batch: int
    ) -> Iterator[list[R]]:
        """The rows of an export as they come, in batches; the remote's audit tells of it."""
        rows: list[R] = []
        pairs = [*query, ("format", "ndjson")]
        with self._http.stream(path, pairs, tenants=tenants, stamp=stamp, accept="application/x-ndjson") as chunks:
            for line in _split(chunks, self._http.limits.line, self._http.where):
                rows.append(self._row(kind, line))
                if len(rows) == batch:
                    yield rows
                    rows = []
        if rows:
            yield rows

    def _number(self, cursor: str | None) -> int | None:
        """The cursor of a list whose pages go on after a number."""
        if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 16):
            raise garbled(self._http.where, "a cursor that is no number")
        return None if cursor is None else int(cursor)

    def _row(self, kind: type[R], line: bytes) -> R:
        try:
            found: R = TypeAdapter(kind).validate_python(self._http.profile.received(json.loads(line)))
        except (ValidationError, ValueError, RecursionError):
            raise garbled(self._http.where, "a line that is no row of this export") from None
        return found

    def _file(self, path: str, sha256: str, *, tenants: Tenants = None, stamp: Stamp | None = None) -> Path | None:
        """A file of the remote by its digest, kept here; None if the remote does not have it."""
        return self._files.get(
            sha256, lambda: self._http.stream(path, tenants=tenants, stamp=stamp), where=self._http.where
        )


def at(pattern: str, **parts: object) -> str:
    """The address of a pattern of `Rest` with these parts."""
    return pattern.format(**{name: quote(str(value), safe="") for name, value in parts.items()})


def pairs_of(**values: Any) -> list[tuple[str, str]]:
    """Parameters of a query; what is None, False or empty is left out."""
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if one is True:
                found.append((name, "true"))
            elif isinstance(one, datetime):
                found.append((name, iso(one)))
            elif one is not None and one is not False and one != "":
                found.append((name, str(one)))
    return found


def _split(chunks: Iterator[bytes], most: int, where: str) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line)
        if len(rest) > most:
            raise too_large(where, most)
    if rest:
        raise garbled(where, "an export that was cut off in the middle of a line")
