"""An ASGI application on a loopback port, in a thread of this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from tests.e2e.servers import await_condition, free_port


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve the application; gives its origin."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        await_condition(lambda: server.started, "The server did not start.")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
