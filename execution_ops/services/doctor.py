"""The check-up of an installation: gathers the facts of each area and has the rules judge them.

It needs neither the database nor a valid configuration: what cannot be looked at is a finding, too. A new area is one
function in `_AREAS`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx

from execution_ops import __version__, frontend, routes
from execution_ops.backends.embedded.examine import examine
from execution_ops.domain.doctor import CheckUp, Finding, not_checked
from execution_ops.domain.doctor_rules import (
    ClockFacts,
    ConfigFacts,
    ConsoleFacts,
    DiskFacts,
    PortFacts,
    SyftFacts,
    judge_clock,
    judge_config,
    judge_console,
    judge_database,
    judge_disk,
    judge_port,
    judge_syft,
    judge_workers,
)
from execution_ops.domain.errors import OpsError
from execution_ops.domain.job_types import JobFailed
from execution_ops.domain.retention import Kind
from execution_ops.domain.times import now_ms
from execution_ops.scanner import syft
from execution_ops.services.kit_export import key_place, signing_key
from execution_ops.settings import PREFIX, Settings, settings
from execution_ops.supervisor import port_is_free

PATIENCE_S = 10.0
_PROGRAM_S = 20.0
_CLOCK_LOOK_S = 0.2
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


@dataclass(frozen=True)
class Patient:
    """What is looked at. `patience_s` bounds the integrity check."""

    settings: Settings
    patience_s: float


def check_up(*, patience_s: float = PATIENCE_S) -> CheckUp:
    """Look at everything."""
    try:
        found = settings()
    except SystemExit as error:
        # The other areas are those of the settings that are refused.
        facts = ConfigFacts(error=str(error), unknown=tuple(unknown(os.environ)), known=tuple(known()))
        findings = judge_config(facts)
        findings += [not_checked(name, "The configuration has to be mended first.") for name in _AREAS]
        return CheckUp(version=__version__, findings=tuple(findings))
    patient = Patient(found, patience_s)
    areas = [_configuration(patient), *(look(patient) for look in _AREAS.values())]
    return CheckUp(version=__version__, findings=tuple(finding for area in areas for finding in area))


def known() -> list[str]:
    """The names of all variables that mean something."""
    return [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]


def unknown(names: Iterable[str]) -> list[str]:
    """Those with our prefix that mean nothing."""
    return sorted(name for name in names if name.upper().startswith(PREFIX) and name.upper() not in known())


def _configuration(patient: Patient) -> list[Finding]:
    config = patient.settings
    policy = config.retention()
    return judge_config(
        ConfigFacts(
            unknown=tuple(unknown(os.environ)),
            known=tuple(known()),
            missing_roots=tuple(str(root) for root in config.roots() if not root.is_dir()),
            key_error=_key_error(config),
            host=config.host,
            loopback=config.host in ("localhost", "::1") or config.host.startswith("127."),
            sign_in=str(config.sign_in),
            retention_off=tuple(kind.word for kind in Kind if not policy.days(kind)),
        )
    )


def _key_error(config: Settings) -> str:
    if not key_place(config):
        return ""
    try:
        signing_key(config)
    except OpsError as error:
        return error.message
    return ""


def _database(patient: Patient) -> list[Finding]:
    config = patient.settings
    place = f"The database of {PREFIX}DATABASE_URL" if config.database_url else "The SQLite file"
    facts, workers = examine(config.url(), place, patience_s=patient.patience_s)
    lost_after_ms = config.lost_after * 1000
    if workers is None:
        why = "Workers are known to the database, which has none yet or cannot be asked."
        return [*judge_database(facts), not_checked("workers", why)]
    return [*judge_database(facts), *judge_workers(workers, __version__, lost_after_ms)]


def _clock(patient: Patient) -> list[Finding]:
    wall, steady = time.time(), time.monotonic()
    time.sleep(_CLOCK_LOOK_S)
    jump_ms = (time.time() - wall - (time.monotonic() - steady)) * 1000
    try:
        zones = ZoneInfo("Europe/Berlin") is not None
    except ZoneInfoNotFoundError:
        zones = False
    return judge_clock(ClockFacts(now_ms(), jump_ms, zones, _synchronised()))


def _synchronised() -> bool | None:
    if _SYNCHRONISED.exists():
        return True
    program = shutil.which("timedatectl")
    said = _said((program, "show", "--property=NTPSynchronized", "--value")) if program else ""
    return {"yes": True, "no": False}.get(said.strip())


def _syft(patient: Patient) -> list[Finding]:
    wanted = patient.settings.syft
    try:
        path = syft.find(wanted)
    except JobFailed:
        return judge_syft(SyftFacts(wanted))
    said = _said((path, "version"))
    version = next((line.split()[-1] for line in said.splitlines() if line.startswith("Version:")), "")
    return judge_syft(SyftFacts(wanted, path, version, "" if version else "it does not say which version it is"))


def _said(command: tuple[str, ...]) -> str:
    """What a program prints, "" if it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PROGRAM_S, errors="replace")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _disk(patient: Patient) -> list[Finding]:
    path = patient.settings.data_dir.resolve()
    there = next(parent for parent in (path, *path.parents) if parent.exists())
    exists = there == path
    return judge_disk(
        DiskFacts(
            str(path),
            exists,
            there.is_dir() and os.access(there, os.W_OK | os.X_OK),
            shutil.disk_usage(there).free,
            open_to_others=exists and bool(path.stat().st_mode & 0o077),
        )
    )


def _console(patient: Patient) -> list[Finding]:
    present = (frontend.BUILD / "404.html").is_file()
    carried = frontend.CARRIED
    return judge_console(ConsoleFacts(present, present and frontend.is_current(), carried, frontend.COMMAND))


def _port(patient: Patient) -> list[Finding]:
    host, port = patient.settings.host, patient.settings.port
    return judge_port(PortFacts(host, port, _holder(host, port)))


def _holder(host: str, port: int) -> str:
    if port_is_free(host, port):
        return "free"
    name = f"[{host}]" if ":" in host else host
    try:
        answer = httpx.get(f"http://{name}:{port}{routes.HEALTH}", timeout=5, trust_env=False)
        return "ours" if answer.json() == {"status": "ok"} else "other"
    except (httpx.HTTPError, ValueError):
        return "other"


_AREAS: dict[str, Callable[[Patient], list[Finding]]] = {
    "database": _database,
    "clock": _clock,
    "syft": _syft,
    "disk": _disk,
    "console": _console,
    "port": _port,
}
