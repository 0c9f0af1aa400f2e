"""How the compiled frontend finds its server: at the origin that it was loaded from.

Reflex bakes the backend's address into the bundle at build time. One build has to serve any port,
so the baked address is replaced by the page's own origin.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from reflex.plugins import Plugin

_BAKED = re.compile(r"""(["'`])(ws|http)s?://[^/"'`]+(/[^"'`]*)\1""")
_ORIGIN = {"http": "location.origin", "ws": 'location.origin.replace(/^http/,"ws")'}


def same_origin(script: str) -> str:
    """The environment chunk with every absolute address made relative to the page's origin.

    ValueError if there is no address in it: then Reflex has changed its form.
    """
    text, count = _BAKED.subn(lambda match: f'{_ORIGIN[match[2]]}+"{match[3]}"', script)
    if not count:
        raise ValueError("The environment chunk of the frontend has no address in it.")
    return text


class SameOriginPlugin(Plugin):
    """Rewrites the environment chunk after a build, unless REFLEX_API_URL names another server."""

    def post_build(self, **context: Any) -> None:
        """Called by Reflex between the build and the compression of its files."""
        if os.environ.get("REFLEX_API_URL"):
            return
        static_dir: Path = context["static_dir"]
        chunks = list((static_dir / "assets").glob("reflex-env-*.js"))
        if len(chunks) != 1:
            raise ValueError(f"Expected one environment chunk in the frontend, found {len(chunks)}.")
        chunks[0].write_text(same_origin(chunks[0].read_text()))
