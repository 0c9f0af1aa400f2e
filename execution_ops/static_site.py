"""The compiled frontend as an ASGI application: pages, redirects of old addresses, files.

The whole build is read once, at start: a few MB, and a path is a key of a table, so none can
lead to a file outside of it, and a rebuild beneath a running server does no harm.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from execution_ops.routes import match, resolve_alias

FALLBACK = "/404.html"
HASHED = "/assets/"
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
# The suffixes of compressed twins by the name of their encoding, the smallest first.
TWINS = {"br": ".br", "gzip": ".gz"}
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
# Of every answer, whoever gives it.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class _File:
    content: bytes
    twins: Mapping[str, bytes]
    headers: Mapping[str, str]


def policy(html: str, connect: Sequence[str]) -> str:
    """The content security policy of a page: our own files, and the inline scripts that it has.

    Reflex runs scripts that its server sends through `eval`, and emotion adds `<style>` elements.
    `connect` are the origins to which a websocket may be opened and a request sent.
    """
    hashes = dict.fromkeys(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(html)
    )
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self' 'unsafe-eval'", *hashes)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            " ".join(("connect-src 'self'", *connect)),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class StaticSite:
    """Serves a build of the frontend; every address that no page has answers 404."""

    def __init__(self, build: Path, sockets: Sequence[str] = ()) -> None:
        self._files = {
            f"/{path.relative_to(build).as_posix()}": _read(path, f"/{path.relative_to(build).as_posix()}", sockets)
            for path in sorted(build.rglob("*"))
            if path.is_file() and path.suffix not in TWINS.values()
        }
        if FALLBACK not in self._files:
            raise FileNotFoundError(f"{build} holds no build of the frontend.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("Only GET and HEAD.\n", 405, {"Allow": "GET, HEAD"})
        path = quote_from_bytes(scope.get("raw_path") or scope["path"].encode(), safe="%/!$&'()*+,;=:@\\")
        target = resolve_alias(path, scope["query_string"].decode("latin-1"))
        if target is not None:
            # What an old address leads to may change with the next version.
            response = RedirectResponse("/", 308, {"Cache-Control": REVALIDATED})
            response.headers["Location"] = target
            return response
        headers = Headers(scope=scope)
        if path in self._files and not path.endswith(".html"):
            return _respond(self._files[path], headers, 200)
        found = match(path)
        if found and found[0].built:
            return _respond(self._files.get(f"{found[0].pattern}.html", self._files[FALLBACK]), headers, 200)
        if path.startswith(HASHED) or "text/html" not in headers.get("accept", "text/html"):
            return PlainTextResponse("There is no such file.\n", 404, {"Cache-Control": REVALIDATED})
        return _respond(self._files[FALLBACK], headers, 404)


def _read(path: Path, address: str, sockets: Sequence[str]) -> _File:
    content = path.read_bytes()
    twins = {name: path.with_name(f"{path.name}{suffix}") for name, suffix in TWINS.items()}
    kind = "text/javascript" if path.suffix in (".js", ".mjs") else mimetypes.guess_type(path.name)[0]
    text = kind is not None and (kind.startswith("text/") or kind == "image/svg+xml")
    headers = {
        "Content-Type": f"{kind}; charset=utf-8" if text else kind or "application/octet-stream",
        "Cache-Control": IMMUTABLE if address.startswith(HASHED) else REVALIDATED,
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:24]}"',
        "Vary": "Accept-Encoding",
    }
    if path.suffix == ".html":
        headers["Content-Security-Policy"] = policy(content.decode(), sockets)
    return _File(content, {name: twin.read_bytes() for name, twin in twins.items() if twin.is_file()}, headers)


def _respond(file: _File, request: Headers, status: int) -> Response:
    if status == 200 and file.headers["ETag"] in request.get("if-none-match", ""):
        return Response(status_code=304, headers=dict(file.headers))
    accepted = request.get("accept-encoding", "")
    for name, content in file.twins.items():
        if re.search(rf"\b{name}\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accepted):
            return Response(content, status, {**file.headers, "Content-Encoding": name})
    return Response(file.content, status, dict(file.headers))
