"""A kit on its way into the data directory: copied before it is verified, so that what was verified is what stays."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import stat
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from execution_ops.domain.job_types import JobFailed
from execution_ops.domain.kits import NEEDED, OPTIONAL, Check, KitReport
from execution_ops.domain.sizes import CHUNK
from execution_ops.domain.times import iso
from execution_ops.scanner.kit_store import LOG, too_large
from execution_ops.scanner.kits.container import Opened

_NAMES = frozenset((*NEEDED, *OPTIONAL))
# A pipe is opened without waiting for who writes to it, and then refused.
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
# To pass through a folder takes no right to list it, where the system has a way to say so.
_WALK = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
# What is said of a place that holds something else by now.
_SWAPPED = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


@contextmanager
def opened_below(path: str, roots: Sequence[Path]) -> Iterator[Opened]:
    """The kit at a path below the scan roots, links resolved, open until the end of the block.

    JobFailed for what is absent, lies outside or can't be read.
    """
    # One answer for outside and absent: it must not tell what exists outside.
    absent = JobFailed(f"There is no kit at {path} below the scan roots of this worker.", permanent=True)
    try:
        found = Path(path).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise absent from None
    root = next((root for root in roots if found.is_relative_to(root)), None)
    if root is None:
        raise absent
    with ExitStack() as stack:
        try:
            descriptor = _descend(root, found.relative_to(root).parts, stack)
        except OSError as error:
            if error.errno in _SWAPPED:
                raise absent from None
            raise JobFailed(
                f"{path} can't be opened: {error.strerror}. Let the user that runs the worker read it.", permanent=True
            ) from error
        yield Opened(found, descriptor)


def _descend(root: Path, parts: Sequence[str], stack: ExitStack) -> int:
    """Open what lies below the root, step by step: a link that was put there since it was resolved is not followed."""
    folder = os.open(root, _WALK if parts else _READ)
    stack.callback(os.close, folder)
    for number, part in enumerate(parts, 1):
        folder = os.open(part, (_WALK if number < len(parts) else _READ) | os.O_NOFOLLOW, dir_fd=folder)
        stack.callback(os.close, folder)
    return folder


def copy_kit(source: int, target: Path, *, most: int, checkpoint: Callable[[], None]) -> bool:
    """Copy an open kit of at most so many bytes into one file: a file as it is, a directory as a tar.

    False if the directory holds anything but the plain files that a kit has: the rest is not copied, however much
    it is, and such a kit is refused anyway.
    """
    if not stat.S_ISDIR(os.fstat(source).st_mode):
        with _plain(os.dup(source), checkpoint) as kit, target.open("xb") as copy:
            if kit.size > most:
                raise JobFailed(too_large(most), permanent=True)
            shutil.copyfileobj(kit, copy, CHUNK)
        return True
    whole, left = True, most
    with tarfile.TarFile(target, "x", copybufsize=CHUNK) as copy, os.scandir(source) as found:
        for entry in sorted(found, key=lambda one: one.name):
            if entry.name not in _NAMES or not entry.is_file(follow_symlinks=False):
                whole = False
                continue
            with _plain(os.open(entry.name, _READ | os.O_NOFOLLOW, dir_fd=source), checkpoint) as file:
                if (left := left - file.size) < 0:
                    raise JobFailed(too_large(most), permanent=True)
                member = tarfile.TarInfo(entry.name)
                member.size = file.size
                copy.addfile(member, file)
    return whole


def verification_log(checks: Sequence[Check]) -> str:
    """The steps as a text to keep: what was expected, what was found, what to do."""
    lines: list[str] = []
    for check in checks:
        lines.append(f"{check.step.number}. {check.step.heading}: {check.status.word} ({check.duration_ms} ms)")
        told = (("expected", check.expected), ("found", check.found), ("what to do", check.advice))
        lines += [f"   {label}: {text}" for label, text in told if text]
        lines += [f"   {detail.label}: {detail.value}" for detail in check.details]
    return "\n".join(lines) + "\n"


def write_findings(folder: Path, report: KitReport, at: datetime, about: dict[str, Any]) -> None:
    """Write down beside a bundle in quarantine what is known of it: manifest, log, reason and the facts."""
    facts = {**about, "at": iso(at), "exit_code": int(report.exit_code), "category": report.category}
    texts = {
        LOG: verification_log(report.checks),
        "failure-reason.txt": f"{report.failure}\n",
        "quarantine.json": json.dumps({**facts, "manifest_sha256": report.manifest_sha256}, indent=2),
    }
    if report.manifest is not None:
        texts["manifest.json"] = report.manifest.model_dump_json(indent=2)
    for name, text in texts.items():
        (folder / name).write_text(text)


class _Source(io.RawIOBase):
    """A file with the size that it had when it was opened: what is written to it afterwards is not read."""

    def __init__(self, handle: int, size: int, checkpoint: Callable[[], None]) -> None:
        super().__init__()
        self.size = size
        self._file = os.fdopen(handle, "rb", buffering=0)
        self._left = size
        self._checkpoint = checkpoint

    def read(self, count: int = -1) -> bytes:
        """The next bytes; none at the end. JobFailed if there are fewer than there were."""
        self._checkpoint()
        wanted = self._left if count < 0 else min(count, self._left)
        data = self._file.read(wanted)
        if wanted and not data:
            raise JobFailed("The kit became shorter while it was copied. It is tried again.")
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def _plain(handle: int, checkpoint: Callable[[], None]) -> _Source:
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        os.close(handle)
        raise JobFailed("A kit is a file or a directory of files; this is neither.", permanent=True)
    return _Source(handle, about.st_size, checkpoint)
