"""The stream of a run over a real connection: late, live, resumed, cut, refused, and once the run has ended."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
import uvicorn

from execution_ops import routes
from execution_ops.api import run_stream as api
from execution_ops.api.app import create_api
from execution_ops.api.deps import actor_of
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.run_feed import append, say, tell_state
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.ids import new_id
from execution_ops.domain.states import RunState
from execution_ops.domain.times import now_ms
from execution_ops.services import run_stream as service
from execution_ops.services.container import Services, compose
from tests.execution import Bench
from tests.schedule_bench import await_end, run_now, schedule

SOON_S = 10
HOSTILE = "a\nb\r\ndata: forged\n\nevent: stateChanged\nid: 999\n\n\u2028\x00<script>"


@dataclass
class Event:
    """One event as an EventSource sees it."""

    event: str = "message"
    id: str = ""
    data: str = ""

    def __getitem__(self, name: str) -> object:
        return json.loads(self.data)[name]


@dataclass
class Reader:
    """What has come of a stream; numbered events apart from signs of life."""

    events: list[Event] = field(default_factory=list)
    signs: list[Event] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        return [int(event.id) for event in self.events]


@dataclass
class Live:
    """A server on loopback, its services, and the run that it tells of."""

    url: str
    services: Services
    bench: Bench
    app: object
    run_id: str = ""

    def address(self, **query: str) -> str:
        return f"{self.url}{routes.api_run(self.run_id, 'stream', list(query.items()))}"

    def tell(self, *words: str) -> None:
        """Add lines to the run."""
        with write(self.bench.backend.engine) as connection:
            append(connection, self.n, self.run_id, now_ms(), [say(text) for text in words])

    def end(self) -> None:
        """Tell the end of the run."""
        with write(self.bench.backend.engine) as connection:
            told = [say("the end"), tell_state(RunState.COMPLETED)]
            append(connection, self.n, self.run_id, now_ms(), told, close=True)

    @property
    def n(self) -> int:
        return int(self.bench.rows("SELECT n FROM run WHERE id = :id", id=self.run_id)[0]["n"])


@pytest.fixture
async def live(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Live]:
    """A server whose run goes on until the test ends it."""
    services = compose(bench.settings, bench.backend)
    app = create_api(lambda: services)
    # A request for a port of its own; the guard lets only known hosts in.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setattr("execution_ops.api.guard.host_names", lambda _: {f"127.0.0.1:{port}", "127.0.0.1"})
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        hub = asyncio.create_task(services.hub.run())
        made = Live(f"http://127.0.0.1:{port}", services, bench, app)
        made.run_id = run_now(bench, schedule(bench, name=new_id())).id
        yield made
        hub.cancel()
        server.should_exit = True
        await asyncio.gather(serving, hub, return_exceptions=True)


async def read(response: httpx.Response, into: Reader) -> None:
    """Take events until the stream ends."""
    one = Event()
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        if not line:
            if one.data:
                (into.events if one.id else into.signs).append(one)
            one = Event()
        elif name in ("event", "id"):
            setattr(one, name, value)
        elif name == "data":
            assert not one.data, "an event is one line of data"
            one.data = value


@asynccontextmanager
async def following(live: Live, after: int | None = None) -> AsyncIterator[Reader]:
    """Follow the run until the block is left."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    reader = Reader()
    async with (
        httpx.AsyncClient(timeout=SOON_S) as client,
        client.stream("GET", live.address(), headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        task = asyncio.create_task(read(answer, reader))
        yield reader
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: object, what: str) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(SOON_S):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.01)
    assert what


async def whole(live: Live, after: int | None = None) -> Reader:
    """A stream from a number to its end."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    reader = Reader()
    async with (
        httpx.AsyncClient(timeout=SOON_S) as client,
        client.stream("GET", live.address(), headers=headers) as answer,
    ):
        await read(answer, reader)
    return reader


async def test_opened_late_it_tells_everything_and_goes_on_live(live: Live) -> None:
    live.tell(*(f"line {i}" for i in range(1_500)))
    async with following(live) as reader:
        await until(lambda: len(reader.events) >= 1_502, "all that was told has come")
        assert reader.ids == list(range(1, len(reader.events) + 1))
        assert reader.events[0].event == "stateChanged"
        assert reader.events[0]["state"] == "planning"
        live.tell("and on")
        await until(lambda: reader.events[-1]["text"] == "and on", "what comes now has come")
        assert (reader.events[-1].event, reader.events[-1]["level"]) == ("log", "info")
        live.end()
        await until(lambda: reader.events[-1].event == "stateChanged", "the end has come")
    assert reader.signs[0].event == "queueLag"


async def test_a_connection_that_is_cut_goes_on_without_gap_or_repeat(live: Live) -> None:
    ids: list[int] = []
    told = 0
    for _ in range(6):
        async with following(live, ids[-1] if ids else None) as reader:
            for _ in range(3):
                told += 1
                live.tell(f"line {told}", f"again {told}")
                await asyncio.sleep(0)
            await until(lambda reader=reader: len(reader.events) >= 2, "something has come")
        ids += reader.ids
    live.end()
    ids += (await whole(live, ids[-1])).ids
    assert ids == list(range(1, len(ids) + 1))
    assert ids == (await whole(live)).ids


async def test_an_ended_run_is_told_again_as_it_was(live: Live) -> None:
    async with following(live) as reader:
        live.tell("one", "two")
        live.end()
        await until(
            lambda: reader.events and reader.events[-1].event == "stateChanged" and len(reader.events) > 3,
            "all has come",
        )
    again = await whole(live)
    assert again.events == reader.events
    assert (await whole(live)).events == again.events


async def test_who_has_all_of_an_ended_run_is_told_to_come_no_more(live: Live) -> None:
    live.end()
    last = (await whole(live)).ids[-1]
    async with httpx.AsyncClient() as client:
        answer = await client.get(live.address(), headers={"Last-Event-ID": str(last)})
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await client.get(live.address(after=str(last)))).status_code == 204


async def test_hostile_lines_break_no_frame(live: Live) -> None:
    live.tell(HOSTILE)
    live.end()
    reader = await whole(live)
    assert reader.ids == list(range(1, len(reader.events) + 1))
    assert "stateChanged" not in [event.event for event in reader.events[1:-1]]
    assert any("forged" in str(event["text"]) for event in reader.events[1:-1])


async def test_what_is_no_event_of_a_run_is_refused_before_the_stream_begins(live: Live) -> None:
    async with httpx.AsyncClient() as client:
        for headers, query, code in (
            ({"Last-Event-ID": "x"}, {}, "BAD_CURSOR"),
            ({"Last-Event-ID": "-1"}, {}, "BAD_CURSOR"),
            ({"Last-Event-ID": "9" * 16}, {}, "INVALID_INPUT"),
            ({"Last-Event-ID": "9" * 99}, {}, "INVALID_INPUT"),
            ({}, {"after": "\u0663"}, "BAD_CURSOR"),
            ({}, {"before": "3"}, "UNKNOWN_PARAMETER"),
        ):
            answer = await client.get(live.address(**query), headers=headers)
            assert (answer.status_code // 100, answer.json()["error"]["code"]) == (4, code), (headers, query)
        live.run_id = new_id()
        assert (await client.get(live.address())).status_code == 404


async def test_the_rule_of_the_rest_holds_for_the_stream(live: Live) -> None:
    stranger = Actor(name="eve", scopes=frozenset({Scope.READ}), tenants=frozenset({"other"}), source="")
    nobody = Actor(name="eve", scopes=frozenset(), tenants=None, source="")
    async with httpx.AsyncClient() as client:
        for actor, status in ((stranger, 404), (nobody, 403)):
            live.app.dependency_overrides[actor_of] = lambda actor=actor: actor  # type: ignore[attr-defined]
            for part in ("stream", "logs", "artifacts"):
                answer = await client.get(f"{live.url}{routes.api_run(live.run_id, part)}")
                assert answer.status_code == status, (actor, part)
        assert (await client.get(live.address(), headers={"X-Stella-Tenant": "other"})).status_code in (403, 404)


async def test_streams_are_bounded_and_counted_back_when_their_client_has_gone(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "STREAMS_MAX", 1)
    streams = live.app.state.streams  # type: ignore[attr-defined]
    async with following(live) as reader:
        await until(lambda: reader.events, "it tells")
        assert streams.open == 1
        async with httpx.AsyncClient() as client:
            answer = await client.get(live.address())
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "TOO_MANY_STREAMS")
    await until(lambda: streams.open == 0, "its place is free again")
    live.end()
    assert (await whole(live)).events
    assert streams.open == 0


async def test_a_database_that_goes_away_is_told_and_waited_for(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "RETRY_S", 0.05)
    feed = live.bench.backend.run_feed

    def away(_: str) -> None:
        raise Unavailable("The database does not answer.")

    async with following(live) as reader:
        await until(lambda: reader.events, "it tells")
        before = len(reader.events)
        monkeypatch.setattr(live.bench.backend, "run_feed", away)
        live.tell("meanwhile")
        await until(lambda: any(s.event == "heartbeat" and s["live"] is False for s in reader.signs), "it says so")
        assert len(reader.events) == before
        monkeypatch.setattr(live.bench.backend, "run_feed", feed)
        await until(lambda: len(reader.events) == before + 1, "it goes on")
    assert reader.ids == list(range(1, before + 2))


async def test_a_quiet_stream_shows_that_it_lives(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "HEARTBEAT_S", 0.2)
    monkeypatch.setattr(service, "LAG_S", 0.2)
    async with following(live) as reader:
        await until(lambda: len([s for s in reader.signs if s.event == "heartbeat"]) >= 2, "two beats")
        beat = next(sign for sign in reader.signs if sign.event == "heartbeat")
        assert (beat["last"], beat["live"]) == (reader.ids[-1], True)
        lag = next(sign for sign in reader.signs if sign.event == "queueLag")
        assert lag["queue"] == "test"


async def test_the_log_is_read_in_parts_and_downloaded_whole(live: Live) -> None:
    live.tell("one", "two", "three")
    log = f"{live.url}{routes.api_run(live.run_id, 'logs')}"
    async with httpx.AsyncClient() as client:
        first = (await client.get(log, params={"limit": 2})).json()
        assert [line["line"] for line in first["items"]] == [1, 2]
        rest = (await client.get(log, params={"limit": 9, "cursor": first["next_cursor"]})).json()
        assert [line["text"] for line in rest["items"]] == ["two", "three"]
        assert rest["next_cursor"] is None
        found = (await client.get(log, params={"text": "THREE", "level": "info"})).json()
        assert (found["total"], found["by_level"]["info"]) == (1, first["total"])
        whole_text = await client.get(log, params={"format": "text"})
        assert whole_text.text.splitlines()[-1].endswith("info    [run] three")
        assert "attachment" in whole_text.headers["content-disposition"]
        assert (await client.get(log, params={"cursor": "x"})).status_code == 400


async def test_evidence_is_listed_with_where_it_is(bench: Bench, live: Live) -> None:
    made = schedule(bench, name="files", job_type="test.files")
    bench.work()
    (ended,) = await asyncio.to_thread(await_end, bench, [run_now(bench, made).id])
    live.run_id = ended.id
    async with httpx.AsyncClient() as client:
        found = (await client.get(f"{live.url}{routes.api_run(ended.id, 'artifacts')}")).json()
        (one,) = found["items"]
        assert (one["no"], found["next_cursor"]) == (1, None)
        assert one["href"] == routes.api_artifact(one["job_id"], one["sha256"])
        assert (await client.get(live.url + one["href"])).status_code == 200
