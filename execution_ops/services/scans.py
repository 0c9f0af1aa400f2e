"""Starting scans, and finding what can be scanned."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, require
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.job_verbs import SCAN
from execution_ops.domain.jobs import Submission
from execution_ops.domain.scan_options import options_of
from execution_ops.domain.tenants import check_tenant
from execution_ops.domain.text import is_unicode, visible
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner.analyzers import JAVA_ENDINGS
from execution_ops.scanner.plan import PATH_MAX, scan_spec
from execution_ops.services.requests import sign

ENTRIES_MAX = 500
# What a scan can take besides directories; shown in the dialog, the scan itself looks at the content.
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".zip", ".whl", *JAVA_ENDINGS)


class BrowseEntry(BaseModel):
    """Something below the scan roots that can be opened (`directory`) or scanned."""

    model_config = ConfigDict(frozen=True)

    name: str
    path: str
    directory: bool
    size: int | None


class Browse(BaseModel):
    """One directory for the Scan dialog. `parent` is None at a root; `more` counts entries left out."""

    model_config = ConfigDict(frozen=True)

    path: str
    parent: str | None
    entries: tuple[BrowseEntry, ...]
    more: int


class ScanService:
    """Blocking and thread-safe."""

    def __init__(self, backend: Backend, roots: Sequence[Path]) -> None:
        self._backend = backend
        self._roots = tuple(roots)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The directories that may be scanned, links resolved."""
        return self._roots

    def submit(self, actor: Actor, path: str, *, tenant: str = "", stamp: Stamp) -> Submission:
        """Start a scan of a directory, archive or image tarball below the scan roots.

        Whether the path exists and may be scanned is for the worker to say, who may be elsewhere:
        what it refuses is a failed job with the reason. InvalidInput if it can be no path at all.
        """
        actor = require(actor, SCAN.scope)
        name = check_tenant(actor, tenant)
        options = options_of(self._backend.scanner_settings(), self._backend.analyzer_defaults())
        return self._backend.submit(scan_spec(path, options), tenant=name, stamp=sign(SCAN, actor, stamp))

    def browse(self, actor: Actor, path: str = "") -> Browse:
        """Directories and archives in `path`; the roots themselves for the empty path.

        Links that lead out of the scan roots are left out, and so is what can't be read.
        """
        actor = require(actor, SCAN.scope)
        if off := self._backend.capabilities.files:
            raise Conflict(f"{off} Type the path on that machine.", code="NOT_SUPPORTED")
        if not path:
            if len(self._roots) == 1:
                return self._list(self._roots[0])
            entries = tuple(
                BrowseEntry(name=visible(str(root)), path=str(root), directory=True, size=None) for root in self._roots
            )
            return Browse(path="", parent=None, entries=entries, more=0)
        return self._list(self._inside(_check_path(path)))

    def _inside(self, path: str) -> Path:
        # One answer for outside and absent: it must not tell what exists outside.
        try:
            found = Path(path).resolve(strict=True)
        except (OSError, RuntimeError, UnicodeEncodeError):
            found = None
        inside = found is not None and any(found.is_relative_to(root) for root in self._roots)
        if found is None or not inside or not is_unicode(str(found)) or not found.is_dir():
            raise NotFound("There is no such directory below the scan roots.")
        return found

    def _list(self, directory: Path) -> Browse:
        entries: list[BrowseEntry] = []
        try:
            with os.scandir(directory) as found:
                entries = [entry for item in found if (entry := self._entry(item)) is not None]
        except OSError as error:
            raise InvalidInput(f"{visible(str(directory))} can't be read: {error.strerror}.") from error
        entries.sort(key=lambda entry: (not entry.directory, entry.name.casefold()))
        parent = None if directory in self._roots else str(directory.parent)
        if parent is None and len(self._roots) > 1:
            parent = ""
        return Browse(
            path=str(directory),
            parent=parent,
            entries=tuple(entries[:ENTRIES_MAX]),
            more=max(0, len(entries) - ENTRIES_MAX),
        )

    def _entry(self, item: os.DirEntry[str]) -> BrowseEntry | None:
        if not is_unicode(item.path):
            return None  # No ledger and no browser could take its path.
        try:
            if item.is_symlink() and not self._leads_inside(item.path):
                return None
            if item.is_dir():
                return BrowseEntry(name=visible(item.name), path=item.path, directory=True, size=None)
            if item.is_file() and item.name.lower().endswith(ARCHIVES):
                return BrowseEntry(name=visible(item.name), path=item.path, directory=False, size=item.stat().st_size)
        except (OSError, RuntimeError):
            return None
        return None

    def _leads_inside(self, path: str) -> bool:
        target = Path(path).resolve(strict=True)
        return any(target.is_relative_to(root) for root in self._roots)


def _check_path(path: str) -> str:
    if not path.strip() or len(path) > PATH_MAX or "\0" in path:
        raise InvalidInput(f"Name a path of 1 to {PATH_MAX} characters.")
    return path
