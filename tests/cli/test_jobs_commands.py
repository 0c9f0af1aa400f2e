"""`execution-ops jobs …`: tables, JSON and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from execution_ops.commands.output import EXIT_CODES, Exit
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import REGISTRY, Artifact
from execution_ops.domain.jobs import LogLevel, LogLine, Page
from execution_ops.domain.states import JobState
from tests import jobs as job_types
from tests.doubles import EPOCH, MemoryBackend
from tests.job_samples import job_row

Run = Callable[..., Any]
HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]\u202e<b>"


def steers(text: str) -> bool:
    """Whether the text could move a terminal."""
    return bool(set(text) & {"\x1b", "\x07", "\u202e", "\x9b"})


def test_the_list_is_a_table_with_whole_ids(run: Run, backend: MemoryBackend) -> None:
    rows = [backend.add(job_row()), backend.add(job_row(state=JobState.TIMED_OUT, label="java"))]
    result = run("jobs", "list")
    assert result.exit_code == Exit.OK
    for row in rows:
        assert row.id in result.stdout
    assert "timed out" in result.stdout


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_the_list_as_json_pages(run: Run, backend: MemoryBackend, sort: str) -> None:
    rows = [backend.add(job_row(created_at=EPOCH + timedelta(seconds=second))) for second in range(5)]
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = run("jobs", "list", "--limit", 2, "--sort", sort, "--cursor", cursor, "--json")
        found += [item["id"] for item in json.loads(answer.stdout)["items"]]
        cursor = json.loads(answer.stdout)["next_cursor"]
    assert found == [row.id for row in (rows if sort == "oldest" else reversed(rows))]
    assert "There are more: --cursor 2" in run("jobs", "list", "--limit", 2, "--sort", sort).stderr


def test_every_field_of_the_filter_is_an_option(run: Run, backend: MemoryBackend, monkeypatch: Any) -> None:
    seen: list[Any] = []
    honest = backend.list_jobs
    monkeypatch.setattr(backend, "list_jobs", lambda where, **rest: (seen.append(where), honest(where, **rest))[1])
    dag = new_id()
    given = {
        "state": "failed",
        "job-type": "demo.work",
        "queue": "demo",
        "tenant": "acme",
        "after": "24h",
        "before": "1h",
        "ended-after": "2h",
        "id": "019a",
        "dag": dag,
        "worker": "w1",
        "quota": dag,
        "error": "no space",
        "payload": "image.tag:1.0:2",
        "sort": "oldest",
    }
    assert {name.replace("-", "_") for name in given} == set(JobFilter.model_fields)
    options = [part for name, value in given.items() for part in (f"--{name}", value)]
    assert run("jobs", "list", *options, "--state", "canceled").exit_code == Exit.OK
    assert dict(seen[0].to_pairs()) == {
        "state": "canceled",
        "job_type": "demo.work",
        "queue": "demo",
        "tenant": "acme",
        "after": "24h",
        "before": "1h",
        "ended_after": "2h",
        "id": "019a",
        "dag": dag,
        "worker": "w1",
        "quota": dag,
        "error": "no space",
        "payload.image.tag": "1.0:2",
        "sort": "oldest",
    }
    assert seen[0].state == (JobState.FAILED, JobState.CANCELED)


def test_an_empty_list_says_why(run: Run) -> None:
    assert "There are no jobs yet." in run("jobs", "list").stderr
    assert "There are no failed jobs." in run("jobs", "list", "--state", "failed").stderr


def test_a_search_that_stopped_at_its_bound_says_how_to_go_on(
    run: Run, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = job_row()
    for rows, words in (
        ((), "Looked at 5,000 jobs, none matched yet; go on with --cursor c2"),
        ((row,), "Looked at 5,000 jobs; go on with --cursor c2"),
    ):
        page = Page(rows=rows, older="c2", newer=None, searched=5000)
        monkeypatch.setattr(backend, "list_jobs", lambda *_, page=page, **__: page)
        shown = run("jobs", "list", "--error", "disk")
        assert shown.exit_code == Exit.OK
        assert words in shown.stderr
        assert "There are" not in shown.stderr
        answer = json.loads(run("jobs", "list", "--error", "disk", "--json").stdout)
        assert (len(answer["items"]), answer["next_cursor"], answer["searched"]) == (len(rows), "c2", 5000)


def test_one_job_is_shown_with_what_it_waits_for(run: Run, backend: MemoryBackend) -> None:
    row = backend.add(job_row(state=JobState.SCHEDULED))
    backend.artifacts[row.id] = (Artifact(name="sbom.json", sha256="a" * 64, size=1234, media_type="x/y"),)
    shown = run("jobs", "show", row.id)
    assert "No worker that is online serves the queue demo." in shown.stdout
    assert f"sbom.json  1,234 bytes  sha256:{'a' * 64}" in shown.stdout
    assert json.loads(run("jobs", "show", row.id, "--json").stdout)["waiting"]["kind"] == "no_worker"


def test_hostile_text_steers_no_terminal(run: Run, backend: MemoryBackend) -> None:
    row = backend.add(job_row(error_message=HOSTILE, label=HOSTILE, job_type=HOSTILE, state=JobState.FAILED))
    backend.logs[row.id] = [LogLine(seq=1, at=EPOCH, attempt=1, level=LogLevel.ERROR, text=HOSTILE)]
    for command in (
        ("jobs", "list"),
        ("jobs", "list", "--json"),
        ("jobs", "show", row.id),
        ("jobs", "show", row.id, "--json"),
        ("jobs", "logs", row.id),
        ("jobs", "logs", row.id, "--json"),
    ):
        result = run(*command)
        assert result.exit_code == Exit.OK
        assert not steers(result.output), command
    assert "[red]" in run("jobs", "logs", row.id).stdout, "markup is shown, not obeyed"


def test_a_log_is_printed_whole_and_filtered(run: Run, backend: MemoryBackend) -> None:
    row = backend.add(job_row())
    backend.logs[row.id] = [
        LogLine(seq=seq, at=EPOCH, attempt=1, level=LogLevel.INFO, text=f"line {seq}") for seq in range(1, 6002)
    ]
    assert len(run("jobs", "logs", row.id).stdout.splitlines()) == 6001
    assert run("jobs", "logs", row.id, "--level", "error").stdout == ""
    lines = run("jobs", "logs", row.id, "--text", "line 600", "--json").stdout.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [600, 6000, 6001]


def test_following_a_log_ends_with_the_job(run: Run, backend: MemoryBackend, monkeypatch: Any) -> None:
    row = backend.add(job_row(state=JobState.RUNNING))

    def wait(_: float) -> None:
        backend.logs[row.id] = [LogLine(seq=1, at=EPOCH, attempt=1, level=LogLevel.INFO, text="last words")]
        backend.add(row.model_copy(update={"state": JobState.SUCCEEDED}))

    monkeypatch.setattr("execution_ops.commands.jobs.time.sleep", wait)
    assert "last words" in run("jobs", "logs", row.id, "--follow").stdout


def test_a_job_is_submitted(run: Run, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = job_types.REGISTRY.get("test.echo")
    monkeypatch.setitem(REGISTRY._types, "test.echo", entry)
    payload = ("--payload", '{"n": 1}')
    done = run("jobs", "submit", "test.echo", *payload, "--label", "one", "--priority", 3, "--tenant", "acme")
    (row,) = backend.rows.values()
    assert (done.exit_code, row.job_type, row.tenant) == (Exit.OK, "test.echo", "acme")
    assert f"execution-ops jobs show {row.id}" in done.stdout
    (node,) = backend.specs[0].nodes
    assert (node.payload, node.label, node.priority) == ({"n": 1}, "one", 3)
    assert json.loads(run("jobs", "submit", "test.echo", "--json").stdout)["created"] is True
    for wrong in (("test.nothing",), ("test.echo", "--payload", "[1]"), ("test.echo", "--payload", "{"), ("ops.bulk",)):
        refused = run("jobs", "submit", *wrong)
        assert (refused.exit_code, refused.stdout) == (Exit.USAGE, ""), wrong
        assert refused.stderr
    assert len(backend.specs) == 2


def test_cancel_and_retry(run: Run, backend: MemoryBackend) -> None:
    row = backend.add(job_row(state=JobState.RUNNING))
    canceled = run("jobs", "cancel", row.id, "--reason", "wrong branch", "--ticket", "OPS-1")
    assert (canceled.exit_code, backend.rows[row.id].state) == (Exit.OK, JobState.CANCELED)
    assert (backend.stamps[0].reason, backend.stamps[0].ticket) == ("wrong branch", "OPS-1")
    assert run("jobs", "retry", row.id).exit_code == Exit.OK
    refused = run("jobs", "retry", row.id, "--json")
    assert refused.exit_code == Exit.REFUSED
    assert json.loads(refused.stdout)["items"][0]["why"] == "It has not failed."


def test_all_that_match_are_changed_in_the_background(run: Run, backend: MemoryBackend) -> None:
    backend.add(job_row())
    result = run("jobs", "retry", "--filter", "state=failed&after=24h", "--json")
    started = json.loads(result.stdout)
    assert backend.rows[started["job_ids"]["bulk"]].job_type == "ops.bulk"
    assert run("jobs", "retry", "--filter", "stat=failed").exit_code == Exit.USAGE


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("jobs", "show", new_id()), Exit.NOT_FOUND),
        (("jobs", "logs", new_id()), Exit.NOT_FOUND),
        (("jobs", "show", "nonsense"), Exit.USAGE),
        (("jobs", "list", "--state", "exploded"), Exit.USAGE),
        (("jobs", "list", "--limit", "501"), Exit.USAGE),
        (("jobs", "list", "--payload", "nocolon"), Exit.USAGE),
        (("jobs", "cancel"), Exit.USAGE),
        (("jobs", "cancel", new_id()), Exit.USAGE),
        (("jobs", "cancel", new_id(), "--filter", ""), Exit.USAGE),
        (("jobs", "cancel", new_id(), "--reason", "r"), Exit.REFUSED),
    ],
)
def test_what_cannot_be_done_has_its_exit_code(run: Run, arguments: tuple[str, ...], code: Exit) -> None:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert result.stderr
    assert "Traceback" not in result.output


def test_a_database_that_is_down_is_unavailable(run: Run, backend: MemoryBackend) -> None:
    backend.down = True
    result = run("jobs", "list", "--json")
    assert result.exit_code == Exit.UNAVAILABLE
    assert json.loads(result.stdout) == {"error": {"code": "UNAVAILABLE", "message": "The database does not answer."}}


def test_the_exit_codes_are_in_the_help(run: Run) -> None:
    for command in ((), ("scan",), ("jobs", "list"), ("jobs", "cancel")):
        words = run(*command, "--help").stdout.split()
        assert " ".join(EXIT_CODES.split()) in " ".join(words)
