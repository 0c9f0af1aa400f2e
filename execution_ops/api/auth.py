"""Signing in and out with a browser. It is all about cookies, which scripts of a page never see."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from execution_ops.api.deps import CredentialsDep, ServicesDep, throttle_of
from execution_ops.api.operations import open_to_all
from execution_ops.api.throttle import SIGN_INS
from execution_ops.domain.errors import OpsError
from execution_ops.routes import Auth
from execution_ops.services.identity import ATTEMPT_S, RETURN_MAX, IdentityService
from execution_ops.texts import identity as words

router = APIRouter(tags=["sign-in"])
ATTEMPT_COOKIE = "execution_ops_sign_in"
_FOLDER = Auth.SIGN_IN.rpartition("/")[0]
# A person looks at these answers.
_PAGE: dict[str, Any] = {
    "description": "A page that says why not.",
    "content": {"text/html": {"schema": {"type": "string"}}},
}
_PAGES: dict[int | str, dict[str, Any]] = dict.fromkeys((400, 401, 403, 409, 502, 503), _PAGE)
ReturnTo = Annotated[str, Query(max_length=RETURN_MAX)]


class SignedOut(BaseModel):
    """Where the browser goes to end its session with the provider as well."""

    to: str


@router.get(
    Auth.SIGN_IN,
    status_code=303,
    response_class=RedirectResponse,
    **open_to_all(errors=("INVALID_INPUT", "NO_SIGN_IN", "TOO_MANY_REQUESTS", "UNAVAILABLE")),
)
def begin_sign_in(request: Request, services: ServicesDep, given: CredentialsDep, to: ReturnTo = "/") -> Response:
    """Send the browser to the OpenID provider; in the end it is led to `to`, a path or an address of ours."""
    throttle_of(request).take(SIGN_INS, given.source)
    begun = services.identities.begin(to)
    answer = RedirectResponse(begun.url, 303)
    _set(answer, services.identities, ATTEMPT_COOKIE, begun.browser, ATTEMPT_S, path=_FOLDER)
    return answer


@router.get(
    Auth.CALLBACK,
    status_code=303,
    response_class=RedirectResponse,
    responses=_PAGES,
    **open_to_all(errors=("INVALID_INPUT", "TOO_MANY_REQUESTS")),
)
def end_sign_in(
    request: Request,
    services: ServicesDep,
    given: CredentialsDep,
    state: Annotated[str, Query(max_length=512)] = "",
    code: Annotated[str, Query(max_length=4096)] = "",
    error: Annotated[str, Query(max_length=512)] = "",
) -> Response:
    """The provider sends the browser back to here."""
    throttle_of(request).take(SIGN_INS, given.source)
    identities = services.identities
    if error:
        return _not_signed_in(words.provider_says(error), 403)
    try:
        done = identities.complete(state, code, request.cookies.get(ATTEMPT_COOKIE, ""))
    except OpsError as problem:
        return _not_signed_in(problem.message, problem.status)
    answer = RedirectResponse(done.return_to, 303)
    seconds = int((done.expires_at - datetime.now(UTC)).total_seconds())
    _set(answer, identities, identities.session_cookie, done.session, seconds)
    answer.delete_cookie(ATTEMPT_COOKIE, path=_FOLDER)
    return answer


@router.post(Auth.SIGN_OUT, **open_to_all(errors=("INVALID_INPUT", "NO_SIGN_IN", "UNAVAILABLE")))
def sign_out(services: ServicesDep, given: CredentialsDep, response: Response, to: ReturnTo = "/") -> SignedOut:
    """End the session here, and say where to go on."""
    identities = services.identities
    there = identities.sign_out(given.session, to)
    response.delete_cookie(identities.session_cookie, path="/", secure=identities.is_secure, httponly=True)
    return SignedOut(to=there)


def _set(answer: Response, identities: IdentityService, name: str, value: str, seconds: int, path: str = "/") -> None:
    answer.set_cookie(
        name, value, max_age=seconds, path=path, secure=identities.is_secure, httponly=True, samesite="lax"
    )


def _not_signed_in(why: str, status: int) -> HTMLResponse:
    """A page without a script or a style: nothing of what it tells is ours."""
    again = quote(Auth.SIGN_IN)
    return HTMLResponse(
        f'<!doctype html><html lang="en"><title>{words.NOT_SIGNED_IN}</title><h1>{words.NOT_SIGNED_IN}</h1>'
        f'<p>{escape(why)}</p><p><a href="{again}">{words.SIGN_IN_AGAIN}</a></p></html>',
        status,
    )
