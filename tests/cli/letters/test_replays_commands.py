"""`execution-ops replays …`, and the plans that `execution-ops dead-letters …` makes, on a real ledger."""

from __future__ import annotations

import json

import pytest

from execution_ops.commands.output import Exit
from tests.cli.letters.ledger import Driver, Run, letters_of, state
from tests.execution import Bench
from tests.letters import die, entries


def test_a_filter_makes_a_plan_that_waits_to_be_started(run: Run, bench: Bench) -> None:
    ids = letters_of(bench, 2, tenant="drafted")
    made = run("dead-letters", "replay", "--filter", "tenant=drafted", "--rate", "2.5", "--json")
    assert made.exit_code == Exit.OK, made.output
    plan = json.loads(made.stdout)
    assert (plan["state"], plan["rate"], plan["starts"], plan["expected"]) == ("draft", 2.5, False, 2)
    assert "No worker is running on" in made.stderr
    bench.backend.prepare_plan(plan["id"], batch=200)
    shown = run("replays", "show", plan["id"])
    assert "0 of 2 sent" in shown.stdout
    assert f"Start it: execution-ops replays start {plan['id']}" in shown.stderr
    assert plan["id"] in run("replays", "list").stdout
    assert {state(bench, letter_id) for letter_id in ids} == {"pending"}
    assert "running" in run("replays", "start", plan["id"]).stdout
    assert "held" in run("replays", "hold", plan["id"]).stdout
    assert "no limit" in run("replays", "rate", plan["id"], "none").stdout
    assert "7/s" in run("replays", "rate", plan["id"], "7").stdout
    assert "running" in run("replays", "resume", plan["id"]).stdout
    assert run("replays", "abort", plan["id"]).exit_code == Exit.USAGE
    assert "aborted" in run("replays", "abort", plan["id"], "--reason", "wrong tenant").stdout
    late = run("replays", "resume", plan["id"])
    assert (late.exit_code, "aborted: local operator" in late.stderr) == (Exit.REFUSED, True)


def test_a_plan_is_followed_to_its_end(run: Run, bench: Bench, driver: Driver) -> None:
    letters_of(bench, 3, tenant="followed")
    result = run("dead-letters", "replay", "--filter", "tenant=followed", "--start", "--wait")
    assert result.exit_code == Exit.OK, result.output
    assert driver.steps == ["prepared", "sent", "ended"]
    for line in ("draft: dry run: 0 of about 3 judged", "running: 0 of 3 sent", "completed: 3 of 3 sent, 3 succeeded"):
        assert line in result.stdout
    quiet = letters_of(bench, 1, tenant="followed")
    answer = run("dead-letters", "resolve", *quiet, "--wait", "--reason", "seen to", "--json")
    assert (json.loads(answer.stdout)["state"], state(bench, quiet[0])) == ("completed", "resolved")


def test_a_draft_is_followed_to_the_end_of_its_dry_run(run: Run, bench: Bench, driver: Driver) -> None:
    letters_of(bench, 1, tenant="dry")
    result = run("dead-letters", "replay", "--filter", "tenant=dry", "--wait")
    assert (result.exit_code, driver.steps) == (Exit.OK, ["prepared"])
    assert "Nothing is sent yet. Start it: execution-ops replays start" in result.stderr


def test_a_plan_whose_jobs_die_again_fails_the_command(run: Run, bench: Bench, driver: Driver) -> None:
    letters_of(bench, 1, tenant="again")
    driver.fate = die
    result = run("dead-letters", "replay", "--filter", "tenant=again", "--start", "--wait")
    assert result.exit_code == Exit.FAILED
    assert "completed: 1 of 1 sent, 1 died of the same error" in result.stdout
    assert [row["state"] for row in entries(bench, tenant="again")] == ["replayed", "pending"]


def test_an_interrupted_wait_leaves_the_plan_running(run: Run, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    letters_of(bench, 1, tenant="interrupted")

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("execution_ops.commands.replays.time.sleep", interrupt)
    result = run("dead-letters", "replay", "--filter", "tenant=interrupted", "--start", "--wait")
    plan = bench.rows("SELECT * FROM replay_plan ORDER BY n DESC LIMIT 1")[0]
    assert result.exit_code == Exit.INTERRUPTED
    assert f"The plan goes on. See it with: execution-ops replays show {plan['id']}" in result.stderr
    assert (plan["state"], plan["starts"]) == ("draft", True)


def test_the_entries_of_a_plan_say_why_some_are_not_sent(run: Run, bench: Bench) -> None:
    first, second = letters_of(bench, 2)
    run("dead-letters", "resolve", first, "--reason", "seen to")
    plan = json.loads(run("dead-letters", "replay", first, second, "--rate", "none", "--json").stdout)
    bench.backend.prepare_plan(plan["id"], batch=200)
    assert "1 not open any more" in run("replays", "show", plan["id"]).stdout
    shown = run("replays", "items", plan["id"], "--verdict", "not_open")
    assert first in shown.stdout
    assert second not in shown.stdout
    page = json.loads(run("replays", "items", plan["id"], "--limit", 1, "--json").stdout)
    rest = json.loads(run("replays", "items", plan["id"], "--cursor", page["next_cursor"], "--json").stdout)
    assert [item["letter_id"] for item in page["items"] + rest["items"]] == [first, second]
    assert "no such entries" in run("replays", "items", plan["id"], "--status", "sent").stderr


def test_what_was_resolved_is_taken_back(run: Run, bench: Bench, driver: Driver) -> None:
    ids = letters_of(bench, 2, tenant="undone")
    made = run("dead-letters", "resolve", "--filter", "tenant=undone", "--reason", "noise", "--wait", "--json")
    assert {state(bench, letter_id) for letter_id in ids} == {"resolved"}
    undone = run("replays", "undo", json.loads(made.stdout)["id"], "--wait")
    assert undone.exit_code == Exit.OK, undone.output
    assert {state(bench, letter_id) for letter_id in ids} == {"pending"}
