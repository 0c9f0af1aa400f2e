"""The command line. Each group of commands lives in `commands/`; this module only joins them."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from execution_ops.commands import processes
from execution_ops.commands.output import EXIT_CODES

COMMANDS = {
    "scan": "scan:scan",
    "status": "status:status",
    "export-site": "export_site:export_site",
    "retention": "retention:retention",
    "doctor": "doctor:doctor",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "jobs": "jobs:app",
    "quotas": "quotas:app",
    "dead-letters": "letters:app",
    "replays": "replays:app",
    "schedules": "schedules:app",
    "runs": "scheduler_runs:app",
    "workers": "workers:app",
    "baselines": "baselines:app",
    "scanner-settings": "scanner_settings:app",
    "trust": "scanner_settings:trust_app",
    "kits": "kits:app",
    "bench": "bench:app",
    "analyzers": "analyzers:app",
    "audit": "audit:app",
}
"""What a command is called -> its module in `commands/`, and the function or the group of commands there.

They are imported when they are asked for: the three processes start without them, half a second sooner.
"""


class _Commands(UserDict[str, Any]):
    """Commands by their names, made from `COMMANDS` at the first look at each."""

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        found: TyperCommand | TyperGroup | str = super().__getitem__(name)
        if isinstance(found, str):
            self[name] = found = _load(name, found)
        return found


class _Console(TyperGroup):
    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Commands(dict(self.commands) | COMMANDS)


def _load(name: str, place: str) -> TyperCommand | TyperGroup:
    module, _, attribute = place.partition(":")
    found = import_module(f"execution_ops.commands.{module}")
    command = getattr(found, attribute)
    if isinstance(command, typer.Typer):
        command.info.name = name
        return get_group(command)
    single = typer.Typer(add_completion=False)
    single.command(name, epilog=getattr(found, "EXAMPLES", EXIT_CODES))(command)
    return cast(TyperCommand, get_command(single))


app = typer.Typer(
    cls=_Console,
    no_args_is_help=True,
    # A traceback with local variables would print what redaction hides.
    pretty_exceptions_enable=False,
    help="Execution Operations: an operator console for job execution.",
    epilog=EXIT_CODES,
)
for process in (processes.up, processes.worker, processes.web):
    app.command()(process)
