"""Signing in with OpenID Connect, against a real provider: who gets a session, and who does not."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from execution_ops.api.app import create_api
from execution_ops.domain.access import Scope
from execution_ops.domain.identity import Grant
from execution_ops.routes import Auth, Rest
from execution_ops.services import oidc
from execution_ops.services.container import Services, open_services
from execution_ops.settings import Settings
from tests.oidc import Provider, openid_provider, returned

# The package of the provider uses what its own library is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib.*", "ignore::DeprecationWarning:oidc.*")
CONSOLE = "http://localhost:8420"
PAGE = "/ops/operations/jobengine/jobs?state=failed&state=timed_out&q=%2F"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with openid_provider() as running:
        running.add("ann", groups=["sre"])
        running.add("vic", groups=["viewers-acme", "unknown"])
        running.add("zed", groups="sre-interns")
        yield running


@pytest.fixture
def services(provider: Provider, tmp_path: Path) -> Iterator[Services]:
    grants = (
        {"group": "sre", "role": "admin", "tenants": "*"},
        {"group": "viewers-acme", "role": "viewer", "tenants": ["acme"]},
    )
    made = open_services(
        Settings(
            data_dir=tmp_path,
            sign_in="oidc",
            public_url=CONSOLE,
            oidc_issuer=provider.issuer,
            oidc_client_id="console",
            oidc_client_secret="secret",
            grants=tuple(Grant.model_validate(grant) for grant in grants),
        )
    )
    yield made
    made.close()


@pytest.fixture
async def browser(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with new_browser(services) as made:
        yield made


def new_browser(services: Services) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_api(lambda: services), client=("192.0.2.9", 1))
    return httpx.AsyncClient(transport=transport, base_url=CONSOLE)


async def sign_in(browser: httpx.AsyncClient, provider: Provider, subject: str, to: str = PAGE) -> httpx.Response:
    begun = await browser.get(Auth.SIGN_IN, params={"to": to})
    assert begun.status_code == 303
    back = provider.authorize(begun.headers["location"], subject)
    assert back.startswith(f"{CONSOLE}{Auth.CALLBACK}?")
    return await browser.get(Auth.CALLBACK, params=returned(back))


async def me(browser: httpx.AsyncClient) -> dict[str, Any]:
    answer = await browser.get(Rest.ME)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_who_signs_in_is_who_the_provider_says_and_comes_back(
    browser: httpx.AsyncClient, provider: Provider
) -> None:
    assert (await browser.get(Rest.ME)).status_code == 401
    answer = await sign_in(browser, provider, "ann")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    found = await me(browser)
    assert (found["name"], set(found["scopes"]), found["tenants"]) == ("ann", set(Scope), None)


async def test_nobody_takes_the_name_of_another(services: Services, provider: Provider) -> None:
    """People change what they are called at many providers; the audit goes by what they can't change."""
    async with new_browser(services) as eve:
        for name in ("ann", "local operator", "token ci", "ann (ann)"):
            provider.add("eve", preferred_username=name, groups=["sre"])
            await sign_in(eve, provider, "eve")
            assert (await me(eve))["name"] == f"{name} (eve)"
            eve.cookies.clear()


async def test_groups_give_just_what_is_granted_to_them(services: Services, provider: Provider) -> None:
    async with new_browser(services) as vic, new_browser(services) as zed:
        await sign_in(vic, provider, "vic")
        found = await me(vic)
        assert (found["scopes"], found["tenants"]) == (["ops:read"], ["acme"])
        await sign_in(zed, provider, "zed")
        assert (await me(zed))["scopes"] == []
        assert (await zed.get(Rest.JOBS)).status_code == 403


async def test_the_session_is_a_cookie_that_no_script_and_no_other_site_has(
    browser: httpx.AsyncClient, provider: Provider
) -> None:
    answer = await sign_in(browser, provider, "ann")
    (session,) = [line for line in answer.headers.get_list("set-cookie") if line.startswith("execution_ops_session=")]
    for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43"):
        assert part in session
    assert "Domain" not in session
    assert "Secure" not in session  # This one is on http and loopback; the next is not.


def test_over_https_the_cookie_is_secure_and_the_hosts_own(services: Services) -> None:
    public = services.settings.model_copy(update={"public_url": "https://ops.example.org"})
    identities = type(services.identities)(public, None)
    assert (identities.session_cookie, identities.is_secure) == ("__Host-execution_ops_session", True)


async def test_a_sign_in_ends_once_in_the_browser_that_began_it(services: Services, provider: Provider) -> None:
    async with new_browser(services) as ann, new_browser(services) as thief:
        begun = await ann.get(Auth.SIGN_IN)
        back = returned(provider.authorize(begun.headers["location"], "ann"))
        stolen = await thief.get(Auth.CALLBACK, params=back)
        assert stolen.status_code == 401
        assert (await thief.get(Rest.ME)).status_code == 401
        assert (await ann.get(Auth.CALLBACK, params={**back, "state": "another"})).status_code == 401
        assert (await ann.get(Auth.CALLBACK, params=back)).status_code == 303
        again = await ann.get(Auth.CALLBACK, params=back)
        assert again.status_code == 401
        assert "Sign in again" in again.text


async def test_a_code_without_the_proof_key_is_refused(services: Services, provider: Provider) -> None:
    begun = services.identities._provider.begin()  # type: ignore[union-attr]
    code = returned(provider.authorize(begun.url, "ann"))["code"]
    with pytest.raises(oidc.Unauthenticated, match="refused the code"):
        services.identities._provider.end(code, "another-verifier", begun.nonce)  # type: ignore[union-attr]
    assert provider.refused == ["another-verifier"]


@pytest.mark.parametrize(
    ("to", "leads"),
    [
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("http://localhost:8420.evil.example/", "/"),
        ("http://localhost:8420@evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("http://localhost:8420/ops", "http://localhost:8420/ops"),
        ("/%2F/evil.example", "/%2F/evil.example"),
    ],
)
async def test_a_sign_in_leads_to_pages_of_ours_only(
    browser: httpx.AsyncClient, provider: Provider, to: str, leads: str
) -> None:
    assert (await sign_in(browser, provider, "ann", to)).headers["location"] == leads


async def test_whoever_is_refused_is_told_without_being_run(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(Auth.CALLBACK, params={"error": "<script>alert(1)</script>"})
    assert answer.status_code == 403
    assert "<script>" not in answer.text
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_signing_out_ends_the_session_at_once(services: Services, provider: Provider) -> None:
    async with new_browser(services) as ann:
        await sign_in(ann, provider, "ann")
        kept = dict(ann.cookies)
        assert (await me(ann))["name"] == "ann"
        crossed = await ann.post(Auth.SIGN_OUT, headers={"Sec-Fetch-Site": "cross-site"})
        assert crossed.status_code == 403
        answer = await ann.post(Auth.SIGN_OUT, params={"to": "/ops"})
        assert answer.json()["to"].startswith(f"{provider.issuer}/oauth2/end_session?post_logout_redirect_uri=http%3A")
        assert not ann.cookies.get("execution_ops_session")
        # Whoever kept the cookie has nothing of it.
        assert (
            await ann.get(Rest.ME, headers={"Cookie": f"execution_ops_session={kept['execution_ops_session']}"})
        ).status_code == 401


async def test_a_session_ends_by_itself(
    services: Services, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.identities, "_settings", services.settings.model_copy(update={"session_hours": 1e-7}))
    async with new_browser(services) as ann:
        await sign_in(ann, provider, "ann")
        assert (await ann.get(Rest.ME)).status_code == 401


async def test_new_keys_of_the_provider_are_taken(
    services: Services, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "RENEW_S", 0)
    async with new_browser(services) as ann:
        await sign_in(ann, provider, "ann")
        provider.rotate_keys()
        assert (await sign_in(ann, provider, "ann")).status_code == 303


async def test_sign_ins_of_one_address_are_limited(browser: httpx.AsyncClient) -> None:
    answers = [await browser.get(Auth.SIGN_IN) for _ in range(31)]
    assert [answer.status_code for answer in answers[:30]] == [303] * 30
    assert answers[30].status_code == 429
    assert int(answers[30].headers["retry-after"]) >= 1
    assert answers[30].json()["error"]["code"] == "TOO_MANY_REQUESTS"


class Forge:
    """ID tokens as an attacker makes them, against the keys of a provider that is known."""

    def __init__(self, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        self.own = RSAKey.generate_key(2048)
        self.client: oidc.OpenIdProvider = services.identities._provider  # type: ignore[assignment]
        self.issuer = services.settings.oidc_issuer
        self._patch = monkeypatch

    def told(self, key: Any, header: dict[str, Any], **claims: object) -> str:
        """Who the console takes the bearer for; "" for nobody."""
        now = int(time.time())
        whole = {
            "iss": self.issuer,
            "aud": "console",
            "sub": "ann",
            "iat": now,
            "exp": now + 60,
            "nonce": "n",
            **claims,
        }
        token = jwt.encode(header, {name: value for name, value in whole.items() if value is not None}, key)
        try:
            return self.client._identity(self.client._claims(token, "n")).subject
        except oidc.Unauthenticated:
            return ""


async def test_no_forged_token_makes_anybody(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    forge = Forge(services, monkeypatch)
    known = forge.client._provider()
    trusted = RSAKey.generate_key(2048, {"kid": "trusted"})
    monkeypatch.setattr(forge.client, "_known", oidc._Provider(known.facts, oidc.KeySet([trusted]), known.read_at))
    good = {"alg": "RS256", "kid": "trusted"}
    assert forge.told(trusted, good) == "ann"
    now = int(time.time())
    assert forge.told(forge.own, {"alg": "RS256", "kid": "trusted"}) == ""
    assert forge.told(forge.own, {"alg": "RS256", "kid": "unknown"}) == ""
    for claims in (
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": ["console", "another"]},
        {"azp": "another"},
        {"nonce": "m"},
        {"nonce": None},
        {"exp": now - oidc.SKEW_S - 5},
        {"exp": None},
        {"iat": now + oidc.SKEW_S + 60},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
    ):
        assert forge.told(trusted, good, **claims) == "", claims
    # Clocks differ a little.
    assert forge.told(trusted, good, exp=now - oidc.SKEW_S + 10) == "ann"
    assert forge.told(trusted, good, aud=["console", "another"], azp="console") == "ann"


async def test_a_token_without_a_signature_makes_nobody(services: Services) -> None:
    client = services.identities._provider
    assert client is not None
    import base64

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = {
        "iss": services.settings.oidc_issuer,
        "aud": "console",
        "sub": "ann",
        "iat": 1,
        "exp": 2**40,
        "nonce": "n",
    }
    for alg in ("none", "None", "HS256"):
        with pytest.raises(oidc.Unauthenticated):
            client._claims(f"{part({'alg': alg})}.{part(claims)}.", "n")


async def test_a_provider_that_is_away_is_said_to_be(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.identities._provider, "_known", None)
    gone = services.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    monkeypatch.setattr(services.identities._provider, "_settings", gone)
    async with new_browser(services) as ann:
        answer = await ann.get(Auth.SIGN_IN)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")


async def test_nothing_secret_is_kept_or_told(services: Services, provider: Provider, tmp_path: Path) -> None:
    async with new_browser(services) as ann:
        await sign_in(ann, provider, "ann")
        session = ann.cookies["execution_ops_session"]
        told = (await ann.get(Rest.ME)).text
    assert session not in told
    for file in tmp_path.glob("*.db*"):
        assert session.encode() not in file.read_bytes()
