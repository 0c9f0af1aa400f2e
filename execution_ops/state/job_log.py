"""The log of the job page: a window of lines, never the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.ids import check_id
from execution_ops.domain.jobs import LogLevel, LogSlice
from execution_ops.domain.text import encodable
from execution_ops.domain.times import iso
from execution_ops.domain.topics import job_topic
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.live import Ask, LivePage

WINDOW = 200
WINDOW_MAX = 400
_ANCHOR = re.compile(r"L(\d{1,9})")
_LEVELS = ((None, "All"), (LogLevel.WARNING, "Warning"), (LogLevel.ERROR, "Error"))


@dataclass(frozen=True)
class LogRow:
    """One line; `at` is ISO 8601."""

    seq: int
    at: str
    level: str
    text: str


@dataclass(frozen=True)
class LevelLink:
    """One choice of the level filter."""

    label: str
    href: str
    on: bool


@dataclass(frozen=True)
class LogQuery:
    """What the address says of the log."""

    job_id: str
    level: LogLevel | None
    text: str
    line: int

    @classmethod
    def read(cls, job_id: str, query: str, fragment: str) -> LogQuery:
        """From the parts of the address; InvalidInput for a level that there is not."""
        own = dict(parse_qsl(query))
        level = own.get("level", "")
        if level and level not in set(LogLevel):
            raise InvalidInput("A log has the levels debug, info, warning and error.")
        anchor = _ANCHOR.fullmatch(fragment)
        return cls(
            check_id(job_id), LogLevel(level) if level else None, own.get("q", ""), int(anchor[1]) if anchor else 0
        )

    def pairs(self, **changes: str) -> list[tuple[str, str]]:
        """The query of the same view with `level` or `q` changed."""
        own = {"level": self.level.value if self.level else "", "q": self.text} | changes
        return [(key, value) for key, value in own.items() if value]


class JobLog(LivePage, rx.State):
    """A window of the log; follows the end of a running job until the reader scrolls up."""

    lines: rx.Field[list[LogRow]] = rx.field(default_factory=list)
    start: int = 0
    total: int = 0
    anchor_index: int = -1
    follow: bool = False
    search: str = ""
    levels: rx.Field[list[LevelLink]] = rx.field(default_factory=list)
    download: str = ""

    _from: int = 0
    _count: int = WINDOW
    _anchored: str = ""

    # LivePage

    def _query(self) -> LogQuery:
        url = self.router.url
        return LogQuery.read(self.job_id, url.query, url.fragment)  # type: ignore[attr-defined]

    def _ask(self) -> Ask:
        query, actor = self._query(), actor_of(self)
        if query.line and self._anchored != f"{query.job_id}#{query.line}":
            place: tuple[int, int] | None = None
        else:
            place = (self._from, self._count)
        follow = self.follow
        key = ("log", query, place, follow, viewer_key(actor))
        return Ask(job_topic(query.job_id), key, lambda: read_log(actor, query, place, follow=follow))

    async def _show(self, answer: Any) -> None:
        query, part = self._query(), answer
        if query.line and self._anchored != f"{query.job_id}#{query.line}":
            self._anchored = f"{query.job_id}#{query.line}"
            self.follow = False
            seqs = [line.seq for line in part.lines]
            self.anchor_index = part.start + seqs.index(query.line) if query.line in seqs else -1
        self._from, self.start, self.total = part.start, part.start, part.total
        self.lines = [LogRow(line.seq, iso(line.at), line.level.value, line.text) for line in part.lines]
        self.search = query.text
        self.levels = level_links(query, part)
        self.download = routes.api_job(query.job_id, "logs", [("format", "text")])

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
        return rx.redirect(routes.job(query.job_id, query.pairs(q=encodable(str(text)[:200]))), replace=True)


def read_log(actor: Actor, query: LogQuery, place: tuple[int, int] | None, *, follow: bool) -> LogSlice:
    """The window at an index, around the line of the address, or at the end; blocking."""
    jobs = services().jobs
    ask = {"level": query.level, "text": query.text}
    if follow:
        return jobs.log(actor, query.job_id, limit=WINDOW, last=True, **ask)
    if place is None:
        around = jobs.log(actor, query.job_id, after=max(0, query.line - WINDOW // 2 - 1), limit=WINDOW, **ask)
        return around
    skip, count = place
    return jobs.log(actor, query.job_id, skip=skip, limit=count, **ask)


def level_links(query: LogQuery, part: LogSlice) -> list[LevelLink]:
    """All, warnings and errors, with how many lines each has."""
    order = list(LogLevel)
    links = []
    for level, label in _LEVELS:
        least = order.index(level) if level else 0
        count = sum(part.by_level.get(one, 0) for one in order[least:])
        href = routes.job(query.job_id, query.pairs(level=level.value if level else ""))
        links.append(LevelLink(f"{label} {count:,}", href, query.level is level))
    return links
