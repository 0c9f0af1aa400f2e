"""The scanner's settings and trust roots over HTTP, on a real ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.scanner_settings import SettingsValues
from tests.api.conftest import client_of
from tests.execution import Bench
from tests.trust_keys import ed25519_pem, refused_pems

SETTINGS = "/api/v1/scanner/settings"
TRUST = f"{SETTINGS}/trust"
CHECKS = "/api/v1/scanner/determinism-checks"
REASON = {"X-Stella-Operator-Reason": "less disk", "X-Stella-Operator-Ticket": "OPS-9"}


@pytest.fixture
def ledger(tmp_path: Path, sqlite_template: Path) -> Iterator[Bench]:
    """A ledger of the test's own: it counts versions."""
    copied = tmp_path / "ledger.db"
    copied.write_bytes(sqlite_template.read_bytes())
    made = Bench(f"sqlite:///{copied}", tmp_path)
    yield made
    made.close()


@pytest.fixture
async def ops(ledger: Bench) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(ledger) as made:
        yield made


def draft(**changes: dict[str, object]) -> dict[str, Any]:
    values: dict[str, Any] = SettingsValues().model_dump(mode="json")
    for section, fields in changes.items():
        values[section].update(fields)
    return values


async def test_settings_are_read_previewed_saved_and_rolled_back(ops: httpx.AsyncClient) -> None:
    first = (await ops.get(SETTINGS)).json()
    assert (first["version"], first["settings"]["cache"]["ttl_days"]) == (0, 30)
    assert first["settings"]["determinism"]["fixed_instant"] == "2024-01-01T00:00:00.000Z"
    body = {"settings": draft(cache={"ttl_days": 7}), "seen": 0}
    preview = (await ops.post(f"{SETTINGS}:preview", json=body)).json()
    assert preview["changes"] == [
        {"field": "cache.ttl_days", "label": "Lifetime of an entry", "before": "30 days", "after": "7 days"}
    ]
    assert (await ops.get(SETTINGS)).json()["version"] == 0
    saved = await ops.put(SETTINGS, json=body, headers={**REASON, "Idempotency-Key": "k"})
    assert (saved.status_code, saved.json()["version"], saved.json()["reason"]) == (200, 1, "less disk")
    again = await ops.put(SETTINGS, json=body, headers={**REASON, "Idempotency-Key": "k"})
    assert (again.json(), again.headers["idempotency-replayed"]) == (saved.json(), "true")
    late = await ops.put(SETTINGS, json={**body, "settings": draft(bench={"max_ms": 1})}, headers=REASON)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "CHANGED")
    rolled = await ops.post(f"{SETTINGS}:rollback", json={"version": 0, "seen": 1}, headers=REASON)
    assert (rolled.status_code, rolled.json()["version"]) == (200, 2)
    listed = (await ops.get(f"{SETTINGS}/versions", params={"limit": 1})).json()["items"]
    assert [(one["version"]["version"], one["changes"][0]["after"]) for one in listed] == [(2, "30 days")]
    assert (await ops.get(f"{SETTINGS}/versions/1")).json()["changes"][0]["after"] == "7 days"
    assert (await ops.get(f"{SETTINGS}/versions/7")).status_code == 404


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (draft(cache={"ttl_days": 0}), "cache.ttl_days: Between 1 and 365 days."),
        (draft(determinism={"fixed_instant": "2024-01-01T00:00:00"}), "Between 1970-01-01 and 2199-12-31."),
        (draft(cache={"colour": "red"}), "cache.colour"),
        (draft(cache={"enabled": 1}), "cache.enabled"),
        (draft(determinism={"seed": False}), "Of another type than the contract says: determinism.seed."),
        (draft(cache={"ttl_days": "7"}), "Of another type than the contract says: cache.ttl_days."),
    ],
)
async def test_what_is_out_of_range_is_told_with_the_range(
    ops: httpx.AsyncClient, settings: dict[str, Any], told: str
) -> None:
    refused = await ops.put(SETTINGS, json={"settings": settings, "seen": 0}, headers=REASON)
    assert refused.status_code == 422
    assert told in refused.json()["error"]["message"]


async def test_settings_that_do_not_go_together_are_no_matter_of_form(ops: httpx.AsyncClient) -> None:
    settings = draft(staleness={"amber_h": 99})
    refused = await ops.put(SETTINGS, json={"settings": settings, "seen": 0}, headers=REASON)
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "settings")
    told = "staleness.amber_h: Amber comes before red: fewer than 72 hours."
    assert refused.json()["error"]["message"] == told


async def test_a_setting_that_is_left_out_does_not_go_back_to_its_default(ops: httpx.AsyncClient) -> None:
    refused = await ops.put(SETTINGS, json={"settings": {"cache": {"ttl_days": 7}}, "seen": 0}, headers=REASON)
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "settings")
    assert "Name every setting: determinism.fixed_instant" in refused.json()["error"]["message"]


async def test_a_key_is_read_added_and_switched(ops: httpx.AsyncClient) -> None:
    pem = ed25519_pem()
    read = (await ops.post(f"{TRUST}:read", json={"pem": pem})).json()
    body = {"pem": pem, "name": "release", "use": "kit"}
    assert (await ops.post(TRUST, json=body)).json()["error"]["code"] == "REASON_REQUIRED"
    added = await ops.post(TRUST, json=body, headers=REASON)
    assert (added.status_code, added.json()["fingerprint"]) == (201, read["fingerprint"])
    assert (await ops.post(TRUST, json=body, headers=REASON)).json()["error"]["code"] == "DUPLICATE"
    address = f"{TRUST}/{read['fingerprint']}"
    assert (await ops.post(f"{address}:disable", headers=REASON)).json()["enabled"] is False
    assert (await ops.post(f"{address}:disable", headers=REASON)).status_code == 409
    assert (await ops.post(f"{address}:enable", headers=REASON)).json()["enabled"] is True
    [key] = (await ops.get(TRUST)).json()["items"]
    assert (key["name"], key["enabled"], key["algorithm"]) == ("release", True, "ed25519")
    assert (await ops.post(f"{TRUST}/{'0' * 64}:enable", headers=REASON)).status_code == 404


async def test_keys_that_cant_be_trusted_are_refused(ops: httpx.AsyncClient) -> None:
    for what, pem in refused_pems().items():
        refused = await ops.post(f"{TRUST}:read", json={"pem": pem})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "INVALID_INPUT"), what


async def test_a_determinism_check_is_started_and_listed(client: httpx.AsyncClient, tmp_path: Path) -> None:
    headers = {"Idempotency-Key": "once"}
    started = await client.post(CHECKS, json={"path": str(tmp_path)}, headers=headers)
    assert started.status_code == 201
    body = started.json()
    assert started.headers["location"].endswith(body["dag_id"])
    assert set(body["job_ids"]) == {
        "first:inspect",
        "first:merge",
        "second:inspect",
        "second:merge",
        "determinism",
    }
    assert (await client.post(CHECKS, json={"path": str(tmp_path)}, headers=headers)).json() == body
    found = (await client.get(CHECKS)).json()
    assert (found["identical"], found["total"]) == (0, 0)
    [check] = found["items"]
    assert (check["verdict"], check["source"], check["dag_id"]) == ("running", str(tmp_path), body["dag_id"])
    assert (await client.post(CHECKS, json={"path": "relative"})).status_code == 400


async def test_scopes_are_checked(ledger: Bench) -> None:
    reader = Actor(name="reader", scopes=frozenset({Scope.READ}))
    async with client_of(ledger, reader) as client:
        assert (await client.get(SETTINGS)).status_code == 200
        body = {"settings": draft(cache={"ttl_days": 7}), "seen": 0}
        for refused in (
            await client.put(SETTINGS, json=body, headers=REASON),
            await client.post(f"{SETTINGS}:rollback", json={"version": 0}, headers=REASON),
            await client.post(TRUST, json={"pem": ed25519_pem(), "name": "x", "use": "kit"}, headers=REASON),
        ):
            assert refused.status_code == 403
