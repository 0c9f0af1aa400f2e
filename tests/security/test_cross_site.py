"""No other site changes anything, whichever operation it aims at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from execution_ops.domain.access import Scope
from tests.api.document import Operation, operations
from tests.furnished import Asking, Request, furnished, request_for
from tests.security.conftest import Tried

TENANT = "acme"
CHANGING = [operation for operation in operations() if operation.method != "get"]
FOREIGN: tuple[dict[str, str], ...] = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8420"},
    {"Sec-Fetch-Site": ""},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:8420.evil.example"},
    {"Origin": "http://127.0.0.1:1"},
)
# Forms of other sites can send these without asking first.
FORMS = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Asking]:
    with furnished(tmp_path_factory.mktemp("sites"), sqlite_template, (TENANT,)) as made:
        yield Asking(made)


@pytest.mark.parametrize("operation", CHANGING, ids=lambda operation: operation.id)
async def test_no_other_site_changes_anything(asking: Asking, operation: Operation, tried: Tried) -> None:
    wanted = request_for(operation, asking.there, TENANT)
    before = asking.there.bench.rows("SELECT count(*) AS events FROM audit_event")
    for foreign in FOREIGN:
        for form in (None, *FORMS):
            headers = wanted.headers | foreign | ({"content-type": form} if form else {})
            answer = await asking.send(Request(wanted.method, wanted.url, headers, wanted.body), frozenset(Scope))
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "CROSS_SITE"), headers
    assert asking.there.bench.rows("SELECT count(*) AS events FROM audit_event") == before
    tried(len(FOREIGN) * (len(FORMS) + 1))
