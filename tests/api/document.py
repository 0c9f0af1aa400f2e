"""The contract as tests use it: which operation an answer belongs to, and whether it said that it may answer so."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from execution_ops.api.app import create_api
from execution_ops.domain.access import Scope
from execution_ops.services.container import services

Json = dict[str, Any]
_ROOT = "urn:contract"


@functools.cache
def document() -> Json:
    """The document as the interface answers it."""
    return create_api(services).openapi()


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    path: str
    method: str
    spec: Json

    @property
    def id(self) -> str:
        """What it is called."""
        return str(self.spec["operationId"])

    @property
    def scopes(self) -> frozenset[Scope]:
        """The permissions that it takes."""
        return frozenset(map(Scope, self.spec["x-required-scope"]))

    @property
    def parameters(self) -> list[Json]:
        """Its parameters, whole."""
        return [resolved(one) for one in self.spec.get("parameters", ())]

    def answer(self, status: int) -> Json | None:
        """What it says of answers with this status."""
        found = self.spec["responses"].get(str(status))
        return None if found is None else resolved(found)


@functools.cache
def operations() -> tuple[Operation, ...]:
    """All of them."""
    return tuple(
        Operation(path, method, spec) for path, item in document()["paths"].items() for method, spec in item.items()
    )


def resolved(part: Json) -> Json:
    """What a reference stands for."""
    found: Any = part
    while "$ref" in found:
        found = functools.reduce(lambda at, key: at[key], found["$ref"].removeprefix("#/").split("/"), document())
    return dict(found)


def operation_at(method: str, path: str) -> Operation | None:
    """The operation that a request of that address reaches; a fixed word comes before a parameter."""
    fitting = [one for one in operations() if one.method == method.lower() and _pattern(one.path).fullmatch(path)]
    return min(fitting, key=lambda one: (one.path.count("{"), -len(one.path)), default=None)


@functools.cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))


def problems(schema: Json, value: Any) -> Iterator[str]:
    """What of the value is not as a schema of the document says."""
    for error in _validator(json.dumps(schema)).iter_errors(value):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


@functools.cache
def _validator(schema: str) -> Draft202012Validator:
    whole = Resource.from_contents(document(), default_specification=DRAFT202012)
    own = schema.replace('"#/components', f'"{_ROOT}#/components')
    return Draft202012Validator(json.loads(own), registry=Registry().with_resource(_ROOT, whole))


async def check_answer(response: httpx.Response) -> None:
    """Fail unless the contract says that this operation answers with that status, media type, body and code."""
    operation = operation_at(response.request.method, response.request.url.path)
    if operation is None:
        return
    place = f"{operation.id} {response.status_code}"
    answer = operation.answer(response.status_code)
    assert answer is not None, f"{place} is not in the contract"
    kind = response.headers.get("content-type", "").partition(";")[0]
    content = answer.get("content", {})
    if not content:
        return
    assert kind in content or "*/*" in content, f"{place} is {kind}, not one of {sorted(content)}"
    if kind != "application/json" or kind not in content:
        return
    body = json.loads(await response.aread())
    schema = content[kind].get("schema", {})
    assert list(problems(schema, body)) == [], place
    if response.status_code >= 400 and set(body) == {"error"}:
        assert body["error"]["code"] in content[kind]["examples"], f"{place} {body['error']['code']}: {body['error']}"


# For a client: each answer that a test gets has to be one that the contract names.
CHECKED = {"response": [check_answer]}
