"""A kit on its way into the data directory: copied before it is verified, so that what was verified is what stays."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tarfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from execution_ops.domain.job_types import JobFailed
from execution_ops.domain.kits import NEEDED, OPTIONAL, Check, CheckStatus, KitReport
from execution_ops.domain.times import iso
from execution_ops.scanner.kit_store import LOG, too_large

_CHUNK = 4 << 20


def find_kit(path: str, roots: Sequence[Path]) -> Path:
    """The kit at a path below the scan roots, links resolved. JobFailed for what is absent or lies outside."""
    # One answer for outside and absent: it must not tell what exists outside.
    try:
        found = Path(path).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        found = None
    if found is None or not any(found.is_relative_to(root) for root in roots):
        raise JobFailed(f"There is no kit at {path} below the scan roots of this worker.", permanent=True)
    return found


def copy_kit(source: Path, target: Path, *, most: int, checkpoint: Callable[[], None]) -> bool:
    """Copy a kit, a file or a directory, of at most so many bytes.

    False if the directory holds more than plain files: the rest is not copied, and such a kit is refused anyway.
    """
    if not source.is_dir():
        _copy_file(source, target, most, checkpoint)
        return True
    target.mkdir()
    whole, left = True, most
    with os.scandir(source) as found:
        for entry in sorted(found, key=lambda one: one.name):
            if entry.is_file(follow_symlinks=False):
                left -= _copy_file(Path(entry.path), target / entry.name, left, checkpoint)
            else:
                whole = False
    return whole


def as_one_file(kit: Path, target: Path) -> None:
    """Make a verified kit one file: it is renamed, or packed if it is a directory."""
    if not kit.is_dir():
        os.rename(kit, target)
        return
    with tarfile.open(target, "w") as packed:
        for name in (*NEEDED, *OPTIONAL):
            if (kit / name).exists():
                packed.add(kit / name, arcname=name, recursive=False)
    shutil.rmtree(kit)


def verification_log(checks: Sequence[Check]) -> str:
    """The steps as a text to keep: what was expected, what was found, what to do."""
    lines: list[str] = []
    for check in checks:
        lines.append(f"{check.step.number}. {check.step.heading}: {says(check.status)} ({check.duration_ms} ms)")
        told = (("expected", check.expected), ("found", check.found), ("what to do", check.advice))
        lines += [f"   {label}: {text}" for label, text in told if text]
        lines += [f"   {detail.label}: {detail.value}" for detail in check.details]
    return "\n".join(lines) + "\n"


def says(status: CheckStatus) -> str:
    """How a step ended, in words."""
    return _SAYS[status]


_SAYS = {
    CheckStatus.PASSED: "passed",
    CheckStatus.FAILED: "failed",
    CheckStatus.ABSENT: "not there, optional",
    CheckStatus.NOT_RUN: "not run",
}


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


def _copy_file(source: Path, target: Path, most: int, checkpoint: Callable[[], None]) -> int:
    # Not through a link, and not from a pipe that would never end.
    handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as read, target.open("xb") as write:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise JobFailed("A kit is a file or a directory of files; this is neither.", permanent=True)
        done = 0
        while data := read.read(_CHUNK):
            checkpoint()
            done += len(data)
            if done > most:
                raise JobFailed(too_large(most), permanent=True)
            write.write(data)
    return done
