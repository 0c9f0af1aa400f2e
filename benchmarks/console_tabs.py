"""Many tabs without a browser: sockets that say to the server what a real tab said.

As a program it opens so many sockets as it is told on standard input, one number a line, and
answers each line when all of them show rows. It ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import aiohttp

ROWS = "rows_rx_state_"
START_S = 60
# Engine.IO: open, ping, pong.
_OPEN, _PING, _PONG = "0", "2", "3"
# Opened a few at a time, as people do, not all in one moment.
AT_A_TIME = 10


@dataclass(frozen=True)
class Script:
    """The address of a tab's socket and what the tab sent on it, with its token; `mark` is in what it waits for."""

    url: str
    token: str
    sent: list[str]
    mark: str = ROWS


class Tab:
    """One socket; `refreshes` counts the lists that arrived."""

    def __init__(self, script: Script) -> None:
        self._token = str(uuid.uuid4())
        self._script = script
        self.refreshes = 0
        self.shows_rows = asyncio.Event()

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Be open until canceled."""
        address = self._script.url.replace(self._script.token, self._token)
        async with session.ws_connect(address, max_msg_size=0) as socket:
            async for message in socket:
                text: str = message.data
                if text.startswith(_OPEN):
                    for sent in self._script.sent:
                        await socket.send_str(sent.replace(self._script.token, self._token))
                elif text == _PING:
                    await socket.send_str(_PONG)
                elif self._script.mark in text:
                    self.refreshes += 1
                    self.shows_rows.set()
        raise ConnectionError("The server closed the socket of a tab.")


class Crowd:
    """The open tabs."""

    def __init__(self, script: Script, session: aiohttp.ClientSession) -> None:
        self._script = script
        self._session = session
        self._tabs: dict[Tab, asyncio.Task[None]] = {}

    async def become(self, size: int) -> int:
        """Open or close tabs until there are `size`; the number of lists that have arrived so far."""
        while len(self._tabs) > size:
            _, task = self._tabs.popitem()
            task.cancel()
            await asyncio.wait([task])
        while len(self._tabs) < size:
            new = [Tab(self._script) for _ in range(min(AT_A_TIME, size - len(self._tabs)))]
            self._tabs |= {tab: asyncio.create_task(tab.run(self._session)) for tab in new}
            async with asyncio.timeout(START_S):
                await asyncio.gather(*(tab.shows_rows.wait() for tab in new))
        for task in self._tabs.values():
            if task.done():
                task.result()
        return sum(tab.refreshes for tab in self._tabs)


async def _follow(script: Script) -> None:
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        crowd = Crowd(script, session)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            print(await crowd.become(int(line)), flush=True)
        await crowd.become(0)


class Others:
    """The program as its parent sees it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def become(self, size: int) -> int:
        """Have `size` tabs open, all of them showing rows; how many lists they were sent so far."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{size}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("The process that plays the other tabs has ended; see above.")
        return int(answer)


@contextmanager
def others(script: Script) -> Iterator[Others]:
    """A process of its own, so that the tabs take no time from the one that measures."""
    command = [sys.executable, "-m", "benchmarks.console_tabs", json.dumps(asdict(script))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Others(process)
    finally:
        assert process.stdin
        process.stdin.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    asyncio.run(_follow(Script(**json.loads(sys.argv[1]))))
