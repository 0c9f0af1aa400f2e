"""Anonymous, expired, revoked and forged identities: nobody of them gets anything from any operation."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from ipaddress import ip_network

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from execution_ops.api.app import create_api
from execution_ops.api.errors import BODY_MAX, DAG_MAX
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.engines import write
from execution_ops.domain.access import Scope, local_operator
from execution_ops.domain.identity import Grant
from execution_ops.domain.tokens import NewToken, new_secret
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest
from execution_ops.services.container import Services, open_services
from execution_ops.settings import Settings
from tests.api.document import CHECKED, Operation, operations
from tests.security.conftest import Tried

ORIGIN = "http://127.0.0.1:8420"
GUARDED = [operation for operation in operations() if operation.spec["security"]]
STAMP = Stamp(actor=local_operator(), reason="a test")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A console behind a proxy that signs people in: nobody who comes past it is known."""
    made = open_services(
        Settings(
            data_dir=tmp_path_factory.mktemp("bearers"),
            sign_in="proxy",
            trusted_proxies=(ip_network("10.0.0.0/24"),),
            grants=(Grant(group="sre", role="admin", tenants="*"),),  # type: ignore[arg-type]
        )
    )
    yield made
    made.close()


@pytest.fixture(scope="module")
def impostors(services: Services) -> dict[str, dict[str, str]]:
    """What those send who are nobody."""
    asked = NewToken(name="gone", scopes=frozenset(Scope))
    revoked, secret = services.identities.create_token(STAMP.actor, asked, STAMP)
    services.identities.revoke_token(STAMP.actor, revoked.id, STAMP)
    expired, old = services.identities.create_token(STAMP.actor, asked.model_copy(update={"name": "old"}), STAMP)
    _expire(services, expired.id)
    live, good = services.identities.create_token(STAMP.actor, asked.model_copy(update={"name": "live"}), STAMP)
    assert live.hint in good
    return {
        "anonymous": {},
        "any bearer": {"Authorization": "Bearer x"},
        "a token of the right form": {"Authorization": f"Bearer {new_secret()}"},
        "nearly a token": {"Authorization": f"Bearer {good[:-1]}{'A' if good[-1] != 'A' else 'B'}"},
        "revoked": {"Authorization": f"Bearer {secret}"},
        "expired": {"Authorization": f"Bearer {old}"},
        "two schemes": {"Authorization": f"Basic {good}"},
        "a JWT without a signature": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0."},
        "a forged session": {"Cookie": f"execution_ops_session={secrets.token_urlsafe(32)}"},
        "a session that is a token": {"Cookie": f"execution_ops_session={good}"},
        "a proxy that is none": {"X-Forwarded-User": "root", "X-Forwarded-Groups": "sre"},
        "an address of the proxy, told": {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-User": "root"},
    }


def _expire(services: Services, token_id: str) -> None:
    assert isinstance(services.backend, EmbeddedBackend)
    with write(services.backend.engine) as connection:
        values = {"past": int(time.time() * 1000) - 1000, "id": token_id}
        connection.execute(text("UPDATE api_token SET expires_at = :past WHERE id = :id"), values)


@pytest.fixture(scope="module")
def app(services: Services) -> FastAPI:
    return create_api(lambda: services)


def _client(app: FastAPI, operation: Operation) -> httpx.AsyncClient:
    # An address for each operation: wrong tokens of one address are limited.
    peer = f"203.0.113.{GUARDED.index(operation)}"
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(peer, 1)), base_url=ORIGIN, event_hooks=CHECKED)


@pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.id)
async def test_who_is_not_known_gets_nothing(
    app: FastAPI, impostors: dict[str, dict[str, str]], operation: Operation, tried: Tried
) -> None:
    path = operation.path
    for one in operation.parameters:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one["example"]))
    for who, headers in impostors.items():
        async with _client(app, operation) as client:
            answer = await client.request(
                operation.method.upper(), path, headers=headers | {"X-Stella-Operator-Reason": "x"}, content=b""
            )
        assert answer.status_code == 401, (who, answer.text)
        assert answer.headers["www-authenticate"] == "Bearer"
    tried(len(impostors))


@pytest.mark.parametrize(
    "operation", [one for one in GUARDED if "requestBody" in one.spec], ids=lambda operation: operation.id
)
async def test_a_body_is_bounded_before_anybody_is_known(app: FastAPI, operation: Operation) -> None:
    if "application/json" not in operation.spec["requestBody"]["content"]:
        return
    path = operation.path.replace("{", "").replace("}", "")
    body = json.dumps({"x": "x" * (DAG_MAX if operation.path == Rest.DAGS else BODY_MAX)}).encode()
    async with _client(app, operation) as client:
        answer = await client.request(operation.method.upper(), path, content=body)
    assert answer.status_code == 413
