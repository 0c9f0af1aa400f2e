"""Connections: readers and writers side by side, faults in plain words, the clock, the counter."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from execution_ops.backends.embedded import engines
from execution_ops.backends.embedded.clock import register_clock
from execution_ops.backends.embedded.engines import dbos_engine, ledger_engine, read, write
from execution_ops.backends.embedded.query_counter import QueryCounter
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.times import now_ms
from tests.databases import PostgresServer

ADD_LEASE = text("INSERT INTO lease (name, owner, until, epoch) VALUES (:name, '', 0, 0)")
COUNT = text("SELECT count(*) FROM lease")


def test_a_reader_sees_one_moment_while_a_writer_commits(database: Engine) -> None:
    with read(database) as reader:
        assert reader.scalar(COUNT) == 0
        with write(database) as writer:
            writer.execute(ADD_LEASE, {"name": "a"})
        assert reader.scalar(COUNT) == 0
    with read(database) as reader:
        assert reader.scalar(COUNT) == 1


def test_an_exception_rolls_a_write_back(database: Engine) -> None:
    with pytest.raises(IntegrityError), write(database) as writer:
        writer.execute(ADD_LEASE, [{"name": "a"}, {"name": "b"}, {"name": "a"}])
    with read(database) as reader:
        assert reader.scalar(COUNT) == 0


def test_a_wrong_statement_is_no_outage(database: Engine) -> None:
    with pytest.raises(DBAPIError), read(database) as reader:
        reader.execute(text("SELECT nothing FROM nowhere"))


def test_a_server_that_is_gone_is_named_in_plain_words() -> None:
    engine = ledger_engine("postgresql+psycopg://nobody:hush@127.0.0.1:9119/none")
    with pytest.raises(Unavailable, match="The database does not answer") as caught, read(engine):
        pass
    assert "hush" not in caught.value.message


def test_a_file_that_is_no_database_is_named_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_text("this is not a database, it is a letter to whoever opens it")
    engine = ledger_engine(f"sqlite:///{path}")
    with pytest.raises(Unavailable, match="not a database"), write(engine):
        pass


def test_a_data_directory_that_cannot_be_made_is_named_in_plain_words() -> None:
    with pytest.raises(Unavailable, match="/proc/no/place"):
        ledger_engine("sqlite:////proc/no/place/ledger.db")


def test_a_connection_that_the_server_ended_is_an_outage_and_the_next_one_works(postgres: PostgresServer) -> None:
    name, url = postgres.create()
    engine = ledger_engine(url)
    with pytest.raises(Unavailable), read(engine) as reader:
        reader.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with read(engine) as reader:
        assert reader.scalar(text("SELECT 1")) == 1
    engine.dispose()
    postgres.drop(name)


def test_a_process_that_stands_still_in_a_transaction_loses_its_locks(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "IDLE_IN_TRANSACTION_MS", 200)
    name, url = postgres.create()
    still, other = ledger_engine(url), ledger_engine(url)
    with write(other) as writer:
        writer.execute(text("CREATE TABLE held (n INTEGER)"))
        writer.execute(text("INSERT INTO held VALUES (1)"))

    def stand_still() -> None:
        with write(still) as frozen:
            frozen.execute(text("SELECT n FROM held FOR UPDATE"))
            # What another process waits for until the server takes it back.
            with write(other) as writer:
                assert writer.execute(text("UPDATE held SET n = 2")).rowcount == 1
            frozen.execute(text("SELECT n FROM held"))

    with pytest.raises(Unavailable):
        stand_still()
    with write(still) as woken:
        assert woken.scalar(text("SELECT n FROM held")) == 2
    still.dispose()
    other.dispose()
    postgres.drop(name)


def test_the_counter_counts_each_statement(database: Engine) -> None:
    counter = QueryCounter(database)
    with read(database) as reader:
        before = counter.total
        reader.execute(COUNT)
        reader.execute(COUNT)
    assert counter.total == before + 2


def test_the_counter_adds_up_how_long_statements_took(database: Engine) -> None:
    engine = ledger_engine(database.url.render_as_string(hide_password=False))
    counter = QueryCounter(engine)
    numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n"
    with read(engine) as reader:
        found = reader.execute(text(numbers))
        sent = counter.seconds
        began = time.thread_time()
        assert len(found.all()) == 200_000
        fetched, used = counter.seconds - sent, time.thread_time() - began
    engine.dispose()
    assert sent > 0
    # SQLite looks for the rows only now; from a server they have arrived.
    assert (0 < fetched <= used) if engine.dialect.name == "sqlite" else fetched == 0


def test_the_clock_gives_whole_milliseconds_both_ways() -> None:
    connection = sqlite3.connect(":memory:")
    register_clock(connection)
    connection.execute("CREATE TABLE t (at BIGINT)")
    start = now_ms()
    for _ in range(300):
        connection.execute("INSERT INTO t VALUES (unixepoch('subsec') * 1000), (strftime('%s', 'now') * 1000)")
    found = connection.execute("SELECT typeof(at), min(at), max(at) FROM t GROUP BY 1").fetchall()
    assert [kind for kind, _, _ in found] == ["integer"]
    assert start <= found[0][1] <= found[0][2] <= now_ms() + 50
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("SELECT strftime('%Y', 'now')")
    connection.close()


def test_the_sqlite_file_is_in_wal_mode_for_ledger_and_engine(tmp_path: Path) -> None:
    for make in (dbos_engine, ledger_engine):
        engine = make(f"sqlite:///{tmp_path / 'deep' / 'ledger.db'}")
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
        engine.dispose()
