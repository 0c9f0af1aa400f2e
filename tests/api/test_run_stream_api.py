"""What a run tells, over HTTP: a server on a socket of its own, so that connections are real and can be cut."""

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from execution_ops import routes, server
from execution_ops.api import run_stream as stream_api
from execution_ops.api.app import create_api
from execution_ops.backends.embedded.run_feed import Entry, say, tell_state
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.run_events import RunEventKind
from execution_ops.domain.states import RunState
from execution_ops.services import run_stream
from execution_ops.services.container import compose
from tests.api.conftest import client_of
from tests.api.stream_client import SOON_S, Live, Told, first, numbers, take, whole
from tests.execution import Bench
from tests.schedule_bench import await_end, run_now, schedule, tell

HOSTILE = (
    "a\nid: 999\n\nevent: stateChanged",
    "a\r\rdata: x\r\n\r\n",
    "data: {}",
    ": comment",
    "\u2028 \ufeff ä",
    "</x>",
)


@pytest.fixture
def bench(tmp_path: Path, sqlite_template: Path) -> Iterator[Bench]:
    """A ledger of the test's own."""
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    made = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    yield made
    made.close()


@pytest.fixture
async def live(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Live]:
    services = compose(bench.settings, bench.backend)
    monkeypatch.setattr(server, "services", lambda: services)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        app = create_api(lambda: services, origins=lambda: [url])
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=60)
        web = server.ConsoleServer(config)
        hub = asyncio.create_task(services.hub.run())
        task = asyncio.create_task(web.serve(sockets=[bound]))
        async with httpx.AsyncClient(base_url=url, timeout=SOON_S) as client:
            made = Live(url, app, services, web, task, client)
            await made.until(lambda: web.started)
            yield made
            web.should_exit = True
            await task
        hub.cancel()
        await asyncio.wait([hub])


@pytest.fixture
def run_id(bench: Bench) -> str:
    """A run that is being planned, by nobody: it tells what a test lets it tell."""
    return run_now(bench, schedule(bench)).id


def words(*numbers: int) -> list[Entry]:
    return [say(f"line {number}") for number in numbers]


async def test_opened_late_it_shows_everything_and_goes_on_live(bench: Bench, live: Live, run_id: str) -> None:
    tell(bench, run_id, *words(*range(2_500)))
    async with live.stream(run_id) as events:
        before = await take(events, 2_502)
        assert (before[0].event, before[0].data["state"], before[-1].data["text"]) == (
            "stateChanged",
            "planning",
            "line 2499",
        )
        tell(bench, run_id, *words(2_500))
        (after,) = await take(events, 1)
        assert (after.event, after.data["text"], after.data["line"]) == ("log", "line 2500", 2_502)
        tell(bench, run_id, tell_state(RunState.COMPLETED), close=True)
        rest = [event async for event in events]
    every = [*before, after, *rest]
    assert numbers(every) == list(range(1, 2_505))
    assert all(event.data["seq"] == int(event.id) and event.data["at"].endswith("Z") for event in every if event.id)
    assert rest[-1].data["state"] == "completed"


async def test_cut_again_and_again_it_goes_on_without_gap_or_repeat(bench: Bench, live: Live, run_id: str) -> None:
    chance, seen = random.Random(7), list[Told]()
    for round_ in range(12):
        tell(bench, run_id, *words(*range(chance.randrange(1, 400))), close=round_ == 11)
        async with live.stream(run_id, numbers(seen)[-1] if seen else None) as events:
            # Sometimes in the middle of what is there, sometimes after more has come.
            seen += await take(events, chance.randrange(1, 3))
            tell(bench, run_id, *words(round_))
    async with live.stream(run_id, numbers(seen)[-1]) as events:
        seen += [event async for event in events]
    assert seen == await whole(live, run_id)
    assert numbers(seen) == list(range(1, len(seen) + 1))


async def test_a_run_that_has_ended_replays_as_it_was(bench: Bench, live: Live, run_id: str) -> None:
    tell(bench, run_id, *words(*range(1_500)), tell_state(RunState.COMPLETED), close=True)
    address = routes.api_run(run_id, "stream")
    first, again = [await live.client.get(address) for _ in range(2)]
    assert first.content == again.content
    assert first.content.startswith(b"retry: ")
    assert first.headers["content-type"].startswith("text/event-stream")
    assert (first.headers["cache-control"], first.headers["x-accel-buffering"]) == ("no-store", "no")
    assert numbers(await whole(live, run_id)) == list(range(1, 1_504))
    for headers, params in (({"Last-Event-ID": "1503"}, {}), ({}, {"after": "1503"}), ({"Last-Event-ID": "9999"}, {})):
        answer = await live.client.get(address, headers=headers, params=params)
        assert (answer.status_code, answer.content) == (204, b"")
    header_wins = await live.client.get(address, headers={"Last-Event-ID": "1502"}, params={"after": "1503"})
    assert (header_wins.status_code, header_wins.content.count(b"\nid: ")) == (200, 1)


async def test_no_text_breaks_out_of_its_event(bench: Bench, live: Live, run_id: str) -> None:
    raw = [Entry(RunEventKind.LOG, text, logging.INFO, source=text, job_id=text) for text in HOSTILE]
    tell(bench, run_id, *raw, tell_state(RunState.ERROR, "ERR_RUN", "\n\nevent: log\ndata: {}"), close=True)
    told = await whole(live, run_id)
    assert numbers(told) == list(range(1, len(told) + 1))
    assert [event.data["text"] for event in told[2:-1]] == list(HOSTILE)
    assert [event.data["source"] for event in told[2:-1]] == list(HOSTILE)
    assert told[-1].data["error"] == "\n\nevent: log\ndata: {}"


async def test_secrets_are_hidden(bench: Bench, live: Live, run_id: str) -> None:
    secret = "password=hunter2hunter2"
    entry = Entry(RunEventKind.LOG, secret, logging.INFO, source=secret)
    tell(bench, run_id, entry, tell_state(RunState.ERROR, "ERR_RUN", secret), close=True)
    stream = await live.client.get(routes.api_run(run_id, "stream"))
    log = await live.client.get(routes.api_run(run_id, "logs"))
    text = await live.client.get(routes.api_run(run_id, "logs"), params={"format": "text"})
    for answer in (stream, log, text):
        assert answer.status_code == 200
        assert "password" in answer.text
        assert "hunter2" not in answer.text


async def test_while_the_database_is_away_it_says_so_and_goes_on_afterwards(
    bench: Bench, live: Live, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_stream, "RETRY_S", 0.05)
    async with live.stream(run_id) as events:
        assert len(await take(events, 2)) == 2
        with monkeypatch.context() as away:

            def gone(*_: object) -> None:
                raise Unavailable("The database does not answer.")

            away.setattr(bench.backend, "run_feed", gone)
            tell(bench, run_id, *words(1))
            async with asyncio.timeout(SOON_S):
                beats = [event async for event in first(events, 3, "heartbeat")]
            assert [(beat.id, beat.data["live"], beat.data["last"]) for beat in beats] == [("", False, 2)] * 3
        (back,) = await take(events, 1)
        assert (back.id, back.data["text"]) == ("3", "line 1")


async def test_signs_of_life_and_the_lag_of_the_queue_come_without_a_number(
    live: Live, run_id: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.one("test.echo")
    monkeypatch.setattr(run_stream, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(run_stream, "LAG_S", 0.1)
    async with live.stream(run_id) as events, asyncio.timeout(SOON_S):
        lags = [event async for event in first(events, 2, "queueLag")]
        (beat,) = [event async for event in first(events, 1, "heartbeat")]
    assert [(lag.id, lag.data["queue"], lag.data["waiting"], lag.data["workers"]) for lag in lags] == [
        ("", "test", 1, 0)
    ] * 2
    assert (beat.id, beat.data["live"], beat.data["last"]) == ("", True, 2)


async def test_there_are_only_so_many_streams_and_each_end_makes_room(
    live: Live, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_api, "STREAMS_MAX", 2)
    address = routes.api_run(run_id, "stream")
    async with live.stream(run_id) as one, live.stream(run_id) as other:
        await asyncio.gather(anext(one), anext(other))
        full = await live.client.get(address)
        assert (full.status_code, full.json()["error"]["code"]) == (503, "TOO_MANY_STREAMS")
        assert full.json()["error"]["trace_id"] == full.headers["x-stella-trace-id"]
        assert int(full.headers["retry-after"]) > 0
    # Both clients have gone without a word: nothing of their streams is left.
    await live.until(lambda: live.app.state.streams.open == 0)
    await live.until(lambda: live.services.hub.gauges().viewers == 0)
    async with live.stream(run_id) as events:
        assert (await anext(events)).id == "1"


async def test_a_stream_that_fails_makes_room(
    bench: Bench, live: Live, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with live.stream(run_id) as events:
        await take(events, 2)
        assert live.app.state.streams.open == 1

        def broken(*_: object) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr(bench.backend, "run_feed", broken)
        tell(bench, run_id, *words(1))
        with pytest.raises(httpx.RemoteProtocolError):
            await take(events, 1)
    await live.until(lambda: live.app.state.streams.open == 0)


async def test_a_server_that_stops_ends_its_streams(live: Live, run_id: str) -> None:
    async with live.stream(run_id) as events:
        await take(events, 2)
        live.server.should_exit = True
        async with asyncio.timeout(SOON_S):
            # Ended in order, and not cut off: that would be an error here.
            assert [event async for event in events if event.id] == []
            await live.task


@pytest.mark.parametrize("seen", ["x", "-1", "1.5", "٣", "9" * 16, "3"])
async def test_a_place_that_cannot_be_is_refused(live: Live, run_id: str, seen: str) -> None:
    address = routes.api_run(run_id, "stream")
    by_header = await live.client.get(address, headers={"Last-Event-ID": seen.encode()})
    by_query = await live.client.get(address, params={"after": seen})
    for answer in (by_header, by_query):
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_INPUT"), answer.text


@pytest.mark.parametrize("part", ["stream", "logs", "artifacts"])
async def test_who_may_not_see_a_run_is_told_nothing_of_it(bench: Bench, run_id: str, part: str) -> None:
    address = routes.api_run(run_id, part)
    nobody = Actor(name="mallory", scopes=frozenset(), tenants=None)
    async with client_of(bench) as operator, client_of(bench, nobody) as other:
        foreign = await operator.get(address, headers={"X-Stella-Tenant": "globex"})
        unknown = await operator.get(routes.api_run(run_id[::-1], part))
        odd = await operator.get(address, params={"nonsense": "1"} if part != "logs" else {"cursor": "x"})
        refused = await other.get(address)
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert unknown.status_code in (400, 404)
    assert odd.status_code == 400
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_the_log_is_read_in_parts_and_as_text_and_files_have_addresses(bench: Bench, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").touch()
    made = schedule(bench, job_type="test.files", targets=(f"{tmp_path}/*.txt",))
    bench.work()
    (ended,) = await asyncio.to_thread(await_end, bench, [run_now(bench, made).id])
    logs, files = routes.api_run(ended.id, "logs"), routes.api_run(ended.id, "artifacts")
    async with client_of(bench) as client:
        everything = (await client.get(logs)).json()
        assert everything["total"] == len(everything["items"]) == sum(everything["by_level"].values())
        parts, cursor = list[dict[str, Any]](), ""
        while cursor is not None:
            page = (await client.get(logs, params={"limit": 4, "cursor": cursor})).json()
            parts, cursor = parts + page["items"], page["next_cursor"]
        assert parts == everything["items"]
        end = (await client.get(logs, params={"last": True, "limit": 2})).json()["items"]
        assert end == everything["items"][-2:]
        found = (await client.get(logs, params={"level": "info", "text": "TARGETS COMPLETED"})).json()
        assert [line["text"] for line in found["items"]] == ["All 3 targets completed."]
        plain = await client.get(logs, params={"format": "text"})
        assert plain.headers["content-disposition"].startswith("attachment; ")
        assert len(plain.text.splitlines()) == everything["total"]
        assert plain.text.splitlines()[-1].endswith(" info    [run] All 3 targets completed.")

        kept, cursor = list[dict[str, Any]](), ""
        while cursor is not None:
            page = (await client.get(files, params={"limit": 2, "cursor": cursor})).json()
            kept, cursor = kept + page["items"], page["next_cursor"]
        assert [(one["no"], one["name"]) for one in kept] == [(no, "report.txt") for no in (1, 2, 3)]
        for one in kept:
            assert (await client.get(one["href"])).content == b"kept"
