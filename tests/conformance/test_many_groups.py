"""Of many error groups only those shown are read whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, insert

from execution_ops.backends.embedded.letter_tables import LetterCounter, LetterDelta, LetterGroup
from execution_ops.domain.dead_letters import ErrorGroup
from execution_ops.domain.error_categories import RETRYABLE, Category
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.states import OPEN_LETTERS, DeadLetterState
from tests.execution import Bench
from tests.letters import EVERYTHING

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
    with bench.backend.engine.begin() as connection:
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
