"""A long line: a TCP proxy on the loopback with the delay and the rate of a network, for all that passes it.

Chromium's own emulation leaves websockets alone. Handshake and slow start cost round trips as they do with the TCP of
a server that sends ten segments first; loss and TLS are not there.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_CHUNK = 8192
_FIRST_WINDOW = 10 * 1460


@dataclass
class Line:
    """One line that several connections share. `rate` is in bytes a second each way, `round_trip` in seconds."""

    round_trip: float
    rate: float
    _free_at: dict[str, float] = field(default_factory=lambda: {"up": 0.0, "down": 0.0})

    def takes(self, way: str, size: int, not_before: float) -> float:
        """When so many bytes are at the other end, if they may set out at `not_before`."""
        self._free_at[way] = max(self._free_at[way], not_before) + size / self.rate
        return self._free_at[way] + self.round_trip / 2


class _Window:
    """What one connection may have on its way: it doubles with each round trip."""

    def __init__(self, line: Line, opened: float) -> None:
        self._round_trip = line.round_trip
        self._size = _FIRST_WINDOW
        self._used = 0
        self._since = opened

    def admits(self, size: int, now: float) -> float:
        """When the bytes may set out."""
        if now > self._since + self._round_trip:
            self._since, self._used = now, 0
        if self._used + size > self._size:
            self._size, self._used = 2 * self._size, 0
            self._since += self._round_trip
        self._used += size
        return max(now, self._since)


@contextmanager
def lengthened(line: Line, origin: str, port: int) -> Iterator[str]:
    """The server at `origin`, at the other end of the line; gives the origin to ask instead, on that port."""
    loop = asyncio.new_event_loop()
    started = threading.Event()
    at = urlsplit(origin)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened = loop.time() + line.round_trip
        far_reader, far_writer = await asyncio.open_connection(at.hostname, at.port)
        up = _pump(line, "up", reader, far_writer, opened)
        down = _pump(line, "down", far_reader, writer, opened)
        await asyncio.gather(up, down)

    async def serve() -> None:
        async with await asyncio.start_server(connected, "127.0.0.1", port) as server:
            started.set()
            await server.serve_forever()

    serving = loop.create_task(serve())

    def run() -> None:
        try:
            loop.run_until_complete(serving)
        except asyncio.CancelledError:
            loop.run_until_complete(_cancel_others())
        finally:
            loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join()


async def _cancel_others() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


async def _pump(
    line: Line, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, opened: float
) -> None:
    """Pass on what comes, each piece when it would have arrived."""
    loop = asyncio.get_running_loop()
    window = _Window(line, opened)
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        writer.close()

    delivering = loop.create_task(deliver())
    try:
        while piece := await reader.read(_CHUNK):
            now = max(loop.time(), opened)
            pieces.put_nowait((line.takes(way, len(piece), window.admits(len(piece), now)), piece))
        pieces.put_nowait((loop.time() + line.round_trip / 2, b""))
        await delivering
    except ConnectionError:
        # The browser has closed the tab.
        delivering.cancel()
        writer.close()
