"""What goes wrong between here and a remote, as the errors that pages show."""

from __future__ import annotations

import json
from http import HTTPStatus

import httpx

from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, OpsError, Unavailable
from execution_ops.domain.text import visible

MESSAGE_MAX = 1_000
_KNOWN: dict[int, type[OpsError]] = {
    400: InvalidInput,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: InvalidInput,
    422: InvalidInput,
    503: Unavailable,
}


class Refused(Unavailable):
    """The remote can be reached and does not serve us: waiting alone does not help."""


class Garbled(Unavailable):
    """The remote answered what we do not understand."""

    code = "REMOTE_CONTRACT"


def unreachable(error: httpx.RequestError, where: str) -> Unavailable:
    """The error for a request that got no whole answer."""
    words = {
        httpx.ConnectTimeout: "did not take the connection in time",
        httpx.ReadTimeout: "did not answer in time",
        httpx.WriteTimeout: "did not take the request in time",
        httpx.PoolTimeout: "is slow: all connections to it are in use",
        httpx.RemoteProtocolError: "broke off its answer",
        httpx.ReadError: "broke off its answer",
        httpx.WriteError: "broke off the connection",
        httpx.ConnectError: "can't be reached",
    }
    said = next((text for kind, text in words.items() if isinstance(error, kind)), "can't be talked to")
    return Unavailable(f"The remote system at {where} {said}.", code="REMOTE_UNREACHABLE")


def too_slow(where: str, seconds: float) -> Unavailable:
    """The error for an answer that drips in."""
    return Unavailable(
        f"The remote system at {where} sends its answer too slowly: it was given up after {seconds:g} s.",
        code="REMOTE_UNREACHABLE",
    )


def too_large(where: str, most: int) -> Garbled:
    """The error for an answer out of all proportion."""
    return Garbled(f"The answer of the remote system at {where} has more than {most >> 20} MiB: it was not read.")


def garbled(where: str, what: str) -> Garbled:
    """The error for an answer that is not what the contract says."""
    return Garbled(f"The remote system at {where} answered {what}. It may be of another version than this console.")


def refused(response: httpx.Response, body: bytes, where: str) -> OpsError:
    """The error that an answer of 4xx or 5xx tells of."""
    status = response.status_code
    code, message, field = _envelope(response, body)
    if status == HTTPStatus.UNAUTHORIZED:
        return Refused(
            f"The remote system at {where} does not accept this console's token: see EXECUTION_OPS_BACKEND_TOKEN.",
            code="REMOTE_UNAUTHORIZED",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Unavailable(
            f"The remote system at {where} takes no more requests for now{_later(response)}.", code="REMOTE_BUSY"
        )
    if status in (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED):
        return Conflict("The remote system can't do this: it is of another version.", code="NOT_SUPPORTED")
    kind = _KNOWN.get(status)
    if kind is not None and message:
        return kind(message, code=code, field=field)
    if status == HTTPStatus.NOT_FOUND:
        return Conflict(
            f"The remote system at {where} has nothing at this address: it may be of another version.",
            code="NOT_SUPPORTED",
        )
    traced = f" Its trace id is {visible(trace)[:64]}." if (trace := response.headers.get("X-Stella-Trace-Id")) else ""
    return Unavailable(f"The remote system at {where} failed (HTTP {status}).{traced}", code="REMOTE_FAILED")


def _later(response: httpx.Response) -> str:
    after = response.headers.get("Retry-After", "")
    return (
        f", and asks to come back in {int(after):,} s"
        if after.isascii() and after.isdecimal() and len(after) < 6
        else ""
    )


def _envelope(response: httpx.Response, body: bytes) -> tuple[str | None, str, str]:
    """Code, message and field of the envelope; None and "" if it is none."""
    nothing = None, "", ""
    if "json" not in response.headers.get("Content-Type", ""):
        return nothing
    try:
        error = json.loads(body)["error"]
        code, message, field = error["code"], error["message"], error.get("field", "")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return nothing
    if not (isinstance(code, str) and isinstance(message, str) and isinstance(field, str)):
        return nothing
    return visible(code)[:64], visible(message, lines=True)[:MESSAGE_MAX], visible(field)[:64]
