"""The OpenID provider: where a sign-in begins, and who came back from it.

Authlib makes the requests of the authorization code flow with PKCE (RFC 6749, RFC 7636); joserfc, its other half,
checks the ID token (OpenID Connect Core 1.0, section 3.1.3.7).
"""

from __future__ import annotations

import secrets
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.deprecate import AuthlibDeprecationWarning
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from execution_ops.domain.errors import Unauthenticated, Unavailable
from execution_ops.domain.identity import Identity
from execution_ops.domain.unpacking import PACKINGS, unpacked
from execution_ops.settings import Settings

with warnings.catch_warnings():
    # It prefers the successor of httpx, which nothing else here needs; the older one it supports as well.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import OAuth2Client

TIMEOUT_S = 10.0
ANSWER_MAX = 1 << 20
# By how much the clocks of provider and console may differ.
SKEW_S = 60
# After this the provider is asked anew where things are; an unknown key makes it be asked at once, but not more often
# than every `RENEW_S`, since a forged token names an unknown key too.
DISCOVERY_S = 3600.0
RENEW_S = 10.0
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_NOT_SIGNED_IN = "The sign-in did not work: {}. Try again."
_GROUPS_MAX = 500


class Begun(NamedTuple):
    """Where the browser goes, and what its answer is checked with."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class _Provider:
    facts: Mapping[str, Any]
    keys: KeySet
    read_at: float


class OpenIdProvider:
    """The provider of the settings; blocking and thread-safe. Unavailable where it does not answer."""

    def __init__(
        self,
        settings: Settings,
        callback: str,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._callback = callback
        self._transport = transport
        self._clock = clock
        self._known: _Provider | None = None
        self._lock = threading.Lock()

    def begin(self) -> Begun:
        """A new sign-in."""
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        with self._client() as client:
            url, state = client.create_authorization_url(
                self._endpoint("authorization_endpoint"), code_verifier=verifier, nonce=nonce
            )
        return Begun(url, state, nonce, verifier)

    def end(self, code: str, verifier: str, nonce: str) -> Identity:
        """Who signed in. Unauthenticated if the provider does not say so in a way that can be believed."""
        with self._client() as client:
            try:
                given = client.fetch_token(
                    self._endpoint("token_endpoint"),
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
            except AuthlibBaseError as error:
                raise Unauthenticated(_NOT_SIGNED_IN.format("the provider refused the code")) from error
            except (httpx.HTTPError, ValueError) as error:
                raise _away(error) from error
        token = given.get("id_token")
        if not isinstance(token, str):
            raise Unauthenticated(_NOT_SIGNED_IN.format("the provider sent no ID token"))
        return self._identity(self._claims(token, nonce))

    def sign_out_url(self, back_to: str) -> str:
        """Where the browser ends its session with the provider; `back_to` if the provider has no such place."""
        place = self._provider().facts.get("end_session_endpoint")
        if not isinstance(place, str) or not place.startswith("http"):
            return back_to
        query = urlencode({"post_logout_redirect_uri": back_to, "client_id": self._settings.oidc_client_id})
        return f"{place}{'&' if urlsplit(place).query else '?'}{query}"

    def _client(self) -> OAuth2Client:
        secret = self._settings.oidc_client_secret.get_secret_value()
        return OAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=secret or None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=self._settings.oidc_scopes,
            redirect_uri=self._callback,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
            transport=self._transport,
        )

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        try:
            claims = self._verified(token)
            rules = jwt.JWTClaimsRegistry(
                leeway=SKEW_S,
                iss={"essential": True, "value": self._settings.oidc_issuer},
                aud={"essential": True, "value": self._settings.oidc_client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            rules.validate(claims)
        except JoseError as error:
            raise Unauthenticated(_NOT_SIGNED_IN.format("the ID token is not one for this console")) from error
        # With several audiences the token must be made for us, not only readable by us.
        several = isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._settings.oidc_client_id) != self._settings.oidc_client_id:
            raise Unauthenticated(_NOT_SIGNED_IN.format("the ID token is for another application"))
        return claims

    def _verified(self, token: str) -> dict[str, Any]:
        """The claims, signed by a key of the provider; one that is not known yet may be new."""
        try:
            return jwt.decode(token, self._provider().keys, algorithms=_ALGORITHMS).claims
        except (InvalidKeyIdError, BadSignatureError, ValueError):
            known = self._provider()
            if self._clock() - known.read_at < RENEW_S:
                raise
            return jwt.decode(token, self._provider(anew=True).keys, algorithms=_ALGORITHMS).claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject = claims["sub"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise Unauthenticated(_NOT_SIGNED_IN.format("the provider does not say who this is"))
        named = (claims.get(name) for name in (self._settings.oidc_name_claim, "email"))
        name = next((one for one in named if isinstance(one, str) and one.strip()), subject)
        groups = claims.get(self._settings.oidc_groups_claim, ())
        listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        theirs = [one for one in listed if isinstance(one, str)][:_GROUPS_MAX]
        return Identity(subject=subject, name=name.strip()[:120], groups=frozenset(theirs))

    def _endpoint(self, name: str) -> str:
        found = self._provider().facts.get(name)
        if not isinstance(found, str) or not found.startswith("http"):
            raise Unavailable(f"The OpenID provider names no {name.replace('_', ' ')}.")
        return found

    def _provider(self, *, anew: bool = False) -> _Provider:
        with self._lock:
            known = self._known
            if known is None or anew or self._clock() - known.read_at > DISCOVERY_S:
                known = self._known = self._discover()
            return known

    def _discover(self) -> _Provider:
        issuer = self._settings.oidc_issuer
        facts = self._json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if facts.get("issuer") != issuer:
            raise Unavailable("The OpenID provider calls itself by another name than EXECUTION_OPS_OIDC_ISSUER.")
        try:
            keys = KeySet.import_key_set({"keys": self._json(str(facts.get("jwks_uri"))).get("keys", [])})
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unavailable("The keys of the OpenID provider can't be read.") from error
        return _Provider(facts, keys, self._clock())

    def _json(self, url: str) -> dict[str, Any]:
        try:
            with (
                httpx.Client(timeout=TIMEOUT_S, transport=self._transport) as client,
                client.stream("GET", url, headers={"Accept-Encoding": PACKINGS}) as answer,
            ):
                answer.raise_for_status()
                body = b""
                for chunk in unpacked(answer.iter_raw(), answer.headers.get("Content-Encoding", "")):
                    body += chunk
                    if len(body) > ANSWER_MAX:
                        raise ValueError("the answer is too long")
                found = httpx.Response(200, content=body).json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise _away(error) from error
        if not isinstance(found, dict):
            raise Unavailable("The OpenID provider does not answer with JSON objects.")
        return found


def _away(error: Exception) -> Unavailable:
    return Unavailable(f"The OpenID provider does not answer as it should ({type(error).__name__}). Try again soon.")
