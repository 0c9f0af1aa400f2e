"""A server on loopback that answers each request as the test says, however wrong that is."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[socket.socket, threading.Event], None]


class Hostile:
    """`answers` are given one after the other, the last one again and again. `gone` is set at the end."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.gone = threading.Event()
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                asked = read_request(self.rfile)
                if asked is None:
                    return
                outer.asked.append(asked)
                answer = outer.answers[0] if len(outer.answers) == 1 else outer.answers.pop(0)
                with suppress(OSError):
                    answer(self.connection, outer.gone)

        class Threading(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Threading(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @contextmanager
    def serving(self) -> Iterator[Hostile]:
        """Serve until the end of the block."""
        self._thread.start()
        try:
            yield self
        finally:
            self.gone.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


def read_request(stream: Any) -> Asked | None:
    """The request that comes in; None where it is none."""
    line = stream.readline(65536).decode("latin-1").split()
    if len(line) != 3:
        return None
    headers = {}
    while (head := stream.readline(65536).decode("latin-1").strip()) != "":
        name, _, value = head.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(line[0], line[1], headers, stream.read(int(headers.get("content-length", "0"))))


def answer(status: int, body: bytes | str | object = b"", *, kind: str = "application/json", **headers: str) -> Answer:
    """A plain answer; what is neither bytes nor text goes as JSON."""
    raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()

    def send(connection: socket.socket, gone: threading.Event) -> None:
        told = {"Content-Type": kind, "Content-Length": str(len(raw)), "Connection": "close"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.sendall(head(status, told) + raw)

    return send


def head(status: int, headers: dict[str, str]) -> bytes:
    """The first lines of an answer."""
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def refusal(status: int, code: str, message: str, **headers: str) -> Answer:
    """An answer with the envelope."""
    return answer(status, {"error": {"code": code, "message": message, "trace_id": "t-1"}}, **headers)


def hang_up(connection: socket.socket, gone: threading.Event) -> None:
    """Close without a word."""
    connection.shutdown(socket.SHUT_RDWR)


def silent(connection: socket.socket, gone: threading.Event) -> None:
    """Take the request and say nothing."""
    gone.wait(60)


def half(connection: socket.socket, gone: threading.Event) -> None:
    """Promise more than comes."""
    connection.sendall(head(200, {"Content-Type": "application/json", "Content-Length": "1000"}) + b'{"items": [')
    connection.shutdown(socket.SHUT_RDWR)


def drip(connection: socket.socket, gone: threading.Event) -> None:
    """A byte now and then, for ever, each soon enough for a timeout between two bytes."""
    connection.sendall(head(200, {"Content-Type": "application/json"}) + b"{")
    while not gone.wait(0.02):
        connection.sendall(b" ")


class Flood:
    """A body without an end (1 GB at most), and how much of it was taken. `told` says its length before."""

    SIZE = 1 << 30

    def __init__(self, *, told: bool) -> None:
        self.told = told
        self.sent = 0

    def __call__(self, connection: socket.socket, gone: threading.Event) -> None:
        """Send as long as somebody reads."""
        length = {"Content-Length": str(self.SIZE)} if self.told else {}
        connection.sendall(head(200, {"Content-Type": "application/json", "Connection": "close", **length}) + b'"')
        chunk = b"x" * (1 << 16)
        while self.sent < self.SIZE and not gone.is_set():
            connection.sendall(chunk)
            self.sent += len(chunk)
