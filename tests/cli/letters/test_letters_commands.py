"""`execution-ops dead-letters …`, and what it has in common with `execution-ops replays …`, on a real ledger."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from execution_ops.commands.letter_views import sparkline
from execution_ops.commands.output import EXIT_CODES, Exit
from execution_ops.domain.error_categories import MEANING, Category
from execution_ops.domain.ids import new_id
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import LETTER_VERBS, PLAN_VERBS
from tests.cli.letters.ledger import HOSTILE, Run, letters_of, state, steers
from tests.execution import Bench
from tests.letters import entries


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_the_list_pages_as_a_table_and_as_json(run: Run, bench: Bench, sort: str) -> None:
    ids = letters_of(bench, 5, tenant=f"listed-{sort}")
    options = ("--tenant", f"listed-{sort}", "--limit", 2, "--sort", sort)
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = json.loads(run("dead-letters", "list", *options, "--cursor", cursor, "--json").stdout)
        found += [item["id"] for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert found == (ids if sort == "oldest" else ids[::-1])
    shown = run("dead-letters", "list", *options)
    assert shown.exit_code == Exit.OK
    assert all(letter_id in shown.stdout for letter_id in found[:2])
    assert "There are more: --cursor" in shown.stderr


def test_every_field_of_the_filter_is_an_option(run: Run, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[DeadLetterFilter] = []
    honest = bench.backend.list_letters
    monkeypatch.setattr(
        bench.backend, "list_letters", lambda where, **rest: (seen.append(where), honest(where, **rest))[1]
    )
    given = {
        "state": "pending",
        "group": "0123456789abcdef",
        "job_type": "demo.work",
        "tenant": "acme",
        "queue": "demo",
        "category": "transient",
        "retryable": "yes",
        "error_type": "TimeoutError",
        "after": "24h",
        "before": "1h",
        "id": "019a",
        "job": new_id(),
        "plan": new_id(),
        "sort": "oldest",
    }
    assert set(given) == set(DeadLetterFilter.model_fields)
    options = [part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", value)]
    result = run("dead-letters", "list", *options)
    assert result.exit_code == Exit.OK, result.output
    assert dict(seen[0].to_pairs()) == given
    assert "There are no pending" in result.stderr


def test_one_entry_is_shown_with_what_usually_helps(run: Run, bench: Bench) -> None:
    (letter_id,) = letters_of(bench, error_type="TimeoutError", message="the store timed out, token=abc")
    shown = run("dead-letters", "show", letter_id)
    assert shown.exit_code == Exit.OK
    assert MEANING[Category.TRANSIENT] in shown.stdout
    assert "orders.py" in shown.stdout
    assert "abc" not in shown.output
    assert json.loads(run("dead-letters", "show", letter_id, "--json").stdout)["row"]["id"] == letter_id


def test_the_analysis_groups_by_error(run: Run, bench: Bench) -> None:
    letters_of(bench, 3, tenant="analyzed", error_type="TimeoutError", message="the store timed out")
    (sample,) = letters_of(bench, tenant="analyzed", error_type="KeyError", message="no such key")
    fingerprint = entries(bench, tenant="analyzed")[0]["fingerprint"]
    shown = run("dead-letters", "analyze", "--tenant", "analyzed")
    assert shown.exit_code == Exit.OK
    assert "4 open dead letters, 3 of them retryable, the oldest since 20" in shown.stdout
    assert f"{fingerprint}  3 open of 3" in shown.stdout
    assert "█ 24 h  transient, retryable" in shown.stdout
    assert MEANING[Category.TRANSIENT] in shown.stdout
    assert f"dead-letters replay --filter 'state=pending&group={fingerprint}'" in shown.stdout
    assert f"dead-letters show {sample}" in shown.stdout
    found = json.loads(run("dead-letters", "analyze", "--tenant", "analyzed", "--limit", 1, "--json").stdout)
    assert (len(found["groups"]), found["more"], found["health"]["open"]) == (1, 1, 4)
    assert "There are no dead letters that match." in run("dead-letters", "analyze", "--tenant", "nobody").stderr


@pytest.mark.parametrize(
    ("counts", "bars"), [((), ""), ((0, 0), "··"), ((1, 0, 8), "▁·█"), ((1000, 1), "█▁"), ((5, 5), "██")]
)
def test_a_trend_is_drawn_with_bars(counts: tuple[int, ...], bars: str) -> None:
    assert sparkline(counts) == bars


def test_entries_are_replayed_resolved_and_reopened_by_their_ids(run: Run, bench: Bench) -> None:
    first, second = letters_of(bench, 2)
    replayed = run("dead-letters", "replay", first)
    assert (replayed.exit_code, state(bench, first)) == (Exit.OK, "replaying")
    assert f"execution-ops jobs show {entries(bench, id=first)[0]['job_id']}" in replayed.stdout
    resolved = run("dead-letters", "resolve", first, second, "--reason", "seen to", "--ticket", "OPS-1", "--json")
    assert resolved.exit_code == Exit.REFUSED
    items = json.loads(resolved.stdout)["items"]
    assert [item["done"] for item in items] == [False, True]
    assert "replaying by local operator at 20" in items[0]["why"]
    assert entries(bench, id=second)[0]["note"] == "seen to"
    refused = run("dead-letters", "resolve", second, "--reason", "again")
    assert (refused.exit_code, "resolved by local operator at 20" in refused.stderr) == (Exit.REFUSED, True)
    assert run("dead-letters", "reopen", second).exit_code == Exit.OK
    assert state(bench, second) == "pending"
    event = bench.rows("SELECT * FROM audit_event ORDER BY n DESC LIMIT 1")[0]
    assert (event["verb"], event["source"]) == ("reopen", "command line")


def test_an_export_is_whole_harmless_and_in_the_audit(run: Run, bench: Bench, tmp_path: Path) -> None:
    (letter_id,) = letters_of(bench, tenant="exported", error_type="=cmd()", message=HOSTILE)
    target = tmp_path / "letters.csv"
    options = ("--filter", "tenant=exported", "--reason", "for the report")
    assert run("dead-letters", "export", *options, "--output", target).exit_code == Exit.OK
    (line,) = csv.DictReader(io.StringIO(target.read_text(), newline=""))
    assert (line["id"], line["error_type"]) == (letter_id, "'=cmd()")
    assert list(tmp_path.iterdir()) == [target]
    ended, begun = bench.rows("SELECT * FROM audit_event ORDER BY n DESC LIMIT 2")
    assert (begun["verb"], ended["verb"], ended["count"]) == ("export", "export_finished", 1)
    for event in (begun, ended):
        assert event["subject"] == "dead letters csv: tenant=exported"
        assert (event["source"], event["reason"]) == ("command line", "for the report")
    lines = run("dead-letters", "export", *options, "--format", "ndjson")
    assert json.loads(lines.stdout)["id"] == letter_id
    assert not steers(lines.stdout)
    failed = run("dead-letters", "export", "--output", tmp_path / "missing" / "x.csv")
    assert (failed.exit_code, "cannot be written" in failed.stderr) == (Exit.USAGE, True)


def test_hostile_text_steers_no_terminal(run: Run, bench: Bench) -> None:
    (letter_id,) = letters_of(bench, tenant="hostile", error_type=HOSTILE, message=HOSTILE, stack=HOSTILE)
    made = run("dead-letters", "replay", letter_id, "--rate", 1, "--reason", HOSTILE, "--json")
    plan_id = json.loads(made.stdout)["id"]
    bench.backend.prepare_plan(plan_id, batch=200)
    for command in (
        ("dead-letters", "list", "--tenant", "hostile"),
        ("dead-letters", "show", letter_id),
        ("dead-letters", "analyze", "--tenant", "hostile"),
        ("dead-letters", "export", "--filter", "tenant=hostile"),
        ("replays", "list"),
        ("replays", "show", plan_id),
        ("replays", "items", plan_id),
    ):
        result = run(*command)
        assert result.exit_code == Exit.OK, result.output
        assert not steers(result.output), command
        if command[1] != "export":
            assert not steers(run(*command, "--json").output), command
    assert "[red]" in run("dead-letters", "show", letter_id).stdout, "markup is shown, not obeyed"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("dead-letters", "show", new_id()), Exit.NOT_FOUND),
        (("dead-letters", "show", "nonsense"), Exit.USAGE),
        (("dead-letters", "list", "--state", "exploded"), Exit.USAGE),
        (("dead-letters", "list", "--limit", "501"), Exit.USAGE),
        (("dead-letters", "list", "--retryable", "maybe"), Exit.USAGE),
        (("dead-letters", "list", "--cursor", "<b>"), Exit.USAGE),
        (("dead-letters", "analyze", "--limit", "201"), Exit.USAGE),
        (("dead-letters", "resolve", new_id()), Exit.USAGE),
        (("dead-letters", "resolve", new_id(), "--reason", "r"), Exit.REFUSED),
        (("dead-letters", "resolve", "--filter", "", "--reason", " "), Exit.USAGE),
        (("dead-letters", "replay", "--filter", "tenant=nobody"), Exit.REFUSED),
        (("dead-letters", "replay", "--filter", "tennant=acme"), Exit.USAGE),
        (("dead-letters", "replay", new_id(), "--filter", ""), Exit.USAGE),
        *(
            (("dead-letters", "replay", new_id(), "--rate", rate), Exit.USAGE)
            for rate in ("0", "-1", "nan", "1e9", "x")
        ),
        (("dead-letters", "export", "--format", "xlsx"), Exit.USAGE),
        (("dead-letters", "export", "--filter", "stat=pending"), Exit.USAGE),
        *((("dead-letters", verb.name), Exit.USAGE) for verb in LETTER_VERBS),
        (("replays", "show", new_id()), Exit.NOT_FOUND),
        (("replays", "items", new_id()), Exit.NOT_FOUND),
        (("replays", "items", new_id(), "--verdict", "exploded"), Exit.USAGE),
        (("replays", "rate", new_id(), "nan"), Exit.NOT_FOUND),
        (("replays", "rate", new_id(), "fast"), Exit.USAGE),
        (("replays", "undo", new_id()), Exit.NOT_FOUND),
        *((("replays", verb.name, new_id(), "--reason", "r"), Exit.NOT_FOUND) for verb in PLAN_VERBS if verb.danger),
    ],
)
def test_what_cannot_be_done_has_its_exit_code(run: Run, arguments: tuple[str, ...], code: Exit) -> None:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert result.stderr
    assert "Traceback" not in result.output


def test_every_command_has_help_with_the_exit_codes(run: Run) -> None:
    names = {
        "dead-letters": ("list", "show", "analyze", "replay", "resolve", "reopen", "export"),
        "replays": ("list", "show", "items", "start", "hold", "resume", "abort", "rate", "undo"),
    }
    for group, commands in names.items():
        for command in commands:
            words = " ".join(run(group, command, "--help").stdout.split())
            assert " ".join(EXIT_CODES.split()) in words, (group, command)
