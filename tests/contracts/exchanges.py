"""Recorded exchanges with a remote: written down once, held against what the gateway sends from then on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent
# Of the headers these are part of the contract; the id of a question without a change is new each time.
HEADERS = (
    *("accept", "authorization", "content-type", "idempotency-key"),
    *("x-stella-operator", "x-stella-operator-reason", "x-stella-operator-ticket", "x-stella-tenant"),
)


def told(request: httpx.Request) -> dict[str, Any]:
    """What of a request is held to."""
    return {
        "method": request.method,
        "path": request.url.path,
        "query": [list(pair) for pair in request.url.params.multi_items()],
        "headers": {name: request.headers[name] for name in HEADERS if name in request.headers},
        "body": json.loads(request.content) if request.content else None,
    }


def _arriving(status: int, headers: dict[str, str], body: bytes) -> httpx.Response:
    """An answer whose body is still to be read, as one that comes over a network."""
    return httpx.Response(status, headers=headers, content=iter([body]))


def read(profile: str, name: str) -> list[dict[str, Any]]:
    """The exchanges of one call."""
    found: dict[str, Any] = json.loads((ROOT / profile / f"{name}.json").read_text())
    return list(found["exchanges"])


class Replay(httpx.BaseTransport):
    """A remote that answers as was recorded, and to nothing else."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self._left = list(exchanges)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The next recorded answer; AssertionError for any other request than the recorded one."""
        assert self._left, f"nothing was recorded for {request.method} {request.url}"
        exchange = self._left.pop(0)
        assert told(request) == exchange["request"]
        answer = exchange["response"]
        return _arriving(answer["status"], answer["headers"], json.dumps(answer["body"]).encode())

    def check_all_asked(self) -> None:
        """Everything that was recorded was asked for."""
        assert not self._left


class Record(httpx.BaseTransport):
    """The way to a live remote, writing down what goes over it."""

    def __init__(self) -> None:
        self._live = httpx.HTTPTransport()
        self.exchanges: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The live answer."""
        response = self._live.handle_request(request)
        body = response.read()
        headers = {name: value for name, value in response.headers.items() if name in ("content-type", "location")}
        answer = {"status": response.status_code, "headers": headers, "body": json.loads(body)}
        self.exchanges.append({"request": told(request), "response": answer})
        return _arriving(response.status_code, headers, body)

    def write(self, profile: str, name: str, source: str) -> None:
        """Keep what was written down since the last call under this name."""
        whole = {"source": source, "exchanges": self.exchanges}
        text = json.dumps(whole, indent=2, ensure_ascii=False, sort_keys=True)
        (ROOT / profile / f"{name}.json").write_text(f"{text}\n")
        self.exchanges = []
