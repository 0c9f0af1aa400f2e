"""What lies on the disk and what goes to the terminal."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.backends.embedded.engines import ledger_engine
from execution_ops.backends.embedded.liveness import FileLock
from execution_ops.commands.processes import _SafeFormatter
from execution_ops.domain.access import local_operator
from execution_ops.domain.errors import InvalidInput
from execution_ops.scanner.plan import scan_spec
from execution_ops.services.scans import ScanService
from tests.doubles import MemoryBackend

FOREIGN = 0o077


def test_the_ledger_is_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    engine = ledger_engine(f"sqlite:///{data / 'ledger.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        found = [data, *data.iterdir()]
        assert len(found) >= 3
        assert [path.name for path in found if path.stat().st_mode & FOREIGN] == []
    engine.dispose()


def test_a_new_data_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    FileLock(tmp_path / "data" / "up.lock").close()
    assert (tmp_path / "data").stat().st_mode & FOREIGN == 0


def test_artifacts_are_for_their_owner_alone_and_unchanged(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("{}")
    store = ArtifactStore(tmp_path)
    path = store.path(store.keep(source, name="x", media_type="application/json").sha256)
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & FOREIGN == 0


def test_a_log_record_steers_no_terminal() -> None:
    try:
        raise ValueError("\x1b]0;owned\x07\u202e")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "a\x1b[2Jb\rc", (), (type(error), error, None))
    text = _SafeFormatter("%(message)s").format(record)
    assert not set("\x1b\x07\r\u202e") & set(text)
    assert "\\x1b[2J" in text


@pytest.mark.parametrize("path", ["/\ud800", "/a\0b", "", "relative", "-rf", "/" + "x" * 5000])
def test_what_can_be_no_path_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput):
        scan_spec(path)


def test_a_file_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    os.mkdir(os.fsencode(tmp_path) + b"/\xff")
    (tmp_path / "good").mkdir()
    found = ScanService(MemoryBackend(), (tmp_path,)).browse(local_operator())
    assert [entry.name for entry in found.entries] == ["good"]
