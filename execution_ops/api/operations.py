"""What a route says about itself in the contract: the permission that it takes, its verb, filter and errors.

The permission of a change is the one that the table of verbs gives. Nothing here authorises: services do, and a test
calls every route without each of these permissions, and with them alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from execution_ops.api.filter_schemas import parameters_of
from execution_ops.domain.access import Scope
from execution_ops.domain.verb import Verb

SCOPES = "x-required-scope"
VERB = "x-verb"
ERRORS = "x-error-codes"

ANY_FILE = "*/*"
EVENTS = "text/event-stream"
# What a program says of a file that it knows no more of.
OCTETS = "application/octet-stream"
TAR = "application/x-tar"
TEXT = "text/plain"
_BINARY = {"type": "string", "format": "binary"}
# Of a stream the schema is that of each of its events, as OpenAPI 3.2 has it for them.
_EVENT = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
    "required": ["data"],
}
_SCHEMAS = {ANY_FILE: _BINARY, TAR: _BINARY, EVENTS: _EVENT}

# What a decorator of a router takes beside the address.
Declared = dict[str, Any]


def reads(
    scope: Scope = Scope.READ,
    *,
    where: type[BaseModel] | None = None,
    files: Iterable[str] = (),
    errors: Iterable[str] = (),
) -> Declared:
    """A route that changes nothing. `where` is the filter that its query takes, `files` are the media types of a
    download or stream, `errors` the codes that it answers beside those that all such routes have."""
    return _declared([scope], where=where, files=files, errors=errors)


def changes(
    verb: Verb, *, where: type[BaseModel] | None = None, errors: Iterable[str] = (), upload: str = ""
) -> Declared:
    """A route that carries out a verb; `upload` is the media type of the file that is its body."""
    declared = _declared([verb.scope], where=where, errors=errors)
    extra = declared["openapi_extra"]
    extra[VERB] = verb.name
    if upload:
        extra["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": _BINARY} for kind in (upload, OCTETS)},
        }
    return declared


def undoes() -> Declared:
    """A route that carries out the inverse of any verb, and takes the permission of that inverse."""
    return _declared([Scope.READ], errors=("NOT_UNDOABLE", "CHANGED_MEANWHILE", "CONFLICT"))


def for_all_known() -> Declared:
    """A route for whoever is known, whatever they may do."""
    declared = _declared([])
    declared["openapi_extra"]["security"] = security([])
    return declared


def open_to_all(*, errors: Iterable[str] = ()) -> Declared:
    """A route that anybody may call."""
    return _declared([], errors=errors)


def security(scopes: list[str]) -> list[dict[str, list[str]]]:
    """Ways to say who asks. The last one is to say nothing, which is enough on loopback without sign-in."""
    return [{"bearer": scopes}, {"session": scopes}, {}]


def formats(kind: Iterable[Any]) -> tuple[str, ...]:
    """The media types of the formats of an export."""
    return tuple(dict.fromkeys(form.media_type.partition(";")[0] for form in kind))


def _declared(
    scopes: Iterable[Scope],
    *,
    where: type[BaseModel] | None = None,
    files: Iterable[str] = (),
    errors: Iterable[str] = (),
) -> Declared:
    extra: dict[str, Any] = {SCOPES: sorted({scope.value for scope in scopes}), ERRORS: sorted(errors)}
    if where is not None:
        extra["parameters"] = parameters_of(where)
        extra[ERRORS] = sorted({*errors, "UNKNOWN_PARAMETER"})
    content = {kind: {"schema": _SCHEMAS.get(kind, {"type": "string"})} for kind in files}
    for kind, said in content.items():
        if kind.endswith("json"):
            said["schema"] = {}
    if content:
        extra["responses"] = {"200": {"content": content}}
    return {"openapi_extra": extra}
