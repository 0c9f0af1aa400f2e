"""The Reflex app: every built page of the route table, the page for all other addresses, the API.

A page is a module `pages/<name of its route>.py` with a function `page()` and, when it loads
data, `ON_LOAD`, the event handlers that its opening triggers; and `SUBJECT`, what names it in the
title of the tab if not the route does: on the page of one thing a Var. Setting `built=True` in the route
table is all it takes to add it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module

import reflex as rx
from starlette.types import ASGIApp, Receive, Scope, Send

from execution_ops.pages import not_found
from execution_ops.routes import ROUTES, is_api
from execution_ops.services.container import services
from execution_ops.shell.appearance import app_options
from execution_ops.shell.frame import page_title
from execution_ops.state.socket import guard
from execution_ops.state.tenants import TenantState
from execution_ops.state.viewer import ViewerState
from execution_ops.texts import shell as words

_making_api = threading.Lock()


def _add_pages(app: rx.App) -> None:
    for route in ROUTES:
        if route.built:
            module = import_module(f"execution_ops.pages.{route.name}")
            app.add_page(
                module.page,
                route=route.pattern,
                title=page_title(route, getattr(module, "SUBJECT", "")),
                on_load=[*getattr(module, "ON_LOAD", ()), TenantState.open, ViewerState.open],
            )
    # React Router shows nothing at its root unless a page is there; the one page that leads on is.
    app.add_page(not_found.page, route="/", title=words.PRODUCT)
    app.add_page(not_found.page, route="404", title=f"{words.NOT_FOUND} · {words.PRODUCT}")


@cache
def _made_api() -> ASGIApp:
    from execution_ops.api.app import create_api

    return create_api(services)


def _api() -> ASGIApp:
    """The REST interface. No page needs it, and to make it is a third of a start: so pages are served before."""
    with _making_api:
        return _made_api()


async def _api_now() -> ASGIApp:
    """The same without a thread once it is made."""
    return _made_api() if _made_api.cache_info().currsize else await asyncio.to_thread(_api)


def _with_api(reflex: ASGIApp) -> ASGIApp:
    """Reflex's own server with the REST interface beside it, in development and production."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        rest = scope["type"] == "http" and is_api(scope["path"])
        await (await _api_now() if rest else reflex)(scope, receive, send)

    return answer


@asynccontextmanager
async def _services() -> AsyncIterator[None]:
    """Open the services with the server, follow the change feed while it runs, close them with it."""
    opened = await asyncio.to_thread(services)
    hub = asyncio.create_task(opened.hub.run(), name="hub")
    api = asyncio.create_task(asyncio.to_thread(_api), name="api")
    try:
        yield
    finally:
        hub.cancel()
        await asyncio.wait([hub, api])
        await asyncio.to_thread(opened.close)


app = rx.App(**app_options(), api_transformer=_with_api)
guard(app)
app.register_lifespan_task(_services)
_add_pages(app)
