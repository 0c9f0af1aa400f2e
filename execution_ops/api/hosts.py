"""Which names this server answers for: asked by the server of the pages and by the guard of REST alike."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers

REFUSAL = "This server answers for localhost only."


def host_names(origins: Iterable[str]) -> frozenset[str]:
    """The names in the origins of the settings, without schemes and ports."""
    return frozenset(urlsplit(origin).hostname or "" for origin in origins) - {""}


def host_name(headers: Headers) -> str:
    """The name that the request asks for; "" if it names none, more than one, or nonsense."""
    hosts = headers.getlist("host")
    try:
        return (urlsplit(f"//{hosts[0]}").hostname or "") if len(hosts) == 1 else ""
    except ValueError:
        return ""
