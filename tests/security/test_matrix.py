"""Who may do what where, over HTTP: every operation of the contract (changes, reads, exports, the stream, the upload)
for every role and every single permission, in the own tenant, another one and several others.

It is made from the contract, which is made from the table of verbs: a verb or a route that is new is in it, and a
route that says nothing of its permission fails the tests of the contract.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from execution_ops.domain.access import Scope
from execution_ops.domain.identity import Role
from execution_ops.domain.verbs import VERBS
from tests.api.document import Operation, operations
from tests.furnished import MARK, Asking, Furnished, furnished, request_for
from tests.security.conftest import Tried

OWN, OTHER, THIRD = "acme", "zeta", "omega"
GUARDED = [operation for operation in operations() if operation.spec["security"]]
# Whoever holds a permission may read (`actor_within`), so nobody has one scope alone but the reader.
ACTORS: dict[str, frozenset[Scope]] = {
    "nobody": frozenset(),
    **{role.value: role.scopes for role in Role},
    **{scope.value: frozenset({scope, Scope.READ}) for scope in Scope},
}
REACHES: dict[str, frozenset[str] | None] = {
    "own": frozenset({OWN}),
    "other": frozenset({OTHER}),
    "several others": frozenset({OTHER, THIRD}),
    "own among several": frozenset({OWN, OTHER}),
    "all": None,
}
# What belongs to no tenant: looked at by all who read, changed by whoever has the permission.
OF_ALL = {"worker_id", "kit_id", "analyzer", "fingerprint", "version"}
TABLES = ("job", "dead_letter", "quota", "schedule", "run", "baseline", "replay_plan")


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Asking]:
    with furnished(tmp_path_factory.mktemp("matrix"), sqlite_template, (OWN, OTHER)) as made:
        yield Asking(made)


def of_tenant(there: Furnished) -> str:
    """All that the ledger has of the own tenant, as text."""
    rows = [there.bench.rows(f"SELECT * FROM {table} WHERE tenant = :tenant", tenant=OWN) for table in TABLES]
    return json.dumps(rows, default=str, sort_keys=True)


def events(there: Furnished) -> int:
    return int(there.bench.rows("SELECT count(*) AS events FROM audit_event")[0]["events"])


@pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.id)
async def test_nobody_does_what_they_may_not(asking: Asking, operation: Operation, tried: Tried) -> None:
    before, told, cases = of_tenant(asking.there), events(asking.there), 0
    for who, scopes in ACTORS.items():
        if operation.scopes <= scopes:
            continue
        for where, tenants in REACHES.items():
            answer = await asking.send(request_for(operation, asking.there, OWN), scopes, tenants)
            # Of what they may not know of they are told that it is not there.
            unknown = tenants is not None and OWN not in tenants
            assert answer.status_code in ({403, 404} if unknown else {403}), (who, where, answer.text)
            assert MARK.format(OWN) not in answer.text, (who, where)
            cases += 1
    assert of_tenant(asking.there) == before
    assert events(asking.there) == told
    tried(cases)


@pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.id)
async def test_nobody_reaches_into_another_tenant(asking: Asking, operation: Operation, tried: Tried) -> None:
    """Whatever they may do in theirs."""
    wanted = request_for(operation, asking.there, OWN)
    before, cases = of_tenant(asking.there), 0
    for who in ("viewer", "operator", "admin"):
        if not operation.scopes <= ACTORS[who]:
            continue
        for where in ("other", "several others"):
            answer = await asking.send(wanted, ACTORS[who], REACHES[where])
            assert MARK.format(OWN) not in answer.text, (who, where)
            assert answer.status_code != 500
            for name, value in asking.there.of[OWN].ids.items():
                asked_for = value in wanted.url or value.encode() in (wanted.body or b"")
                assert asked_for or name in ("n", "sha256") or value not in answer.text, (who, where, name)
            cases += 1
    assert of_tenant(asking.there) == before
    tried(cases)


def test_every_verb_is_in_the_matrix_or_has_no_route() -> None:
    named = {operation.spec.get("x-verb") for operation in GUARDED}
    # `reveal` is a parameter of reads; an export is a read; the others only the audit tells of.
    assert set(VERBS) - named == {"reveal", "export", "export_finished", "export_cut_off", "run_retry_failed"}


async def test_secrets_are_revealed_to_whoever_may_alone(asking: Asking, tried: Tried) -> None:
    job = asking.there.of[OWN].ids["job_id"]
    [operation] = [one for one in operations() if one.id == "get_job_payload"]
    wanted = request_for(operation, asking.there, OWN, job_id=job)
    wanted = type(wanted)(wanted.method, f"{wanted.url}?reveal=true", wanted.headers, None)
    for scopes in ACTORS.values():
        answer = await asking.send(wanted, scopes, REACHES["own"])
        assert (answer.status_code == 200) is (scopes >= {Scope.READ, Scope.REVEAL})
    tried(len(ACTORS))
