"""The contract is whole, says what the code does, and changes only where a review sees it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from execution_ops.api import contract, error_codes
from execution_ops.api.tags import TAGS
from execution_ops.domain.errors import OpsError
from execution_ops.domain.verbs import VERBS
from tests.api.document import Json, Operation, document, operations, problems, resolved

SOURCES = Path(contract.__file__).parents[1]
EVERY = pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
# Done by no route: a page alone reveals, pages and routes write the marks of an export, an undo has the inverse's name.
# Only commands for back-up and restore end with these.
OF_COMMANDS = {"DAMAGED", "IN_USE", "NOT_EMPTY", "NO_BACKUP", "OTHER_DATABASE"}
WITHOUT_ROUTE = {"reveal", "export", "export_finished", "export_cut_off"}


def test_the_committed_document_is_what_the_code_says() -> None:
    assert contract.COMMITTED.read_text(encoding="utf-8") == contract.text_of(document()), "run: make openapi"


def test_operations_have_names_of_their_own() -> None:
    ids = [operation.id for operation in operations()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", one) for one in ids)


def test_every_area_is_described_and_used() -> None:
    described = {tag["name"]: tag["description"] for tag in document()["tags"]}
    assert described == TAGS
    assert {tag for operation in operations() for tag in operation.spec["tags"]} == set(TAGS)


@EVERY
def test_an_operation_is_described(operation: Operation) -> None:
    spec = operation.spec
    assert spec["summary"]
    assert spec["description"].endswith((".", "it."))
    assert {"x-required-scope", "security", "tags"} <= set(spec)
    for parameter in operation.parameters:
        assert parameter["description"], parameter["name"]
        assert parameter["schema"], parameter["name"]
        assert parameter["in"] != "path" or parameter["example"] is not None, parameter["name"]
    scopes = sorted(operation.scopes)
    assert spec["security"] in ([{"bearer": scopes}, {"session": scopes}, {}], [] if not scopes else None)


@EVERY
def test_a_change_takes_reason_ticket_and_key(operation: Operation) -> None:
    headers = {one["name"]: one for one in operation.parameters if one["in"] == "header"}
    verb = VERBS.get(operation.spec.get("x-verb", ""))
    if verb is None:
        return
    assert operation.method != "get"
    assert verb.scope in operation.scopes
    assert {"X-Stella-Tenant", "X-Stella-Operator-Reason", "X-Stella-Operator-Ticket", "Idempotency-Key"} <= set(
        headers
    )
    assert headers["X-Stella-Operator-Reason"]["required"] is verb.reason_required


def test_every_verb_has_a_route_or_a_reason_for_none() -> None:
    named = {operation.spec["x-verb"] for operation in operations() if "x-verb" in operation.spec}
    assert named == set(VERBS) - WITHOUT_ROUTE - {"run_retry_failed"}


@EVERY
def test_answers_name_statuses_and_codes_that_there_are(operation: Operation) -> None:
    assert any(status[0] in "23" for status in operation.spec["responses"])
    for status in operation.spec["responses"]:
        answer = operation.answer(int(status))
        assert answer is not None
        assert answer["description"]
        if status.startswith("2"):
            assert answer.get("content") or status in ("204",), status
        for code in answer.get("content", {}).get("application/json", {}).get("examples", {}):
            assert code not in error_codes.CODES or int(status) in error_codes.CODES[code][0]


def _examples(operation: Operation) -> list[tuple[str, Json, Any]]:
    """Every example with the schema that it has to keep to."""
    bodies = [("request", operation.spec.get("requestBody", {}))]
    bodies += [(status, operation.answer(int(status)) or {}) for status in operation.spec["responses"]]
    found = []
    for name, body in bodies:
        content = body.get("content", {}).get("application/json", {})
        shown = [content["example"]] if "example" in content else []
        shown += [resolved(one)["value"] for one in content.get("examples", {}).values()]
        found += [(name, content["schema"], value) for value in shown]
    return found


@EVERY
def test_examples_keep_to_their_schemas(operation: Operation) -> None:
    for name, schema, value in _examples(operation):
        assert list(problems(schema, value)) == [], name
    for parameter in operation.parameters:
        if "example" in parameter:
            assert list(problems(parameter["schema"], parameter["example"])) == [], parameter["name"]


@EVERY
def test_what_is_json_has_an_example(operation: Operation) -> None:
    with_example = {name for name, _, _ in _examples(operation)}
    wanted = {"request"} if "application/json" in operation.spec.get("requestBody", {}).get("content", {}) else set()
    for status in operation.spec["responses"]:
        content = (operation.answer(int(status)) or {}).get("content", {}).get("application/json", {})
        # A payload has any form, an export that of its format.
        if content.get("schema"):
            wanted.add(status)
    assert wanted <= with_example


def test_every_code_in_the_sources_is_in_the_contract() -> None:
    raised = {
        code
        for path in SOURCES.rglob("*.py")
        if "migrat" not in str(path)
        for code in re.findall(r"code=\"([A-Z_]+)\"", path.read_text(encoding="utf-8"))
    }
    classes: list[type[OpsError]] = [OpsError]
    for kind in classes:
        classes.extend(kind.__subclasses__())
    assert (raised - OF_COMMANDS) | {kind.code for kind in classes} <= set(error_codes.CODES)
    assert not OF_COMMANDS & set(error_codes.CODES)
    for kind in classes:
        assert kind.status in error_codes.CODES[kind.code][0]


def test_every_code_is_answered_by_something() -> None:
    told = {
        code
        for answer in document()["components"]["responses"].values()
        for code in answer["content"]["application/json"]["examples"]
    }
    assert told == set(error_codes.CODES)
