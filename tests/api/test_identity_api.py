"""Who asks, over HTTP: tokens, trusted proxies, a console that is read-only, and the narrowing of a view."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest

from execution_ops.api.app import create_api
from execution_ops.domain.access import Scope
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.identity import Grant
from execution_ops.domain.ids import new_id
from execution_ops.domain.tokens import new_secret
from execution_ops.routes import METRICS, READY, Rest
from execution_ops.services.container import Services, open_services
from execution_ops.settings import Settings

PROXY, STRANGER = "10.0.0.1", "203.0.113.5"
GRANTS = (
    {"group": "sre", "role": "admin", "tenants": "*"},
    {"group": "acme-admins", "role": "admin", "tenants": ["acme"]},
    {"group": "everybody", "role": "viewer", "tenants": ["acme", "beta"]},
    {"group": "oncall", "role": "operator", "tenants": ["acme"]},
)
REASON = {"X-Stella-Operator-Reason": "a test"}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = open_services(
        Settings(
            data_dir=tmp_path,
            sign_in="proxy",
            trusted_proxies=(ip_network("10.0.0.0/24"),),
            grants=tuple(Grant.model_validate(grant) for grant in GRANTS),
        )
    )
    yield made
    made.close()


def client(services: Services, peer: str = STRANGER, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_api(lambda: services), client=(peer, 1))
    bytewise = {name: value.encode() for name, value in headers.items()}
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420", headers=bytewise)


def proxied(services: Services, user: str, *groups: str) -> httpx.AsyncClient:
    headers = {"X-Forwarded-User": user, "X-Forwarded-Groups": ",".join(groups), "X-Forwarded-For": STRANGER}
    return client(services, PROXY, **headers)


async def new_token(services: Services, **asked: Any) -> dict[str, Any]:
    async with proxied(services, "root", "sre") as admin:
        answer = await admin.post(Rest.TOKENS, json={"name": "ci", "scopes": ["ops:read"], **asked})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_a_trusted_proxy_says_who_asks_and_nobody_else(services: Services) -> None:
    async with proxied(services, "ann", "everybody", "oncall") as ann:
        found = (await ann.get(Rest.ME)).json()
    assert (found["name"], set(found["tenants"])) == ("ann", {"acme", "beta"})
    assert found["reach"]["ops:operate"] == ["acme"]
    said = {"X-Forwarded-User": "ann", "X-Forwarded-Groups": "sre"}
    for peer in (STRANGER, "127.0.0.1", "10.0.1.1"):
        async with client(services, peer, **said) as forged:
            answer = await forged.get(Rest.ME)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_an_operator_of_one_tenant_changes_nothing_in_the_other(services: Services) -> None:
    async with proxied(services, "ann", "everybody", "oncall") as ann:
        mine = await ann.post(Rest.QUOTAS, json=_quota("acme"), headers=REASON)
        assert mine.status_code == 201, mine.text
        other = await ann.post(Rest.QUOTAS, json=_quota("beta"), headers=REASON)
        assert (other.status_code, other.json()["error"]["code"]) == (403, "FORBIDDEN")
    async with proxied(services, "root", "sre") as root:
        theirs = (await root.post(Rest.QUOTAS, json=_quota("beta"), headers=REASON)).json()
    async with proxied(services, "ann", "everybody", "oncall") as ann:
        seen = await ann.get(Rest.QUOTA.format(quota_id=theirs["id"]))
        assert seen.status_code == 200
        paused = await ann.post(Rest.QUOTA_PAUSE.format(quota_id=theirs["id"]), json={"revision": 1}, headers=REASON)
        assert paused.status_code == 404, paused.text


def _quota(tenant: str) -> dict[str, Any]:
    return {"tenant": tenant, "job_type": "scan.inspect", "max_active": 1}


async def test_a_token_opens_what_it_says_until_it_is_revoked(services: Services) -> None:
    made = await new_token(services, scopes=["ops:quota"], tenants=["acme"])
    token, secret = made["token"], made["secret"]
    async with client(services, **bearer(secret)) as ci:
        found = (await ci.get(Rest.ME)).json()
        assert (found["name"], set(found["scopes"]), found["tenants"]) == (
            "token ci",
            {"ops:read", "ops:quota"},
            ["acme"],
        )
        assert (await ci.get(Rest.JOBS)).status_code == 200
        assert (await ci.post(Rest.JOBS_CANCEL, json={"ids": [token["id"]]}, headers=REASON)).status_code == 403
        assert (await ci.get(Rest.TOKENS)).status_code == 403
    async with proxied(services, "root", "sre") as root:
        (listed,) = (await root.get(Rest.TOKENS)).json()["items"]
        assert (listed["hint"], listed["last_used_at"] is not None) == (secret[:11], True)
        assert secret not in (await root.get(Rest.TOKENS)).text
        revoked = await root.post(Rest.TOKEN_REVOKE.format(token_id=token["id"]), headers=REASON)
        assert (revoked.status_code, revoked.json()["revoked_by"]) == (200, "root")
        again = await root.post(Rest.TOKEN_REVOKE.format(token_id=token["id"]), headers=REASON)
        assert again.status_code == 409
        silent = await root.post(Rest.TOKEN_REVOKE.format(token_id=token["id"]))
        assert silent.json()["error"]["code"] == "REASON_REQUIRED"
    async with client(services, **bearer(secret)) as ci:
        assert (await ci.get(Rest.ME)).status_code == 401


@pytest.mark.parametrize("header", ["Basic cm9vdDpyb290", "Bearer", "Bearer x y", "eo_abc", "Bearer eo_abc"])
async def test_a_wrong_token_is_never_passed_over_for_the_next_best(services: Services, header: str) -> None:
    said = {"X-Forwarded-User": "root", "X-Forwarded-Groups": "sre", "Authorization": header}
    async with client(services, PROXY, **said) as mixed:
        assert (await mixed.get(Rest.ME)).status_code == 401


async def test_on_loopback_without_a_sign_in_a_wrong_token_is_wrong_too(tmp_path: Path) -> None:
    made = open_services(Settings(data_dir=tmp_path))
    try:
        async with client(made, "127.0.0.1") as here:
            assert (await here.get(Rest.ME)).json()["name"] == "local operator"
            assert (await here.get(Rest.ME, headers=bearer(new_secret()))).status_code == 401
            own = (await here.post(Rest.TOKENS, json={"name": "ci", "scopes": ["ops:read"]})).json()
            assert (await here.get(Rest.ME, headers=bearer(own["secret"]))).json()["scopes"] == ["ops:read"]
    finally:
        made.close()


async def test_wrong_tokens_of_one_address_are_limited(services: Services) -> None:
    async with client(services) as guesser:
        answers = [(await guesser.get(Rest.ME, headers=bearer(new_secret()))).status_code for _ in range(62)]
    assert answers == [401] * 60 + [429] * 2
    async with client(services, "203.0.113.77", **bearer(new_secret())) as another:
        assert (await another.get(Rest.ME)).status_code == 401


async def test_nobody_hands_out_more_than_they_have(services: Services) -> None:
    async with proxied(services, "max", "acme-admins") as acme:
        fine = await acme.post(Rest.TOKENS, json={"name": "ci", "scopes": ["ops:admin"]})
        assert fine.json()["token"]["tenants"] == ["acme"]
        wide = await acme.post(Rest.TOKENS, json={"name": "ci", "scopes": ["ops:read"], "tenants": ["beta"]})
        assert wide.status_code == 403
        speaks = await acme.post(Rest.TOKENS, json={"name": "ci", "scopes": ["ops:read"], "delegate": True})
        assert speaks.status_code == 403
        assert len((await acme.get(Rest.TOKENS)).json()["items"]) == 1
    async with proxied(services, "ann", "everybody") as viewer:
        assert (await viewer.post(Rest.TOKENS, json={"name": "ci", "scopes": ["ops:read"]})).status_code == 403
    async with proxied(services, "root", "sre") as root:
        kept = await root.post(
            Rest.TOKENS, json={"name": "a", "scopes": ["ops:read"]}, headers={"Idempotency-Key": "k"}
        )
        assert kept.json()["error"]["code"] == "NO_IDEMPOTENCY"


async def test_a_token_that_may_speaks_for_somebody_and_the_audit_says_so(services: Services) -> None:
    speaker = await new_token(services, scopes=[scope.value for scope in Scope], delegate=True, name="console-eu")
    plain = await new_token(services)
    async with client(services, **bearer(speaker["secret"]), **{"X-Stella-Operator": "größe"}) as console:
        assert (await console.get(Rest.ME)).json()["name"] == "größe through token console-eu"
        await console.post(Rest.QUOTAS, json=_quota("acme"), headers=REASON)
        event = (await console.get(Rest.AUDIT)).json()["items"][0]
        assert event["actor"] == "größe through token console-eu"
    async with client(services, **bearer(plain["secret"]), **{"X-Stella-Operator": "root"}) as forged:
        assert (await forged.get(Rest.ME)).status_code == 403


async def test_a_header_narrows_the_view_to_several_tenants(services: Services) -> None:
    async with proxied(services, "ann", "everybody") as ann:
        both = await ann.get(Rest.ME, headers={"X-Stella-Tenant": "beta, acme"})
        assert set(both.json()["tenants"]) == {"acme", "beta"}
        assert (await ann.get(Rest.ME, headers={"X-Stella-Tenant": "acme"})).json()["tenants"] == ["acme"]
        for wrong in ("gamma", "acme,gamma", "acme,", "*", "../acme", ","):
            assert (await ann.get(Rest.ME, headers={"X-Stella-Tenant": wrong})).status_code == 403


async def test_a_read_only_console_changes_nothing_for_anybody(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await new_token(services, scopes=[scope.value for scope in Scope])
    closed = services.settings.model_copy(update={"read_only": True})
    monkeypatch.setattr(services.identities, "_settings", closed)
    async with proxied(services, "root", "sre") as root:
        found = (await root.get(Rest.ME)).json()
        assert (set(found["scopes"]), found["read_only"]) == ({"ops:read", "ops:reveal"}, True)
        refused = await root.post(Rest.QUOTAS, json=_quota("acme"), headers=REASON)
        assert refused.status_code == 403
        assert "read-only" in refused.json()["error"]["message"]
        assert (await root.get(Rest.JOBS_EXPORT)).status_code == 200
    async with client(services, **bearer(whole["secret"])) as ci:
        assert (await ci.post(Rest.QUOTAS, json=_quota("acme"), headers=REASON)).status_code == 403


async def test_figures_of_all_tenants_are_for_who_reads_all(services: Services) -> None:
    scraper = await new_token(services)
    async with client(services, **bearer(scraper["secret"])) as prometheus:
        assert (await prometheus.get(METRICS)).status_code == 200
    async with proxied(services, "ann", "everybody") as ann:
        assert (await ann.get(METRICS)).status_code == 403
    async with client(services) as anybody:
        assert (await anybody.get(METRICS)).status_code == 401
        assert (await anybody.get(READY)).status_code == 503


async def test_who_asks_can_not_be_told_while_the_database_is_away(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: str) -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(services.identities._store, "token", away)
    async with client(services, **bearer(new_secret())) as ci:
        answer = await ci.get(Rest.ME)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")


async def test_a_token_of_the_same_name_gets_no_answer_of_another(services: Services) -> None:
    strong = await new_token(services, scopes=["ops:read", "ops:operate"])
    weak = await new_token(services, scopes=["ops:read"])
    ask = {"ids": [new_id()]}
    async with client(services) as caller:
        for made, status in ((strong, 200), (weak, 403)):
            headers = {"Authorization": f"Bearer {made['secret']}", "Idempotency-Key": "shared", **REASON}
            answer = await caller.post(Rest.JOBS_CANCEL, json=ask, headers=headers)
            assert answer.status_code == status, answer.text
            assert "idempotency-replayed" not in answer.headers
