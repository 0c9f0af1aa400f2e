"""`execution-ops up | worker | web`: the processes."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from typing import Annotated, NoReturn

import typer

from execution_ops import routes
from execution_ops.backends.embedded.liveness import USE_LOCK, FileLock
from execution_ops.commands.output import Exit, exit_of
from execution_ops.domain.errors import OpsError
from execution_ops.domain.text import visible
from execution_ops.settings import Settings, settings
from execution_ops.supervisor import Program, Supervisor, on_signals, port_is_free

WORKER_GRACE_S = 20.0
READY_LOOK_S = 0.1
NOT_YET = frozenset({Exit.UNAVAILABLE})


def up() -> None:
    """Serve the console and run jobs: one web process and one worker, kept running until Ctrl-C.

    On a remote backend only the web process: jobs run there.
    """
    config = settings()
    _log_to_stderr(config, "up")
    lock = _hold_data_dir(config)
    if not port_is_free(config.host, config.port):
        _refuse(f"Port {config.port} is in use. Stop what uses it, or set EXECUTION_OPS_PORT to another one.")
    python = (sys.executable, "-m", "execution_ops")
    programs = [Program("web", (*python, "web"), NOT_YET)]
    listens = threading.Event()
    if not config.backend:
        # Stopped by an operator, it is gone until one starts another. Two that start at once on a small machine each
        # take longer, and what is waited for is the page.
        programs.append(Program("worker", (*python, "worker"), NOT_YET, frozenset({Exit.OK}), follows=listens))
    supervisor = Supervisor(
        tuple(programs),
        # The worker needs a little more than it gives its jobs.
        grace_s=WORKER_GRACE_S + 5,
    )
    on_signals(supervisor.stop)
    threading.Thread(target=_announce, args=(console_url(config), listens), daemon=True).start()
    with lock:
        supervisor.run()
    if supervisor.gave_up:
        _refuse(supervisor.gave_up)


def worker(
    queues: Annotated[str, typer.Option(help="Queues to take jobs from, joined by `,`; empty: all known.")] = "",
    concurrency: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Jobs at a time and queue, for every worker of these queues."),
    ] = None,
    name: Annotated[str, typer.Option(help="What people call this worker; empty: its host and process.")] = "",
) -> None:
    """Join the fleet and run jobs until SIGTERM, or until an operator stops it; running ones may finish."""
    gc.disable()
    from execution_ops import job_types
    from execution_ops.backends.embedded.backend import open_backend
    from execution_ops.backends.embedded.worker import Worker
    from execution_ops.services.container import compose

    config = settings()
    _log_to_stderr(config, "worker")
    if config.backend:
        _refuse(
            f"This console works on the remote system at {config.backend}, whose workers run its jobs. "
            "To run jobs here, take EXECUTION_OPS_BACKEND out of the environment."
        )
    lock = _use_data_dir(config)
    leave = threading.Event()
    on_signals(leave.set)
    try:
        job_types.load()
        backend = open_backend(config)
        job_types.bind(backend, config)
        wanted = tuple(queue.strip() for queue in queues.split(",") if queue.strip())
        process = Worker(
            backend,
            config,
            queues=wanted,
            concurrency=concurrency,
            name=name.strip(),
            on_stopped=leave.set,
            watch=compose(config, backend).overview.watch,
        )
        process.start()
    except OpsError as error:
        _leave(error)
    _collect_again()
    leave.wait()
    if not process.stop(WORKER_GRACE_S):
        # Handlers that do not end would keep the interpreter from ending.
        os._exit(Exit.FAILED)
    backend.close()
    lock.close()


def web() -> None:
    """Serve the console, without a worker."""
    # What a start makes stays: to look for garbage in it, again and again, would take a sixth of its time.
    gc.disable()
    from execution_ops.server import serve

    config = settings()
    _log_to_stderr(config, "web")
    try:
        with _use_data_dir(config):
            serve(config, _collect_again)
    except OpsError as error:
        _leave(error)


def _collect_again() -> None:
    gc.freeze()
    gc.enable()


def console_url(config: Settings) -> str:
    """Where a browser finds the console."""
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"http://{host}:{config.port}"


def _announce(url: str, listens: threading.Event) -> None:
    """Say once the web process listens, and print the URL once database and worker are ready, too."""
    import httpx

    pause = threading.Event()
    with httpx.Client(timeout=2, trust_env=False) as client:
        while True:
            try:
                ready = client.get(url + routes.READY).is_success
                listens.set()
                if ready:
                    break
            except httpx.TransportError as error:
                logging.getLogger(__name__).debug("not ready: %s", error)
            pause.wait(READY_LOOK_S)
    typer.echo(f"Execution Operations is ready: {url}")


def _hold_data_dir(config: Settings) -> FileLock:
    try:
        lock = FileLock(config.data_dir.resolve() / "up.lock")
    except OSError as error:
        _refuse(f"The data directory {config.data_dir} cannot be used: {error.strerror}.")
    if not lock.acquire():
        _refuse(
            f"The data directory {config.data_dir} is in use by another `execution-ops up`. "
            "Stop that one, or set EXECUTION_OPS_DATA_DIR to another directory."
        )
    return lock


def _use_data_dir(config: Settings) -> FileLock:
    """Hold it with all others that run, so that nobody restores a back-up beneath them."""
    try:
        lock = FileLock(config.data_dir.resolve() / USE_LOCK)
    except OSError as error:
        _refuse(f"The data directory {config.data_dir} cannot be used: {error.strerror}.")
    if not lock.acquire(shared=True):
        _refuse(f"A back-up is being restored into {config.data_dir}. Start again when that is done.")
    return lock


def _refuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(Exit.FAILED)


def _leave(error: OpsError) -> NoReturn:
    typer.echo(error.message, err=True)
    raise typer.Exit(exit_of(error)) from error


class _SafeFormatter(logging.Formatter):
    """What a client sent can end up in a message or a traceback; it must not steer the operator's terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The record with control characters spelled out."""
        return visible(super().format(record), lines=True)


def _log_to_stderr(config: Settings, process: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_SafeFormatter(f"%(asctime)s {process} %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=config.log_level.upper(), handlers=[handler])
    if config.log_level != "debug":
        # Each migration, queue and probe of theirs says nothing to an operator.
        for name in ("dbos", "alembic", "httpx"):
            logging.getLogger(name).setLevel(logging.WARNING)
