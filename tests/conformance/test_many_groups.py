"""Of many error groups only those shown are read whole, and of old workflows nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from execution_ops.backends.embedded.dbos_tables import forget_finished, take_back
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.letter_tables import LetterCounter, LetterDelta, LetterGroup
from execution_ops.domain.dead_letters import ErrorGroup
from execution_ops.domain.error_categories import RETRYABLE, Category
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.states import OPEN_LETTERS, DeadLetterState, JobState
from execution_ops.domain.times import now_ms
from tests.execution import Bench, wait_until
from tests.letters import EVERYTHING, submit

MANY = 400
LIMIT = 7
THEN = 1_790_000_000_000
STATES, CATEGORIES = tuple(DeadLetterState), tuple(Category)


def counted() -> Iterator[dict[str, Any]]:
    """Counters of many groups, with many ties and some groups that have no entry left."""
    for i in range(MANY):
        for tenant in ("acme", "globex")[: 1 + i % 2]:
            state = STATES[i * 7 % len(STATES)]
            yield {
                "fingerprint": f"{i * 7919 % 10007:016x}",
                "tenant": tenant,
                "job_type": "test.echo",
                "state": state.value,
                "entries": i % 5,
                "last_at": THEN + i % 3,
            }


@pytest.fixture
def many(bench: Bench) -> Bench:
    """Many groups, some of whose figures are still to be folded."""
    counters = list(counted())
    groups = {
        name: {
            "fingerprint": name,
            "error_type": f"Error{name}",
            "template": "word " * 50,
            "frame": "app/orders.py:charge",
            "category": CATEGORIES[int(name, 16) % len(CATEGORIES)].value,
            "first_at": THEN,
        }
        for name in (row["fingerprint"] for row in counters)
    }
    deltas = [
        {name: row[name] for name in ("fingerprint", "tenant", "job_type", "state")} | {"entries": 1, "died_at": None}
        for row in counters[::9]
    ]
    with bench.beneath.engine.begin() as connection:
        connection.execute(insert(LetterGroup), list(groups.values()))
        connection.execute(insert(LetterCounter), counters)
        connection.execute(insert(LetterDelta), deltas)
    return bench


def order(group: ErrorGroup) -> tuple[int, float, str]:
    """The most open entries first, then the newest death, then the name."""
    return -group.open, -group.last_seen.timestamp(), group.fingerprint


@pytest.mark.parametrize("categories", [(), (Category.AUTH, Category.TRANSIENT)])
@pytest.mark.parametrize("tenants", [None, frozenset({"globex"})])
def test_the_first_groups_are_those_of_the_whole_list(
    many: Bench, categories: tuple[Category, ...], tenants: frozenset[str] | None
) -> None:
    where = DeadLetterFilter(category=categories)
    whole = many.backend.letter_groups(where, tenants=tenants, limit=MANY)
    assert whole.more == 0
    assert list(whole.groups) == sorted(whole.groups, key=order)
    found = many.backend.letter_groups(where, tenants=tenants, limit=LIMIT)
    assert found.groups == whole.groups[:LIMIT]
    assert found.more == len(whole.groups) - LIMIT > LIMIT
    health = found.health
    assert health.by_state == {state: sum(group.by_state[state] for group in whole.groups) for state in STATES}
    assert health.open == sum(health.by_state[state] for state in OPEN_LETTERS)
    assert health.retryable == sum(group.open for group in whole.groups if group.category in RETRYABLE)
    first = found.groups[0]
    assert (health.most_common, health.most_common_fingerprint) == (first.error_type, first.fingerprint)
    assert health.most_common_open == first.open > 0


def test_no_more_rows_are_fetched_than_are_shown(many: Bench) -> None:
    engine = many.backend.engine
    statements: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", keep)
    many.backend.letter_groups(EVERYTHING, tenants=None, limit=LIMIT)
    event.remove(engine, "before_cursor_execute", keep)
    assert statements
    with engine.connect() as connection:
        for statement, parameters in statements:
            assert len(connection.exec_driver_sql(statement, parameters).fetchall()) <= LIMIT, statement


# All tables of DBOS that have rows of a workflow, and how they name it.
OF_WORKFLOWS = {
    **dict.fromkeys(("workflow_status", "workflow_input", "workflow_output", "operation_outputs"), "workflow_uuid"),
    **dict.fromkeys(("workflow_events", "workflow_events_history", "streams"), "workflow_uuid"),
    "notifications": "destination_uuid",
}
STORED = ("workflow_status", "workflow_input", "workflow_output", "operation_outputs")


def dbos_table(bench: Bench, table: str) -> str:
    """The table's name on this database."""
    return table if bench.beneath.engine.dialect.name == "sqlite" else f"dbos.{table}"


def kept(bench: Bench) -> dict[str, set[str]]:
    """Which workflows each table of DBOS has rows of, if any."""
    found = {
        table: {row["id"] for row in bench.rows(f"SELECT {column} AS id FROM {dbos_table(bench, table)}")}
        for table, column in OF_WORKFLOWS.items()
    }
    return {table: ids for table, ids in found.items() if ids}


def note_steps(bench: Bench) -> None:
    """Give every workflow a step, which `run_job` has none of."""
    steps, status = (dbos_table(bench, table) for table in ("operation_outputs", "workflow_status"))
    with write(bench.beneath.engine) as connection:
        connection.execute(
            text(
                f"INSERT INTO {steps} (workflow_uuid, function_id, function_name) "
                f"SELECT workflow_uuid, 1, 'step' FROM {status}"
            )
        )


def test_nothing_is_kept_of_forgotten_workflows(bench: Bench) -> None:
    old = submit(bench, 3)
    worker = bench.work()
    for job_id in old:
        bench.until(job_id, JobState.SUCCEEDED)
    wait_until(lambda: len(kept(bench).get("workflow_output", ())) == 3, "the workflows have ended")
    worker.stop(5)
    waiting = submit(bench, 2)
    note_steps(bench)
    ended, open_ = {f"{job_id}:1" for job_id in old}, {f"{job_id}:1" for job_id in waiting}
    assert kept(bench) == {table: ended if table == "workflow_output" else ended | open_ for table in STORED}
    with write(bench.beneath.engine) as connection:
        assert forget_finished(connection, now_ms() + 1_000) == 3
    assert kept(bench) == {table: open_ for table in STORED if table != "workflow_output"}


def test_nothing_is_kept_of_workflows_that_are_taken_back(bench: Bench) -> None:
    taken, begun, other = submit(bench, 3)
    note_steps(bench)
    with write(bench.beneath.engine) as connection:
        connection.execute(
            text(f"UPDATE {dbos_table(bench, 'workflow_status')} SET status = 'PENDING' WHERE workflow_uuid = :id"),
            {"id": f"{begun}:1"},
        )
        assert take_back(connection, {taken: 1, begun: 1}) == {taken}
    left = {f"{begun}:1", f"{other}:1"}
    assert kept(bench) == {table: left for table in STORED if table != "workflow_output"}
