"""Looking up ids: for whom, how many, and nothing that is a secret."""

from __future__ import annotations

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Forbidden, InvalidInput
from execution_ops.domain.lookup import FOUND_MAX, Thing
from execution_ops.services.lookup import LookupService
from tests.doubles import MemoryBackend
from tests.job_samples import job_row

LOCAL = local_operator()


def job_id(n: int) -> str:
    return f"0100{n:04x}-0000-7000-8000-000000000000"


@pytest.fixture
def service() -> LookupService:
    backend = MemoryBackend()
    for n in range(FOUND_MAX + 2):
        tenant = "lumen" if n == 3 else "acme"
        backend.add(job_row(id=job_id(n), tenant=tenant, label="password=hunter2 <b>"))
    return LookupService(backend)


def test_at_most_five_of_a_kind_and_the_word_that_there_are_more(service: LookupService) -> None:
    answer = service.find(LOCAL, " 0100 ")
    assert answer.id == "0100"
    assert [item.id for item in answer.items] == [job_id(n) for n in (6, 5, 4, 3, 2)]
    assert answer.more == (Thing.JOB,)
    assert service.find(LOCAL, job_id(1)).more == ()


def test_a_viewer_of_one_tenant_learns_of_its_things_only(service: LookupService) -> None:
    viewer = Actor(name="v", scopes=frozenset({Scope.READ}), tenants=frozenset({"lumen"}))
    assert [item.id for item in service.find(viewer, "0100").items] == [job_id(3)]


def test_texts_are_redacted_and_otherwise_kept_as_they_are(service: LookupService) -> None:
    (item,) = service.find(LOCAL, job_id(1)).items
    assert "hunter2" not in item.note
    assert item.note.endswith("<b>")


def test_who_may_not_read_finds_nothing(service: LookupService) -> None:
    with pytest.raises(Forbidden, match="ops:read"):
        service.find(Actor(name="v", scopes=frozenset()), "0100")


def test_three_characters_are_too_few(service: LookupService) -> None:
    with pytest.raises(InvalidInput, match="4 characters"):
        service.find(LOCAL, "010")
