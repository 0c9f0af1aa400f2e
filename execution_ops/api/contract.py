"""The contract of the REST interface: the document at its address, and the committed copy `docs/openapi.json`.

FastAPI writes the parameters, models and addresses; what is added here is what it does not know: permissions, the
codes of errors, which headers a verb takes, and examples.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from execution_ops.api.error_codes import CODES, STATUSES, example
from execution_ops.api.errors import ErrorEnvelope
from execution_ops.api.example_values import VALUES
from execution_ops.api.examples import example_of
from execution_ops.api.operations import ERRORS, SCOPES, VERB, security
from execution_ops.api.parameters import (
    HEADERS,
    ID_PATTERN,
    IN_PATHS,
    NAMES,
    NOT_BLANK,
    PARAMETERS,
    REASON,
    header_schema,
)
from execution_ops.api.tags import TAGS
from execution_ops.domain.credentials import SESSION_COOKIE
from execution_ops.domain.verbs import VERBS

Json = dict[str, Any]

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
_MODEL = {"$ref": f"#/components/schemas/{ErrorEnvelope.__name__}"}
_CLASH = re.compile(r"execution_ops__(?:\w+?)__(\w+?)__(\w+)")
_REF = re.compile(r"#/components/schemas/([\w-]+)")
_READ_ONLY = frozenset({"get", "head"})
_ABOUT = """\
What the console's pages show and do, for programs. Every list takes `limit` and an opaque `cursor` and answers
`next_cursor`; every error is `{"error": {"code", "message", "trace_id"}}` with a stable code, and `field` where one
field of the request is at fault; times are UTC in ISO 8601 with milliseconds; a change takes `Idempotency-Key`,
`X-Stella-Operator-Reason` and `X-Stella-Operator-Ticket`.

`x-required-scope` names the permissions that an operation takes (whoever holds any of them may read as well), `x-verb`
the verb that it carries out. On loopback
without sign-in whoever asks is the operator and needs no credentials.
"""
_SECURITY_SCHEMES: Json = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API token, made and revoked in the console."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": f"The session of a browser that signed in; over https the name is __Host-{SESSION_COOKIE}.",
    },
}


def install(app: FastAPI, routes: Iterable[APIRoute]) -> None:
    """Let the application answer with this document. It is made when it is first asked for."""
    known = tuple(routes)

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = document(app, known)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def document(app: FastAPI, routes: Iterable[APIRoute]) -> Json:
    """The whole document. `routes` are those that it is about, for examples of what they take and answer."""
    made: Json = get_openapi(
        title=app.title,
        version=app.version,
        summary="An operator console for job execution",
        description=_ABOUT,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
        tags=[{"name": name, "description": words} for name, words in TAGS.items()],
        servers=[{"url": "/", "description": "This console"}],
        separate_input_output_schemas=False,
    )
    made = _renamed(made)
    made |= {part: _untitled(made[part]) for part in ("paths", "components")}
    refusals: Json = {}
    headers: Json = {}
    examples: Json = {code: {"value": example(code)} for code in CODES}
    by_place = {(route.path, method.lower()): route for route in routes for method in route.methods or ()}
    for path, method, operation in _operations(made):
        _describe(operation, by_place[path, method], examples)
        codes = _codes(operation, path, method)
        _share_headers(operation, headers)
        operation["responses"] |= _refusals(operation["responses"], codes, refusals)
        operation["responses"] = dict(sorted(operation["responses"].items()))
    made["components"]["securitySchemes"] = _SECURITY_SCHEMES
    made["components"]["parameters"] = dict(sorted(headers.items()))
    made["components"]["responses"] = dict(sorted(refusals.items()))
    made["components"]["examples"] = dict(sorted(examples.items()))
    schemas = made["components"]["schemas"]
    # FastAPI's own errors are never answered, and a model may be named only by one that is left out.
    while unused := set(schemas) - set(_REF.findall(json.dumps(made))):
        for name in unused:
            del schemas[name]
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    return made


def text_of(made: Json) -> str:
    """The document as it is committed."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _operations(made: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in made["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _renamed(made: Json) -> Json:
    """Models of one name in several modules are told apart by the module, in words."""

    def name(found: re.Match[str]) -> str:
        return f"{found[1].title().replace('_', '')}{found[2]}"

    renamed: Json = json.loads(_CLASH.sub(name, json.dumps(made)))
    return renamed


def _untitled(part: Any) -> Any:
    """Without the titles that repeat the name of a field."""
    if isinstance(part, list):
        return [_untitled(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {key: _untitled(value) for key, value in part.items() if not (key == "title" and isinstance(value, str))}


def _describe(operation: Json, route: APIRoute, examples: Json) -> None:
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    paragraphs = operation["description"].split("\n\n")
    operation["description"] = "\n\n".join(" ".join(one.split()) for one in paragraphs)
    for parameter in operation.get("parameters", ()):
        _describe_parameter(parameter, operation)
    if "requestBody" in operation and route.body_field is not None:
        content = operation["requestBody"]["content"]["application/json"]
        _show(content, route.body_field.field_info.annotation, examples)
    _describe_answers(operation, route, examples)
    scopes = operation.get(SCOPES)
    operation.setdefault("security", security(scopes) if scopes else [])


def _describe_parameter(parameter: Json, operation: Json) -> None:
    name = parameter["name"]
    parameter["description"] = parameter.get("description") or PARAMETERS.get(name, f"The {name.replace('_', ' ')}.")
    schema = parameter["schema"]
    if parameter["in"] == "path":
        parameter["example"] = IN_PATHS.get(name, VALUES.get(name))
        if name.endswith("_id") and name not in NAMES:
            schema["pattern"] = ID_PATTERN
    if parameter["in"] == "header":
        parameter["name"] = HEADERS.get(name, name.title())
        parameter["schema"] = header_schema(name, schema)
    verb = VERBS.get(operation.get(VERB, ""))
    if name == REASON and verb is not None and verb.reason_required:
        parameter["required"] = True
        parameter["schema"] |= {"minLength": 1, "pattern": NOT_BLANK}
        parameter["example"] = VALUES["reason"]


def _share_headers(operation: Json, shared: Json) -> None:
    """Each header is a reference to one that all operations share; the reason has two forms."""
    parameters = operation.get("parameters", [])
    for i, one in enumerate(parameters):
        if one["in"] == "header":
            name = one["name"] + ("-Required" if one["required"] else "")
            if shared.setdefault(name, one) == one:
                parameters[i] = {"$ref": f"#/components/parameters/{name}"}


def _describe_answers(operation: Json, route: APIRoute, examples: Json) -> None:
    for status, answer in operation["responses"].items():
        if answer["description"] == "Successful Response":
            answer["description"] = _said(route.response_model)
        content = answer.get("content", {}).get("application/json")
        own = route.responses.get(int(status), {}).get("model")
        if content is None or (own is None and not status.startswith("2")):
            continue
        kind = own or route.response_model
        if kind is not None:
            _show(content, kind, examples)


def _show(content: Json, kind: Any, examples: Json) -> None:
    """An example of that kind, which all who take or answer it share."""
    name = _REF.search(json.dumps(content["schema"]))
    if name is None:
        content["example"] = example_of(kind)
        return
    examples.setdefault(name[1], {"value": example_of(kind)})
    content["examples"] = {name[1]: {"$ref": f"#/components/examples/{name[1]}"}}


def _said(model: Any) -> str:
    """What an answer is, in the words of its model."""
    said = getattr(model, "__doc__", None) if isinstance(model, type) and issubclass(model, BaseModel) else None
    return " ".join(said.split("\n\n")[0].split()) if said else "What was asked for."


def _codes(operation: Json, path: str, method: str) -> dict[int, set[str]]:
    """The codes of the errors that it answers, by status."""
    answered = {*operation.pop(ERRORS, ()), "HOST_NOT_ALLOWED", "INTERNAL"}
    if operation["security"]:
        answered |= {"TOO_MANY_REQUESTS", "UNAUTHENTICATED", "FORBIDDEN", "UNAVAILABLE", "INVALID_INPUT"}
        # On a remote backend, whatever is asked is asked there.
        answered |= {code for code in CODES if code.startswith("REMOTE_")}
    if "{" in path:
        answered.add("NOT_FOUND")
    if any(one["name"] == "cursor" for one in operation.get("parameters", ())):
        answered.add("BAD_CURSOR")
    if method not in _READ_ONLY:
        answered |= {"CROSS_SITE", "BODY_TOO_LARGE", "NOT_FOUND"}
    if verb := VERBS.get(operation.get(VERB, "")):
        answered |= {"CONFLICT", "IDEMPOTENCY_KEY_REUSED", "IN_PROGRESS"}
        answered |= {"REASON_REQUIRED"} if verb.reason_required else set()
    by_status: dict[int, set[str]] = {}
    for code in answered:
        for status in CODES[code][0]:
            by_status.setdefault(status, set()).add(code)
    return by_status


def _refusals(answers: Json, codes: dict[int, set[str]], shared: Json) -> Json:
    """The answers that are errors, each a reference to one that all operations with the same codes share."""
    made = {}
    for status, of_status in codes.items():
        # What a route answers with this status in a form of its own stays.
        if _has_own_form(answers.get(str(status), {})):
            continue
        told = "-".join(sorted(of_status))
        name = f"{status}-{told}"
        shared[name] = _refusal(status, sorted(of_status))
        made[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return made


def _has_own_form(answer: Json) -> bool:
    content = answer.get("content", {})
    if content and "application/json" not in content:
        return True
    schema = content.get("application/json", {}).get("schema", {})
    return "$ref" in schema and not schema["$ref"].endswith(("HTTPValidationError", ErrorEnvelope.__name__))


def _refusal(status: int, codes: list[str]) -> Json:
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    return {
        "description": STATUSES[status],
        "content": {"application/json": {"schema": _MODEL, "examples": examples}},
    }


def main() -> int:
    """Write the committed copy."""
    from execution_ops.api.app import create_api
    from execution_ops.services.container import services

    COMMITTED.write_text(text_of(create_api(services).openapi()), encoding="utf-8")
    sys.stdout.write(f"Wrote {COMMITTED}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
