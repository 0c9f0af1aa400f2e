"""`execution-ops doctor` in real trouble: each problem is made, and found."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from execution_ops import __version__
from execution_ops.cli import app
from execution_ops.domain.times import now_ms
from execution_ops.settings import PREFIX, Settings, settings
from tests.databases import PostgresServer

Look = Callable[..., dict[str, Any]]
PROBLEM, WARNING = "problem", "warning"


@pytest.fixture
def ledger(tmp_path: Path, sqlite_template: Path) -> Path:
    """A migrated ledger in a data directory."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    path = folder / "execution_ops.db"
    shutil.copyfile(sqlite_template, path)
    return path


@pytest.fixture
def look(ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Runs the check-up with these settings, and gives the findings by area."""
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {"DATA_DIR": str(ledger.parent), "SCAN_ROOTS": str(tmp_path), "PORT": str(port)}

    def run(*arguments: str, **variables: str) -> dict[str, Any]:
        for name, value in {**given, **variables}.items():
            monkeypatch.setenv(PREFIX + name, value)
        settings.cache_clear()
        answer = CliRunner().invoke(app, ["doctor", "--json", *arguments])
        settings.cache_clear()
        found = json.loads(answer.stdout)
        assert answer.exit_code == int(found["worst"] == PROBLEM), answer.output
        areas: dict[str, Any] = {"worst": found["worst"]}
        for finding in found["findings"]:
            areas.setdefault(finding["area"], []).append(finding)
        return areas

    return run


def said(findings: list[dict[str, str]], level: str) -> str:
    """What stands at a level; every warning and problem says how to mend it."""
    chosen = [finding for finding in findings if finding["level"] == level]
    if level in (PROBLEM, WARNING):
        assert all(finding["mend"] for finding in chosen)
    return " ".join(finding["message"] for finding in chosen)


def change(path: Path, statement: str, *values: object) -> None:
    """Change a ledger behind the program's back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def test_a_sound_ledger_is_told_to_be_so(look: Look) -> None:
    found = look()
    assert "finds nothing" in said(found["database"], "ok")
    assert "Every variable is known" in said(found["configuration"], "ok")
    assert "Syft" in said(found["syft"], "ok")
    assert "No worker is there" in said(found["workers"], WARNING)
    assert "is free" in said(found["port"], "ok")


def test_a_schema_of_the_future(look: Look, ledger: Path) -> None:
    change(ledger, "UPDATE alembic_version SET version_num = '9999'")
    found = look()
    assert "schema 9999" in said(found["database"], PROBLEM)
    assert said(found["workers"], "not checked")


def test_a_schema_of_the_past(look: Look, ledger: Path) -> None:
    change(ledger, "UPDATE alembic_version SET version_num = '0001'")
    assert "schema 0001" in said(look()["database"], WARNING)


def test_a_file_that_is_no_database(look: Look, ledger: Path) -> None:
    ledger.write_bytes(b"this is not a database, whatever its name says" * 100)
    assert "not a database" in said(look()["database"], PROBLEM)


def test_a_database_that_is_damaged(look: Look, ledger: Path) -> None:
    size = ledger.stat().st_size
    with ledger.open("r+b") as file:
        for page in range(size // 2, size - 4096, 4096):
            file.seek(page)
            file.write(b"\xff" * 4096)
    found = look()
    assert found["worst"] == PROBLEM
    assert said(found["database"], PROBLEM)


def test_an_integrity_check_without_patience(look: Look, ledger: Path) -> None:
    change(ledger, "CREATE TABLE filler (a INTEGER PRIMARY KEY, b TEXT)")
    change(
        ledger,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) "
        "INSERT INTO filler SELECT i, 'x' FROM n",
    )
    assert "cut off" in said(look("--patience", "0.1")["database"], "not checked")


def test_workers_that_are_late_or_of_another_version(look: Look, ledger: Path) -> None:
    row = (
        "INSERT INTO worker (id, name, host, pid, version, state, queues, concurrency, started_at, heartbeat_at) "
        "VALUES (?, ?, 'h', 1, ?, 'online', 'scan', 4, 1, ?)"
    )
    change(ledger, row, "1", "good", __version__, now_ms())
    assert "1 online" in said(look()["workers"], "ok")
    change(ledger, row, "2", "old", "0.0.1", now_ms())
    change(ledger, row, "3", "dead", __version__, now_ms() - 600_000)
    found = look()["workers"]
    assert "old is of version 0.0.1" in said(found, WARNING)
    assert "dead has not beaten" in said(found, PROBLEM)


def test_a_variable_with_a_slip_and_roots_that_are_gone(look: Look, tmp_path: Path) -> None:
    found = look(LOG_LEVL="debug", SCAN_ROOTS=str(tmp_path / "gone"))
    assert "EXECUTION_OPS_LOG_LEVL" in said(found["configuration"], WARNING)
    assert any("EXECUTION_OPS_LOG_LEVEL" in finding["mend"] for finding in found["configuration"])
    assert "gone" in said(found["configuration"], WARNING)


def test_settings_that_are_refused_leave_the_rest_unchecked(look: Look) -> None:
    found = look(PORT="http")
    assert "EXECUTION_OPS_PORT" in said(found["configuration"], PROBLEM)
    assert said(found["database"], "not checked")


def test_a_program_that_is_no_syft_and_one_that_is_not_there(look: Look) -> None:
    assert "does not work" in said(look(SYFT=shutil.which("true") or "true")["syft"], PROBLEM)
    assert "/nowhere/syft" in said(look(SYFT="/nowhere/syft")["syft"], PROBLEM)


def test_a_key_that_is_none(look: Look, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    assert "key for kits" in said(look(KIT_KEY=str(tmp_path / "key.pem"))["configuration"], PROBLEM)
    assert "key for kits" in said(look(KIT_KEY=str(tmp_path / "gone.pem"))["configuration"], PROBLEM)


def test_a_port_that_somebody_else_has(look: Look) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        # It never answers: who asks is not kept for ever.
        found = look(PORT=str(port))
    assert str(port) in said(found["port"], PROBLEM)


def test_a_data_directory_that_others_can_read(look: Look, ledger: Path) -> None:
    ledger.parent.chmod(0o755)
    assert "read by others" in said(look()["disk"], WARNING)


def test_a_server_that_is_stopped(look: Look, postgres: PostgresServer) -> None:
    name, url = postgres.create()
    url = url.replace("postgresql+psycopg://", "postgresql://")
    assert "no tables yet" in said(look(DATABASE_URL=url)["database"], "ok")
    with postgres.away():
        found = look(DATABASE_URL=url)
        assert "does not answer" in said(found["database"], PROBLEM)
        assert said(found["workers"], "not checked")
    postgres.drop(name)


def test_it_speaks_to_people(look: Look) -> None:
    look()
    answer = CliRunner().invoke(app, ["doctor"])
    assert "Database\n" in answer.stdout
    assert "problems" in answer.stdout
