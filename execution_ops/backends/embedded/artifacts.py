"""The artifact store: files in the data directory, named by the SHA-256 of their content."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from execution_ops.domain.disk import DISK_FULL, is_disk_full
from execution_ops.domain.job_types import Artifact, JobFailed
from execution_ops.domain.sizes import CHUNK

FRESH_S = 24 * 3600.0
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ArtifactStore:
    """Content-addressed files below one directory."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir.resolve() / "artifacts"

    def path(self, sha256: str) -> Path | None:
        """Where the content lies; None if it is not stored."""
        if not _DIGEST.fullmatch(sha256):
            return None
        path = self._place(sha256)
        return path if path.is_file() else None

    def incoming(self) -> Path:
        """A directory of the same file system, for files that are written before they are kept."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._root

    def keep(self, source: Path, *, name: str, media_type: str) -> Artifact:
        """Move a file of the same file system into the store, durably and atomically.

        Raises JobFailed, in words, when the disk is full.
        """
        with disk_in_words():
            digest, size = _settle(source)
            target = self._place(digest)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Under its name a file is always whole: another with the same content just replaces it.
            os.replace(source, target)
            target.chmod(0o400)
            _sync_directory(target.parent)
        return Artifact(name=name, sha256=digest, size=size, media_type=media_type)

    def use(self, sha256: str) -> Path | None:
        """The same for who will refer to the content, and has not stored that yet: it stays for a day at least."""
        path = self.path(sha256)
        if path is not None:
            os.utime(path)
        return path

    def set_aside(self, sha256: str) -> Path | None:
        """Take content that nobody refers to out of the store, for its removal; where it lies now, if it ever did.

        None if it was stored or used in the last day: then a reference may be about to be written. Who was killed
        between this and the removal calls it again.
        """
        place = self._place(sha256)
        aside = _aside(place)
        # By its name first: what is stored from then on lies beside it.
        for path in (place, aside):
            if path.is_file() and time.time() - path.stat().st_mtime < FRESH_S:
                self.put_back(sha256)
                return None
            if path is place and place.is_file():
                os.replace(place, aside)
        return aside

    def put_back(self, sha256: str) -> None:
        """Undo `set_aside`."""
        place = self._place(sha256)
        if place.is_file():
            _aside(place).unlink(missing_ok=True)
        elif _aside(place).is_file():
            os.replace(_aside(place), place)

    def _place(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256


def _aside(place: Path) -> Path:
    return place.with_name(f"{place.name}.aside")


@contextmanager
def disk_in_words() -> Iterator[None]:
    """Turn "no space left" into a failure that says what to do."""
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise JobFailed(DISK_FULL) from error
        raise


def _settle(path: Path) -> tuple[str, int]:
    """The digest and size of a file whose content is on the disk when this returns."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
