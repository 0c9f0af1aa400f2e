"""An OpenID provider on loopback, and a browser's part of a sign-in without a browser."""

from __future__ import annotations

import base64
import hashlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx


@dataclass
class Provider:
    """A provider that is a real server. It lets anybody in as whoever they say, and what it saw is kept."""

    issuer: str
    app: Any
    challenges: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    # Who signs in whenever a browser comes: it needs no form then, which would load from another host.
    visitor: str = ""

    def add(self, subject: str, **claims: object) -> None:
        """Let it know somebody."""
        answer = httpx.put(f"{self.issuer}/users/{subject}", json={"preferred_username": subject, **claims})
        assert answer.status_code == 204, answer.text

    def rotate_keys(self) -> None:
        """Sign with another key from now on, and forget the one before."""
        self.app.config["ROTATE"] = True

    def authorize(self, url: str, subject: str) -> str:
        """Sign in at the provider as this subject; where the browser is sent then."""
        answer = httpx.post(url, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


@contextmanager
def openid_provider() -> Iterator[Provider]:
    """The provider of the package, which checks the proof key (RFC 7636) on top of what the package does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import flask
        import oidc_provider_mock
        from authlib import jose
        from oidc_provider_mock._server import _threaded_server
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = oidc_provider_mock.app(require_nonce=True)
    provider = Provider("", app)

    @app.before_request
    def check() -> Any:
        """Remember each challenge with its nonce, and let nobody have a token without the answer to it."""
        if app.config.pop("ROTATE", False):
            flask.g.oidc_provider_mock_storage.jwk = jose.RSAKey.generate_key(is_private=True)
        if provider.visitor and flask.request.method == "GET":
            if flask.request.path == "/oauth2/authorize":
                return flask.redirect(provider.authorize(flask.request.url, provider.visitor))
            if flask.request.path == "/oauth2/end_session":
                provider.ended.append(flask.request.url)
                return '<!doctype html><html lang="en"><link rel="icon" href="data:,"><h1>Signed out</h1></html>'
        if flask.request.path == "/oauth2/authorize" and flask.request.method == "POST":
            provider.challenges[flask.request.args["redirect_uri"]] = flask.request.args.get("code_challenge", "")
            assert flask.request.args.get("code_challenge_method") == "S256"
        if flask.request.path == "/oauth2/token":
            verifier = flask.request.form.get("code_verifier", "")
            answer = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
            if answer != provider.challenges.get(flask.request.form["redirect_uri"]):
                provider.refused.append(verifier)
                return flask.jsonify(error="invalid_grant"), 400
        return None

    with _threaded_server(app=app) as server:
        provider.issuer = f"http://localhost:{server.server_port}"
        yield provider


def returned(location: str) -> dict[str, str]:
    """What the provider sends along with the browser."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
