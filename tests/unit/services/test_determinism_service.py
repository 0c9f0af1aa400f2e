"""How determinism checks are started, and what is told of the last ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Forbidden, InvalidInput
from execution_ops.domain.jobs import LogLevel, LogLine, Submission
from execution_ops.domain.scanner_settings import Determinism, ScannerSettings, SettingsVersion
from execution_ops.domain.states import JobState
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner.determinism import SHOWN_MAX
from execution_ops.services.container import compose
from execution_ops.services.determinism import DeterminismService, Verdict
from execution_ops.settings import Settings
from execution_ops.state.scanner_settings_view import check_line, say_checks
from tests.doubles import EPOCH, MemoryBackend

ME = local_operator()
STAMP = Stamp(actor=ME)


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def service(backend: MemoryBackend, tmp_path: Path) -> DeterminismService:
    return compose(Settings(data_dir=tmp_path), backend).determinism


def end(backend: MemoryBackend, started: Submission, key: str, state: JobState, **changes: object) -> None:
    row = backend.rows[started.job_ids[key]]
    backend.add(row.model_copy(update={"state": state, **changes}))


def test_both_scans_are_started_with_what_holds_and_take_no_stored_result(
    backend: MemoryBackend, service: DeterminismService
) -> None:
    settings = ScannerSettings(determinism=Determinism(seed=5))
    backend.saved_settings.append(SettingsVersion(version=1, settings=settings))
    service.start(ME, "/srv/app", stamp=STAMP)
    options = [node.payload["options"] for node in backend.specs[0].nodes if "options" in node.payload]
    assert len(options) == 4
    assert all((one["fresh"], one["settings_version"], one["determinism"]["seed"]) == (True, 1, 5) for one in options)
    assert backend.specs[0].title == "Determinism check of app"


def test_what_is_no_path_and_who_may_not_is_refused(backend: MemoryBackend, service: DeterminismService) -> None:
    with pytest.raises(InvalidInput):
        service.start(ME, "relative", stamp=STAMP)
    reader = Actor(name="reader", scopes=frozenset({Scope.READ}))
    with pytest.raises(Forbidden):
        service.start(reader, "/srv/app", stamp=Stamp(actor=reader))
    assert backend.specs == []
    assert service.last(reader).items == ()


def test_the_verdict_of_each_check_is_told(backend: MemoryBackend, service: DeterminismService) -> None:
    same, other, held, running = (service.start(ME, f"/srv/{name}", stamp=STAMP) for name in "abcd")
    end(backend, same, "determinism", JobState.SUCCEEDED)
    backend.values[(same.job_ids["determinism"], "result")] = json.dumps({"total": 4, "components": 1200})
    words = "The two scans differ in 1 of 4 steps: python."
    end(backend, other, "determinism", JobState.FAILED, error_type="ResultsDiffer", error_message=words)
    end(backend, held, "second:inspect", JobState.FAILED)

    found = service.last(ME)
    assert (found.identical, found.total) == (1, 2)
    checks = {one.dag_id: one for one in found.items}
    assert checks[same.dag_id].verdict is Verdict.IDENTICAL
    assert checks[same.dag_id].words == "All 4 steps are identical, with 1,200 components."
    assert say_checks(found) == "1 of the last 2 checks found the same twice."
    # The newest one need not be the one that compared.
    lone = found.model_copy(update={"total": 1})
    assert say_checks(lone) == "One of the last checks has compared: it found the same twice."
    lone = lone.model_copy(update={"items": found.items[:1]})
    assert say_checks(lone) == "The last check found the same twice."
    assert (checks[other.dag_id].verdict, checks[other.dag_id].words) == (Verdict.DIFFERS, words)
    assert checks[held.dag_id].verdict is Verdict.STUCK
    # It leads to the job that holds it up, not to the comparison that waits for it.
    assert checks[held.dag_id].job_id == held.job_ids["second:inspect"]
    assert checks[running.dag_id].verdict is Verdict.RUNNING
    assert checks[running.dag_id].source == "/srv/d"


def test_each_place_where_the_results_differ_is_told(backend: MemoryBackend, service: DeterminismService) -> None:
    started = service.start(ME, "/srv/app", stamp=STAMP)
    end(backend, started, "determinism", JobState.FAILED, error_type="ResultsDiffer", error_message="x", attempts=2)
    told = [
        (1, LogLevel.WARNING, "component a 1: there in the first scan, not there in the second."),
        (2, LogLevel.INFO, "python: identical"),
        *((2, LogLevel.WARNING, f"component {number} 1: there in the first scan.") for number in range(SHOWN_MAX)),
        (2, LogLevel.WARNING, "133 more places differ."),
        (2, LogLevel.ERROR, "The two scans differ."),
    ]
    backend.logs[started.job_ids["determinism"]] = [
        LogLine(seq=seq, at=EPOCH, attempt=attempt, level=level, text=text)
        for seq, (attempt, level, text) in enumerate(told, 1)
    ]
    (check,) = service.last(ME).items
    assert check.places == tuple(text for attempt, level, text in told if (attempt, level) == (2, LogLevel.WARNING))
    assert check.places[-1] == "133 more places differ."
    line = check_line(check)
    assert len(line.places) == SHOWN_MAX + 1


def test_a_comparison_that_broke_says_nothing_of_determinism(
    backend: MemoryBackend, service: DeterminismService
) -> None:
    broken, canceled, lost = (service.start(ME, f"/srv/{name}", stamp=STAMP) for name in "abc")
    end(backend, broken, "determinism", JobState.FAILED, error_type="JobFailed", error_message="The disk is full.")
    end(backend, canceled, "determinism", JobState.CANCELED)
    end(backend, lost, "determinism", JobState.SUCCEEDED)
    found = service.last(ME)
    assert {one.verdict for one in found.items} == {Verdict.FAILED}
    assert {one.words for one in found.items} == {
        "The disk is full.",
        "The comparison is canceled.",
        "Its result is not there any more.",
    }
    assert found.total == 0
