"""The loop that keeps a page live: follows, holds, reports, and ends with the tab."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops.domain.errors import InvalidInput, Unavailable
from execution_ops.services.live import Hub
from execution_ops.state import live
from execution_ops.state.live import Ask, LivePage


class Feed:
    """A change feed under the test's control; the rest of the backend is not asked."""

    def __init__(self) -> None:
        self.seq = 0
        self.answer: Any = "first"
        self.reads = 0
        self.counts = 0
        self.kept = 0
        self.beside: list[int] = []
        self.uncountable = False
        self.shown: list[Any] = []
        self.gate = threading.Event()
        self.gate.set()

    def last_change(self) -> int:
        return self.seq

    def changes_after(self, seq: int, limit: int) -> tuple[list[Any], bool]:
        # A trimmed feed means that everything may have changed.
        found = ([], True) if self.seq > seq else ([], False)
        return found

    async def count(self) -> int:
        if self.uncountable:
            raise Unavailable("The database does not answer.")
        self.counts += 1
        return self.kept or self.counts

    def load(self) -> Any:
        self.reads += 1
        answer = self.answer
        self.gate.wait(2)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class FakeServices:
    hub: Hub


class PageUnderTest(LivePage, rx.State):
    """The smallest page there can be."""

    shown: str = ""
    address: str = "good"
    hold: bool = False
    counted: int = 0

    def _ask(self) -> Ask:
        if self.address == "bad":
            raise InvalidInput("This address names no page.")
        return Ask(topic="jobs", key=("test", self.address), loader=FEED.load, beside=FEED.count)

    async def _show(self, answer: Any) -> None:
        self.shown = answer
        FEED.shown.append(answer)

    async def _count_changes(self, answer: Any) -> int:
        return int(answer != self.shown)

    def _show_beside(self, beside: Any) -> None:
        self.counted = beside
        FEED.beside.append(beside)

    def _holds(self) -> bool:
        return self.hold


FEED = Feed()
ONLINE: dict[str, bool] = {}


@pytest.fixture(autouse=True)
def console(monkeypatch: pytest.MonkeyPatch) -> None:
    FEED.__init__()  # type: ignore[misc]
    ONLINE["tab"] = True
    hub = Hub(FEED, poll_s=0.005)  # type: ignore[arg-type]
    monkeypatch.setattr(live, "services", lambda: FakeServices(hub))
    monkeypatch.setattr(live, "connected", lambda token, session: ONLINE["tab"])
    monkeypatch.setattr(live, "REFRESH_S", 0.005)
    monkeypatch.setattr(live, "CONFIRM_S", 0.05)


class Tab:
    """A page's state, its loop and the hub's, as the framework would run them."""

    def __init__(self) -> None:
        self.page = PageUnderTest(_reflex_internal_init=True)  # type: ignore[call-arg]
        self.page.router = RouterData.from_router_data(
            {"pathname": "/", "asPath": "/", "headers": {"origin": "http://x"}}
        )

    async def __aenter__(self) -> Tab:
        self._hub = asyncio.create_task(live.services().hub.run())
        await self.page.open()
        self.loop = asyncio.create_task(PageUnderTest.live.fn(_Unlocked(self.page)))
        return self

    async def __aexit__(self, *exc: object) -> None:
        ONLINE["tab"] = False
        await asyncio.wait_for(self.loop, 2)
        self._hub.cancel()
        await asyncio.gather(self._hub, return_exceptions=True)

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(2):
            while not condition():
                await asyncio.sleep(0.002)


class _Unlocked:
    """A state with the lock that background handlers take; alone in a test, it is always free."""

    def __init__(self, state: Any) -> None:
        object.__setattr__(self, "_state", state)

    async def __aenter__(self) -> Any:
        return self._state

    async def __aexit__(self, *exc: object) -> None: ...

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._state, name)
        return value.__func__.__get__(self) if name in ("_look", "_sample") else value

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._state, name, value)


async def test_a_change_is_shown_without_a_refresh() -> None:
    async with Tab() as tab:
        assert (tab.page.shown, tab.page.loaded) == ("first", True)
        FEED.answer, FEED.seq = "second", 1
        await tab.until(lambda: tab.page.shown == "second")


async def test_rows_under_a_selection_stay_and_the_changes_are_counted() -> None:
    async with Tab() as tab:
        tab.page.hold = True
        FEED.answer, FEED.seq = "second", 1
        await tab.until(lambda: tab.page.held > 0)
        assert tab.page.shown == "first"
        tab.page.hold = False
        await tab.page.refresh()
        assert (tab.page.shown, tab.page.held) == ("second", 0)


async def test_a_page_that_could_not_be_read_tries_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SETTLE_S", 0.02)
    FEED.answer = Unavailable("The database does not answer.")
    async with Tab() as tab:
        assert tab.page.problem_code == "UNAVAILABLE"
        FEED.answer = "second"
        await tab.until(lambda: tab.page.shown == "second")
        assert tab.page.problem_code == ""


async def test_what_was_read_for_another_address_is_not_shown() -> None:
    async with Tab() as tab:
        FEED.gate.clear()
        FEED.answer, FEED.seq, reads = "of the old address", 1, FEED.reads
        await tab.until(lambda: FEED.reads > reads)
        tab.page.address, FEED.answer = "another", "of the new address"
        FEED.gate.set()
        await tab.until(lambda: tab.page.shown == "of the new address")
        assert FEED.shown == ["first", "of the new address"]


async def test_a_hidden_tab_asks_for_nothing_and_catches_up() -> None:
    async with Tab() as tab:
        tab.page.hide()
        await asyncio.wait_for(tab.loop, 2)
        hub, seen = live.services().hub, tab.page._seen
        FEED.answer, FEED.seq, reads = "second", 1, FEED.reads
        await tab.until(lambda: hub.version("jobs") > seen)
        assert FEED.reads == reads
        assert await tab.page.show() is not None
        assert tab.page.shown == "second"


async def test_the_loop_ends_with_the_tab() -> None:
    async with Tab() as tab:
        ONLINE["tab"] = False
        await asyncio.wait_for(tab.loop, 2)


@pytest.mark.parametrize(
    ("failure", "code"),
    [(Unavailable("The database does not answer."), "UNAVAILABLE"), (RuntimeError("secret"), "INTERNAL")],
)
async def test_a_failing_read_is_said_and_mends_itself(failure: Exception, code: str) -> None:
    FEED.answer = failure
    async with Tab() as tab:
        assert tab.page.problem_code == code
        assert "secret" not in tab.page.problem
        assert bool(tab.page.problem_trace) == (code == "INTERNAL")
        FEED.answer, FEED.seq = "back", 1
        await tab.until(lambda: tab.page.shown == "back")
        assert tab.page.problem == ""


async def test_a_bad_address_is_said_and_not_followed() -> None:
    async with Tab() as tab:
        tab.page.address = "bad"
        await tab.page.refresh()
        assert tab.page.problem == "This address names no page."
        await asyncio.wait_for(tab.loop, 2)


async def test_the_page_keeps_saying_that_it_is_current() -> None:
    async with Tab() as tab:
        first = tab.page.stamp
        await tab.until(lambda: tab.page.stamp > first)
        second, reads = tab.page.stamp, FEED.reads
        await tab.until(lambda: tab.page.stamp > second)
        assert FEED.reads == reads


async def test_what_stands_beside_the_rows_follows_them_and_fails_alone() -> None:
    async with Tab() as tab:
        await tab.until(lambda: tab.page.counted > 0)
        FEED.uncountable = True
        FEED.answer, FEED.seq = "second", 1
        await tab.until(lambda: tab.page.shown == "second")
        FEED.uncountable, counted = False, tab.page.counted
        await tab.until(lambda: tab.page.counted > counted)


async def test_a_sample_is_shown_once_however_often_it_is_given() -> None:
    FEED.kept = 7
    async with Tab() as tab:
        await tab.until(lambda: FEED.counts > 3)
        assert FEED.beside == [7]
        FEED.kept = 8
        await tab.until(lambda: tab.page.counted == 8)
        assert FEED.beside == [7, 8]
