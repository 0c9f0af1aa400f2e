"""Making a back-up while everything runs: a copy of the ledger as of one moment, and the files it refers to.

The copy comes first: a file is stored before the row that names it, so all that the copy names is there.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import zstandard
from sqlalchemy.engine import make_url

from execution_ops import __version__
from execution_ops.backends.embedded.engines import is_sqlite_url
from execution_ops.domain.backups import DATABASE, FILES, FORMAT, MANIFEST, Manifest, Member, belongs
from execution_ops.domain.errors import InvalidInput, Unavailable
from execution_ops.settings import Settings

_WAIT_S = 30.0


def make_backup(settings: Settings, target: Path) -> Manifest:
    """Write the archive; it is there only once it is whole.

    InvalidInput if it can't be written there, Unavailable if the ledger can't be read.
    """
    data_dir = settings.data_dir.resolve()
    folder = target.resolve().parent
    if not target.name or target.is_dir() or not folder.is_dir():
        raise InvalidInput(f"{target} cannot be written: name a file in a directory that is there.")
    if folder.is_relative_to(data_dir):
        raise InvalidInput("A back-up within the data directory would be a part of the next one: name another place.")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=folder) as temporary:
            work = Path(temporary)
            ledger = _copy_of_ledger(settings, work)
            with _archive(work / "archive") as archive:
                members = _fill(archive, data_dir, ledger)
                manifest = Manifest(
                    format=FORMAT,
                    version=__version__,
                    made_at=datetime.now(UTC),
                    database="sqlite" if ledger else "postgresql",
                    members=members,
                )
                _add(archive, MANIFEST, io.BytesIO(manifest.model_dump_json().encode()))
            os.replace(work / "archive", target)
            return manifest
    except OSError as error:
        raise InvalidInput(f"The back-up cannot be written: {error.strerror or error}.") from error


def _copy_of_ledger(settings: Settings, work: Path) -> Path | None:
    if not is_sqlite_url(settings.url()):
        return None
    path = Path(make_url(settings.url()).database or "")
    if not path.is_file():
        raise Unavailable(f"There is no ledger to save: {path} does not exist.")
    copy = work / DATABASE
    try:
        # One read of one moment: writers go on, and a copy by pages would begin anew with each of their commits.
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=_WAIT_S)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.Error as error:
        raise Unavailable(f"The ledger cannot be read: {error}.") from error
    return copy


@contextmanager
def _archive(path: Path) -> Iterator[tarfile.TarFile]:
    # It holds what redaction hides.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
        with (
            compressor.stream_writer(file, closefd=False) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        ):
            yield archive
        file.flush()
        os.fsync(file.fileno())


def _fill(archive: tarfile.TarFile, data_dir: Path, ledger: Path | None) -> dict[str, Member]:
    members: dict[str, Member] = {}
    if ledger is not None:
        with ledger.open("rb") as file:
            members[DATABASE] = _add(archive, DATABASE, file)
    for path in _files(data_dir):
        try:
            file = path.open("rb")
        except FileNotFoundError:
            # It was old, and has been removed meanwhile.
            continue
        with file:
            name = f"{FILES}/{path.relative_to(data_dir).as_posix()}"
            members[name] = _add(archive, name, file)
    return members


def _files(data_dir: Path) -> Iterator[Path]:
    if not data_dir.is_dir():
        return
    for top in sorted(data_dir.iterdir()):
        if belongs(top.name):
            paths = sorted(top.rglob("*")) if top.is_dir() and not top.is_symlink() else [top]
            yield from (path for path in paths if path.is_file() and not path.is_symlink())


class _Hashed:
    """Reads a file of which only so much is taken, and knows what it read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """The next bytes."""
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


def _add(archive: tarfile.TarFile, name: str, file: BinaryIO) -> Member:
    info = tarfile.TarInfo(name)
    info.size = file.seek(0, io.SEEK_END)
    file.seek(0)
    info.mode = 0o600
    hashed = _Hashed(file)
    archive.addfile(info, hashed)  # type: ignore[arg-type]
    return Member(size=info.size, sha256=hashed.digest.hexdigest())
