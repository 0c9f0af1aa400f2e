"""Putting a back-up back: it is unpacked and checked whole beside what is there, and only then takes its place."""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import zstandard
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from execution_ops.backends.embedded.backend import open_backend
from execution_ops.backends.embedded.engines import is_sqlite_url
from execution_ops.backends.embedded.liveness import USE_LOCK, FileLock
from execution_ops.domain.backups import (
    ASIDE,
    COMING,
    DATABASE,
    FILES,
    MANIFEST,
    MANIFEST_MAX,
    Manifest,
    Member,
    belongs,
    check_members,
    check_name,
)
from execution_ops.domain.errors import Conflict, InvalidInput
from execution_ops.domain.sizes import CHUNK
from execution_ops.settings import Settings

_SIDES = (f"{DATABASE}-wal", f"{DATABASE}-shm")


class Restored(NamedTuple):
    """What was put back; `aside` is where that lies which was there before, None if nothing was."""

    manifest: Manifest
    aside: Path | None


def restore(settings: Settings, source: Path, *, force: bool) -> Restored:
    """Put a back-up into the data directory and bring its ledger up to date.

    Conflict while a console or worker uses the directory, and where something is in it already, unless `force`:
    then that is kept aside. InvalidInput for an archive that is no back-up, torn or changed: nothing is changed then.
    """
    data_dir = settings.data_dir.resolve()
    with ExitStack() as held:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _alone(held, data_dir)
        there = [name for name in os.listdir(data_dir) if belongs(name) or name == DATABASE]
        if there and not force:
            raise Conflict(
                f"{data_dir} is not empty. With --force what is in it is kept aside, or set EXECUTION_OPS_DATA_DIR to "
                "another directory.",
            )
        # On the same disk, so that it takes its place by renaming.
        coming = Path(held.enter_context(tempfile.TemporaryDirectory(prefix=COMING, dir=data_dir)))
        manifest = unpack(source, coming)
        _check_database(settings, manifest)
        aside = _swap(data_dir, coming, there)
        open_backend(settings).close()
    return Restored(manifest, aside)


def unpack(source: Path, folder: Path) -> Manifest:
    """Unpack and check an archive. InvalidInput if it is not whole, or holds what no back-up has."""
    found: dict[str, Member] = {}
    manifest: Manifest | None = None
    try:
        with _opened(source) as archive:
            for info in archive:
                if manifest is not None:
                    raise InvalidInput("The archive goes on after its manifest.")
                if not info.isreg():
                    raise InvalidInput(f"The archive has {info.name[:200]!r}, which is no file.")
                content = archive.extractfile(info)
                assert content is not None
                if info.name == MANIFEST:
                    manifest = Manifest.model_validate_json(content.read(MANIFEST_MAX))
                    continue
                path = folder / check_name(info.name)
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                digest, size = hashlib.sha256(), 0
                with path.open("xb") as file:
                    while chunk := content.read(CHUNK):
                        digest.update(chunk)
                        size += file.write(chunk)
                path.chmod(0o600)
                found[info.name] = Member(size=size, sha256=digest.hexdigest())
    except (tarfile.TarError, zstandard.ZstdError, ValidationError, EOFError, UnicodeError) as error:
        raise InvalidInput(f"{source} is no back-up, or not a whole one.") from error
    except OSError as error:
        raise InvalidInput(f"{source} cannot be unpacked: {error.strerror or error}.") from error
    if manifest is None:
        raise InvalidInput(f"{source} is no back-up, or not a whole one: its end is missing.")
    check_members(manifest, found)
    return manifest


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    with (
        source.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file) as unpacked,
        tarfile.open(fileobj=unpacked, mode="r|") as archive,
    ):
        yield archive


def _alone(held: ExitStack, data_dir: Path) -> None:
    """Keep consoles and workers out until the end. Conflict if one is in it."""
    names = ("up.lock", USE_LOCK)
    for lock in (held.enter_context(FileLock(data_dir / name)) for name in names):
        if not lock.acquire():
            raise Conflict(
                f"A console or worker uses {data_dir}. Stop them all, also those on other machines, then restore.",
            )


def _check_database(settings: Settings, manifest: Manifest) -> None:
    here = "sqlite" if is_sqlite_url(settings.url()) else "postgresql"
    if manifest.database != here:
        raise Conflict(
            f"The back-up is of a console on {manifest.database}, and this one is set to {here}: "
            "EXECUTION_OPS_DATABASE_URL says which.",
        )
    if here == "sqlite" and Path(make_url(settings.url()).database or "") != settings.data_dir.resolve() / DATABASE:
        raise Conflict(
            "A back-up goes into the data directory, and EXECUTION_OPS_DATABASE_URL names another file: take it away.",
        )


def _swap(data_dir: Path, coming: Path, there: list[str]) -> Path | None:
    """Let what was unpacked take its place. There is a ledger at each moment, the old one or the new one."""
    aside = data_dir / f"{ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%SZ}" if there else None
    if aside is not None:
        aside.mkdir(mode=0o700)
        if DATABASE in there:
            os.link(data_dir / DATABASE, aside / DATABASE)
        for name in (*_SIDES, *there):
            if name != DATABASE and (data_dir / name).exists():
                os.rename(data_dir / name, aside / name)
    files = coming / FILES
    for path in sorted(files.iterdir()) if files.is_dir() else ():
        os.rename(path, data_dir / path.name)
    if (coming / DATABASE).exists():
        os.replace(coming / DATABASE, data_dir / DATABASE)
    return aside
