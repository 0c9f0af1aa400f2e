"""A console whose pages are a static export behind nginx, its server on another port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from execution_ops import routes
from execution_ops.edge import export
from execution_ops.settings import PREFIX
from tests.e2e.servers import WEB, Console, await_answer, free_port, running
from tests.edge import programs


@contextmanager
def exported(build: Path, console: Console, folder: Path) -> Iterator[Console]:
    """The console with its pages behind nginx, before its server has started: that has to know where they are."""
    port = free_port()
    console.environment[f"{PREFIX}PAGE_ORIGINS"] = f"http://127.0.0.1:{port}"
    served = folder / "nginx"
    served.mkdir()
    export.export(build, export.target(folder / "site", [console.url]))
    with programs.nginx(folder / "site", port, served) as origin:
        yield replace(console, pages=origin)


class Server:
    """The web process of a console, which can be stopped and started again."""

    def __init__(self, console: Console, code: str = WEB) -> None:
        self._console = console
        self._code = code
        self._running = ExitStack()

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it; it answers when this returns."""
        process = self._running.enter_context(running(self._console, self._code, "web"))
        await_answer(process, f"{self._console.url}{routes.HEALTH}", self._console.data_dir.parent / "web.log")

    def stop(self) -> None:
        """End it."""
        self._running.close()
