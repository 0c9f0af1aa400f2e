"""The change feed as a stream: whatever cuts it, no change is lost or told twice, and a real outage is said."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from execution_ops.backends.gateway.failures import Garbled
from execution_ops.backends.gateway.profile import OURS
from execution_ops.backends.gateway.tail import EventParser, Tail
from execution_ops.backends.gateway.transport import Limits, Transport
from execution_ops.domain.errors import Unavailable
from tests.gateway.conftest import ALL, HASTY, PATIENT
from tests.gateway.hostile import Answer, Hostile, answer, hang_up, head, refusal, silent

Make = Callable[..., tuple[Tail, Hostile]]
STREAM = head(200, {"Content-Type": "text/event-stream; charset=utf-8", "Connection": "close"})


def change(seq: int) -> bytes:
    data = json.dumps({"seq": seq, "job_id": f"job-{seq}", "dag_id": "", "queue": "", "topic": "jobs"})
    return f"event: change\r\ndata: {data}\nid: {seq}\n\n".encode()


BEAT = b'event: heartbeat\ndata: {"last": 9}\n\n'
TRIMMED = b'event: trimmed\ndata: {"last": 9}\nid: 9\n\n'


def told(*parts: bytes, stays: bool = False) -> Answer:
    """A stream of these parts, which then ends, or says nothing more."""

    def send(connection: socket.socket, gone: threading.Event) -> None:
        connection.sendall(STREAM)
        for part in parts:
            connection.sendall(part)
        if stays:
            gone.wait(60)

    return send


@pytest.fixture
def make() -> Iterator[Make]:
    with ExitStack() as stack:

        def made(*answers: Answer, limits: Limits = PATIENT) -> tuple[Tail, Hostile]:
            server = stack.enter_context(Hostile(*answers).serving())
            profile = OURS.model_copy(update={"capabilities": "", "offers": ALL})
            transport = Transport(server.url, profile, limits=limits, pause=lambda _: None)
            tail = Tail(transport)
            stack.callback(transport.close)
            stack.callback(tail.close)
            return tail, server

        yield made


def all_after(tail: Tail, seq: int, last: int, limit: int = 100) -> list[int]:
    """The numbers that are told, call by call, up to the last one."""
    found: list[int] = []
    while seq < last:
        changes, trimmed = tail.after(seq, limit)
        assert not trimmed
        assert len(changes) <= limit
        found += [one.seq for one in changes]
        seq = found[-1] if found else seq
    return found


def test_one_stream_tells_all_as_it_comes(make: Make) -> None:
    tail, server = make(told(change(1), change(2) + change(3), BEAT, change(4), stays=True))
    assert all_after(tail, 0, 4) == [1, 2, 3, 4]
    assert [one.target for one in server.asked] == ["/api/v1/changes/stream?after=0"]
    assert server.asked[0].headers["accept"] == "text/event-stream"


def test_cut_it_goes_on_after_the_last_number(make: Make) -> None:
    tail, server = make(told(change(1), change(2)), told(change(3), change(4)[:-9]), told(change(4), stays=True))
    assert all_after(tail, 0, 4) == [1, 2, 3, 4]
    assert [one.target.partition("=")[2] for one in server.asked] == ["0", "2", "3"]


@pytest.mark.parametrize("limit", [1, 2])
def test_no_more_than_asked_for_and_the_rest_the_next_time(make: Make, limit: int) -> None:
    tail, server = make(told(b"".join(map(change, range(1, 6))), stays=True))
    assert all_after(tail, 0, 5, limit) == [1, 2, 3, 4, 5]
    assert len(server.asked) == 1


def test_a_sign_of_life_is_an_answer(make: Make) -> None:
    tail, _ = make(told(b"retry: 3000\n\n: hello\n\n", BEAT, stays=True))
    assert tail.after(9, 100) == ([], False)


def test_what_is_missing_is_said(make: Make) -> None:
    tail, server = make(told(TRIMMED, stays=True), told(change(10), stays=True))
    assert tail.after(3, 100) == ([], True)
    assert all_after(tail, 9, 10) == [10]
    assert len(server.asked) == 2


def test_another_number_is_another_stream(make: Make) -> None:
    tail, server = make(told(change(1), stays=True), told(change(8), stays=True))
    assert all_after(tail, 0, 1) == [1]
    assert all_after(tail, 7, 8) == [8]
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        pytest.param(hang_up, "broke off", id="no answer"),
        pytest.param(told(), "broke off", id="a stream that ends at once"),
        pytest.param(told(change(1)[:-2]), "broke off", id="half an event"),
        pytest.param(silent, "did not answer in time", id="silence"),
        pytest.param(told(stays=True), "did not answer in time", id="a stream that says nothing"),
        pytest.param(answer(200, {"items": []}), "where text/event-stream was expected", id="JSON"),
        pytest.param(told(b"event: change\ndata: {}\n\n"), "than expected", id="another shape"),
        pytest.param(told(b"event: change\ndata: x\n\n"), "no JSON", id="no JSON"),
        pytest.param(refusal(503, "UNAVAILABLE", "Away."), "Away", id="503"),
        pytest.param(answer(502, "<html>", kind="text/html"), "HTTP 502", id="502"),
    ],
)
def test_each_is_an_outage_in_words(make: Make, bad: Answer, words: str) -> None:
    tail, server = make(bad, limits=HASTY)
    for _ in range(2):
        with pytest.raises(Unavailable, match=words):
            tail.after(0, 100)
    assert len(server.asked) == 2


def test_a_stream_of_nothing_but_comments_is_given_up(make: Make) -> None:
    def drip(connection: socket.socket, gone: threading.Event) -> None:
        connection.sendall(STREAM)
        while not gone.wait(0.02):
            connection.sendall(b":\n")

    tail, _ = make(drip, limits=HASTY)
    with pytest.raises(Unavailable, match="too slowly"):
        tail.after(0, 100)


@pytest.mark.parametrize("line", [b"data: " + b"x" * 100, (b"data: " + b"x" * 20 + b"\n") * 5])
def test_an_event_without_an_end_is_not_kept(line: bytes) -> None:
    parser = EventParser(80, "there")
    with pytest.raises(Garbled, match="was not read"):
        list(parser.feed(line))


def test_events_are_the_same_however_their_chunks_are_cut() -> None:
    whole = b": c\nevent: a\ndata: 1\ndata:2\n\ndata:  x\r\n\r\nevent: none\n\nid\ndata\n\n"
    expected = [("a", "1\n2"), ("message", " x"), ("message", "")]
    for size in range(1, len(whole) + 1):
        parser = EventParser(1000, "there")
        cut = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert [event for chunk in cut for event in parser.feed(chunk)] == expected
