"""No number that somebody sends costs more than an ordinary one: each has bounds, in the contract and in the code."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.access import Scope
from tests.api.document import Operation, operations
from tests.furnished import Asking, Request, furnished, request_for
from tests.security.conftest import Tried

TENANT = "acme"
SOON_S = 20.0
ITEMS_MAX = 5_000
ABSURD = (
    *("-1", "0", "1000000000", "9" * 30, "-" + "9" * 30, "1e400", "1e9", "NaN", "0x10", "٣", "1.5", "", " 1"),
    "1 OR 1=1",
)


def numbers(operation: Operation) -> list[dict[str, Any]]:
    """Its parameters that are numbers."""
    found = []
    for parameter in operation.parameters:
        kinds = [parameter["schema"], *parameter["schema"].get("anyOf", ())]
        found += [parameter for kind in kinds if kind.get("type") in ("integer", "number")]
    return found


NUMERIC = [operation for operation in operations() if numbers(operation)]


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Asking]:
    with furnished(tmp_path_factory.mktemp("numbers"), sqlite_template, (TENANT,)) as made:
        yield Asking(made)


@pytest.mark.parametrize("operation", NUMERIC, ids=lambda operation: operation.id)
def test_a_number_has_bounds_in_the_contract(operation: Operation) -> None:
    for parameter in numbers(operation):
        kinds = [parameter["schema"], *parameter["schema"].get("anyOf", ())]
        [kind] = [kind for kind in kinds if kind.get("type") in ("integer", "number")]
        assert {"minimum", "exclusiveMinimum"} & set(kind), parameter["name"]
        assert {"maximum", "exclusiveMaximum"} & set(kind), parameter["name"]


@pytest.mark.parametrize("operation", NUMERIC, ids=lambda operation: operation.id)
async def test_an_absurd_number_is_refused_or_harmless(asking: Asking, operation: Operation, tried: Tried) -> None:
    cases = 0
    for parameter in numbers(operation):
        for value in ABSURD:
            name = parameter["name"]
            if parameter["in"] == "path":
                wanted = request_for(operation, asking.there, TENANT, **{name: value or "%20"})
            else:
                plain = request_for(operation, asking.there, TENANT)
                url = f"{plain.url}{'&' if '?' in plain.url else '?'}{name}={value}"
                wanted = Request(plain.method, url, plain.headers, plain.body)
            begun = time.monotonic()
            answer = await asking.send(wanted, frozenset(Scope))
            assert time.monotonic() - begun < SOON_S, value
            assert answer.status_code < 500, (value, answer.text)
            assert len(answer.text) < 5_000_000
            if answer.status_code == 200 and "items" in answer.text[:200]:
                assert len(answer.json().get("items", ())) <= ITEMS_MAX
            cases += 1
    tried(cases)
