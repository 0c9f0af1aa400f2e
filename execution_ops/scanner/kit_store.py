"""Where offline kits lie in the data directory, and how they get there: whole or not at all.

incoming/<upload id>/       what is being uploaded, or waits to be verified and imported
<kit id>/                   a kit that was verified: `kit.tar` and the unpacked `payload/`
quarantine/<kit id>/        a kit that failed: `bundle`, and what is known of it
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.disk import KEEP_FREE
from execution_ops.domain.errors import Conflict, NotFound, OpsError
from execution_ops.domain.ids import check_id, new_id

BUNDLE = "bundle"
KIT = "kit.tar"
PAYLOAD = "payload"
LOG = "verification.log"
_INCOMING = "incoming"
_QUARANTINE = "quarantine"
_ABOUT = "upload.json"
UPLOAD_TTL_S = 24 * 3600
# So many wait at most: each may have gigabytes.
UPLOADS_MAX = 20


class TooLarge(OpsError):
    """More bytes than a kit may have."""

    code = "BODY_TOO_LARGE"
    status = 413


class Upload(BaseModel):
    """A file that was received whole and waits to be verified or imported."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    size: int
    sha256: str


class Receiving:
    """A file on its way to the disk. It is an upload once it is `finish`ed."""

    def __init__(self, folder: Path, name: str, most: int) -> None:
        self._folder = folder
        self._name = name
        self._most = most
        self._size = 0
        self._digest = hashlib.sha256()
        self._file = (folder / BUNDLE).open("xb")

    def write(self, data: bytes) -> None:
        """Add to the file. Before it is written TooLarge for more than a kit may have, and the error of a full disk
        where too little would stay free."""
        self._size += len(data)
        if self._size > self._most:
            raise TooLarge(too_large(self._most))
        if shutil.disk_usage(self._folder).free - len(data) < KEEP_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._digest.update(data)
        self._file.write(data)

    def finish(self) -> Upload:
        """Put it on the disk for good. Conflict for an empty file."""
        if not self._size:
            raise Conflict("The file is empty: no kit was received.", code="EMPTY")
        self._file.flush()
        os.fsync(self._file.fileno())
        made = Upload(id=self._folder.name, name=self._name, size=self._size, sha256=self._digest.hexdigest())
        (self._folder / _ABOUT).write_text(made.model_dump_json())
        return made

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class KitStore:
    """The kits below one directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Alone with the files of kits on this machine, so that files and ledger change together."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def free_bytes(self) -> int:
        """The free bytes of the disk that kits are on."""
        place = self._root
        while not place.exists():
            place = place.parent
        return shutil.disk_usage(place).free

    # uploads

    @contextmanager
    def receive(self, name: str, most: int) -> Iterator[Receiving]:
        """A new upload; nothing of it stays unless it was finished. Conflict while too many wait to be imported."""
        self._drop_stale_uploads()
        if len(_children(self._root / _INCOMING)) >= UPLOADS_MAX:
            raise Conflict(
                f"{UPLOADS_MAX} uploads wait to be imported: import them, or wait a day until they are dropped.",
                code="TOO_MANY",
            )
        folder = self._root / _INCOMING / new_id()
        folder.mkdir(mode=0o700, parents=True)
        try:
            receiving = Receiving(folder, name, most)
            try:
                yield receiving
            finally:
                receiving.close()
        except BaseException:
            _remove(folder)
            raise

    def upload(self, upload_id: str) -> tuple[Upload, Path]:
        """What was uploaded, and its file. NotFound when there is none, or it was dropped after a day."""
        folder = self._root / _INCOMING / check_id(upload_id)
        try:
            about = Upload.model_validate_json((folder / _ABOUT).read_text())
        except FileNotFoundError:
            raise NotFound("There is no such upload: it was imported, or dropped after a day.") from None
        return about, folder / BUNDLE

    def drop_upload(self, upload_id: str) -> None:
        """Forget an upload, if it is there."""
        _remove(self._root / _INCOMING / check_id(upload_id))

    def _drop_stale_uploads(self) -> None:
        oldest = time.time() - UPLOAD_TTL_S
        for folder in _children(self._root / _INCOMING):
            with suppress(FileNotFoundError):  # Another process drops it at the same time.
                if folder.stat().st_mtime < oldest:
                    _remove(folder)

    # kits

    def folder(self, kit_id: str) -> Path:
        """The directory of a verified kit."""
        return self._root / check_id(kit_id)

    def kit_file(self, kit_id: str) -> Path:
        """The kit itself, as one file."""
        return self.folder(kit_id) / KIT

    def payload(self, kit_id: str) -> Path:
        """What the kit brought, unpacked."""
        return self.folder(kit_id) / PAYLOAD

    def settle(self, kit_id: str, staged: Path) -> None:
        """Make a staged directory of the same file system the kit's own, durably and at once.

        Under its name a kit is always whole, so one that is there already stays.
        """
        self._settle(staged, self.folder(kit_id))

    def remove(self, kit_id: str) -> None:
        """Delete the files of a verified kit, if they are there."""
        folder = self.folder(kit_id)
        if folder.exists():
            # Out of the way at once, so that no half of it is ever found under its name.
            gone = self._root / f".gone-{new_id()}"
            os.rename(folder, gone)
            _remove(gone)

    # quarantine

    def quarantined(self, kit_id: str) -> Path:
        """The directory of a kit in quarantine."""
        return self._root / _QUARANTINE / check_id(kit_id)

    def bundle(self, kit_id: str) -> Path:
        """The bundle of a kit in quarantine, always one file; it may be gone."""
        return self.quarantined(kit_id) / BUNDLE

    def lock_away(self, kit_id: str, staged: Path) -> None:
        """Make a staged directory the one in quarantine, durably and at once."""
        self._settle(staged, self.quarantined(kit_id))

    def drop_bundle(self, kit_id: str) -> None:
        """Delete the bundle of a kit in quarantine; what is known of it stays."""
        _remove(self.bundle(kit_id))

    def _settle(self, staged: Path, place: Path) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_tree(staged)
        if not place.exists():
            try:
                os.rename(staged, place)
            except OSError:
                if not place.exists():
                    raise
        _sync(place.parent)


def too_large(most: int) -> str:
    """What is said of a file of more bytes."""
    return f"A kit has at most {most:,} bytes here (EXECUTION_OPS_KIT_MAX_BYTES). Nothing of it was kept."


def size_of(path: Path) -> int:
    """The bytes of a file; 0 when it is gone."""
    return path.stat().st_size if path.exists() else 0


def _children(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync_tree(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place) / name
            if not file.is_symlink():
                _sync(file)
        _sync(Path(place))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
