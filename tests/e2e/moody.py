"""A remote in front of which stands a bad network: it passes everything on, until it is told to misbehave."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.gateway.hostile import Answer, Asked, read_request

CHUNK = 1 << 16


class Moody:
    """Passes requests on to `remote`; while it has a mood, answers each with that instead."""

    def __init__(self, remote: str) -> None:
        self._remote = urlsplit(remote)
        self._mood: Answer | None = None
        self._changed = threading.Event()
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                asked = read_request(self.rfile)
                if asked is not None:
                    with suppress(OSError):
                        outer._answer(asked, self.connection)

        class Threading(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 64

        self._server = Threading(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator[Moody]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._changed.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    @contextmanager
    def mood(self, answer: Answer) -> Iterator[None]:
        """Misbehave so until the end of the block; what is being passed on is cut at its begin."""
        self._turn(answer)
        try:
            yield
        finally:
            self._turn(None)

    def passes(self) -> None:
        """Misbehave no longer, before the block of the mood ends."""
        self._turn(None)

    def _turn(self, answer: Answer | None) -> None:
        self._mood, changed = answer, self._changed
        self._changed = threading.Event()
        changed.set()

    def _answer(self, asked: Asked, connection: socket.socket) -> None:
        mood, changed = self._mood, self._changed
        if mood is not None:
            mood(connection, changed)
            return
        address = (self._remote.hostname or "", self._remote.port or 80)
        with socket.create_connection(address) as remote:
            kept = {name: value for name, value in asked.headers.items() if name != "connection"}
            head = [f"{asked.method} {asked.target} HTTP/1.1", *(f"{name}: {kept[name]}" for name in kept)]
            remote.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode("latin-1") + asked.body)
            remote.settimeout(0.1)
            while not changed.is_set():
                try:
                    part = remote.recv(CHUNK)
                except TimeoutError:
                    continue
                if not part:
                    return
                connection.sendall(part)
