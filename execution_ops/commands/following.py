"""Waiting at a terminal for what was started: one loop for every command."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import typer

from execution_ops.commands.output import Exit, note

LOOK_S = 0.3
Found = TypeVar("Found")


def follow_until(
    look: Callable[[], Found], is_over: Callable[[Found], bool], *, timeout: float = 0, see: str = ""
) -> Found:
    """Look until it is over; what was found then. `look` may say on the way what it saw.

    After `timeout` seconds (0: as long as it takes) the command ends as UNAVAILABLE, and names the command `see`
    that shows what goes on without it.
    """
    until = time.monotonic() + timeout if timeout else float("inf")
    while not is_over(found := look()):
        if time.monotonic() >= until:
            note(f"It has not ended within {timeout:g} s and goes on: execution-ops {see}")
            raise typer.Exit(Exit.UNAVAILABLE)
        time.sleep(LOOK_S)
    return found
