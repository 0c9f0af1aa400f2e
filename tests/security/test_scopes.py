"""What the contract says of permissions is what the handlers ask for: no more, no less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from execution_ops.domain.access import Scope
from tests.api.document import Operation, operations
from tests.furnished import Asking, Furnished, furnished, request_for

TENANT = "acme"
GUARDED = [operation for operation in operations() if operation.scopes]
# Its permission is that of the inverse of what is undone: its own tests are in tests/security/test_handlers.py.
BY_INVERSE = {"undo_audit_event"}
# They may, and are then told that this is no thing to do that to.
ABOUT_THE_THING = {"save_baseline", "stream_run", "undo_plan"}


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Furnished]:
    with furnished(tmp_path_factory.mktemp("scopes"), sqlite_template) as made:
        yield made


@pytest.fixture(scope="module")
def asking(there: Furnished) -> Asking:
    return Asking(there)


async def ask(asking: Asking, operation: Operation, scopes: frozenset[Scope]) -> httpx.Response:
    """The answer to an actor with these permissions."""
    return await asking.send(request_for(operation, asking.there, TENANT), scopes)


@pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.id)
async def test_each_permission_is_needed_and_they_are_enough(asking: Asking, operation: Operation) -> None:
    events = "SELECT count(*) AS n FROM audit_event"
    before = asking.there.bench.rows(events)
    for scope in sorted(operation.scopes):
        refused = await ask(asking, operation, frozenset(Scope) - {scope})
        assert refused.status_code == 403, (scope, refused.text)
        assert refused.json()["error"]["code"] == "FORBIDDEN"
        assert scope.value in refused.json()["error"]["message"]
    nobody = await ask(asking, operation, frozenset())
    assert nobody.status_code == 403
    assert asking.there.bench.rows(events) == before
    if operation.id in BY_INVERSE:
        return
    # Whoever holds a permission may read.
    answer = await ask(asking, operation, operation.scopes | {Scope.READ})
    wrong = {401, 403, 400, 422, 500} - ({400} if operation.id in ABOUT_THE_THING else set())
    assert answer.status_code not in wrong, answer.text
