"""Names that look like something else: probes, parents of directories, other addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from execution_ops.domain.access import Scope
from execution_ops.routes import API, HEALTH, METRICS, OPENAPI, READY, is_api
from tests.api.document import Operation, operations
from tests.furnished import Asking, furnished, request_for
from tests.security.conftest import Tried

TENANT = "acme"
NAMED = [one for one in operations() if "{" in one.path]
OPEN = {one.path for one in operations() if not one.spec["security"]}
# Dots are spelled out: a client would resolve plain ones before it sends them.
ODD = (
    *("%2e%2e", "..%2f..%2fetc%2fpasswd", "%2e%2e%5c%2e%2e", "%2e", "%00", "a%00b", "%0d%0aX-Evil:%201", "%ff"),
    *("x-health", "ready", "healthz", "readyz", "x" * 5000, "%F0%9F%92%A9", "-1", "null", "*", "%25", "a;b", "~"),
)
LIKE_PROBES = ("x-health", "ready", "healthz", "readyz", "x/healthz", "x/readyz", "x/health", "x/ready", "metrics")


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Asking]:
    with furnished(tmp_path_factory.mktemp("names"), sqlite_template, (TENANT,)) as made:
        yield Asking(made)


def test_open_to_all_is_a_short_list_of_exact_addresses() -> None:
    assert {HEALTH, READY} <= OPEN
    assert OPEN - {HEALTH, READY} == {path for path in OPEN if path.startswith("/auth/")}
    for path in (HEALTH, READY, METRICS, OPENAPI):
        assert is_api(path)
        assert not any(is_api(other) for other in (f"{path}x", f"/x{path}", f"{path}/x", f"{path}%2f", path.upper()))


@pytest.mark.parametrize("operation", NAMED, ids=lambda operation: operation.id)
async def test_an_odd_name_names_nothing(asking: Asking, operation: Operation, tried: Tried) -> None:
    before = asking.there.bench.rows("SELECT count(*) AS events FROM audit_event")
    names = [one["name"] for one in operation.parameters if one["in"] == "path"]
    for name in names:
        for odd in ODD:
            answer = await asking.send(request_for(operation, asking.there, TENANT, **{name: odd}), frozenset(Scope))
            assert 400 <= answer.status_code < 500, (odd, answer.status_code, answer.text)
            assert "x-evil" not in answer.headers
    assert asking.there.bench.rows("SELECT count(*) AS events FROM audit_event") == before
    tried(len(names) * len(ODD))


@pytest.mark.parametrize("operation", NAMED, ids=lambda operation: operation.id)
async def test_a_name_like_a_probe_opens_nothing(asking: Asking, operation: Operation, tried: Tried) -> None:
    names = [one["name"] for one in operation.parameters if one["in"] == "path"]
    for name in names:
        for probe in LIKE_PROBES:
            wanted = request_for(operation, asking.there, TENANT, **{name: probe})
            answer = await asking.send(wanted, frozenset(), frozenset())
            assert answer.status_code in (400, 403, 404, 405, 422), (probe, answer.text)
    assert API
    tried(len(names) * len(LIKE_PROBES))
