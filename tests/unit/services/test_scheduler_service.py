"""The scheduler at a glance: for whom it may be read, and what it asks of the backend."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import Forbidden
from execution_ops.domain.outlook import Coming, MissedFiring
from execution_ops.domain.runs import Run, RunCounts, RunPage
from execution_ops.domain.schedules import Missed, ScheduleSpec
from execution_ops.domain.states import RunState, TargetState
from execution_ops.services.jobs import JobService
from execution_ops.services.runs import RunService
from execution_ops.services.scheduler import MISSED_MAX, SchedulerService
from tests.lag_samples import behind, health, queue, worker
from tests.unit.state.run_samples import run

SEEN = frozenset({"acme"})
READER = Actor(name="ada", scopes=frozenset({Scope.READ}), tenants=SEEN, source="test")
NOBODY = Actor(name="eve", scopes=frozenset(), tenants=None, source="test")


class Ledger:
    """What the service asks of a backend. `asked` are the tenants of each read."""

    def __init__(self, *runs: Run, missed: int = 0) -> None:
        self.runs = {one.id: one for one in runs}
        self.count = missed
        self.asked: list[frozenset[str] | None] = []
        self.since = datetime.now(UTC)

    def health(self, *, tenants: frozenset[str] | None) -> Any:
        self.asked.append(tenants)
        return behind()

    def coming_firings(self, *, tenants: frozenset[str] | None, limit: int) -> Coming:
        self.asked.append(tenants)
        return Coming()

    def missed_firings(self, since: datetime, *, tenants: frozenset[str] | None, limit: int) -> list[MissedFiring]:
        self.asked.append(tenants)
        self.since = since
        one = MissedFiring(schedule_id="s", name="nightly", tenant="acme", due_at=since, missed=Missed.PAUSED)
        return [one] * min(self.count, limit)

    def list_runs(self, where: Any, *, tenants: frozenset[str] | None, cursor: Any, limit: int) -> RunPage:
        self.asked.append(tenants)
        rows = sorted(self.runs.values(), key=lambda one: one.created_at, reverse=where.sort.value == "newest")
        return RunPage(rows=tuple(rows[:limit]), older=None, newer=None)

    def get_run(self, run_id: str, *, tenants: frozenset[str] | None) -> Run | None:
        return self.runs.get(run_id)

    def run_spec(self, run_id: str) -> ScheduleSpec:
        return ScheduleSpec(name="nightly", job_type="demo.work", cron="@daily", parallelism=2)

    def run_segments(self, run_id: str) -> list[Any]:
        return []


def service(ledger: Any) -> SchedulerService:
    return SchedulerService(ledger, JobService(ledger), RunService(ledger))


@pytest.mark.parametrize(
    "read",
    [
        lambda one, actor: one.lag(actor),
        lambda one, actor: one.lag(actor, behind()),
        lambda one, actor: one.active(actor, behind()),
        lambda one, actor: one.coming(actor),
        lambda one, actor: one.missed(actor),
    ],
)
def test_it_is_for_those_who_may_read_and_of_their_tenants(read: Callable[[SchedulerService, Actor], Any]) -> None:
    ledger = Ledger()
    with pytest.raises(Forbidden):
        read(service(ledger), NOBODY)
    assert ledger.asked == []
    read(service(ledger), READER)
    assert set(ledger.asked) <= {SEEN}


def test_the_lag_is_that_of_the_health_at_hand() -> None:
    ledger = Ledger()
    given = health(queue("scan", waiting=1), workers=(worker("scan"),))
    assert [one.queue for one in service(ledger).lag(READER, given).items] == ["scan"]
    assert ledger.asked == []


def test_what_was_missed_is_bounded_and_of_the_last_24_hours() -> None:
    for count, shown, more in ((0, 0, False), (MISSED_MAX, MISSED_MAX, False), (MISSED_MAX + 5, MISSED_MAX, True)):
        ledger = Ledger(missed=count)
        found = service(ledger).missed(READER)
        assert (len(found.firings), found.more) == (shown, more)
        assert timedelta(hours=23, minutes=59) < datetime.now(UTC) - ledger.since < timedelta(hours=24, minutes=1)


def test_a_run_says_what_it_waits_for() -> None:
    counts = RunCounts(by_state={TargetState.WAITING: 3, TargetState.RUNNING: 2})
    first = run(state=RunState.RUNNING, planner_job_id="plan", counts=counts)
    second = run(state=RunState.QUEUED, created_at=first.created_at + timedelta(minutes=1))
    served = health(workers=(worker("demo", "ops"),))
    later, earlier = service(Ledger(first, second)).active(READER, served)
    assert later.waiting is not None
    assert later.waiting.run_id == first.id
    assert earlier.waiting is not None
    assert earlier.waiting.sentence == "3 targets wait: at most 2 targets run at once."
    stuck, _ = service(Ledger(first, second)).active(READER, health(workers=(worker("ops"),)))[::-1]
    assert stuck.waiting is not None
    assert stuck.waiting.stuck
