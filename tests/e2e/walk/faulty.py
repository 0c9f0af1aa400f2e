"""A web process with a fault switch: its backend waits, fails or knows nobody, as a file says.

The switch is this module. The console itself has none, so nothing that is installed can be told to fail.
"""

from __future__ import annotations

import functools
import os
import threading
from enum import StrEnum
from pathlib import Path
from typing import Any

from execution_ops.backends.embedded.backend import open_backend
from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Unavailable
from execution_ops.services.live import Hub
from tests.e2e import failing_jobs
from tests.e2e.servers import Console

# What `servers.running` starts in place of the console's own web process.
WEB = "import tests.e2e.walk.faulty as faulty; faulty.web()"
VARIABLE = "STORIES_FAULT"
UNAVAILABLE = "The database did not answer within 5 s. Running jobs are not affected."
# How the hub follows what changed: when that stops, the page is stale, which is another story.
_FEED = ("last_change", "changes_after")


class Fault(StrEnum):
    """What is wrong. `SLOW` lasts until the switch is turned."""

    NONE = ""
    SLOW = "slow"
    FAILING = "failing"
    BROKEN = "broken"
    FORBIDDEN = "forbidden"
    READ_ONLY = "read-only"


class Switch:
    """The file that says what is wrong: the test writes it, the web process reads it at each call."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def turn(self, fault: Fault) -> None:
        """From now on this is wrong, and nothing else."""
        aside = self._path.with_suffix(".new")
        aside.write_text(fault, encoding="utf-8")
        # A reader finds the old word or the new one.
        aside.replace(self._path)

    @property
    def fault(self) -> Fault:
        """What is wrong now."""
        return Fault(self._path.read_text(encoding="utf-8"))


def switch(console: Console) -> Switch:
    """The switch of a console; nothing is wrong yet. It has to be made before its web process starts."""
    path = console.data_dir.parent / "fault"
    made = Switch(path)
    made.turn(Fault.NONE)
    console.environment[VARIABLE] = str(path)
    return made


class FaultyBackend:
    """A backend whose reads and writes go wrong as the switch says. What runs on the event loop goes right:
    it is cheap by contract, and waiting there would stop the process."""

    def __init__(self, backend: Any, switch: Switch) -> None:
        self._backend = backend
        self._switch = switch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._backend, name)
        if not callable(found) or name in _FEED:
            return found

        @functools.wraps(found)
        def call(*args: Any, **values: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():
                self._go_wrong()
            return found(*args, **values)

        return call

    def _go_wrong(self) -> None:
        pause = threading.Event()
        while self._switch.fault is Fault.SLOW:
            pause.wait(0.02)
        if self._switch.fault is Fault.FAILING:
            raise Unavailable(UNAVAILABLE)
        if self._switch.fault is Fault.BROKEN:
            raise RuntimeError("a fault that nobody thought of")


class ForgetfulHub(Hub):
    """A hub that keeps no answer, so that a turn of the switch is seen at once."""

    async def page(self, *args: Any, **values: Any) -> Any:
        """What the loader gives now."""
        return await super().page(*args, **{**values, "anew": True})

    async def sample(self, *args: Any, **values: Any) -> Any:
        """What the loader gives now."""
        return await super().sample(*args, **{**values, "max_age": 0})


def web() -> None:
    """The web process."""
    from execution_ops.server import serve
    from execution_ops.services import container, identity
    from execution_ops.settings import settings
    from execution_ops.state import visitors

    wrong = Switch(Path(os.environ[VARIABLE]))

    def operator(source: str = "") -> Actor:
        scopes = {Fault.FORBIDDEN: frozenset[Scope](), Fault.READ_ONLY: frozenset({Scope.READ})}
        whole = local_operator(source)
        return whole.model_copy(update={"scopes": scopes.get(wrong.fault, whole.scopes)})

    container.open_backend = lambda config: FaultyBackend(open_backend(config), wrong)
    container.Hub = ForgetfulHub
    identity.local_operator = operator
    # A turn of the switch is seen at once.
    visitors.MEMORY_S = 0.0
    failing_jobs.register()
    serve(settings())
