"""The change feed: read in order, whoever commits late, and whatever happens to the database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from execution_ops.backends.embedded import changes
from execution_ops.backends.embedded.engines import ledger_engine, write
from execution_ops.backends.embedded.reads import LedgerReads
from execution_ops.backends.embedded.tables import Change
from tests.databases import PostgresServer
from tests.factories import START, add_rows


def _announce(engine: Engine, *ids: str) -> None:
    add_rows(engine, Change, *({"at": START, "job_id": job_id, "dag_id": "d", "queue": "q"} for job_id in ids))


def test_the_change_feed_is_read_in_order_and_says_when_it_was_trimmed(ledger: LedgerReads) -> None:
    assert (ledger.last_change(), ledger.changes_after(0)) == (0, ([], False))
    _announce(ledger.engine, *(f"j{i}" for i in range(5)))
    last = ledger.last_change()
    found, trimmed = ledger.changes_after(0)
    assert [change.job_id for change in found] == ["j0", "j1", "j2", "j3", "j4"]
    assert (found[-1].seq, trimmed) == (last, False)
    assert [change.job_id for change in ledger.changes_after(found[1].seq, limit=2)[0]] == ["j2", "j3"]
    with write(ledger.engine) as connection:
        connection.execute(text("DELETE FROM change WHERE seq <= :seq"), {"seq": found[2].seq})
    assert ledger.changes_after(found[2].seq)[1] is False
    rest, trimmed = ledger.changes_after(found[1].seq)
    assert ([change.job_id for change in rest], trimmed) == (["j3", "j4"], True)
    assert ledger.changes_after(last) == ([], False)


def test_the_change_feed_says_when_the_database_was_put_back(ledger: LedgerReads) -> None:
    _announce(ledger.engine, *(f"j{i}" for i in range(5)))
    last = ledger.last_change()
    assert ledger.changes_after(last) == ([], False)
    with write(ledger.engine) as connection:
        connection.execute(text("DELETE FROM change WHERE seq > :seq"), {"seq": last - 3})
    assert ledger.changes_after(last) == ([], True)
    assert ledger.changes_after(ledger.last_change()) == ([], False)
    with write(ledger.engine) as connection:
        connection.execute(text("DELETE FROM change"))
    assert ledger.changes_after(last) == ([], True)
    assert ledger.changes_after(ledger.last_change()) == ([], False)


def test_a_look_at_an_unchanged_feed_is_one_statement(ledger: LedgerReads) -> None:
    _announce(ledger.engine, "j1", "j2")
    last = ledger.last_change()
    before = ledger.statements()
    ledger.changes_after(last)
    unchanged = ledger.statements() - before
    ledger.ping()
    assert unchanged == ledger.statements() - before - unchanged


@pytest.fixture
def shared(postgres: PostgresServer, postgres_template: str) -> Any:
    """A PostgreSQL ledger, where transactions commit in any order."""
    name, url = postgres.create(postgres_template)
    engine = ledger_engine(url)
    yield LedgerReads(engine, lambda sha256: None)
    engine.dispose()
    postgres.drop(name)


def test_a_change_that_commits_late_is_not_missed(shared: LedgerReads) -> None:
    _announce(shared.engine, "first")
    start = shared.last_change()
    with write(shared.engine) as slow:
        row = {"at": START, "job_id": "slow", "dag_id": "d", "queue": "q"}
        slow.execute(insert(Change), [row])
        _announce(shared.engine, "fast")
        assert shared.changes_after(start) == ([], False)
        assert shared.last_change() == start
    assert [change.job_id for change in shared.changes_after(start)[0]] == ["slow", "fast"]


def test_a_number_that_never_comes_holds_nobody_up(shared: LedgerReads, monkeypatch: pytest.MonkeyPatch) -> None:
    _announce(shared.engine, "first")
    start = shared.last_change()
    connection = shared.engine.connect()
    connection.execute(insert(Change), [{"at": START, "job_id": "gone", "dag_id": "d", "queue": "q"}])
    _announce(shared.engine, "after")
    assert shared.changes_after(start)[0] == []
    connection.rollback()
    assert [change.job_id for change in shared.changes_after(start)[0]] == ["after"]

    # Nor does a transaction that stays open.
    start = shared.last_change()
    connection.execute(insert(Change), [{"at": START, "job_id": "stuck", "dag_id": "d", "queue": "q"}])
    _announce(shared.engine, "later")
    assert shared.changes_after(start)[0] == []
    monkeypatch.setattr(changes, "PATIENCE_S", 0.0)
    assert [change.job_id for change in shared.changes_after(start)[0]] == ["later"]
    connection.rollback()
    connection.close()
