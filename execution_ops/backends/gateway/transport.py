"""One HTTP client for a remote: bounded in time and size, tried again only where that is safe."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar, cast
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from execution_ops.backends.gateway.failures import garbled, refused, too_large, too_slow, unreachable
from execution_ops.backends.gateway.profile import Profile
from execution_ops.domain.errors import NotFound, OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.unpacking import PACKINGS, unpacked
from execution_ops.domain.verbs import Stamp

T = TypeVar("T")
Pairs = Iterable[tuple[str, str]]
Tenants = frozenset[str] | None

JSON, EVENTS = "application/json", "text/event-stream"
_SAFE = frozenset({"GET", "HEAD"})
_PASSING = frozenset({429, 502, 503, 504})
_NOBODY = f"nobody-{uuid4()}"
# What failed so was not sent at all.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Limits(BaseModel):
    """How long and how much, at most. Times are in seconds, sizes in bytes.

    `total` bounds one question with all its tries, `line` one line of a stream. A remote that asks to come back after
    more than `retry_after` is not waited for: it is left alone, for `rest` at most, and every question gets its answer
    meanwhile.
    """

    model_config = ConfigDict(frozen=True)

    connect: float = 3.0
    read: float = 15.0
    write: float = 10.0
    pool: float = 5.0
    total: float = 30.0
    body: int = 32 << 20
    error: int = 64 << 10
    line: int = 4 << 20
    tries: int = 3
    backoff: float = 0.1
    backoff_max: float = 2.0
    retry_after: float = 5.0
    rest: float = 60.0
    connections: int = 20


class Transport:
    """Blocking and thread-safe. Every method raises OpsError in words."""

    def __init__(
        self,
        url: str,
        profile: Profile,
        *,
        token: str = "",
        limits: Limits | None = None,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.limits = limits or Limits()
        self.profile = profile
        self.where = httpx.URL(url).netloc.decode("ascii")
        self._pause = pause
        self._lock = threading.Lock()
        self._rest: tuple[float, OpsError] | None = None
        self.requests = 0
        self.seconds = 0.0
        headers = {"Accept": "application/json", "Accept-Encoding": PACKINGS, "User-Agent": "execution-ops"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        most = self.limits.connections
        self._client = httpx.Client(
            base_url=url.rstrip("/"),
            headers=headers,
            timeout=httpx.Timeout(
                connect=self.limits.connect, read=self.limits.read, write=self.limits.write, pool=self.limits.pool
            ),
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
            # A redirect could lead the token to another host.
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()

    # asking

    def get(self, kind: type[T], path: str, query: Pairs = (), *, tenants: Tenants = None) -> T:
        """What the remote answers, as that type."""
        return self.read(kind, self._ask("GET", path, query, headers=self._narrowed(tenants)))

    def find(self, kind: type[T], path: str, query: Pairs = (), *, tenants: Tenants = None) -> T | None:
        """The same; None where the remote says that there is no such thing, or not for these tenants."""
        try:
            return self.get(kind, path, query, tenants=tenants)
        except NotFound:
            return None

    def text(self, path: str, query: Pairs = (), *, tenants: Tenants = None, stamp: Stamp | None = None) -> str:
        """The JSON text that the remote answers, as it is."""
        headers = self._signed(stamp) if stamp else self._narrowed(tenants)
        return self._ask("GET", path, query, headers=headers).decode(errors="replace")

    def find_text(
        self, path: str, query: Pairs = (), *, tenants: Tenants = None, stamp: Stamp | None = None
    ) -> str | None:
        """The same; None where the remote says that there is no such thing."""
        try:
            return self.text(path, query, tenants=tenants, stamp=stamp)
        except NotFound:
            return None

    def ask(self, kind: type[T], path: str, body: object, *, tenants: Tenants = None) -> T:
        """What the remote answers to a question that takes a body, and changes nothing: it may be asked again."""
        return self.read(kind, self._ask("POST", path, (), body=body, headers=self._narrowed(tenants), again=True))

    def send(self, kind: type[T], method: str, path: str, stamp: Stamp, *, body: object = None, query: Pairs = ()) -> T:
        """Have the remote change something, signed by the stamp. Sent again only with an idempotency key."""
        return self.read(kind, self._ask(method, path, query, body=body, headers=self._signed(stamp)))

    @contextmanager
    def stream(
        self, path: str, query: Pairs = (), *, tenants: Tenants = None, stamp: Stamp | None = None, accept: str = "*/*"
    ) -> Generator[Iterator[bytes]]:
        """The answer in chunks, as it comes. Not tried again: who reads it knows how far it got."""
        headers = {**(self._signed(stamp) if stamp else self._narrowed(tenants)), "Accept": accept}
        try:
            with self._open("GET", path, query, None, headers) as response:
                self._check(response)
                if accept == EVENTS:
                    self._check_kind(response, EVENTS)
                yield self._body(response)
        except _Again as error:
            raise error.problem from error.__cause__

    # the way there

    def _ask(
        self,
        method: str,
        path: str,
        query: Pairs,
        *,
        body: object = None,
        headers: dict[str, str],
        again: bool = False,
    ) -> bytes:
        safe = again or method in _SAFE or self.profile.headers.key in headers
        deadline = time.monotonic() + self.limits.total
        for left in reversed(range(self.limits.tries)):
            wait = 0.0
            try:
                return self._once(method, path, query, body, headers, deadline)
            except _Again as error:
                wait, problem = error.wait, error.problem
                if wait > self.limits.retry_after:
                    self._rest = (time.monotonic() + min(wait, self.limits.rest), problem)
                if not left or not (safe or error.unsent) or wait > self.limits.retry_after:
                    raise problem from error.__cause__
            wait = max(wait, self._backoff(self.limits.tries - left))
            if time.monotonic() + wait > deadline:
                raise problem
            self._pause(wait)
        raise AssertionError("a question is asked at least once")

    def _once(
        self, method: str, path: str, query: Pairs, body: object, headers: Mapping[str, str], deadline: float
    ) -> bytes:
        with self._open(method, path, query, body, headers) as response:
            if response.is_success:
                if response.status_code != 204:
                    self._check_kind(response, JSON)
                return self._whole(response, self.limits.body, deadline)
            problem = refused(response, self._whole(response, self.limits.error, deadline), self.where)
            waits = response.status_code in _PASSING or problem.code == "IN_PROGRESS"
            if waits:
                raise _Again(problem, wait=_retry_after(response))
            raise problem

    @contextmanager
    def _open(
        self, method: str, path: str, query: Pairs, body: object, headers: Mapping[str, str]
    ) -> Generator[httpx.Response]:
        address, content = self.profile.path(path), None
        if pairs := self.profile.query(query):
            address += f"?{urlencode(pairs)}"
        if body is not None:
            content = json.dumps(self.profile.sent(body), separators=(",", ":")).encode()
        typed = {"Content-Type": "application/json"} if content is not None else {}
        started = time.monotonic()
        if self._rest is not None and started < self._rest[0]:
            raise _resting(self._rest[1])
        try:
            told = {self.profile.headers.trace: new_id(), **typed, **headers}
            # Our servers read headers as UTF-8, see `api/deps`.
            raw = [(name.encode(), value.encode()) for name, value in told.items()]
            request = self._client.build_request(method, address, content=content, headers=raw)
            response = self._client.send(request, stream=True)
            try:
                yield response
            finally:
                response.close()
        except httpx.RequestError as error:
            raise _Again(unreachable(error, self.where), unsent=isinstance(error, _UNSENT)) from error
        finally:
            with self._lock:
                self.requests += 1
                self.seconds += time.monotonic() - started

    def _whole(self, response: httpx.Response, most: int, deadline: float) -> bytes:
        """The body, never more than `most` of it in memory, nor later than the deadline."""
        if int(response.headers.get("Content-Length", "0")) > most:
            raise too_large(self.where, most)
        parts: list[bytes] = []
        size = 0
        for part in self._body(response):
            size += len(part)
            if size > most:
                raise too_large(self.where, most)
            if time.monotonic() > deadline:
                raise too_slow(self.where, self.limits.total)
            parts.append(part)
        return b"".join(parts)

    def _body(self, response: httpx.Response) -> Iterator[bytes]:
        """The body as it comes, in pieces that are small whatever it is packed with."""
        try:
            yield from unpacked(response.iter_raw(), response.headers.get("Content-Encoding", ""))
        except ValueError as error:
            raise garbled(self.where, "what can't be unpacked") from error

    def _check(self, response: httpx.Response) -> None:
        if not response.is_success:
            body = self._whole(response, self.limits.error, time.monotonic() + self.limits.total)
            raise refused(response, body, self.where)

    def _check_kind(self, response: httpx.Response, expected: str) -> None:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != expected and not (expected == JSON and kind.endswith("+json")):
            wanted = "JSON" if expected == JSON else expected
            raise garbled(self.where, f"with {kind[:60] or 'no type of content'} where {wanted} was expected")

    def read(self, kind: type[T], body: bytes) -> T:
        """What JSON of the remote says, as that type."""
        try:
            value = self.profile.received(json.loads(body))
            found: T = _adapter(cast(Hashable, kind)).validate_python(value)
            return found
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise garbled(self.where, f"something else than expected (at {place or 'the top'})") from None
        except (ValueError, RecursionError):
            raise garbled(self.where, "what is no JSON") from None

    # headers

    def _narrowed(self, tenants: Tenants) -> dict[str, str]:
        if tenants is None:
            return {}
        # Who sees no tenant asks for one that nobody is: leaving the header out would show them all.
        return {self.profile.headers.tenant: ",".join(sorted(tenants)) or _NOBODY}

    def _signed(self, stamp: Stamp) -> dict[str, str]:
        names = self.profile.headers
        told = {
            names.operator: stamp.actor.name,
            names.reason: stamp.reason,
            names.ticket: stamp.ticket,
            names.key: stamp.idempotency_key,
            # So the audit there tells of one request as what it was here.
            names.trace: stamp.correlation_id,
        }
        found = {name: _header(value) for name, value in told.items() if value.strip()}
        return {**self._narrowed(stamp.actor.tenants), **found}

    def _backoff(self, tried: int) -> float:
        longest: float = min(self.limits.backoff_max, self.limits.backoff * 2**tried)
        # So that the consoles which lost the same remote do not all come back at the same moment.
        return longest * (0.5 + random.random() / 2)


class _Again(OpsError):
    """Something that may pass. `unsent` says that the remote got nothing of the request."""

    def __init__(self, problem: OpsError, *, wait: float = 0.0, unsent: bool = False) -> None:
        super().__init__(problem.message, code=problem.code)
        self.status = problem.status
        self.problem, self.wait, self.unsent = problem, wait, unsent


def _resting(problem: OpsError) -> OpsError:
    """The same refusal for another question: an error that is raised twice would gather both ways to it."""
    found = type(problem)(problem.message, code=problem.code, field=problem.field)
    found.status = problem.status
    return found


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0.0


def _header(text: str) -> str:
    """A text as the value of a header: on one line."""
    return " ".join(text.split())


@lru_cache(maxsize=256)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
