"""A console with a sign-in of its own, on a remote one: who signed in here is who acts there, and no more than that.

Both ask for real: the one here signs in at a provider and keeps its sessions itself, the one there knows this
console by an API token that may speak for others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from execution_ops import routes
from execution_ops.api.app import create_api
from execution_ops.domain.access import Scope
from execution_ops.domain.identity import Grant
from execution_ops.routes import Auth, Rest
from execution_ops.services.container import Services, open_services
from execution_ops.settings import Settings
from tests.factories import add_jobs, job_values
from tests.oidc import Provider, openid_provider, returned
from tests.remote import Server

# The package of the provider uses what its own library is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib.*", "ignore::DeprecationWarning:oidc.*")
HERE, THERE, PROXY = "http://localhost:8420", "http://127.0.0.1:8420", "10.0.0.1"
WHY = {"X-Stella-Operator-Reason": "wrong branch"}
ADMINS: tuple[dict[str, Any], ...] = ({"group": "sre", "role": "admin", "tenants": "*"},)
GRANTS = (*ADMINS, {"group": "oncall-acme", "role": "operator", "tenants": ["acme"]})


def grants(*values: dict[str, Any]) -> tuple[Grant, ...]:
    return tuple(Grant.model_validate(value) for value in values)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with openid_provider() as running:
        running.add("root", groups=["sre"])
        running.add("ann", groups=["oncall-acme"])
        yield running


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Services]:
    proxied = Settings(
        data_dir=tmp_path / "there", sign_in="proxy", trusted_proxies=(f"{PROXY}/32",), grants=grants(*ADMINS)
    )
    made = open_services(proxied)
    yield made
    made.close()


@pytest.fixture
def jobs(remote: Services) -> dict[str, str]:
    """A job of each tenant, by the tenant."""
    engine: Engine = remote.backend.engine  # type: ignore[attr-defined]
    rows = add_jobs(engine, [job_values(state="pending", tenant=tenant) for tenant in ("acme", "beta")])
    return {row["tenant"]: row["id"] for row in rows}


@pytest.fixture
def address(remote: Services) -> Iterator[str]:
    server = Server(create_api(lambda: remote))
    yield server.start()
    server.stop()


@pytest.fixture
async def admin(remote: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who may do everything at the remote."""
    transport = httpx.ASGITransport(create_api(lambda: remote), client=(PROXY, 1))
    headers = {"X-Forwarded-User": "root", "X-Forwarded-Groups": "sre"}
    async with httpx.AsyncClient(transport=transport, base_url=THERE, headers=headers) as made:
        yield made


@pytest.fixture
async def token(admin: httpx.AsyncClient) -> dict[str, Any]:
    """What the console here is to the remote."""
    asked = {"name": "console-eu", "scopes": [scope.value for scope in Scope], "delegate": True}
    answer = await admin.post(Rest.TOKENS, json=asked)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
def here(address: str, token: dict[str, Any], provider: Provider, tmp_path: Path) -> Iterator[Services]:
    made = open_services(
        Settings(
            data_dir=tmp_path / "here",
            backend=address,
            backend_token=token["secret"],
            sign_in="oidc",
            public_url=HERE,
            oidc_issuer=provider.issuer,
            oidc_client_id="console",
            oidc_client_secret="secret",
            grants=grants(*GRANTS),
        )
    )
    yield made
    made.close()


@asynccontextmanager
async def signed_in(here: Services, provider: Provider, who: str) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who has signed in to the console here."""
    transport = httpx.ASGITransport(create_api(lambda: here), client=("192.0.2.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as browser:
        begun = await browser.get(Auth.SIGN_IN)
        back = returned(provider.authorize(begun.headers["location"], who))
        assert (await browser.get(Auth.CALLBACK, params=back)).status_code == 303
        yield browser


async def test_who_signed_in_here_acts_there_within_their_tenants(
    here: Services, admin: httpx.AsyncClient, provider: Provider, jobs: dict[str, str]
) -> None:
    async with signed_in(here, provider, "ann") as ann:
        seen = (await ann.get(Rest.JOBS)).json()["items"]
        assert [job["id"] for job in seen] == [jobs["acme"]]
        assert (await ann.get(routes.api_job(jobs["beta"]))).status_code == 404
        done = await ann.post(f"{routes.api_job(jobs['acme'])}:cancel", headers=WHY)
        assert (done.status_code, done.json()["state"]) == (200, "canceled")
        other = await ann.post(f"{routes.api_job(jobs['beta'])}:cancel", headers=WHY)
        assert other.status_code in (403, 404)
    assert (await admin.get(routes.api_job(jobs["beta"]))).json()["row"]["state"] == "pending"
    event = next(one for one in (await admin.get(Rest.AUDIT)).json()["items"] if one["verb"] == "cancel")
    assert (event["actor"], event["reason"]) == ("ann through token console-eu", "wrong branch")
    async with signed_in(here, provider, "root") as root:
        assert {job["id"] for job in (await root.get(Rest.JOBS)).json()["items"]} == set(jobs.values())


async def test_a_session_here_is_kept_here_and_ends_here(here: Services, provider: Provider, tmp_path: Path) -> None:
    async with signed_in(here, provider, "ann") as browser:
        assert (await browser.get(Rest.ME)).json()["name"] == "ann"
        assert (await browser.post(Auth.SIGN_OUT, headers={"Sec-Fetch-Site": "same-origin"})).status_code in (200, 303)
        assert (await browser.get(Rest.ME)).status_code == 401
        assert (await browser.get(Rest.JOBS)).status_code == 401
    assert list((tmp_path / "here").glob("*.db"))


async def test_a_token_that_is_revoked_there_ends_it_in_words(
    here: Services, admin: httpx.AsyncClient, token: dict[str, Any], provider: Provider, jobs: dict[str, str]
) -> None:
    async with signed_in(here, provider, "ann") as ann:
        assert (await ann.get(Rest.JOBS)).status_code == 200
        gone = await admin.post(Rest.TOKEN_REVOKE.format(token_id=token["token"]["id"]), headers=WHY)
        assert gone.is_success, gone.text
        # Nothing that was read before is taken for still so.
        refused = await ann.post(f"{routes.api_job(jobs['acme'])}:cancel", headers=WHY)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "REMOTE_UNAUTHORIZED")
        assert "EXECUTION_OPS_BACKEND_TOKEN" in refused.json()["error"]["message"]
        assert (await ann.get(Rest.ME)).json()["name"] == "ann"


async def test_a_token_that_may_not_speak_for_others_serves_nobody(
    address: str, admin: httpx.AsyncClient, provider: Provider, here: Services, tmp_path: Path, jobs: dict[str, str]
) -> None:
    plain = (await admin.post(Rest.TOKENS, json={"name": "ci", "scopes": ["ops:read", "ops:operate"]})).json()
    settings = here.settings.model_copy(update={"data_dir": tmp_path / "plain"})
    mistaken = open_services(Settings.model_validate(settings.model_dump() | {"backend_token": plain["secret"]}))
    try:
        async with signed_in(mistaken, provider, "ann") as ann:
            refused = await ann.post(f"{routes.api_job(jobs['acme'])}:cancel", headers=WHY)
            assert refused.status_code == 403
    finally:
        mistaken.close()
    assert (await admin.get(routes.api_job(jobs["acme"]))).json()["row"]["state"] == "pending"
