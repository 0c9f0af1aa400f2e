"""What blocks, in sentences, the most severe first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from execution_ops.domain.outlook import MissedFiring
from execution_ops.domain.quotas import Limits, QuotaRow
from execution_ops.domain.schedules import Missed
from execution_ops.domain.standing import (
    Block,
    BlockKind,
    add_up,
    is_stuck,
    lost,
    missed,
    paused,
    ranked,
    rise,
    rising,
    stale,
    unserved,
)
from execution_ops.domain.states import WorkerState
from tests.lag_samples import NOW, behind, health, queue, worker

QUIET = [0] * 22


def quota(**values: Any) -> QuotaRow:
    """A quota that is paused and holds four jobs, changed as wanted."""
    given: dict[str, Any] = {
        "id": "q1",
        "tenant": "acme",
        "job_type": "scan.catalog",
        "configured": Limits(max_active=2),
        "paused_at": NOW,
        "paused_by": "ann",
        "created_at": NOW,
        "changed_at": NOW,
        "changed_by": "ann",
        "active": 0,
        "started": 0,
        "tokens_left": None,
        "next_token_at": None,
        "waiting": 4,
        "at_limit": False,
        "as_of": NOW,
    }
    return QuotaRow(**{**given, **values})


def test_a_queue_that_nobody_serves_blocks_since_its_oldest_job_waits() -> None:
    (block,) = unserved(behind())
    assert block.kind is BlockKind.NO_WORKER
    assert block.sentence == "No worker serves the queue compare: 3 jobs wait."
    assert (block.subject, block.count, block.since) == ("compare", 3, NOW - timedelta(minutes=14))


def test_a_queue_blocks_since_its_last_worker_ended_if_that_is_later() -> None:
    ended = NOW - timedelta(minutes=2)
    gone = worker("compare", id="w9", state=WorkerState.LOST, ended_at=ended)
    (block,) = unserved(health(queue("compare", waiting=1, oldest_wait_ms=840_000), workers=(gone,)))
    assert block.since == ended
    assert block.held == "1 job waits"


def test_a_queue_whose_workers_drain_says_so() -> None:
    drains = worker("scan", state=WorkerState.DRAINING)
    (block,) = unserved(health(queue("scan", waiting=2, oldest_wait_ms=0), workers=(drains,)))
    assert block.title == "All workers of the queue scan drain"
    assert block.draining


def test_a_queue_is_stuck_only_while_jobs_wait_and_nobody_serves_it() -> None:
    assert [is_stuck(one) for one in (queue("a"), queue("a", waiting=1), queue("a", waiting=1, workers=1))] == [
        False,
        True,
        False,
    ]


def test_a_lost_worker_blocks_while_jobs_are_still_on_it() -> None:
    died = worker("scan", id="w2", name="night", state=WorkerState.LOST, running=3)
    (block,) = lost(health(workers=(died, worker("scan", id="w3", state=WorkerState.LOST), worker("scan", running=2))))
    assert block.sentence == "Worker night is lost: 3 jobs ran on it, they start again on another worker."
    assert block.since == NOW


@pytest.mark.parametrize(
    ("waiting", "held"), [(1, "1 job waits"), (1204, "1,204 jobs wait"), (10_001, "10,000+ jobs wait")]
)
def test_a_paused_quota_blocks_with_the_jobs_that_it_holds(waiting: int, held: str) -> None:
    (block,) = paused([quota(waiting=waiting), quota(id="q2", waiting=0), quota(id="q3", paused_at=None)])
    assert (block.subject, block.held, block.since) == ("q1", held, NOW)
    assert block.sentence == f"The quota acme / scan.catalog is paused: {held}, paused by ann."


@pytest.mark.parametrize(
    ("deaths", "hours"),
    [
        ([*QUIET, 0, 4], 0),
        ([*QUIET, 0, 5], 1),
        ([*QUIET, 5, 0], 2),
        ([*QUIET[:20], 7, 8, 9, 3], 3 + 1),
        ([5] * 24, 0),
        ([5] * 22 + [15, 15], 0),
        ([5] * 22 + [5, 16], 1),
        ([5] * 22 + [16, 6], 2),
        ([6], 1),
        ([], 0),
    ],
)
def test_deaths_rise_when_the_last_hours_have_far_more_than_is_usual(deaths: list[int], hours: int) -> None:
    assert rise(deaths) == hours


def test_a_rise_blocks_as_long_as_a_dead_letter_of_it_is_open() -> None:
    (block,) = rising(NOW, 12)
    assert block.sentence == "More jobs die than usual: 12 dead letters need a decision."
    assert rising(NOW, 0) == []


def test_series_that_end_at_the_same_hour_add_up() -> None:
    assert add_up([[1, 2, 3], [10, 20], []]) == [1, 12, 23]
    assert add_up([]) == []


def test_a_missed_due_time_blocks() -> None:
    of = {"tenant": "acme", "due_at": NOW}
    found = missed(
        [
            MissedFiring(schedule_id="a", name="down", missed=Missed.NO_WORKER, times=3, **of),
            MissedFiring(schedule_id="b", name="busy", missed=Missed.OVERLAP, **of),
        ]
    )
    assert [block.sentence for block in found] == [
        "The schedule down missed its last 3 due times: no worker served the queue in time.",
        "The schedule busy missed its last due time: the run before it had not ended.",
    ]
    assert (found[0].subject, found[0].since) == ("a", NOW)


def test_a_kit_blocks_from_the_hour_on_that_the_settings_name() -> None:
    made = NOW - timedelta(hours=72)
    (block,) = stale("k1", "2026.11.20", made, 72, NOW)
    assert block.sentence == "The offline kit 2026.11.20 is stale: it is older than 72 hours."
    assert block.since == NOW
    assert stale("k1", "2026.11.20", made, 73, NOW) == []


def test_what_is_most_severe_comes_first_then_what_holds_up_most_then_what_lasts_longest() -> None:
    def block(kind: BlockKind, subject: str, count: int = 0, minutes: int = 0) -> Block:
        since = NOW - timedelta(minutes=minutes)
        return Block(kind=kind, subject=subject, title=subject, count=count, since=since)

    given = [
        *(block(kind, kind.value) for kind in reversed(BlockKind)),
        block(BlockKind.NO_WORKER, "many", 300),
        block(BlockKind.NO_WORKER, "old", 3, 20),
        block(BlockKind.NO_WORKER, "new", 3, 10),
    ]
    assert [one.subject for one in ranked(given)] == ["many", "old", "new", *(kind.value for kind in BlockKind)]


def test_a_sentence_without_details_is_whole() -> None:
    assert Block(kind=BlockKind.KIT_STALE, subject="", title="It is stale", since=NOW).sentence == "It is stale."
