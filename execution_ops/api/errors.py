"""Every error as `{"error": {"code", "message", "trace_id"}}`, `field` where one is at fault, and never a stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema
from starlette.exceptions import HTTPException

from execution_ops.domain.errors import OpsError, TooMany, Unauthenticated
from execution_ops.domain.ids import new_id
from execution_ops.domain.text import visible

BODY_MAX = 64 * 1024
# Of the many jobs of a pipeline, with their payloads.
DAG_MAX = 1024 * 1024
_WORDS = {
    400: ("INVALID_INPUT", "The body of this request can't be read."),
    413: ("BODY_TOO_LARGE", f"A request has at most {BODY_MAX // 1024} KiB."),
    404: ("NOT_FOUND", "There is nothing at this address."),
    405: ("METHOD_NOT_ALLOWED", "This address does not know that method."),
}


class ErrorBody(BaseModel):
    """What went wrong: a stable code, a sentence, and the id under which the server logged it.

    `field` names the one field of the request that is at fault; it is left out where it is none or several.
    """

    code: str
    message: str
    trace_id: str
    field: str | SkipJsonSchema[None] = None


class ErrorEnvelope(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorBody


class Misdirected(OpsError):
    """The request names a host that this server does not answer for."""

    code = "HOST_NOT_ALLOWED"
    status = 421


def envelope(
    status: int, code: str, message: str, trace_id: str, *, field: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer for an error."""
    error = ErrorBody(code=code, message=visible(message, lines=True), trace_id=trace_id, field=field or None)
    body = ErrorEnvelope(error=error).model_dump(exclude_none=True)
    return JSONResponse(body, status, headers={"Cache-Control": "no-store", **(headers or {})})


def refusal(error: OpsError, trace_id: str) -> JSONResponse:
    """The answer for an error that the caller can act on."""
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return envelope(error.status, error.code, error.message, trace_id, field=error.field, headers=headers)


def http_refusal(error: HTTPException, trace_id: str) -> JSONResponse:
    """The answer for an error that the framework raised, in our words."""
    code, message = _WORDS.get(error.status_code, ("HTTP_ERROR", str(error.detail)))
    return envelope(error.status_code, code, message, trace_id, headers=error.headers)


def trace_of(request: Request) -> str:
    """The id of this request: the guard's, or a new one for an address that it does not guard."""
    return str(request.scope.setdefault("trace_id", new_id()))


def install(app: FastAPI) -> None:
    """Answer every error of the app with the envelope."""
    app.add_exception_handler(OpsError, _ops)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)


async def _ops(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OpsError)
    return refusal(error, trace_of(request))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return http_refusal(error, trace_of(request))


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = "; ".join(_problem(problem) for problem in error.errors()[:5])
    return envelope(422, "INVALID_INPUT", problems, trace_of(request))


def _problem(problem: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}"
