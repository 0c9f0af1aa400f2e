"""Journeys that begin with a schedule: one that failed overnight, and one that did not fire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from execution_ops import routes
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.states import ENDED_RUNS
from execution_ops.domain.times import now_ms
from tests.e2e.journeys.operator import Operator
from tests.e2e.scheduled import OPERATOR, Station, station
from tests.e2e.servers import Console, await_condition

TENANT = "acme"
HOUR_MS = 3_600_000


@pytest.fixture
def made(console: Console) -> Iterator[Station]:
    with station(console) as found:
        yield found


def test_from_the_schedule_that_failed_overnight_to_the_resolved_dead_letter(operator: Operator, made: Station) -> None:
    """1. It failed at 3 a.m.: which run, which target, why; then one target is replayed, the other given up."""
    overnight(made)
    operator.begins()
    operator.navigates("Scheduler", routes.scheduler())
    operator.counts("Failed today", "1", f"{routes.runs()}?…state=error…")
    operator.opens("nightly mirrors", f"{routes.runs()}?…run=*")
    operator.sees("nightly mirrors")
    operator.reads("error", "2 of 3 targets failed.")
    operator.follows("Stream", routes.run_stream("*"))
    operator.counts("Failed", "2", f"{routes.runs()}?run=*&target_state=failed")
    operator.reads("bad-disk is damaged")
    operator.follows("Jobs of " + target(made, "bad-disk"), f"{routes.jobs()}?…")
    operator.opens("failed", routes.job("*"))
    operator.badge("failed")
    operator.reads("Attempt 1 of 1 failed", "Log", "bad-disk is damaged")
    operator.follows("Dead letter", f"{routes.dead_letter_queue()}?job=*")
    operator.opens("is damaged", routes.dead_letter_entry("*"))
    operator.badge("pending")
    (made.folder(TENANT) / "cure").touch()  # The operator mends the mirror.
    operator.presses("Replay")
    operator.answers("Replay this dead letter?", "Replay 1 dead letter")
    operator.badge("replayed")
    operator.navigates("Dead letters", routes.dead_letter())
    operator.opens("is damaged", f"{routes.dead_letter_queue()}?…")
    operator.opens("bad-index", routes.dead_letter_entry("*"))
    operator.presses("Resolve")
    operator.answers("Resolve this dead letter?", "Resolve 1 dead letter", Reason="the index is made anew tomorrow")
    operator.badge("resolved")
    operator.reads("resolved by local operator", "the index is made anew tomorrow")
    operator.walks_back()


@pytest.mark.long
def test_from_the_due_time_that_was_missed_to_a_run_of_it(operator: Operator, made: Station) -> None:
    """5. It should have run at night and did not: when, why, and it runs now."""
    schedule = made.schedule("licence report", ("reports/all",), tenant=TENANT, cron="0 3 * * *", catch_up_s=0)
    (made.folder(TENANT) / "go").touch()
    made.come_due(schedule, now_ms() - 3 * HOUR_MS)
    await_condition(lambda: made.services.scheduler.missed(OPERATOR).firings, "Nothing was missed.\n", made.log)
    operator.begins()
    operator.reads("The schedule licence report missed its last due time")
    operator.follows("Open the schedule", routes.schedule("*"))
    operator.sees("licence report")
    operator.reads("Recent due times", "missed")
    operator.presses("Run now")
    operator.answers("Run now: licence report?", "Run now")
    operator.takes_up("A run of licence report was made.", "Open the run", routes.run_stream("*"))
    operator.badge("completed")
    operator.reads("Asked for by local operator")
    operator.walks_back()


def overnight(made: Station) -> None:
    """The schedule comes due by itself, and its run ends."""
    schedule = made.schedule(
        "nightly mirrors", ("mirrors/good", "mirrors/bad-disk", "mirrors/bad-index"), tenant=TENANT, cron="0 3 * * *"
    )
    (made.folder(TENANT) / "go").touch()
    made.come_due(schedule, now_ms() - 1000)

    def ended() -> bool:
        runs = made.services.runs.list(OPERATOR, RunFilter(), limit=1).rows
        return bool(runs) and runs[0].state in ENDED_RUNS

    await_condition(ended, "The schedule brought no run that ended.\n", made.log)


def target(made: Station, name: str) -> str:
    """What a target of the schedule is called."""
    return str(made.folder(TENANT) / "mirrors" / name)
