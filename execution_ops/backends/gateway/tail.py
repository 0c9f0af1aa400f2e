"""The change feed of a remote as server-sent events: held open, and taken up after the last number when it was cut."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Lock
from typing import NamedTuple

import httpx

from execution_ops.backends.gateway.failures import too_large, too_slow, unreachable
from execution_ops.backends.gateway.transport import EVENTS, Transport
from execution_ops.domain.errors import OpsError
from execution_ops.domain.jobs import Change
from execution_ops.routes import Rest


class Event(NamedTuple):
    """One event of a stream."""

    name: str
    data: str


class EventParser:
    """Reads events from the chunks of a stream, however they are cut (HTML, 9.2.6).

    An event has at most `most` bytes; ids are not kept, as our changes have their numbers in them.
    """

    def __init__(self, most: int, where: str) -> None:
        self._most, self._where = most, where
        self._rest = b""
        self._name, self._data = "", list[str]()

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that end in this chunk."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            yield from self._line(line.removesuffix(b"\r").decode(errors="replace"))
        if len(self._rest) + sum(map(len, self._data)) > self._most:
            raise too_large(self._where, self._most)

    def _line(self, line: str) -> Iterator[Event]:
        if not line:
            if self._data:
                yield Event(self._name or "message", "\n".join(self._data))
            self._name, self._data = "", []
            return
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value


class Tail:
    """What changes at a remote, as it comes. Blocking and thread-safe; OpsError, in words, when the stream is cut."""

    def __init__(self, http: Transport) -> None:
        self._http = http
        self._lock = Lock()
        self._opened = ExitStack()
        self._chunks: Iterator[bytes] | None = None
        self._told: deque[Event] = deque()
        self._seq = 0

    def after(self, seq: int, limit: int) -> tuple[list[Change], bool]:
        """What changed after that number, as soon as something has; nothing at each sign of life.

        The second value says that changes are missing, see `JobBackend.changes_after`.
        """
        with self._lock:
            # A stream may have been cut while nobody read it: that is no outage, if another one can be had.
            for held in (True, False) if self._chunks is not None and self._seq == seq else (False,):
                try:
                    if not held:
                        self._open(seq)
                    return self._next(limit)
                except OpsError:
                    self._drop()
                    if not held:
                        raise
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Let go of the stream, unless somebody reads it just now."""
        if self._lock.acquire(blocking=False):
            self._drop()
            self._lock.release()

    def _open(self, seq: int) -> None:
        self._drop()
        stream = self._http.stream(Rest.CHANGES_STREAM, [("after", str(seq))], accept=EVENTS)
        self._chunks = self._opened.enter_context(stream)
        self._parser = EventParser(self._http.limits.line, self._http.where)
        self._seq = seq

    def _drop(self) -> None:
        self._chunks = None
        self._told.clear()
        self._opened.close()

    def _next(self, limit: int) -> tuple[list[Change], bool]:
        deadline = time.monotonic() + self._http.limits.total
        while not self._told:
            self._told.extend(self._parser.feed(self._chunk()))
            if not self._told and time.monotonic() > deadline:
                raise too_slow(self._http.where, self._http.limits.total)
        changes: list[Change] = []
        while self._told and len(changes) < limit:
            event = self._told.popleft()
            if event.name == "trimmed":
                self._drop()
                return [], True
            if event.name == "change":
                changes.append(self._http.read(Change, event.data.encode()))
                self._seq = changes[-1].seq
        return changes, False

    def _chunk(self) -> bytes:
        assert self._chunks is not None
        try:
            chunk = next(self._chunks, None)
        except httpx.RequestError as error:
            raise unreachable(error, self._http.where) from error
        if chunk is None:
            raise unreachable(httpx.RemoteProtocolError("the stream ended"), self._http.where)
        return chunk
