"""The state of the frame: environment, version, and the messages of what just happened."""

from __future__ import annotations

from itertools import count
from typing import TypedDict

import reflex as rx

from execution_ops import __version__
from execution_ops.components.palette import Finder
from execution_ops.components.shell import Surroundings
from execution_ops.components.tenant_switch import Tenancy
from execution_ops.settings import settings
from execution_ops.state.palette import PaletteState
from execution_ops.state.tenants import TenantState

TOASTS_MAX = 4
_ids = count(1)


class Toast(TypedDict):
    """One message: tone is ok, bad, warn or run; `href` with the word `link` leads to what it is about."""

    id: str
    tone: str
    text: str
    href: str
    link: str


def message(text: str, *, tone: str = "ok", href: str = "", link: str = "Open") -> Toast:
    """A new message."""
    return Toast(id=str(next(_ids)), tone=tone, text=text, href=href, link=link)


class ShellState(rx.State):
    """What the frame shows on every page. The state of a page adds a message with `_say`."""

    toasts: rx.Field[list[Toast]] = rx.field(default_factory=list)

    @rx.var
    def environment(self) -> str:
        """The name on the environment badge."""
        return settings().environment

    @rx.var
    def environment_color(self) -> str:
        """The color of the environment badge."""
        return settings().badge_color()

    @rx.var
    def version(self) -> str:
        """Version and engine, for the foot of the navigation."""
        engine = "PostgreSQL" if settings().url().startswith("postgresql") else "SQLite"
        return f"{__version__} · {engine}"

    def _say(self, toast: Toast) -> None:
        """Show a message; of many the newest stay."""
        self.toasts = [*self.toasts, toast][-TOASTS_MAX:]

    @rx.event
    def dismiss(self, toast_id: str) -> None:
        """Drop one message."""
        self.toasts = [toast for toast in self.toasts if toast["id"] != toast_id]


def surroundings() -> Surroundings:
    """What every page passes to the frame."""
    return Surroundings(
        environment=ShellState.environment,
        version=ShellState.version,
        toasts=ShellState.toasts,
        on_toast_gone=ShellState.dismiss,
        environment_color=ShellState.environment_color,
        finder=Finder(PaletteState.found, PaletteState.answered, PaletteState.trouble, PaletteState.find),
        tenancy=Tenancy(
            TenantState.several, TenantState.names, TenantState.asked, TenantState.more, TenantState.search
        ),
    )
