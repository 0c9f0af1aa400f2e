"""Files of the remote that were asked for, kept by their digest: a file that is here is whole."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from execution_ops.backends.gateway.failures import garbled, too_large
from execution_ops.domain.errors import NotFound

FILE_MAX = 4 << 30
KEPT_MAX = 1 << 30
_SHA256 = re.compile(r"[0-9a-f]{64}")


class FileCache:
    """A directory of at most `kept` bytes, not counting the file that was asked for last. Blocking, thread-safe."""

    def __init__(self, directory: Path, *, most: int = FILE_MAX, kept: int = KEPT_MAX) -> None:
        self.directory = directory
        self._most = most
        self._kept = kept

    def get(
        self, sha256: str, fetch: Callable[[], AbstractContextManager[Iterator[bytes]]], *, where: str
    ) -> Path | None:
        """The file; fetched if it is not here. None if the remote has none; REMOTE_CONTRACT if it sends another."""
        if not _SHA256.fullmatch(sha256):
            return None
        path = self.directory / sha256
        if path.is_file():
            path.touch()
            return path
        self.directory.mkdir(parents=True, exist_ok=True)
        try:
            self._fetch(path, fetch, where)
        except NotFound:
            return None
        self._trim(path)
        return path

    def _fetch(self, path: Path, fetch: Callable[[], AbstractContextManager[Iterator[bytes]]], where: str) -> None:
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self.directory, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as file, fetch() as chunks:
                for chunk in chunks:
                    size += len(chunk)
                    if size > self._most:
                        raise too_large(where, self._most)
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != path.name:
                raise garbled(where, "a file that is not the one which was asked for")
            os.replace(name, path)
        finally:
            Path(name).unlink(missing_ok=True)

    def _trim(self, newest: Path) -> None:
        files = [one for one in self.directory.iterdir() if _SHA256.fullmatch(one.name) and one != newest]
        left = self._kept
        for one in sorted(files, key=lambda one: one.stat().st_mtime, reverse=True):
            left -= one.stat().st_size
            if left < 0:
                one.unlink(missing_ok=True)
