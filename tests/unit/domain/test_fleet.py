"""What may be asked of a worker, and what is said of a fleet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.fleet import (
    Asked,
    WarningKind,
    check_name,
    check_queues,
    describe_fleet,
    describe_worker,
    refusal,
    warnings,
)
from execution_ops.domain.fleet_filters import WorkerFilter, check_worker_cursor, worker_page
from execution_ops.domain.states import WorkerState
from execution_ops.domain.verb import Verb
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP
from tests.fleet_double import fleet_of, fleet_worker
from tests.quota_double import EPOCH

DRAINING: dict[str, Any] = {"state": WorkerState.DRAINING, "asked": Asked.DRAIN, "asked_by": "ann", "asked_at": EPOCH}
STOPPING = {**DRAINING, "asked": Asked.STOP}
GONE = {"state": WorkerState.DRAINED, "ended_at": EPOCH}


@pytest.mark.parametrize(
    ("verb", "worker", "why"),
    [
        (WORKER_DRAIN, {}, ""),
        (WORKER_STOP, {}, ""),
        (WORKER_RESUME, {}, "It takes jobs: there is nothing to resume."),
        (WORKER_DRAIN, DRAINING, "ann asked it to drain at 2026-01-23T12:00:00.000Z already."),
        (WORKER_RESUME, DRAINING, ""),
        (WORKER_STOP, DRAINING, ""),
        (WORKER_DRAIN, STOPPING, "ann asked it to stop at 2026-01-23T12:00:00.000Z already."),
        (WORKER_STOP, STOPPING, "ann asked it to stop at 2026-01-23T12:00:00.000Z already."),
        (WORKER_RESUME, STOPPING, "It was asked to stop and ends after its last job."),
        (WORKER_DRAIN, GONE, "It ended at 2026-01-23T12:00:00.000Z: nothing can be asked of it any more."),
        (WORKER_STOP, GONE, "It ended at 2026-01-23T12:00:00.000Z: nothing can be asked of it any more."),
    ],
)
def test_what_can_be_asked(verb: Verb, worker: dict[str, Any], why: str) -> None:
    assert refusal(fleet_worker(**worker), verb) == why


def test_who_looked_too_long_ago_is_told_who_was_faster() -> None:
    worker = fleet_worker(revision=3, asked_by="bob", asked_at=EPOCH)
    assert refusal(worker, WORKER_DRAIN, 3) == ""
    assert refusal(worker, WORKER_DRAIN, 2).startswith("bob changed what is asked of it at 2026-01-23")


@pytest.mark.parametrize(
    ("worker", "words"),
    [
        ({}, "It takes jobs."),
        ({"late": True}, "Its heartbeat is late"),
        ({**DRAINING, "running": 1}, "It finishes 1 job and takes nothing new."),
        ({**STOPPING, "running": 2}, "It finishes 2 jobs and takes nothing new, then it ends."),
        ({**DRAINING, "state": WorkerState.DRAINED}, "until it is resumed"),
        ({**STOPPING, "state": WorkerState.DRAINED}, "It has finished and ends."),
        (GONE, "It ended by itself"),
        ({"state": WorkerState.LOST, "ended_at": EPOCH}, "It died or was cut off."),
    ],
)
def test_a_worker_in_words(worker: dict[str, Any], words: str) -> None:
    assert words in describe_worker(fleet_worker(**worker))


def test_the_fleet_in_a_sentence() -> None:
    online = fleet_worker(running=3)
    busy = fleet_worker(id="w2", running=1, **DRAINING)
    drained = fleet_worker(id="w3", state=WorkerState.DRAINED, asked=Asked.DRAIN)
    gone = fleet_worker(id="w4", **GONE)
    assert describe_fleet(fleet_of(online, gone)) == "1 worker online; 3 of 4 slots in use."
    assert describe_fleet(fleet_of(online, online, busy, drained)) == (
        "2 workers online, 1 draining, 1 drained; 6 of 8 slots in use, 1 job to finish on those that drain."
    )
    assert describe_fleet(fleet_of(drained)) == "1 worker drained; 0 of 0 slots in use."
    assert describe_fleet(fleet_of(gone)) == "No worker runs."


def test_a_queue_that_nobody_takes_from_is_warned_of_first() -> None:
    fleet = fleet_of(
        fleet_worker(),
        fleet_worker(id="w2", queues=("mail", "demo"), **DRAINING),
        fleet_worker(id="w3", queues=("old",), **GONE),
        mail=1,
        scan=7,
        demo=3,
    )
    found = warnings(fleet)
    assert [(one.kind, one.queue) for one in found] == [
        (WarningKind.NO_WORKER, "scan"),
        (WarningKind.ALL_DRAIN, "mail"),
    ]
    assert found[0].sentence == ("No worker serves the queue scan. 7 jobs wait in it. Start one: execution-ops worker")
    assert found[1].sentence.endswith("nothing new starts there. 1 job waits in it.")


def test_late_heartbeats_and_versions_are_warned_of() -> None:
    late = fleet_worker(id="w2", name="slow", late=True, heartbeat_at=EPOCH - timedelta(seconds=17))
    old = fleet_worker(id="w3", version="0.0.9")
    new = fleet_worker(id="w4", version="0.0.10")
    found = warnings(fleet_of(late, old, new, fleet_worker(id="w5", version="9", **GONE)))
    assert [one.kind for one in found] == [WarningKind.LATE, WarningKind.VERSIONS]
    assert found[0].sentence.startswith("The last heartbeat of slow is 17.0 s old.")
    assert found[1].sentence == "Workers run different versions: 0.1.0 on 1, 0.0.10 on 1, 0.0.9 on 1."
    assert found[1].version == "0.0.9"
    assert warnings(fleet_of(fleet_worker(), fleet_worker(id="w2"))) == ()


@pytest.mark.parametrize("name", ["", " a", "a ", "x" * 65, "a\nb", "a\x1b[2J", "\u202ea", "\ud800"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        check_name(name)


def test_a_hostile_name_that_can_be_shown_is_kept() -> None:
    assert check_name("<b onclick=alert(1)>") == "<b onclick=alert(1)>"


@pytest.mark.parametrize("queue", ["", "a\nb", "_dbos_internal", "x" * 101, "\u202ea"])
def test_no_name_of_a_queue(queue: str) -> None:
    with pytest.raises(InvalidInput, match="no name of a queue"):
        check_queues([queue])


def test_each_queue_is_served_once() -> None:
    assert check_queues(["scan", "mail", "scan"]) == ("scan", "mail")


TEXTS = st.lists(st.text(min_size=1, max_size=20).filter(lambda text: "\0" not in text and text.isprintable()))


@given(TEXTS, TEXTS, st.lists(st.sampled_from(WorkerState)))
def test_a_filter_survives_its_query(queues: list[str], versions: list[str], states: list[WorkerState]) -> None:
    pairs = [("queue", one) for one in queues[:9]] + [("version", one) for one in versions[:9]]
    where = WorkerFilter.from_query([*pairs, *(("state", one.value) for one in states)])
    assert WorkerFilter.from_query(where.to_query()) == where
    assert where.active() == len(where.to_pairs())


def test_a_filter_says_and_does_the_same() -> None:
    where = WorkerFilter.from_query("state=online&state=drained&queue=scan&host=a&version=1")
    assert where.describe() == "online or drained workers of queue scan on host a of version 1"
    fits = fleet_worker(queues=("mail", "scan"), host="a", version="1")
    assert where.matches(fits)
    for change in ({"queues": ("mail",)}, {"host": "b"}, {"version": "2"}, {"state": WorkerState.LOST}):
        assert not where.matches(fits.model_copy(update=change))
    assert WorkerFilter().describe() == "all workers"
    with pytest.raises(InvalidInput, match="There is no state of a worker 'asleep'; known are online, draining"):
        WorkerFilter.from_query("state=asleep")


@given(st.integers(1, 5), st.lists(st.tuples(st.text("ab", max_size=2), st.booleans()), max_size=12))
def test_pages_have_every_worker_once_in_both_directions(limit: int, made: list[tuple[str, bool]]) -> None:
    workers = [
        fleet_worker(id=f"w{n}", name=name, ended_at=EPOCH if gone else None) for n, (name, gone) in enumerate(made)
    ]
    cursor, seen, pages = None, [], []
    while True:
        page = worker_page(workers, WorkerFilter(), cursor, limit)
        seen += [worker.id for worker in page.rows]
        pages.append(page.rows)
        if page.after is None:
            break
        cursor = check_worker_cursor(page.after)
    ordered = sorted(workers, key=lambda worker: (worker.gone, worker.name, worker.id))
    assert seen == [worker.id for worker in ordered]
    back = page
    for rows in reversed(pages[:-1]):
        back = worker_page(workers, WorkerFilter(), back.before, limit)
        assert back.rows == rows
    assert back.before is None


@pytest.mark.parametrize("cursor", ["x", "!!", "WzEsMl0", "W3RydWUsImEiLCJiIl0", "e30", "x" * 999, "bnVsbA"])
def test_a_damaged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="damaged"):
        worker_page([], WorkerFilter(), cursor, 5)
