"""A worker asks DBOS for the work of a queue only when something waits there."""

from __future__ import annotations

import threading

from sqlalchemy import Connection, event

from execution_ops.backends.embedded import dbos_tables
from execution_ops.backends.embedded.engines import read
from execution_ops.domain.states import JobState
from tests.execution import Bench, wait_until
from tests.jobs import QUEUE


def taking() -> set[str]:
    """The queues that are taken from at this moment."""
    return {thread.name.removeprefix("take-") for thread in threading.enumerate() if thread.name.startswith("take-")}


def test_only_a_queue_with_work_is_taken_from(bench: Bench) -> None:
    bench.work(concurrency=1)
    assert not taking()
    first, second = bench.one("test.wait", value="1"), bench.one("test.wait", value="2")
    wait_until(lambda: {bench.state(first), bench.state(second)} == {"running", "scheduled"}, "one waits for its slot")
    wait_until(lambda: taking() == {QUEUE}, "its queue is looked at")
    bench.let_go()
    bench.until(first, JobState.SUCCEEDED)
    bench.until(second, JobState.SUCCEEDED)
    wait_until(lambda: not taking(), "nothing waits, so nobody looks")
    bench.until(bench.one("test.echo"), JobState.SUCCEEDED)


def test_the_look_goes_by_the_index_of_what_waits(bench: Bench) -> None:
    statements: list[str] = []

    def keep(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(bench.beneath.engine, "before_cursor_execute", keep)
    with read(bench.beneath.engine) as connection:
        assert dbos_tables.queues_with_work(connection, ("none", QUEUE)) == set()
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[-1]}", ("none", QUEUE))
            plan = "\n".join(row[-1] for row in rows)
            assert "SEARCH w USING COVERING INDEX idx_workflow_status_in_flight" in plan
