"""Old addresses, and where they lead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from execution_ops.routes.table import DEAD_LETTER, OPERATIONS, OPS, SCANNER, home


class Tail(StrEnum):
    """What may follow the prefix of an alias."""

    NONE = "none"
    ONE = "one"
    ANY = "any"


@dataclass(frozen=True)
class Alias:
    """An address that leads to another one, with what follows it."""

    prefix: str
    target: str
    tail: Tail


def aliases() -> tuple[Alias, ...]:
    """All of them. No prefix covers another, so their order means nothing."""
    return (
        *(Alias(prefix, home(), Tail.NONE) for prefix in ("/", OPS, OPERATIONS)),
        *(
            Alias(f"{old}/{area}", f"{OPERATIONS}/{area}", Tail.ANY)
            for area in ("jobengine", "scheduler")
            for old in (OPS, "/platform-ops", "/platform/ops")
        ),
        Alias("/platform/ops/dead-letter", DEAD_LETTER, Tail.ANY),
        Alias(f"{OPS}/scanner", SCANNER, Tail.ONE),
        Alias("/platform-ops/scanner", SCANNER, Tail.ANY),
        Alias("/platform-ops/scanner-ops", SCANNER, Tail.ANY),
    )


_DOT_SEGMENT = re.compile(r"(\.|%2e){1,2}", re.IGNORECASE)
_SAFE = "%!$&'()*+,;=:@"


def resolve_alias(path: str, query: str = "", fragment: str = "") -> str | None:
    """Where an old address leads: path, query and fragment; None if it is no alias.

    `path` is as in the address bar (still percent-encoded), `query` and `fragment` come without
    `?` and `#` and are kept byte for byte. The answer is always a path below the target of the
    alias: empty segments (and so a trailing slash, and `//host`) fall away, what a browser would
    read as a separator is encoded, and dot segments make it no alias at all. The redirect in
    the browser (`assets/addresses.js`) does the same; one table of cases tests both.
    """
    if not path.startswith("/") or path.startswith("//"):
        return None
    segments = [segment for segment in path.split("/") if segment]
    if any(_DOT_SEGMENT.fullmatch(segment) for segment in segments):
        return None
    for alias in aliases():
        prefix = [segment for segment in alias.prefix.split("/") if segment]
        tail = segments[len(prefix) :]
        allowed = {Tail.NONE: 0, Tail.ONE: 1, Tail.ANY: len(tail)}[alias.tail]
        if segments[: len(prefix)] == prefix and len(tail) <= allowed:
            target = "/".join([alias.target, *(quote(segment, safe=_SAFE) for segment in tail)])
            return target + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return None
