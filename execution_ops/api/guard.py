"""What every request passes before a route sees it: trace id, host, cross-origin, cross-site and size checks."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from execution_ops.api import cross_origin
from execution_ops.api.errors import BODY_MAX, DAG_MAX, Misdirected, envelope, http_refusal, refusal
from execution_ops.api.hosts import REFUSAL, host_name, host_names
from execution_ops.domain.errors import Forbidden, OpsError
from execution_ops.domain.ids import new_id
from execution_ops.routes import Rest, is_api

TRACE_HEADER = "X-Stella-Trace-Id"
_TRACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware for the REST interface; everything else passes untouched.

    It is the outermost layer, so an error that nobody handled ends here as an envelope, and a
    body that is too large is refused before anything has read it. `origins` are those of the
    settings: another name in Host is a foreign page that had its own name resolve to this machine,
    and only a page of theirs may change anything here, or read an answer from elsewhere.
    """

    def __init__(self, app: ASGIApp, origins: Callable[[], Iterable[str]]) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, and answer for what goes wrong behind."""
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        trace_id = _trace_id(headers)
        scope["trace_id"] = trace_id
        origins = frozenset(self._origins())
        origin = cross_origin.listed_origin(headers, origins)
        reply = _Reply(send, trace_id, origin)
        try:
            if host_name(headers) not in host_names(origins):
                raise Misdirected(REFUSAL)
            if cross_origin.is_preflight(scope["method"], headers):
                await cross_origin.preflight(origin)(scope, receive, reply)
                return
            if scope["method"] not in _SAFE:
                _check_same_site(headers, origin)
            most = _body_max(scope["path"])
            _check_length(headers, most)
            await self._app(scope, receive if most is None else _Bounded(receive, most), reply)
        except (OpsError, HTTPException) as error:
            if reply.started:
                raise
            answer = refusal(error, trace_id) if isinstance(error, OpsError) else http_refusal(error, trace_id)
            await answer(scope, receive, reply)
        except Exception:
            if reply.started:
                # Half an answer is out: only an aborted connection tells the client.
                raise
            _log.exception("request %s failed", trace_id)
            message = "Something went wrong in the console itself. Its log has the details under the trace id."
            await envelope(500, "INTERNAL", message, trace_id)(scope, receive, reply)


class _Bounded:
    """The body, cut off where it grows beyond the limit: a chunked one tells no length ahead."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._size = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._most:
            # Of all exceptions this is the one that the framework lets through while it reads a body.
            raise HTTPException(413)
        return message


class _Reply:
    """The answer, with the headers that every answer has."""

    def __init__(self, send: Send, trace_id: str, origin: str) -> None:
        self._send = send
        self._trace_id = trace_id
        self._origin = origin
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers[TRACE_HEADER] = self._trace_id
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "no-referrer"
            headers.setdefault("Cache-Control", "no-store")
            cross_origin.let_read(headers, self._origin)
            # What is opened in a tab of its own can neither run nor load anything.
            headers.setdefault("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
        await self._send(message)


def _trace_id(headers: Headers) -> str:
    given = headers.get(TRACE_HEADER, "")
    return given if _TRACE.fullmatch(given) else new_id()


def _check_same_site(headers: Headers, listed: str) -> None:
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    own = origin is not None and origin.partition("://")[2] == headers.get("host")
    if site is not None:
        # A page of ours from elsewhere says both; one that says it is from here would not say so.
        allowed = site in ("same-origin", "none") or (bool(listed) and not own)
    else:
        # A program that is no browser sends neither header.
        allowed = origin is None or own or bool(listed)
    if not allowed:
        raise Forbidden("Another site may not change anything here.", code="CROSS_SITE")


def _body_max(path: str) -> int | None:
    """How long a body may be; None for kits, which are streamed to the disk by a route with a limit of its own."""
    if path == Rest.KITS_UPLOAD:
        return None
    return DAG_MAX if path == Rest.DAGS else BODY_MAX


def _check_length(headers: Headers, most: int | None) -> None:
    length = headers.get("content-length", "0")
    if not length.isdecimal() or (most is not None and (len(length) > 12 or int(length) > most)):
        raise HTTPException(413)
