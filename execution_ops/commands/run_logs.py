"""`execution-ops runs logs`: what a run tells, for a terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from execution_ops.commands.output import Exit, note, opened, out, safe
from execution_ops.domain.access import Actor
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import RunEvent, RunEventKind, RunLine
from execution_ops.domain.states import RunState
from execution_ops.domain.times import iso

if TYPE_CHECKING:
    from execution_ops.services.container import Services
    from execution_ops.services.run_stream import Told

# As many lines as the service gives at once.
BATCH = 5_000
_STYLES = {LogLevel.DEBUG: "dim", LogLevel.WARNING: "yellow", LogLevel.ERROR: "red"}
_LEVELS = tuple(LogLevel)


@dataclass(frozen=True)
class _Printer:
    """Prints what of a run is wanted."""

    level: LogLevel | None
    text: str
    as_json: bool

    def line(self, line: RunLine) -> None:
        """Print a line of the log."""
        if self.as_json:
            typer.echo(json.dumps(line.model_dump(mode="json")))
        else:
            words = f"{line.line:>6}  {iso(line.at)}  {line.source}: {line.text}"
            out().print(safe(words, _STYLES.get(line.level, "")))

    def told(self, few: Sequence[Told]) -> None:
        """Print the lines among these that match, and every new state."""
        for one in few:
            if not isinstance(one, RunEvent):
                continue
            if one.kind is RunEventKind.LOG:
                line = RunLine(**one.data, seq=one.seq, at=one.at)
                if self._wants(line):
                    self.line(line)
            elif one.kind is RunEventKind.STATE and self.as_json:
                typer.echo(json.dumps(one.model_dump(mode="json")))
            elif one.kind is RunEventKind.STATE:
                why = f" ({one.data['error_code']})" if one.data["error_code"] else ""
                out().print(safe(f"{'':6}  {iso(one.at)}  The run is {one.data['state']}{why}.", "bold"))

    def _wants(self, line: RunLine) -> bool:
        loud = self.level is None or _LEVELS.index(line.level) >= _LEVELS.index(self.level)
        # Of bytes, only ASCII letters have a case: as in a search of the log itself.
        return loud and self.text.encode(errors="replace").lower() in line.text.encode().lower()


def logs(
    run_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a run.")],
    level: Annotated[LogLevel | None, typer.Option(help="At least this level.")] = None,
    text: Annotated[str, typer.Option(help="Only lines that contain this.")] = "",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the run has ended; fails if it did not complete.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print the log of a run: its own lines and those of all its jobs, in one order."""
    with opened(as_json=as_json) as (services, actor):
        printer = _Printer(level, text, as_json)
        if follow:
            try:
                asyncio.run(_follow(services, actor, run_id, printer))
            except KeyboardInterrupt:
                note(f"The run goes on. See it with: execution-ops runs show {run_id}")
                raise typer.Exit(Exit.INTERRUPTED) from None
            if services.runs.find(actor, run_id).state is not RunState.COMPLETED:
                raise typer.Exit(Exit.FAILED)
            return
        after = 0
        while True:
            part = services.run_stream.log(actor, run_id, after=after, limit=BATCH, level=level, text=text)
            for line in part.lines:
                printer.line(line)
            if len(part.lines) < BATCH:
                return
            after = part.lines[-1].line


async def _follow(services: Services, actor: Actor, run_id: str, printer: _Printer) -> None:
    """Print what the run tells until it has told all."""
    hub = asyncio.create_task(services.hub.run())
    try:
        async with aclosing(services.run_stream.follow(actor, run_id)) as told:
            async for few in told:
                printer.told(few)
    finally:
        hub.cancel()
        await asyncio.wait([hub])
