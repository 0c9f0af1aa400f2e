"""A log on a page: a window of lines, never the whole; it follows the end until the reader scrolls up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl

import reflex as rx

from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.ids import check_id
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.text import encodable
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.live import Ask, LivePage
from execution_ops.texts import common
from execution_ops.texts import logs as words

WINDOW = 200
# Who follows sees the end, which is sent again with each refresh.
FOLLOWED = 100
WINDOW_MAX = 400
_ANCHOR = re.compile(r"L(\d{1,9})")
_LEVELS = ((None, common.ALL), (LogLevel.WARNING, words.WARNING), (LogLevel.ERROR, common.ERROR))


@dataclass(frozen=True)
class LogRow:
    """One line; `seq` is its number and anchor, `at` ISO 8601, `where` what of the whole it belongs to, if there
    are several, and `source` who of that wrote it."""

    seq: int
    at: str
    level: str
    text: str
    where: str = ""
    source: str = ""


@dataclass(frozen=True)
class LevelLink:
    """One choice of the level filter."""

    label: str
    href: str
    on: bool


@dataclass(frozen=True)
class LogQuery:
    """What the address says of the log of `subject`, a job or a run; `keep` are the page's other pairs."""

    subject: str
    level: LogLevel | None
    text: str
    line: int
    keep: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, subject: str, query: str, fragment: str) -> LogQuery:
        """From the parts of the address; InvalidInput for a level that there is not."""
        pairs = parse_qsl(query)
        own = dict(pairs)
        level = own.get("level", "")
        if level and level not in set(LogLevel):
            raise InvalidInput("A log has the levels debug, info, warning and error.")
        anchor = _ANCHOR.fullmatch(fragment)
        return cls(
            check_id(subject),
            LogLevel(level) if level else None,
            own.get("q", ""),
            int(anchor[1]) if anchor else 0,
            tuple(pair for pair in pairs if pair[0] not in ("level", "q")),
        )

    def pairs(self, **changes: str) -> list[tuple[str, str]]:
        """The query of the same view with `level` or `q` changed."""
        own = {"level": self.level.value if self.level else "", "q": self.text} | changes
        return [*self.keep, *((key, value) for key, value in own.items() if value)]


class Slice(Protocol):
    """A window of a log as its service gives it."""

    @property
    def lines(self) -> Sequence[Any]:
        """The lines of the window."""

    @property
    def start(self) -> int:
        """The index of the first of them among those that match."""

    @property
    def total(self) -> int:
        """How many match."""

    @property
    def by_level(self) -> Mapping[LogLevel, int]:
        """All lines by level."""


@dataclass(frozen=True)
class Look:
    """Which window of a log is read: `skip` lines of those that match are left out, `count` are read; the end of
    the log if `follow`, else what is around the line of the address unless `placed`."""

    query: LogQuery
    skip: int
    count: int
    follow: bool
    placed: bool

    def wanted(self) -> dict[str, Any]:
        """As the arguments of a service."""
        ask: dict[str, Any] = {"level": self.query.level, "text": self.query.text}
        if self.follow:
            return {"limit": FOLLOWED, "last": True, **ask}
        if not self.placed:
            return {"after": max(0, self.query.line - WINDOW // 2 - 1), "limit": WINDOW, **ask}
        return {"skip": self.skip, "limit": self.count, **ask}


@dataclass(frozen=True)
class Window:
    """A window of a log as every tab that looks at it is sent it: its lines are packed once for all of them.

    `anchor` is the index of the line of the address among those that match, -1 if it is not in the window.
    """

    packed: str
    part: Slice
    anchor: int


@dataclass(frozen=True)
class LogOf:
    """Whose log it is: what changes when lines come, how they are read (blocking, in a thread) and shown, the
    address of the page with other pairs, and where the whole log is."""

    topic: Callable[[str], str]
    read: Callable[[Actor, Look], Slice]
    row: Callable[[Any], LogRow]
    href: Callable[[str, list[tuple[str, str]]], str]
    download: Callable[[str], str]

    def window(self, actor: Actor, look: Look) -> Window:
        """The window that is looked at; blocking."""
        part = self.read(actor, look)
        rows = [self.row(line) for line in part.lines]
        numbers = [row.seq for row in rows]
        line = look.query.line
        anchor = part.start + numbers.index(line) if line in numbers else -1
        return Window(pack(rows), part, anchor)


def pack(rows: Sequence[LogRow]) -> str:
    """The rows as `log_view` takes them. As objects of a State they would be turned into JSON for each tab anew."""
    return json.dumps([vars(row) for row in rows], ensure_ascii=False, separators=(",", ":"))


class LogWindow(LivePage, rx.State, mixin=True):
    """The lines on view and where they stand."""

    lines: str = "[]"
    start: int = 0
    total: int = 0
    anchor_index: int = -1
    follow: bool = False
    search: str = ""
    nothing: str = ""
    levels: rx.Field[list[LevelLink]] = rx.field(default_factory=list)
    download: str = ""

    _from: int = 0
    _count: int = WINDOW
    _anchored: str = ""

    # what a page says of itself

    def _log(self) -> LogOf:
        """Whose log it is."""
        raise NotImplementedError

    def _query(self) -> LogQuery:
        """What the address says of the log."""
        raise NotImplementedError

    # LivePage

    def _ask(self) -> Ask:
        log, query, actor = self._log(), self._query(), actor_of(self)
        # Once its line was found, a reader scrolls where they like.
        placed = not query.line or self._anchored == f"{query.subject}#{query.line}"
        look = Look(query, self._from, self._count, self.follow and placed, placed)
        return Ask(log.topic(query.subject), ("log", look, viewer_key(actor)), lambda: log.window(actor, look))

    async def _show(self, answer: Any) -> None:
        log, query, window = self._log(), self._query(), answer
        if query.line and self._anchored != f"{query.subject}#{query.line}":
            self._anchored = f"{query.subject}#{query.line}"
            self.follow = False
            self.anchor_index = window.anchor
        part = window.part
        self._from, self.start, self.total = part.start, part.start, part.total
        self.lines = window.packed
        self.search = query.text
        self.nothing = "" if part.total else say_nothing(query, part)
        self.levels = level_links(log, query, part)
        self.download = log.download(query.subject)

    # events

    @rx.event
    async def window(self, start: int, count: int) -> None:
        """The reader scrolled: show other lines."""
        if not isinstance(start, int) or not isinstance(count, int):
            return
        self._from, self._count = max(0, start), min(max(1, count), WINDOW_MAX)
        await self._refresh()

    @rx.event
    async def set_follow(self, flag: bool) -> None:
        """Keep to the end of the log, or stay."""
        self.follow = flag is True
        await self._refresh()

    @rx.event
    def find(self, text: str) -> Any:
        """Search: a part of the address."""
        try:
            query = self._query()
        except OpsError:
            return None
        self._from = 0
        return rx.redirect(self._log().href(query.subject, query.pairs(q=encodable(str(text)[:200]))), replace=True)


def level_links(log: LogOf, query: LogQuery, part: Slice) -> list[LevelLink]:
    """All, warnings and errors, with how many lines each has."""
    order = list(LogLevel)
    links = []
    for level, label in _LEVELS:
        least = order.index(level) if level else 0
        count = sum(part.by_level.get(one, 0) for one in order[least:])
        href = log.href(query.subject, query.pairs(level=level.value if level else ""))
        links.append(LevelLink(f"{label} {count:,}", href, query.level is level))
    return links


def say_nothing(query: LogQuery, part: Slice) -> str:
    """Why a log shows no line."""
    logged = sum(part.by_level.values())
    if not logged:
        return words.NOTHING_IS_LOGGED_YET
    if query.level is None:
        return words.NO_LINE_HAS_THESE_WORDS
    level = query.level.value
    return words.none_at_level(level) if query.text else words.all_below_level(logged, level)
