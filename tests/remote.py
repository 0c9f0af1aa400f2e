"""A live server on an engine under test, and the gateway to it: the port as it is over the wire."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request

from execution_ops.api.app import create_api
from execution_ops.api.deps import actor_of
from execution_ops.backends.base import Backend
from execution_ops.backends.gateway.backend import GatewayBackend
from execution_ops.backends.gateway.files import FileCache
from execution_ops.backends.gateway.profile import OURS
from execution_ops.backends.gateway.transport import Transport
from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.job_types import Registry
from execution_ops.services.container import Services, compose
from execution_ops.settings import Settings

DEADLINE_S = 60.0


def delegated(request: Request) -> Actor:
    """Whoever the console at the other end names, with the tenants that it names: as for a token that may delegate."""
    tenants = request.headers.get("X-Stella-Tenant", "")
    name = request.headers.get("X-Stella-Operator", "").encode("latin-1").decode()
    return Actor(
        name=name or local_operator().name,
        scopes=frozenset(Scope),
        tenants=frozenset(tenants.split(",")) if tenants else None,
        source="127.0.0.1",
    )


class Server:
    """A uvicorn of our own on a port of loopback (0: a free one), in a thread."""

    def __init__(self, app: FastAPI, port: int = 0) -> None:
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.run(self._server.serve())

    def start(self) -> str:
        """Serve; the address."""
        self._thread.start()
        pause = threading.Event()
        for _ in range(int(DEADLINE_S / 0.005)):
            if self._server.started:
                break
            pause.wait(0.005)
        assert self._server.started
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """Stop, and wait for it."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()


def app_on(services: Services) -> FastAPI:
    """The interface as a console sees it whose token may delegate. What is sampled is read anew for each who asks."""
    app = create_api(lambda: services)
    app.dependency_overrides[actor_of] = delegated
    hub, sample = services.hub, services.hub.sample

    async def fresh(key: Any, loader: Any, *, max_age: float = 0.0, topic: str = "") -> Any:
        return await sample(key, loader, max_age=-1.0, topic=topic)

    setattr(hub, "sample", fresh)  # noqa: B010
    return app


def services_on(settings: Settings, backend: Backend, registry: Registry) -> Services:
    """The services on a backend whose jobs are of the tests' types."""
    services = compose(settings, backend)
    for service in (services.jobs, services.letters):
        vars(service)["_registry"] = registry
    return services


@contextmanager
def served(services: Services, folder: Path) -> Iterator[GatewayBackend]:
    """The gateway to these services."""
    server = Server(app_on(services))
    url = server.start()
    gateway = GatewayBackend(Transport(url, OURS), FileCache(folder), follows=False)
    try:
        yield gateway
    finally:
        gateway.close()
        server.stop()


_PORT = frozenset(name for base in Backend.__mro__ for name in vars(base) if not name.startswith("_")) - {"close"}


class Split:
    """What a test holds where the port is under test over the wire: the port is the gateway's, all else the engine's.

    What only workers call (`WORKERS`) stays with the engine: they run beside it.
    """

    WORKERS = frozenset(
        {
            *("prepare_plan", "dispatch_plan", "pause_s", "plan_order", "plan_run", "fail_run", "known_content"),
            *("keep_kit", "kit_by_manifest", "activate_kit", "expire_kits", "kits_without_files", "save_kit_run"),
            *("promote_baseline", "keep_benchmark", "note_blocked", "witness", "kit_root", "active_syft"),
            *("statements", "statement_seconds", "keep_baseline"),
        }
    )

    def __init__(self, gateway: GatewayBackend, beneath: Any) -> None:
        object.__setattr__(self, "gateway", gateway)
        object.__setattr__(self, "beneath", beneath)

    def __getattr__(self, name: str) -> Any:
        if name in _PORT and name not in self.WORKERS:
            return getattr(self.gateway, name)
        return getattr(self.beneath, name)

    def __setattr__(self, name: str, value: Any) -> None:
        over = name in _PORT and name not in self.WORKERS
        setattr(self.gateway if over else self.beneath, name, value)

    def __delattr__(self, name: str) -> None:
        over = name in _PORT and name not in self.WORKERS
        delattr(self.gateway if over else self.beneath, name)
