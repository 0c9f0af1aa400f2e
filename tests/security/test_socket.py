"""The live socket against a client that no browser of ours is."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from reflex.state import State

from execution_ops import routes
from execution_ops.backends.embedded.engines import ledger_engine
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.frontend import ROOT
from execution_ops.settings import Settings
from execution_ops.state.job_log import JobLog
from execution_ops.state.jobs import JobsPage
from execution_ops.state.scan import ScanDialog
from tests.e2e.servers import WEB, Console, await_answer, new_console, running
from tests.factories import add_jobs, job_values
from tests.security.test_states import states

# What somebody else may have to wait for an answer while an attack goes on.
OTHERS_WAIT_S = 2
ANSWER_S = 60
HYDRATE = f"{State.get_full_name()}.hydrate"
DIALOG = ScanDialog.get_full_name()
NAMESPACE = "/_event"
DEEP: Any = None
for _ in range(500):
    DEEP = [DEEP]
HOSTILE: tuple[Any, ...] = (
    *(None, True, -1, 10**100, 1e308, float("inf"), float("nan")),
    *("", "x" * 100_000, "\ud800", "a\0b", "\x1b]0;x\x07", "../../etc/passwd", "__class__"),
    *([], [{}], DEEP, {}, {"__proto__": {"a": [None]}}, {"": None}),
)
TELLING = ("Something went wrong", "Traceback", 'File "', "site-packages", str(ROOT), "Error:", "sqlalchemy")


@dataclass(frozen=True)
class Target:
    """A console under attack, with one job in its ledger."""

    console: Console
    job_id: str
    log: Path

    def place(self) -> dict[str, Any]:
        """Where a tab says that it is: the page of the job."""
        path = routes.job(self.job_id)
        return {"pathname": path, "asPath": path, "query": {"job_id": self.job_id}}


@pytest.fixture(scope="module")
def target(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A web process, which every attack has to leave alive."""
    console = new_console(tmp_path_factory.mktemp("attacked"))
    engine = ledger_engine(Settings(data_dir=console.data_dir).url())
    upgrade(engine)
    (job,) = add_jobs(engine, [job_values(payload={"a": [1]})])
    engine.dispose()
    log = console.data_dir.parent / "web.log"
    with running(console, WEB, "web") as process:
        await_answer(process, f"{console.url}{routes.HEALTH}", log)
        yield Target(console, job["id"], log)
        assert process.poll() is None, log.read_text()


@dataclass
class Tab:
    """A socket that speaks as a page does, or otherwise; `heard` are the messages of the server."""

    wire: aiohttp.ClientWebSocketResponse
    target: Target
    heard: list[str] = field(default_factory=list)

    async def hear(self, part: str, within: float = ANSWER_S) -> str:
        """The next message with this text in it."""
        async with asyncio.timeout(within):
            while True:
                message = await self.wire.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise ConnectionError(f"The socket ended: {message.type.name} {message.data}")
                if message.data == "2":
                    # The server's heartbeat, which tells nothing.
                    await self.wire.send_str("3")
                    continue
                self.heard.append(message.data)
                if part in message.data:
                    return str(message.data)

    async def say(self, *words: Any) -> None:
        """Send a message of Socket.IO."""
        await self.wire.send_str(f"42{NAMESPACE},{json.dumps(words)}")

    async def event(self, name: str, payload: Any = None, **other: Any) -> None:
        """Send an event as a page does, on the page of the job."""
        await self.say("event", {"name": name, "payload": payload or {}, "router_data": self.target.place()} | other)

    async def answers(self, within: float = ANSWER_S) -> list[str]:
        """Have a proper event carried out; all that came until its answer."""
        start, mark = len(self.heard), f"mark-{uuid4()}"
        await self.event(f"{JobLog.get_full_name()}.find", {"text": mark})
        await self.hear(mark, within)
        return self.heard[start:]

    async def session(self) -> dict[str, str]:
        """What the server takes this tab for."""
        await self.event(HYDRATE)
        snapshot = json.loads((await self.hear("rx_router_session")).partition(",")[2])[1]["delta"]
        session: dict[str, str] = snapshot[State.get_full_name()]["rx_router_session_rx_state_"]
        return session


@asynccontextmanager
async def tab(target: Target, token: str = "", more: str = "", **headers: str) -> AsyncIterator[Tab]:
    """An open tab."""
    address = f"{target.console.url}{routes.SOCKET}/?EIO=4&transport=websocket&token={token or uuid4()}{more}"
    async with aiohttp.ClientSession() as session:
        async with asyncio.timeout(ANSWER_S):
            wire = await session.ws_connect(address, max_msg_size=0, headers=headers)
        opened = Tab(wire, target)
        await opened.hear("0{")
        await wire.send_str(f"40{NAMESPACE},")
        await opened.hear(f"40{NAMESPACE}")
        yield opened
        await wire.close()


def handlers() -> list[tuple[str, list[str]]]:
    """Every event that a client may name, with its parameters."""
    return [
        (f"{state.get_full_name()}.{name}", list(inspect.signature(handler.fn).parameters)[1:])
        for state in states()
        for name, handler in state.event_handlers.items()
    ]


async def test_no_argument_of_any_event_does_harm(target: Target) -> None:
    async with tab(target) as other:
        await other.answers()
        for name, parameters in handlers():
            payloads = [dict.fromkeys(parameters, value) for value in HOSTILE] if parameters else [{}]
            payloads += [{}, dict.fromkeys([*parameters, "self", "extra", "__class__"], "x")]
            async with tab(target) as attacker:
                for payload in payloads:
                    await attacker.event(name, payload)
                told = "".join(await attacker.answers())
            assert [word for word in TELLING if word in told] == [], name
            assert len(await other.answers(OTHERS_WAIT_S)) == 1, f"{name} told another tab something"


async def test_the_parts_of_an_event_may_be_anything(target: Target) -> None:
    name = f"{DIALOG}.ask"
    async with tab(target) as attacker:
        await attacker.answers()
        for value in HOSTILE:
            for part in ("name", "payload", "router_data"):
                await attacker.event(**{"name": name, "payload": {}} | {part: value})  # type: ignore[arg-type]
            for part in ("pathname", "asPath", "query", "headers", "token"):
                await attacker.event(name, router_data=target.place() | {part: value})
            await attacker.event(name, router_data=target.place() | {"query": {"job_id": value}})
            await attacker.say("event", value)
            await attacker.say("client_error", value)
            await attacker.say(value)
        told = "".join(await attacker.answers())
    assert [word for word in TELLING if word in told] == []


async def test_only_events_of_a_page_are_taken(target: Target) -> None:
    page = JobsPage.get_full_name()
    names = [f"{state.get_full_name()}.setvar" for state in states()]
    names += [
        f"{DIALOG}.{name}" for name in ("set_busy", "path", "_browse", "_typed", "__init__", "__class__", "get_state")
    ]
    names += [f"{page}._pick", f"{page}._act", f"{page}.picked", "_call_script", "_redirect", "os.system", "", "."]
    async with tab(target, token := str(uuid4()), Cookie="session=a-cookie") as attacker:
        await attacker.answers()
        for name in names:
            await attacker.event(name, {"var_name": "tenant", "value": "set", "path": "/"})
        assert len(await attacker.answers()) == 1
        log = target.log.read_text()
        assert token not in log
        assert "a-cookie" not in log


async def test_an_address_without_a_page_is_taken_as_well(target: Target) -> None:
    async with tab(target) as lost:
        place = {"pathname": "/no/page", "asPath": "/no/page", "query": {"splat": ["no", "page"]}}
        await lost.event(HYDRATE, router_data=place)
        await lost.hear("rx_router_session")
        await lost.event(HYDRATE, router_data=place | {"query": {"splat": [["no"]]}})
        await lost.event(HYDRATE, router_data=place | {"query": {"job_id": ["no"]}})
        assert "is_hydrated" not in "".join(await lost.answers())


async def test_nobody_can_say_who_they_are(target: Target) -> None:
    likeness = {"QUERY_STRING": f"token={uuid4()}", "asgi.scope": {"client": ["192.0.2.1", 1], "headers": []}}
    async with tab(target) as attacker:
        before = await attacker.session()
        for words in (["connect", likeness], ["connect"], ["disconnect"], ["disconnect", "x"], ["new_token", "x"]):
            await attacker.say(*words)
        await attacker.event(HYDRATE, router_data=target.place() | {"ip": "192.0.2.1"})
        assert await attacker.session() == before
        assert before["client_ip"] == "127.0.0.1"


async def test_a_token_in_use_opens_nothing(target: Target) -> None:
    token = str(uuid4())
    async with tab(target, token) as owner:
        await owner.event(f"{DIALOG}.choose", {"path": "the owner's"})
        await owner.hear("the owner's")
        async with tab(target, token) as thief:
            session = await thief.session()
            assert session["client_token"] != token
            await thief.event(f"{DIALOG}.choose", {"path": "the thief's"}, token=token)
            await thief.hear("the thief's")
            assert "the owner's" not in "".join(thief.heard)
        assert (await owner.session())["client_token"] == token
        assert "the owner's" in owner.heard[-1]
        assert "the thief's" not in "".join(owner.heard)


FRAMES: tuple[str | bytes, ...] = (
    *("", "x", "9", "1", "4", "4" + "[" * 100_000, b"\xff\xfe", b""),
    *("42[]", "42/_event,", "42/_event,[]", "42/_event,null", '42/_event,["event",' + "[" * 100_000),
    *('42/_event,["event",' + "9" * 5000 + "]", "42/_event," + "9" * 200 + "[]", '451-/_event,["event",{}]'),
    *('4599999999999-/_event,["event"]', "43/_event,1[]", '44/_event,"x"', "40/other,", "40/_event,", "41/_event,"),
)


async def test_an_odd_frame_ends_at_most_its_own_connection(target: Target) -> None:
    async with tab(target) as other:
        await other.answers()
        for frame in FRAMES:
            async with tab(target) as attacker:
                await (attacker.wire.send_bytes if isinstance(frame, bytes) else attacker.wire.send_str)(frame)
                assert len(await other.answers(OTHERS_WAIT_S)) == 1


async def flood(attacker: Tab) -> None:
    """Send more than a message may have, and wait for what comes of it."""
    # The server may cut the line while the rest is still being sent.
    await attacker.event(HYDRATE, {"x": "x" * (2 << 20)})
    await attacker.hear("delta")


async def test_too_much_is_refused_and_holds_nobody_up(target: Target) -> None:
    async with tab(target) as other:
        async with tab(target) as attacker:
            with pytest.raises(ConnectionError, match=r"1009|Connection lost"):
                await flood(attacker)
            await other.answers(OTHERS_WAIT_S)
        for size in (8_500, 60_000, 200_000):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with tab(target, more=f"&x={'x' * size}"):
                    pass
            assert refused.value.status == 414
            await other.answers(OTHERS_WAIT_S)


@pytest.mark.parametrize("token", ["&", "%00%FF%F0", "../../etc", "x" * 7000, "%F0%9F%92%A9", "a&token=b"])
async def test_an_absurd_token_is_nobody_elses(target: Target, token: str) -> None:
    async with tab(target) as other, tab(target, token) as attacker:
        await other.answers()
        await attacker.event(f"{DIALOG}.ask")
        assert len(await other.answers(OTHERS_WAIT_S)) == 1


async def test_a_foreign_page_gets_no_socket(target: Target) -> None:
    for origin in ("http://evil.example", "null", f"{target.console.url}.evil.example", "http://127.0.0.1:1"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with tab(target, Origin=origin):
                pass
        assert refused.value.status == 403
    async with tab(target, Origin=target.console.url) as own:
        await own.answers()
