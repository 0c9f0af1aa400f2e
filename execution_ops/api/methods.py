"""Which methods an address knows: those of the route that names it most exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

_PARAMETER = re.compile(r"\{[^}]*\}")


class Methods:
    """Answers 405 with every method that an address knows in `Allow` (RFC 9110, 15.5.6).

    The router would name those of the first route that fits, and let a method that `/kits/upload` does not know reach
    `/kits/{kit_id}` with `upload` for an id.
    """

    def __init__(self, app: ASGIApp, *, routes: Iterable[APIRoute]) -> None:
        self._app = app
        known: dict[str, tuple[re.Pattern[str], set[str]]] = {}
        for route in routes:
            known.setdefault(route.path, (route.path_regex, set()))[1].update(route.methods or ())
        # The more of an address a template spells out, the more exactly it names it.
        exact = sorted(known, key=lambda path: len(_PARAMETER.sub("", path)), reverse=True)
        self._known = [known[path] for path in exact]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the address knows."""
        if scope["type"] == "http":
            methods = next((methods for pattern, methods in self._known if pattern.match(scope["path"])), None)
            if methods is not None and scope["method"] not in methods:
                raise HTTPException(405, headers={"Allow": ", ".join(sorted(methods))})
        await self._app(scope, receive, send)
