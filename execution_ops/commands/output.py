"""How commands speak: tables for people, JSON for programs, exit codes for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from execution_ops.domain.access import Actor, local_operator
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, OpsError, Unavailable
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.text import visible
from execution_ops.settings import settings

if TYPE_CHECKING:
    from execution_ops.services.container import Services
    from execution_ops.services.exports import Chunks

EXIT_CODES = (
    "Exit codes: 0 done · 1 failed · 2 wrong usage · 3 not found · 4 refused · 5 database or worker unavailable"
)
PIPE_WIDTH = 1000
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
STYLES: dict[JobState, str] = {
    JobState.PENDING: "dim",
    JobState.SCHEDULED: "cyan",
    JobState.RUNNING: "blue",
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "bold red",
    JobState.TIMED_OUT: "red",
    JobState.CANCELED: "yellow",
}


class Exit(IntEnum):
    """What a command leaves for the script that called it."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    UNAVAILABLE = 5
    INTERRUPTED = 130


_EXITS: tuple[tuple[type[OpsError], Exit], ...] = (
    (InvalidInput, Exit.USAGE),
    (NotFound, Exit.NOT_FOUND),
    (Forbidden, Exit.REFUSED),
    (Conflict, Exit.REFUSED),
    (Unavailable, Exit.UNAVAILABLE),
)


def exit_of(error: OpsError) -> Exit:
    """The exit code that stands for the error."""
    return next((code for kind, code in _EXITS if isinstance(error, kind)), Exit.FAILED)


@contextmanager
def opened(*, as_json: bool = False, code_of: Callable[[OpsError], int] = exit_of) -> Iterator[tuple[Services, Actor]]:
    """The services and the operator at this terminal; an OpsError ends the command in words, with its `code_of`."""
    # The engine takes seconds to import: help and wrong usage are answered without it.
    from execution_ops.services.container import open_services

    try:
        services = open_services(settings())
        try:
            yield services, local_operator("command line")
        finally:
            services.close()
    except OpsError as error:
        if as_json:
            print_json({"error": {"code": error.code, "message": error.message}})
        else:
            complain(error.message)
        raise typer.Exit(code_of(error)) from error


@contextmanager
def written(path: Path | None) -> Iterator[BinaryIO]:
    """The file, there only once it is whole; standard output without a path. InvalidInput if it can't be written."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if not path.name:
        raise InvalidInput(f"{path} is a directory: name a file.")
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as target:
            yield target
        part.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def save_export(path: Path | None, start: Callable[[], Chunks]) -> None:
    """Write what `start` gives into the file, or to standard output. It is started where that can be written only."""
    with written(path) as target, closing(start()) as chunks:
        for chunk in chunks:
            target.write(chunk)


def out() -> Console:
    """Where results go. Made per use, so that it follows a redirected stdout; a pipe gets whole lines."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def complain(message: str) -> None:
    """A sentence on stderr, apart from what a pipe reads."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(safe(message, "bold red"))


def note(message: str) -> None:
    """A remark on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(safe(message, "yellow"))


def warn_without_worker(services: Services, actor: Actor, queue: str, what: str) -> None:
    """Say that no worker serves the queue, so that `what` waits, and how to start one."""
    workers = services.jobs.health(actor).workers
    if not any(worker.state is WorkerState.ONLINE and queue in worker.queues for worker in workers):
        # A console that runs on another one, started elsewhere, is the usual reason.
        note(
            f"No worker is running on {services.settings.place()}, so {what} waits. "
            "Start one there: execution-ops up (or: execution-ops worker)"
        )


def safe(text: str, style: str = "", *, lines: bool = False) -> Text:
    """Text from a job for a terminal: no escape sequence and no markup in it has any effect."""
    return Text(visible(text, lines=lines), style=style)


def state_text(state: JobState, *, canceling: bool = False) -> Text:
    """A state as a coloured word."""
    return Text("canceling" if canceling else state.value.replace("_", " "), style=STYLES[state])


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> Table:
    """A plain table; strings in it are made safe."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        # The first column holds the ids that the next command wants.
        made.add_column(column, no_wrap=number == 0, overflow="ignore" if number == 0 else "fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else safe(cell) for cell in row))
    return made


def print_json(value: BaseModel | dict[str, Any] | list[Any]) -> None:
    """One JSON document on stdout, in ASCII: what could steer a terminal stays escaped."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    typer.echo(json.dumps(plain, indent=2))
