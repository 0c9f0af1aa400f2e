"""Pages of ours that are served elsewhere, such as a static export behind a CDN: what a browser lets them ask here.

Only the origins of the settings, by exact match, and with the cookie of whoever signed in: never `*`.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_REQUEST_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, "
    "X-Stella-Operator-Reason, X-Stella-Operator-Ticket, X-Stella-Tenant, X-Stella-Trace-Id"
)
_ANSWER_HEADERS = "Content-Disposition, ETag, Location, Retry-After, X-Stella-Trace-Id"
_KEPT_S = 600


def listed_origin(headers: Headers, origins: Collection[str]) -> str:
    """The origin of the page that asks, if it is one of `origins`; "" for any other, and for none or several."""
    sent = headers.getlist("origin")
    return sent[0] if len(sent) == 1 and sent[0] in origins else ""


def is_preflight(method: str, headers: Headers) -> bool:
    """Whether a browser asks what it may send; it sends no cookie along."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def preflight(origin: str) -> Response:
    """What the page of a listed origin may send; for any other ("") nothing."""
    if not origin:
        return Response(status_code=403)
    may = {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _REQUEST_HEADERS,
        "Access-Control-Max-Age": str(_KEPT_S),
    }
    return Response(status_code=204, headers=may)


def let_read(headers: MutableHeaders, origin: str) -> None:
    """Let the page of a listed origin read an answer; for any other ("") a cache may not keep the same one."""
    headers.add_vary_header("Origin")
    if origin:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Allow-Credentials"] = "true"
        headers["Access-Control-Expose-Headers"] = _ANSWER_HEADERS
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
