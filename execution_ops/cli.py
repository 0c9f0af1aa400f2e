"""The command line. Each group of commands lives in `commands/`; this module only joins them."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Execution Operations: an operator console for job execution.")
