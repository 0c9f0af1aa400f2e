"""Processes and servers that the browser tests talk to."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from execution_ops import routes
from execution_ops.frontend import ROOT
from execution_ops.settings import PREFIX

# No test is about speed (the benchmarks are): what is waited for may take this long on a machine in trouble.
PATIENCE_S = 240
STOP_S = 20
CHROMIUM_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
WEB = "from execution_ops.server import serve; from execution_ops.settings import settings; serve(settings())"
WORKER = "import sys; sys.argv[1:] = ['worker']; from execution_ops.cli import app; app()"


@dataclass(frozen=True)
class Console:
    """A running console: where it listens, where it keeps its data, what may be scanned.

    `pages` is where a browser finds its pages, if that is elsewhere.
    """

    url: str
    data_dir: Path
    scan_root: Path
    environment: dict[str, str]
    pages: str = ""


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_console(folder: Path) -> Console:
    """The place and the environment of a console that is not started yet."""
    port = free_port()
    scan_root = folder / "sources"
    scan_root.mkdir(parents=True)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "REFLEX_", "__REFLEX_"))
    } | {
        f"{PREFIX}PORT": str(port),
        f"{PREFIX}DATA_DIR": str(folder / "data"),
        f"{PREFIX}SCAN_ROOTS": str(scan_root),
        f"{PREFIX}LOG_LEVEL": "warning",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    return Console(f"http://127.0.0.1:{port}", folder / "data", scan_root, environment)


@contextmanager
def running(console: Console, code: str, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process of the console's environment; stopped at the end, its log in the data directory."""
    log = console.data_dir.parent / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=console.environment, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def serving(console: Console, web: str = WEB) -> Iterator[None]:
    """The console with its web process alone, as soon as that answers."""
    with running(console, web, "web") as process:
        await_answer(process, f"{console.url}{routes.HEALTH}", console.data_dir.parent / "web.log")
        yield


@contextmanager
def complete(console: Console, web: str = WEB, worker: str = WORKER) -> Iterator[None]:
    """The console with its web process and a worker, as soon as both are ready."""
    with serving(console, web), running(console, worker, "worker") as working:
        await_answer(working, f"{console.url}{routes.READY}", console.data_dir.parent / "worker.log")
        yield


def await_answer(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until an address answers 200; AssertionError with the log if the process ends before."""

    def answers() -> bool:
        assert process.poll() is None, f"The process ended.\n{log.read_text()}"
        try:
            return httpx.get(url).status_code == 200
        except httpx.TransportError:
            return False

    await_condition(answers, f"{url} did not answer.\n", log)


def await_condition(condition: Callable[[], bool], complaint: str, log: Path | None = None) -> None:
    """Wait until `condition` holds; AssertionError with the complaint (and a log) if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, complaint + (log.read_text() if log else "")
        time.sleep(0.05)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless; expectations of its pages may take `PATIENCE_S` to come true."""
    expect.set_options(timeout=PATIENCE_S * 1000)
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@contextmanager
def profile(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A browser profile without a past, whose pages may take `PATIENCE_S` for whatever they are told to do."""
    with browser.new_context(**options) as made:
        made.set_default_timeout(PATIENCE_S * 1000)
        yield made


@contextmanager
def static_host(build: Path) -> Iterator[str]:
    """A host of files that knows nothing of us, as behind a CDN: `$uri`, `$uri.html`, else 404.html.

    Gives its origin; the console's own server isn't there at all.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].strip("/")
            candidates = (build / path, build / f"{path}.html") if path else (build / "index.html",)
            found = next((file for file in candidates if file.is_file()), None)
            content = (found or build / "404.html").read_bytes()
            kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", kinds.get(found.suffix, "text/html") if found else "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
