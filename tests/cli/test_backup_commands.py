"""A back-up made while jobs run, put back elsewhere: everything goes on from there, or nothing is touched."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zstandard
from typer.testing import CliRunner

from execution_ops.backends.embedded.liveness import USE_LOCK, FileLock
from execution_ops.cli import app
from execution_ops.commands.output import Exit
from execution_ops.domain.backups import MANIFEST
from execution_ops.domain.states import JobState
from execution_ops.settings import PREFIX, Settings, settings
from tests.execution import Bench, wait_until
from tests.processes import WorkerProcess

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command on a data directory."""
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)

    def command(data_dir: Path, *arguments: str | Path) -> Any:
        monkeypatch.setenv(f"{PREFIX}DATA_DIR", str(data_dir))
        settings.cache_clear()
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    yield command
    settings.cache_clear()


def bench_in(folder: Path) -> Bench:
    """An engine whose ledger is in its data directory, as that of `up` is."""
    folder.mkdir(exist_ok=True)
    return Bench("", folder)


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Bench]:
    made = bench_in(tmp_path / "first")
    yield made
    made.close()


@pytest.fixture
def archive(first: Bench, run: Run, tmp_path: Path) -> Path:
    """A back-up of a console with one job."""
    first.one("test.echo", word="saved")
    path = tmp_path / "saved.tar.zst"
    answer = run(first.settings.data_dir, "backup", path)
    assert answer.exit_code == 0, answer.output
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for locks."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def test_what_ran_and_waited_goes_on_elsewhere(first: Bench, run: Run, tmp_path: Path) -> None:
    worker = WorkerProcess(first)
    kept = first.one("test.files")
    first.until(kept, JobState.SUCCEEDED)
    held = first.one("test.wait")
    first.until_mark("running-1-")
    submitted: list[str] = [kept, held]
    stop = threading.Event()

    def submit() -> None:
        while not stop.is_set():
            submitted.append(first.one("test.echo", number=len(submitted)))

    busy = threading.Thread(target=submit)
    busy.start()
    wait_until(lambda: len(submitted) > 10, "jobs come")
    before = len(submitted)
    path = tmp_path / "saved.tar.zst"
    answer = run(first.settings.data_dir, "backup", path, "--json")
    after = len(submitted)
    stop.set()
    busy.join()
    worker.kill()
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["database"] == "sqlite"
    assert path.stat().st_mode & 0o077 == 0
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".saved")] == []

    second = tmp_path / "second"
    second.mkdir()
    restored = run(second / "data", "restore", path)
    assert restored.exit_code == 0, restored.output
    bench = bench_in(second)
    try:
        ids = [row["id"] for row in bench.rows("SELECT id FROM job ORDER BY n")]
        # As of one moment between the beginning and the end of the command.
        assert before <= len(ids) <= after + 1
        assert set(ids) <= set(submitted)
        bench.check_counters()
        sha256 = bench.part(kept, "job_artifact", "name")[0]["sha256"]
        found = bench.backend.artifacts.path(sha256)
        assert found is not None
        assert found.read_text() == "kept"
        # Of the worker that ran it nothing is left there: it is lost, and another takes the job.
        first.let_go()
        worker = WorkerProcess(bench)
        for job_id in ids:
            bench.until(job_id, JobState.SUCCEEDED)
        bench.check_counters()
    finally:
        worker.kill()
        bench.close()


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 0.95, 0.999])
def test_a_torn_archive_changes_nothing(archive: Path, run: Run, tmp_path: Path, share: float) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    target = tmp_path / "target"
    answer = run(target, "restore", archive)
    assert answer.exit_code == Exit.USAGE, answer.output
    assert "not a whole one" in answer.stderr
    assert contents(target) == {}


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_an_archive_with_a_changed_byte_changes_nothing(archive: Path, run: Run, tmp_path: Path, place: float) -> None:
    content = bytearray(archive.read_bytes())
    content[int(len(content) * place)] ^= 0x5A
    archive.write_bytes(content)
    target = tmp_path / "target"
    assert run(target, "restore", archive).exit_code == Exit.USAGE
    assert contents(target) == {}


def unpacked(archive: Path) -> tarfile.TarFile:
    """The archive as a tar."""
    with archive.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as content:
        return tarfile.open(fileobj=BytesIO(content.read()))


def rewritten(archive: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    """Pack the archive anew with changed members."""
    with unpacked(archive) as old:
        members = [(info.name, old.extractfile(info).read()) for info in old]  # type: ignore[union-attr]
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as new:
        for name, content in members:
            changed = change(name, content)
            if changed is not None:
                info = tarfile.TarInfo(changed[0])
                info.size = len(changed[1])
                new.addfile(info, BytesIO(changed[1]))
    archive.write_bytes(zstandard.compress(packed.getvalue()))


@pytest.mark.parametrize(
    "name", ["../outside", "/outside", "files/../../outside", "files/workers/x", "other", "files/./a"]
)
def test_a_file_that_would_lead_elsewhere_is_refused(archive: Path, run: Run, tmp_path: Path, name: str) -> None:
    with_it = [(name, b"evil")]

    def change(known: str, content: bytes) -> tuple[str, bytes]:
        return with_it.pop() if with_it else (known, content)

    rewritten(archive, change)
    answer = run(tmp_path / "target", "restore", archive)
    assert answer.exit_code == Exit.USAGE, answer.output
    assert contents(tmp_path / "target") == {}
    assert not (tmp_path / "outside").exists()


def test_a_member_that_is_not_what_the_manifest_says_is_refused(archive: Path, run: Run, tmp_path: Path) -> None:
    rewritten(archive, lambda name, content: (name, content if name == MANIFEST else content + b"\0"))
    answer = run(tmp_path / "target", "restore", archive)
    assert answer.exit_code == Exit.USAGE
    assert "is not what was saved" in answer.stderr


def test_something_else_is_no_back_up(run: Run, tmp_path: Path) -> None:
    for content in (b"", b"hello", zstandard.compress(b"hello" * 1000)):
        (tmp_path / "x").write_bytes(content)
        assert run(tmp_path / "target", "restore", tmp_path / "x").exit_code == Exit.USAGE
    assert run(tmp_path / "target", "restore", tmp_path / "gone").exit_code == Exit.USAGE


def test_what_is_there_is_kept_unless_it_is_forced_and_then_aside(archive: Path, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "target"
    assert run(target, "restore", archive).exit_code == 0
    with closing(sqlite3.connect(target / "execution_ops.db")) as connection, connection:
        connection.execute("UPDATE job SET label = 'changed since'")
    before = contents(target)
    refused = run(target, "restore", archive)
    assert refused.exit_code == Exit.REFUSED
    assert "not empty" in refused.stderr
    assert contents(target) == before

    forced = run(target, "restore", archive, "--force", "--json")
    assert forced.exit_code == 0, forced.output
    aside = Path(json.loads(forced.stdout)["aside"])
    for database, label in ((target, ""), (aside, "changed since")):
        with closing(sqlite3.connect(database / "execution_ops.db")) as connection:
            assert connection.execute("SELECT label FROM job").fetchall() == [(label,)]
    # A back-up made now does not carry the old state along.
    assert run(target, "backup", tmp_path / "again.tar.zst").exit_code == 0
    with unpacked(tmp_path / "again.tar.zst") as again:
        assert not [name for name in again.getnames() if "before-restore" in name]


def test_a_directory_that_somebody_uses_is_left_alone(archive: Path, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "target"
    for name, shared in (("up.lock", False), (USE_LOCK, True)):
        with FileLock(target / name) as lock:
            assert lock.acquire(shared=shared)
            answer = run(target, "restore", archive)
        assert answer.exit_code == Exit.REFUSED
        assert "Stop them all" in answer.stderr
    assert run(target, "restore", archive).exit_code == 0


def test_a_back_up_goes_to_a_file_elsewhere(first: Bench, run: Run, tmp_path: Path) -> None:
    data_dir = first.settings.data_dir
    for target in (data_dir / "inside.tar.zst", tmp_path / "no" / "where.tar.zst", tmp_path):
        assert run(data_dir, "backup", target).exit_code == Exit.USAGE
    assert run(tmp_path / "empty", "backup", tmp_path / "x.tar.zst").exit_code == Exit.UNAVAILABLE
    assert not (tmp_path / "x.tar.zst").exists()


def test_a_ledger_of_an_older_version_is_brought_up_to_date(run: Run, tmp_path: Path, sqlite_template: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    shutil.copyfile(sqlite_template, old / "execution_ops.db")
    with closing(sqlite3.connect(old / "execution_ops.db")) as connection, connection:
        connection.execute("DROP TABLE leftover")
        connection.execute("DROP TABLE retention_tally")
        connection.execute("UPDATE alembic_version SET version_num = '0018'")
        for table, column in (("job_token", "n"), ("job_log", "job_n"), ("audit_word", "n"), ("run_event", "run_n")):
            schema = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
            parent = {"audit_word": "audit_event", "run_event": "run"}.get(table, "job")
            connection.execute(f"DROP TABLE {table}")
            last = schema.rindex(")", 0, schema.rindex("WITHOUT"))
            connection.execute(f"{schema[:last]}, FOREIGN KEY({column}) REFERENCES {parent} (n)) WITHOUT ROWID")
    assert run(old, "backup", tmp_path / "old.tar.zst").exit_code == 0
    answer = run(tmp_path / "new", "restore", tmp_path / "old.tar.zst")
    assert answer.exit_code == 0, answer.output
    with closing(sqlite3.connect(tmp_path / "new" / "execution_ops.db")) as connection:
        assert connection.execute("SELECT count(*) FROM leftover").fetchone() == (0,)


def test_on_postgresql_it_saves_the_files_and_says_what_else_there_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / "data"
    (data_dir / "artifacts").mkdir(parents=True)
    (data_dir / "artifacts" / "x").write_text("kept")
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    answer = run(data_dir, "backup", tmp_path / "files.tar.zst")
    assert answer.exit_code == 0, answer.output
    assert "pg_dump" in answer.stderr
    monkeypatch.delenv(f"{PREFIX}DATABASE_URL")
    other = run(tmp_path / "other", "restore", tmp_path / "files.tar.zst")
    assert other.exit_code == Exit.REFUSED
    assert "EXECUTION_OPS_DATABASE_URL" in other.stderr
