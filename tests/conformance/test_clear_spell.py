"""Since when nothing blocks, as those see it who look; and the leader looks."""

from __future__ import annotations

import threading

import pytest

from execution_ops.backends.embedded import clear_spell, worker
from execution_ops.backends.embedded.worker import Worker
from execution_ops.domain.states import JobState
from execution_ops.domain.times import from_ms, to_ms
from tests.execution import Bench, wait_until

START = 1_790_000_000_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time in ms since `START`, as its only entry."""
    now = [0]
    monkeypatch.setattr(clear_spell, "clock_ms", lambda _connection: START + now[0])
    return now


def test_a_spell_lasts_from_the_first_clear_look_to_the_next_block(bench: Bench, clock: list[int]) -> None:
    backend = bench.backend
    assert backend.clear_since() is None

    def look(at: int, *, blocked: bool = False) -> int | None:
        """Look at a moment; when the spell began by what is known then."""
        clock[0] = at
        backend.note_blocked(blocked)
        since = backend.clear_since()
        return None if since is None else to_ms(since) - START

    assert [look(at) for at in (1_000, 11_000, 71_000)] == [1_000, 1_000, 1_000]
    assert look(81_000, blocked=True) is None
    assert look(91_000, blocked=True) is None
    assert [look(at) for at in (101_000, 111_000)] == [101_000, 101_000]
    # For a minute and a bit nobody looked: what was then is not known.
    assert look(171_001) == 171_001
    # The clock was put back a long way.
    assert look(3_000) == 3_000


def test_nothing_is_said_where_nobody_has_looked_for_a_minute(bench: Bench, clock: list[int]) -> None:
    bench.backend.note_blocked(False)
    clock[0] = 60_000
    assert bench.backend.clear_since() == from_ms(START)
    clock[0] = 60_001
    assert bench.backend.clear_since() is None


def test_the_leader_looks_again_after_a_look_that_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "LOOK_EVERY_S", 0.05)
    failed, seen = threading.Event(), threading.Event()

    def look() -> None:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("the disk is on fire")
        bench.backend.note_blocked(False)
        seen.set()

    bench.worker = Worker(bench.backend, bench.settings, registry=bench.registry, watch=look)
    bench.worker.start()
    wait_until(seen.is_set, "the second look")
    wait_until(lambda: bench.backend.clear_since() is not None, "what it noted")
    assert "the watch failed" in caplog.text
    assert "the disk is on fire" in caplog.text
    # It leads on, and runs jobs.
    bench.until(bench.one("test.echo"), JobState.SUCCEEDED)
