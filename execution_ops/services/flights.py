"""A cache in which any number of askers share one load."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
# What gives a value: at once, in a thread, or by awaiting what else is shared.
Loader = Callable[[], T | Awaitable[T]]

ENTRIES_MAX = 512


class _Entry:
    __slots__ = ("flight", "stamp", "used_at", "value")

    def __init__(self) -> None:
        self.stamp = -1
        self.value: Any = None
        self.flight: asyncio.Task[None] | None = None
        self.used_at = 0.0


class Flights:
    """Values by (topic, key), each with the stamp (a version or a moment) that was read before its load.

    Lives on one event loop; loaders run in threads, and what they give to be awaited on the loop. The least
    recently used entry goes first when there are too many.
    """

    def __init__(self, entries_max: int = ENTRIES_MAX) -> None:
        self._entries: dict[tuple[str, Hashable], _Entry] = {}
        self._entries_max = entries_max
        self.loads = 0

    def __len__(self) -> int:
        return len(self._entries)

    def topics(self) -> set[str]:
        """The topics of what is held."""
        return {topic for topic, _ in self._entries}

    async def get(
        self, key: tuple[str, Hashable], loader: Loader[T], *, stamp: Callable[[], int], oldest: int
    ) -> tuple[int, T]:
        """The stamp and value of `key`, loaded anew if its stamp is below `oldest`.

        An error of the loader reaches everyone who waits for that load, and is not kept.
        """
        entry = self._take(key)
        while entry.stamp < oldest:
            if entry.flight is None:
                entry.flight = asyncio.create_task(self._load(entry, loader, stamp))
                entry.flight.add_done_callback(_retrieve)
            # An asker that leaves must not take the load away from the others.
            await asyncio.shield(entry.flight)
        return entry.stamp, entry.value

    def forget(self, key: tuple[str, Hashable]) -> None:
        """Load `key` anew when it is asked for next, also if a load of it is under way."""
        self._entries.pop(key, None)

    def drop_unused(self, since: float) -> None:
        """Forget what nobody asked for after the moment `since` of the loop's clock."""
        self._entries = {key: entry for key, entry in self._entries.items() if entry.used_at >= since}

    def clear(self) -> None:
        """Forget everything; loads under way still reach those who wait for them."""
        self._entries.clear()

    def _take(self, key: tuple[str, Hashable]) -> _Entry:
        entry = self._entries.pop(key, None) or _Entry()
        entry.used_at = asyncio.get_running_loop().time()
        self._entries[key] = entry
        if len(self._entries) > self._entries_max:
            del self._entries[next(iter(self._entries))]
        return entry

    async def _load(self, entry: _Entry, loader: Loader[Any], stamp: Callable[[], int]) -> None:
        try:
            at = stamp()
            self.loads += 1
            value = await asyncio.to_thread(loader)
            entry.value, entry.stamp = await value if inspect.isawaitable(value) else value, at
        finally:
            entry.flight = None


def _retrieve(flight: asyncio.Task[None]) -> None:
    """Look at the outcome, so that a load whose askers all left does not warn."""
    if not flight.cancelled():
        flight.exception()
