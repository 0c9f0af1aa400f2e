"""`execution-ops doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from execution_ops.commands.output import Exit, JsonOption, out, print_json, safe
from execution_ops.domain.doctor import Level

_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "bold red", Level.NOT_CHECKED: "dim"}
_WIDTH = max(map(len, Level))


def doctor(
    patience: Annotated[
        float, typer.Option(min=0.1, max=86_400, help="Seconds that the integrity check of SQLite may take.")
    ] = 10.0,
    as_json: JsonOption = False,
) -> None:
    """Check database, clock, Syft, workers, disk, configuration, console and port; exits 1 for a problem."""
    from execution_ops.services.doctor import check_up

    found = check_up(patience_s=patience)
    if as_json:
        print_json(found)
    else:
        area = ""
        for finding in found.findings:
            if finding.area != area:
                area = finding.area
                out().print(safe(area.capitalize(), "bold"))
            level = Text(f"  {finding.level.value:<{_WIDTH}}  ", style=_STYLES[finding.level])
            out().print(Text.assemble(level, safe(finding.message)))
            if finding.mend:
                out().print(Text.assemble(" " * (_WIDTH + 4), safe(finding.mend, "dim")))
        count = sum(finding.level is Level.PROBLEM for finding in found.findings)
        warnings = sum(finding.level is Level.WARNING for finding in found.findings)
        out().print(f"Execution Operations {found.version}: problems {count}, warnings {warnings}.")
    if found.worst is Level.PROBLEM:
        raise typer.Exit(Exit.FAILED)
