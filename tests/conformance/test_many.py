"""Statements about many rows: what they find, and by which way."""

from __future__ import annotations

import pytest
from sqlalchemy import Executable, select

from execution_ops.backends.embedded import replay_driver, replay_freeze, restarts, transitions
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.many import fields, one_of
from execution_ops.backends.embedded.transitions import JOB
from tests.execution import Bench
from tests.factories import add_jobs, job_values

TEXTS = ["plain:1", 'a "quoted" one', "it's", "back\\slash", "ümläut ☃ 𝄞", "", "null", "12", "%(name)s :name ?"]


@pytest.mark.parametrize("asked", [[], ["a"], ["c", "a", "nobody"], ["a", "a"]])
def test_one_of_finds_what_in_would(bench: Bench, asked: list[str]) -> None:
    add_jobs(bench.beneath.engine, [job_values(id=name) for name in "abc"])
    with read(bench.beneath.engine) as connection:
        found = connection.execute(select(JOB.c.id).where(one_of(JOB.c.id, "ids")), {"ids": asked}).scalars()
        assert set(found) == set(asked) & set("abc")


def test_fields_are_the_texts_that_were_given(bench: Bench) -> None:
    first, second = fields("given", 2)
    with read(bench.beneath.engine) as connection:
        found = connection.execute(select(first, second), {"given": [(text, text[::-1]) for text in TEXTS]}).all()
    assert [tuple(row) for row in found] == [(text, text[::-1]) for text in TEXTS]


@pytest.mark.parametrize(
    "statement",
    [
        restarts._AGAIN,
        restarts._EVENTS,
        restarts._CHANGES,
        replay_driver._TAKE,
        replay_driver._SENT_ITEMS,
        replay_driver._JOB_IDS,
        replay_freeze._ENTRIES,
        transitions._LOCK_DAGS,
        transitions._LOCK_JOBS,
    ],
)
def test_sqlite_goes_by_an_index(bench: Bench, statement: Executable) -> None:
    if bench.beneath.engine.dialect.name != "sqlite":
        # PostgreSQL chooses by the size of a table, and these are small.
        return
    sql = str(statement.compile(dialect=bench.beneath.engine.dialect))  # type: ignore[attr-defined]
    with read(bench.beneath.engine) as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("[]",) * sql.count("?")).all()
    scanned = [step[3] for step in steps if step[3].startswith("SCAN")]
    assert all("json_each" in step for step in scanned), scanned
