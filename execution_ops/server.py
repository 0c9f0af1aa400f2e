"""The production server: one process, one port, for pages, REST and the live socket."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import quote, quote_from_bytes

import uvicorn
from reflex.constants import Env
from reflex.environment import environment
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from execution_ops import frontend, routes
from execution_ops.api.hosts import REFUSAL, host_name, host_names
from execution_ops.api.meters import SOCKETS
from execution_ops.domain.identity import SignIn
from execution_ops.domain.text import encodable
from execution_ops.services.container import services
from execution_ops.settings import PREFIX, Settings, settings
from execution_ops.static_site import SECURITY_HEADERS, StaticSite

SHUTDOWN_S = 3
NOT_STARTED = 3
_SOCKET_PATHS = (routes.SOCKET, f"{routes.SOCKET}/")


class Front:
    """Sends each request to the part that answers it, after asking whether it came to the right host.

    A console on loopback is reached by a foreign page through a name that resolves to 127.0.0.1,
    or through a websocket, which knows no same-origin rule: so `Host` and, on the socket,
    `Origin` have to be ours. `backend` is Reflex's application with the REST interface on it; of
    what Reflex adds besides the socket (uploads, pings), nothing is reachable. `session` is the cookie that it takes to
    open a page, "" for none.
    """

    def __init__(self, backend: ASGIApp, site: ASGIApp, origins: Sequence[str], session: str = "") -> None:
        self._backend = backend
        self._site = site
        self._origins = frozenset(origins)
        self._hosts = host_names(origins)
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self._backend(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif not self._ours(Headers(scope=scope)):
            await PlainTextResponse(f"{REFUSAL}\n", 421)(scope, receive, send)
        elif routes.is_api(scope["path"]):
            # Reflex mounts the interface in a way that an address with a line break does not find.
            found = {**scope, "path": scope["path"].replace("\n", "\u2424")}
            await self._backend(found, receive, _with_headers(send))
        elif self._unknown(scope):
            await RedirectResponse(_sign_in(scope), 303)(scope, receive, _with_headers(send))
        else:
            await self._site(scope, receive, _with_headers(send))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        # A program that is no browser sends no Origin.
        if scope["path"] in _SOCKET_PATHS and self._ours(headers) and self._origins.issuperset(origins):
            with SOCKETS.track_inprogress():
                await self._backend(scope, receive, _encodable(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _unknown(self, scope: Scope) -> bool:
        """Whether a browser opens a page without a session, where it takes one: it is led to the sign-in at once.

        The pages say it too, and the services refuse; a cookie that is there may be worth nothing.
        """
        headers = Headers(scope=scope)
        wants_page = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
        return bool(self._session) and wants_page and f"{self._session}=" not in headers.get("cookie", "")

    def _ours(self, headers: Headers) -> bool:
        return host_name(headers) in self._hosts


def _sign_in(scope: Scope) -> str:
    """Where a browser that opens this page signs in, and comes back from."""
    page = quote_from_bytes(scope.get("raw_path") or scope["path"].encode(), safe="%/")
    query = scope["query_string"].decode("latin-1")
    return f"{routes.Auth.SIGN_IN}?to={quote(page + (f'?{query}' if query else ''), safe='/')}"


def _with_headers(send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return answer


def _encodable(send: Send) -> Send:
    """One lone surrogate, from hostile JSON, is no UTF-8 and would end the tab's connection."""

    async def answer(message: Message) -> None:
        text = message.get("text")
        await send({**message, "text": encodable(text)} if text else message)

    return answer


class _Handshake(WebSocketsSansIOProtocol):
    """Answers a request for a socket that can't be read, such as one with an address of 60 kB.

    uvicorn would leave it open without a word.
    """

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None:
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()


class ConsoleServer(uvicorn.Server):
    """Ends the streams of events first: it would wait for them, and cut them off after its time."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop as asked; who follows a run connects to the next process."""
        await services().hub.end()
        await super().shutdown(sockets)


def create_server(config: Settings) -> ASGIApp:
    """The whole console as one ASGI application, on the build of the frontend that is there.

    SystemExit, in words, if there is none of these sources.
    """
    if not frontend.is_current():
        raise SystemExit(f"The frontend is not built. Run: {frontend.COMMAND}")
    os.environ.update(frontend.REFLEX_ENVIRONMENT)
    environment.REFLEX_ENV_MODE.set(Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    from execution_ops.execution_ops import app

    sockets = [origin.replace("http", "ws", 1) for origin in config.origins()]
    session = services().identities.session_cookie if config.sign_in is SignIn.OIDC else ""
    return Front(app(), StaticSite(frontend.BUILD, sockets), config.origins(), session)


def serve(config: Settings, started: Callable[[], None] = lambda: None) -> None:
    """Serve the console until SIGTERM or SIGINT; open connections get a few seconds then.

    OpsError if the database can't be opened.
    """
    _enter_project(config)
    server = create_server(config)
    # Opened by the server's own start, a database that is away would be a traceback.
    services()
    listening = uvicorn.Config(
        server,
        host=config.host,
        port=config.port,
        # Through our own handler. What it says of each connection has the token of the tab in it.
        log_config=None,
        log_level="debug" if config.log_level == "debug" else "warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws=_Handshake,
        ws_per_message_deflate=False,
        ws_max_size=1 << 20,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    console = ConsoleServer(listening)
    started()
    with suppress(KeyboardInterrupt):
        console.run()
    if not console.started:
        sys.exit(NOT_STARTED)


def _enter_project(config: Settings) -> None:
    """Reflex reads its files from the current directory; paths in the settings mean the former one."""
    os.environ[f"{PREFIX}DATA_DIR"] = str(config.data_dir.resolve())
    os.environ[f"{PREFIX}SCAN_ROOTS"] = ":".join(str(root) for root in config.roots())
    os.chdir(frontend.ROOT)
    settings.cache_clear()
