"""The rules of a check-up: each fact that is wrong is found, said in words, and has a way to mend it."""

from __future__ import annotations

import dataclasses

import pytest

from execution_ops.domain.doctor import CheckUp, Finding, Level, not_checked
from execution_ops.domain.doctor_rules import (
    RELEASED_MS,
    ClockFacts,
    ConfigFacts,
    ConsoleFacts,
    DatabaseFacts,
    DiskFacts,
    PortFacts,
    SyftFacts,
    WorkerFacts,
    judge_clock,
    judge_config,
    judge_console,
    judge_database,
    judge_disk,
    judge_port,
    judge_syft,
    judge_workers,
    nearest,
)

GB = 1 << 30
SOUND = DatabaseFacts(
    "The SQLite file",
    sqlite=True,
    schema="0019",
    wanted="0019",
    journal="wal",
    integrity="ok",
    size_bytes=GB,
    free_bytes=GB,
)
SERVER = DatabaseFacts("The database", sqlite=False, schema="0019", wanted="0019", skew_ms=3)
CLOCK = ClockFacts(RELEASED_MS + 1, 0.0, zones=True, synchronised=True)
DISK = DiskFacts("/data", exists=True, writable=True, free_bytes=50 * GB)
KNOWN = ("EXECUTION_OPS_PORT", "EXECUTION_OPS_DATA_DIR", "EXECUTION_OPS_LOG_LEVEL")


def worst(findings: list[Finding]) -> tuple[Level, str]:
    """The level of a whole, and what is said at it."""
    level = CheckUp(version="1", findings=tuple(findings)).worst
    return level, " ".join(finding.message for finding in findings if finding.level is level)


def test_what_is_right_is_said_once_and_needs_no_mending() -> None:
    workers = [WorkerFacts("w", "1.0", "online", 900)]
    for findings in (
        judge_database(SOUND),
        judge_database(SERVER),
        judge_clock(CLOCK),
        judge_disk(DISK),
        judge_config(ConfigFacts(known=KNOWN, host="127.0.0.1")),
        judge_console(ConsoleFacts(present=True, current=True, carried=True, command="build")),
        judge_syft(SyftFacts("", "/bin/syft", "1.18.1")),
        judge_workers(workers, "1.0", 30_000),
        judge_port(PortFacts("127.0.0.1", 8420, "free")),
        judge_port(PortFacts("127.0.0.1", 8420, "ours")),
    ):
        assert worst(findings)[0] is Level.OK
        assert not any(finding.mend for finding in findings)


@pytest.mark.parametrize(
    ("change", "level", "said"),
    [
        ({"error": "unable to open database file"}, Level.PROBLEM, "unable to open"),
        ({"exists": False}, Level.OK, "first start makes it"),
        ({"schema": None}, Level.OK, "no tables yet"),
        ({"schema": "9999", "known": False}, Level.PROBLEM, "schema 9999"),
        ({"schema": "0001"}, Level.WARNING, "needs 0019"),
        ({"journal": "delete"}, Level.WARNING, "journal mode is delete"),
        ({"integrity": "row 7 missing from index"}, Level.PROBLEM, "row 7 missing"),
        ({"free_bytes": 1}, Level.WARNING, "free"),
    ],
)
def test_a_file_that_is_not_sound(change: dict[str, object], level: Level, said: str) -> None:
    findings = judge_database(dataclasses.replace(SOUND, **change))  # type: ignore[arg-type]
    assert worst(findings)[0] is level
    assert said in " ".join(finding.message for finding in findings)
    if level is not Level.OK:
        assert all(finding.mend for finding in findings if finding.level is level)


def test_an_integrity_check_that_was_cut_off_is_not_one_that_passed() -> None:
    found = judge_database(dataclasses.replace(SOUND, integrity=None))
    assert Level.NOT_CHECKED in {finding.level for finding in found}


@pytest.mark.parametrize(
    ("skew", "level"), [(900, Level.OK), (-4_000, Level.WARNING), (60_000, Level.PROBLEM), (-60_000, Level.PROBLEM)]
)
def test_a_server_with_another_time(skew: int, level: Level) -> None:
    assert worst(judge_database(dataclasses.replace(SERVER, skew_ms=skew)))[0] is level


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({"now_ms": 0}, Level.PROBLEM),
        ({"jump_ms": -5_000.0}, Level.WARNING),
        ({"zones": False}, Level.PROBLEM),
        ({"synchronised": False}, Level.WARNING),
        ({"synchronised": None}, Level.OK),
    ],
)
def test_clocks(change: dict[str, object], level: Level) -> None:
    assert worst(judge_clock(dataclasses.replace(CLOCK, **change)))[0] is level  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({"writable": False}, Level.PROBLEM),
        ({"free_bytes": 100 << 20}, Level.PROBLEM),
        ({"free_bytes": GB}, Level.WARNING),
        ({"open_to_others": True}, Level.WARNING),
    ],
)
def test_disks(change: dict[str, object], level: Level) -> None:
    assert worst(judge_disk(dataclasses.replace(DISK, **change)))[0] is level  # type: ignore[arg-type]


def test_workers_that_are_missing_late_old_or_all_resting() -> None:
    assert worst(judge_workers([], "1.0", 30_000))[0] is Level.WARNING
    late = WorkerFacts("w", "1.0", "online", 45_000)
    assert worst(judge_workers([late], "1.0", 30_000))[0] is Level.PROBLEM
    old = judge_workers([WorkerFacts("w", "0.9", "online", 100)], "1.0", 30_000)
    assert worst(old) == (Level.WARNING, "w is of version 0.9, and this is 1.0.")
    assert "--version 0.9" in old[0].mend
    assert "No worker takes jobs" in worst(judge_workers([WorkerFacts("w", "1.0", "drained", 100)], "1.0", 30_000))[1]


def test_a_slip_in_a_name_is_told_with_the_name_that_was_meant() -> None:
    (finding,) = judge_config(ConfigFacts(unknown=("EXECUTION_OPS_PROT",), known=KNOWN))
    assert (finding.level, finding.mend) == (Level.WARNING, "Is EXECUTION_OPS_PORT meant?")
    assert nearest("EXECUTION_OPS_DATADIR", KNOWN) == "EXECUTION_OPS_DATA_DIR"
    assert nearest("EXECUTION_OPS_ZZZZZZZZZZZZ", KNOWN) == ""


def test_a_configuration_that_is_wrong_or_open() -> None:
    assert worst(judge_config(ConfigFacts(error="EXECUTION_OPS_PORT: bad")))[0] is Level.PROBLEM
    assert worst(judge_config(ConfigFacts(missing_roots=("/gone",))))[0] is Level.WARNING
    assert worst(judge_config(ConfigFacts(key_error="/key: no such file")))[0] is Level.PROBLEM
    assert worst(judge_config(ConfigFacts(retention_off=("jobs",))))[0] is Level.WARNING
    assert worst(judge_config(ConfigFacts(host="0.0.0.0", loopback=False)))[0] is Level.PROBLEM
    assert worst(judge_config(ConfigFacts(host="0.0.0.0", loopback=False, sign_in="oidc")))[0] is Level.OK


def test_a_console_that_is_missing_or_of_other_sources_and_a_port_that_is_taken() -> None:
    for carried in (False, True):
        for present in (False, True):
            (finding,) = judge_console(ConsoleFacts(present, current=False, carried=carried, command="build it"))
            assert finding.level is Level.PROBLEM
            assert ("build it" in finding.mend) is not carried
    assert worst(judge_port(PortFacts("127.0.0.1", 8420, "other")))[0] is Level.PROBLEM


def test_syft_that_is_missing_or_something_else() -> None:
    assert "no scan can run" in worst(judge_syft(SyftFacts("")))[1]
    assert "/opt/syft" in worst(judge_syft(SyftFacts("/opt/syft")))[1]
    assert worst(judge_syft(SyftFacts("", "/bin/true", "", "it says nothing")))[0] is Level.PROBLEM


def test_the_worst_decides_and_what_was_not_checked_does_not() -> None:
    rest = not_checked("workers", "no database")
    assert CheckUp(version="1", findings=(rest,)).worst is Level.OK
