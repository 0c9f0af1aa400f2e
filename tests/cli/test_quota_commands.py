"""`execution-ops quotas …`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from execution_ops.domain.ids import new_id
from execution_ops.domain.quotas import Limits
from tests.cli.conftest import Run
from tests.doubles import EPOCH, MemoryBackend
from tests.quota_double import quota_row


def test_a_quota_is_made_changed_and_deleted(run: Run, backend: MemoryBackend) -> None:
    made = json.loads(run("quotas", "create", "acme", "*", "--max-active", "8", "--json").output)
    changed = run("quotas", "edit", made["id"], "--max-per-hour", "400", "--burst", "10")
    assert "8 at once, 400 an hour, 10 in a burst" in changed.output
    over = run("quotas", "override", made["id"], "--max-active", "none", "--json")
    assert json.loads(over.output)["limits"] == {"max_active": None, "max_per_hour": 400, "burst": 10}
    assert "8 at once" in run("quotas", "reset", made["id"]).output
    refused = run("quotas", "pause", made["id"])
    assert (refused.exit_code, "needs a reason" in refused.stderr) == (2, True)
    assert "paused" in run("quotas", "pause", made["id"], "--reason", "repo is down").output
    shown = run("quotas", "show", made["id"]).output
    assert "by local operator" in shown
    assert "All jobs of acme, in one pool." in shown
    assert run("quotas", "resume", made["id"]).exit_code == 0
    assert run("quotas", "delete", made["id"], "--revision", "1").exit_code == 4
    assert run("quotas", "delete", made["id"]).exit_code == 0
    assert not backend.known_quotas


def test_the_list_filters(run: Run, backend: MemoryBackend) -> None:
    backend.add_quota(quota_row(waiting=7))
    backend.add_quota(quota_row(tenant="lumen", paused_at=EPOCH, pause_reason="x", at_limit=True))
    assert "lumen" in run("quotas", "list").output
    assert "lumen" not in run("quotas", "list", "--active").output
    found = json.loads(run("quotas", "list", "--paused", "--at-limit", "--tenant", "lumen", "--json").output)
    assert [item["tenant"] for item in found["items"]] == ["lumen"]
    assert "There are no paused quotas of tenant x" in run("quotas", "list", "--paused", "--tenant", "x").stderr


@pytest.mark.parametrize("value", ["-1", "many", "1000000001"])
def test_bad_limits_are_refused_in_words(run: Run, backend: MemoryBackend, value: str) -> None:
    row = backend.add_quota(quota_row())
    refused = run("quotas", "edit", row.id, f"--max-active={value}")
    assert (refused.exit_code, "Max active" in refused.stderr) == (2, True)
    assert backend.known_quotas[row.id].limits == Limits(max_active=5)
    assert run("quotas", "show", new_id()).exit_code == 3


def test_a_snapshot_is_written(run: Run, backend: MemoryBackend, tmp_path: Path) -> None:
    backend.add_quota(quota_row())
    assert json.loads(run("quotas", "export").output)["items"][0]["tenant"] == "acme"
    target = tmp_path / "quotas.csv"
    assert run("quotas", "export", "--format", "csv", "--output", target).exit_code == 0
    assert target.read_text().startswith("id,tenant,job_type,state,max_active")
    assert run("quotas", "export", "--output", tmp_path / "none" / "x").exit_code == 2
    subjects = [(verb, subject) for verb, subject, _ in backend.witnessed]
    told = ("quotas json: all", "quotas csv: all")
    assert subjects == [(verb, subject) for subject in told for verb in ("export", "export_finished")]
    assert backend.counted == [1] * 4
