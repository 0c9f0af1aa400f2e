"""`execution-ops audit …`, on a real ledger."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from execution_ops.commands.output import Exit
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.quota_verbs import QUOTA_PAUSE
from execution_ops.domain.quotas import Limits, Quota
from tests.cli.letters.ledger import HOSTILE, Run, steers
from tests.execution import Bench, operator


def paused(bench: Bench, tenant: str, reason: str = "rush hour") -> Quota:
    """A quota that ann has just paused."""
    stamp = operator("ann").model_copy(update={"reason": reason, "ticket": "OPS-1"})
    made = bench.backend.create_quota(tenant, "test.echo", Limits(max_active=1), stamp)
    return bench.backend.change_quota(made.id, QUOTA_PAUSE, None, stamp, revision=None)


def test_the_list_pages_and_filters(run: Run, bench: Bench) -> None:
    known = paused(bench, "listed")
    answer = json.loads(run("audit", "list", "--id", known.id, "--limit", 1, "--json").stdout)
    assert [item["verb"] for item in answer["items"]] == ["quota_pause"]
    more = run("audit", "list", "--id", known.id, "--cursor", answer["next_cursor"])
    assert "New quota" in more.stdout
    options = ("--actor", "ann", "--verb", "quota_pause", "--kind", "quota", "--tenant", "listed", "--after", "1h")
    shown = run("audit", "list", *options, "--ticket", "OPS-1", "--text", "rush", "--sort", "oldest")
    assert "quota listed / test.echo" in shown.stdout
    assert "rush hour" in shown.stdout
    none = run("audit", "list", "--tenant", "listed", "--correlation", "none")
    assert (none.stdout, none.stderr) == ("", "Nothing that was done matches.\n")
    assert run("audit", "list", "--after", "soon").exit_code == Exit.USAGE


def test_every_field_of_the_filter_is_an_option(run: Run) -> None:
    shown = run("audit", "list", "--help").stdout
    for name in AuditFilter.model_fields:
        assert f"--{name}" in shown


def test_an_event_is_shown_and_undone(run: Run, bench: Bench) -> None:
    known = paused(bench, "shown", HOSTILE)
    number = json.loads(run("audit", "list", "--id", known.id, "--json").stdout)["items"][0]["n"]
    shown = run("audit", "show", number)
    assert not steers(shown.stdout)
    for words in ("Pause (quota_pause)", "quota shown / test.echo", '"paused_at": null', known.id):
        assert words in shown.stdout
    done = run("audit", "undo", number)
    assert done.exit_code == Exit.OK, done.output
    assert f"Event {number} is undone: Resume, quota shown / test.echo" in done.stdout
    twice = run("audit", "undo", number, "--json")
    assert (twice.exit_code, json.loads(twice.stdout)["error"]["code"]) == (Exit.REFUSED, "NOT_UNDOABLE")
    assert run("audit", "show", 2**60).exit_code == Exit.NOT_FOUND
    whole = json.loads(run("audit", "show", number, "--json").stdout)
    assert whole["event"]["undone_by"] is not None


def test_an_export_is_written_and_told(run: Run, bench: Bench, tmp_path: Path) -> None:
    known = paused(bench, "exported")
    target = tmp_path / "audit.csv"
    assert (
        run("audit", "export", "--filter", f"id={known.id}", "--output", target, "--reason", "quarter").exit_code == 0
    )
    rows = list(csv.DictReader(target.read_text().splitlines()))
    assert [row["verb"] for row in rows] == ["quota_pause", "quota_create"]
    ended, begun = json.loads(run("audit", "list", "--kind", "audit", "--limit", 2, "--json").stdout)["items"]
    assert (begun["verb"], ended["verb"], ended["count"]) == ("export", "export_finished", 2)
    for told in (begun, ended):
        assert (told["reason"], told["scope"]) == ("quarter", f"id={known.id}")
    assert run("audit", "export", "--filter", "who=ann").exit_code == Exit.USAGE
