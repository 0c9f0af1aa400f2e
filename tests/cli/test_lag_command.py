"""`execution-ops runs lag`."""

from __future__ import annotations

import json

from tests.cli.conftest import Run
from tests.doubles import MemoryBackend
from tests.lag_samples import behind, health, queue


def test_it_shows_each_queue_and_says_which_is_stuck(run: Run, backend: MemoryBackend) -> None:
    backend.queues_and_workers = behind()
    answer = run("runs", "lag")
    assert answer.exit_code == 0, answer.output
    lines = [line.split() for line in answer.stdout.splitlines()]
    assert lines[0] == ["QUEUE", "DEPTH", "OLDEST", "RUNNING", "WORKERS"]
    assert lines[1:] == [["compare", "3", "14m", "00s", "0", "0"], ["scan", "7", "1m", "00s", "2", "1"], lines[3]]
    assert lines[3] == ["merge", "0", "0", "1"]
    assert "No worker that is online serves the queue compare." in answer.stderr
    body = json.loads(run("runs", "lag", "--json").stdout)
    assert [one["queue"] for one in body["items"]] == ["compare", "scan", "merge"]
    assert body["as_of"] == "2026-11-23T14:00:00.000Z"


def test_an_empty_system_says_so_and_hostile_names_do_nothing(run: Run, backend: MemoryBackend) -> None:
    assert "No queue has had a job yet." in run("runs", "lag").stderr
    backend.queues_and_workers = health(queue("\x1b[31mred[/]", waiting=1))
    answer = run("runs", "lag")
    assert "\x1b" not in answer.output + answer.stderr
