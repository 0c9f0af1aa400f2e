"""What the app object needs so that the console looks as it should: style sheets, fonts, icon, overlays."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.app import default_error_boundary

STYLESHEETS = tuple(
    f"/css/{name}.css"
    for name in (
        "fonts",
        "tokens",
        "base",
        "shell",
        "controls",
        "table",
        "filters",
        "overlays",
        "palette",
        "tenant-switch",
        "states",
        "detail",
        "browse",
        "graph",
        "job",
        "letters",
        "quotas",
        "workers",
        "runs",
        "schedules",
        "baselines",
        "run-stream",
        "scheduler",
        "kits",
        "scanner-settings",
        "scanner",
        "analyzers",
        "performance",
        "audit",
    )
)
PRELOADED_FONTS = ("ibm-plex-sans-latin-wght-normal", "ibm-plex-mono-latin-400-normal")


def app_options() -> dict[str, Any]:
    """Keyword arguments for `rx.App`.

    No Radix theme and no reset (our base sheet is one), none of the framework's own connection
    toasts (the live mark and the stale banner say it), our fonts loaded before the first paint.
    """
    preloads = [
        rx.el.link(
            rel="preload",
            href=f"/fonts/{name}.woff2",
            custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"},
        )
        for name in PRELOADED_FONTS
    ]
    return {
        "stylesheets": list(STYLESHEETS),
        "head_components": [
            *preloads,
            rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
            rx.el.meta(name="color-scheme", content="light dark"),
        ],
        "reset_style": False,
        "toaster": None,
        "app_wraps": {(55, "ErrorBoundary"): lambda _stateful: default_error_boundary()},
        "html_lang": "en",
    }
