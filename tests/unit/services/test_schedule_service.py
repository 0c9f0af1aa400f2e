"""What the service of schedules keeps from whom, and how it filters and counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from execution_ops.backends.base import Capabilities
from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Forbidden, InvalidInput, NotFound
from execution_ops.domain.redaction import MASK
from execution_ops.domain.runs import FiredAt
from execution_ops.domain.schedule_filters import ScheduleFilter
from execution_ops.domain.schedules import Missed, Schedule, ScheduleSpec
from execution_ops.domain.verbs import Stamp
from execution_ops.services.schedules import ScheduleService
from tests.schedule_samples import EPOCH, schedule

ANN = local_operator()
STAMP = Stamp(actor=ANN, reason="a test")
SECRET = {"token": "s3cret", "depth": 1}


class Backend:
    """Schedules in memory, as the service asks for them."""

    capabilities = Capabilities()

    def __init__(self, *known: Schedule) -> None:
        self.known = {one.id: one for one in known}
        self.last: dict[str, list[FiredAt]] = {}
        self.stored: list[ScheduleSpec] = []

    def schedules(self, *, tenants: frozenset[str] | None) -> list[Schedule]:
        return [one for one in self.known.values() if tenants is None or one.tenant in tenants]

    def get_schedule(self, schedule_id: str, *, tenants: frozenset[str] | None) -> Schedule | None:
        return next((one for one in self.schedules(tenants=tenants) if one.id == schedule_id), None)

    def firings(self, schedule_ids: list[str], *, limit: int) -> dict[str, list[FiredAt]]:
        return {one: self.last[one][:limit] for one in schedule_ids if one in self.last}

    def known_content(self, _schedule_id: str, _targets: Any) -> dict[str, str]:
        return {}

    def check_schedule(self, spec: ScheduleSpec) -> ScheduleSpec:
        return spec

    def edit_schedule(self, _schedule_id: str, spec: ScheduleSpec, _stamp: Any, *, revision: int | None) -> None:
        self.stored.append(spec)


def service(backend: Backend) -> ScheduleService:
    return ScheduleService(backend, [Path("/srv")])  # type: ignore[arg-type]


def test_a_page_is_filtered_and_comes_with_how_all_stand() -> None:
    on, off = schedule(name="b"), schedule(name="a", tenant="globex", changes={"paused_at": EPOCH})
    backend = Backend(on, off)
    backend.last = {off.id: [FiredAt(due_at=EPOCH, missed=Missed.PAUSED)]}
    page = service(backend).page(ANN, ScheduleFilter(missed=True), cursor=None, limit=50)
    assert [row.schedule.id for row in page.rows] == [off.id]
    figures = page.figures
    assert (figures.schedules, figures.enabled, figures.paused, figures.missed) == (2, 1, 1, 1)
    assert (figures.next_name, figures.next_at) == ("b", EPOCH)
    assert [row.schedule.id for row in service(backend).list(ANN, ScheduleFilter(missed=False))] == [on.id]
    eve = Actor(name="eve", scopes=frozenset({Scope.READ}), tenants=frozenset({"acme"}))
    assert service(backend).page(eve, ScheduleFilter(), cursor=None, limit=50).figures.schedules == 1
    with pytest.raises(Forbidden):
        service(backend).page(Actor(name="nobody", scopes=frozenset()), ScheduleFilter(), cursor=None, limit=50)


def test_what_a_schedule_saw_is_for_those_only_who_see_it() -> None:
    one = schedule()
    eve = Actor(name="eve", scopes=frozenset(Scope), tenants=frozenset({"globex"}))
    assert service(Backend(one)).candidates(ANN, one.spec, schedule_id=one.id).candidates == 1
    with pytest.raises(NotFound):
        service(Backend(one)).candidates(eve, one.spec, schedule_id=one.id)


def test_the_mask_of_a_secret_is_never_stored_in_its_place() -> None:
    one = schedule(job_type="demo.work", payload=SECRET)
    backend = Backend(one)
    shown = service(backend).get(ANN, one.id).schedule.spec
    assert shown.payload["token"] == MASK
    service(backend).edit(ANN, one.id, shown.model_copy(update={"name": "later"}), STAMP)
    assert backend.stored[-1].payload == SECRET
    with pytest.raises(InvalidInput, match="in place of a secret") as refused:
        service(backend).edit(ANN, one.id, shown.model_copy(update={"payload": {**shown.payload, "depth": 2}}), STAMP)
    assert refused.value.field == "payload"
