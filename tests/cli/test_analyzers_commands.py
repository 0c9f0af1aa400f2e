"""`execution-ops analyzers …`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from execution_ops.domain.job_types import DagSpec
from execution_ops.domain.jobs import Submission
from execution_ops.domain.scan_cache import CacheFigures
from execution_ops.domain.scanner_settings import CacheLimits
from execution_ops.domain.states import JobState
from tests.analyzers_double import ASKED, analyzer_run, self_test
from tests.api.test_analyzers_api import entry
from tests.cli.conftest import Run
from tests.doubles import MemoryBackend


def ending(backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch, state: JobState) -> None:
    """Let what is submitted end at once."""
    submit = backend.submit

    def at_once(spec: DagSpec, **options: Any) -> Submission:
        started = submit(spec, **options)
        for job_id in started.job_ids.values():
            row = backend.rows[job_id]
            backend.rows[job_id] = row.model_copy(update={"state": state, "error_message": "missing: pkg:a\x1b[2J"})
        return started

    monkeypatch.setattr(backend, "submit", at_once)


def test_the_list_says_when_syft_was_never_asked(run: Run, backend: MemoryBackend) -> None:
    assert "never asked" in run("analyzers", "list").stderr
    backend.syft_asked = ASKED
    backend.analyzer_past = [analyzer_run(duration_ms=1500)]
    answer = run("analyzers", "list")
    assert "1.5 s" in answer.stdout
    assert "not tried yet" in answer.stdout
    assert "Syft 1.18.1, asked at" in answer.stderr
    assert json.loads(run("analyzers", "list", "--json").stdout)["by_health"]["healthy"] == 1


def test_one_analyzer_is_shown_with_its_self_test(run: Run, backend: MemoryBackend) -> None:
    backend.syft_asked = ASKED
    backend.analyzer_tested = {"go": self_test("go", ["pkg:a"], [])}
    shown = run("analyzers", "show", "go").stdout
    assert "missing: pkg:a" in shown
    assert "Go modules" in shown
    assert run("analyzers", "show", "nothing").exit_code == 3


def test_a_self_test_that_fails_ends_with_1(run: Run, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend.syft_asked = ASKED
    ending(backend, monkeypatch, JobState.FAILED)
    failed = run("analyzers", "test", "go")
    assert failed.exit_code == 1
    assert "missing: pkg:a" in failed.stderr
    assert "\x1b[2J" not in failed.stderr
    body = json.loads(run("analyzers", "test", "go", "--json").stdout)
    assert (body["succeeded"], body["tests"][0]["state"]) == (False, "failed")


def test_self_tests_that_pass_end_with_0(run: Run, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend.syft_asked = ASKED
    ending(backend, monkeypatch, JobState.SUCCEEDED)
    passed = run("analyzers", "test")
    assert passed.exit_code == 0
    assert ("passed  go" in passed.stdout, "passed  python" in passed.stdout) == (True, True)
    assert run("analyzers", "refresh").exit_code == 0
    assert run("analyzers", "test", "binaries").exit_code == 2


def test_what_does_not_end_in_time_goes_on(run: Run, backend: MemoryBackend) -> None:
    late = run("analyzers", "refresh", "--timeout", "0.01")
    assert late.exit_code == 5
    assert "goes on" in late.stderr


def test_defaults_are_set_with_a_reason_and_have_a_history(run: Run, backend: MemoryBackend) -> None:
    assert "Version 0, for scans started from now on; left out: none." in run("analyzers", "defaults", "show").stdout
    assert run("analyzers", "defaults", "set", "--reason", "x").exit_code == 2
    assert run("analyzers", "defaults", "set", "--without", "go").exit_code == 2
    saved = run("analyzers", "defaults", "set", "--without", "go", "--without", "rust", "--reason", "neither here")
    assert "left out: go, rust" in saved.stdout
    assert "neither here" in run("analyzers", "defaults", "history").stdout
    assert json.loads(run("analyzers", "defaults", "set", "--all", "--reason", "y", "--json").stdout)["disabled"] == []
    assert run("analyzers", "defaults", "rollback", 1).exit_code == 2
    back = run("analyzers", "defaults", "rollback", 1, "--reason", "they were right")
    assert "Version 3, for scans started from now on; left out: go, rust." in back.stdout
    assert run("analyzers", "defaults", "rollback", 9, "--reason", "x").exit_code == 3


def test_the_cache_is_shown_and_cleared(run: Run, backend: MemoryBackend) -> None:
    backend.cache_figured = CacheFigures(limits=CacheLimits(), entries=3, used_bytes=5_000_000, hits=30, misses=10)
    assert "75 %: 30 of 40 lookups" in run("analyzers", "cache", "show").stdout
    backend.cache_entries = [entry("a"), entry("b", "python")]
    assert "Would drop 2 entries" in run("analyzers", "cache", "clear", "--dry-run").stdout
    assert run("analyzers", "cache", "clear").exit_code == 2
    cleared = run("analyzers", "cache", "clear", "--analyzer", "go", "--reason", "wrong rules")
    assert "Dropped 1 entry" in cleared.stdout
    assert [one.key for one in backend.cache_entries] == ["b"]
