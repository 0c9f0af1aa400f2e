"""Who is at the other end of a socket: asked again every few seconds, and kept while the database is away."""

from __future__ import annotations

from typing import Any

import pytest

from execution_ops.domain.access import Actor, Refused, Scope
from execution_ops.domain.credentials import Credentials
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.identity import nobody
from execution_ops.state import visitors as module
from execution_ops.state.visitors import Visitors

ENVIRON = {"asgi.scope": {"client": ("203.0.113.5", 7), "headers": [(b"cookie", b"a=b")]}}
ANN = Actor(name="ann", scopes=frozenset(Scope), source="203.0.113.5")


class Identities:
    """Says what the test says, and counts how often it is asked."""

    def __init__(self) -> None:
        self.says: Actor | None = ANN
        self.asked = 0

    def read(self, headers: Any, peer: str) -> Credentials:
        assert list(headers) == [(b"cookie", b"a=b")]
        return Credentials(source=peer)

    def identify(self, given: Credentials) -> Actor:
        self.asked += 1
        assert given.source == "203.0.113.5"
        if self.says is None:
            raise Unavailable("The database does not answer.")
        return self.says


@pytest.fixture
def identities() -> Identities:
    return Identities()


@pytest.fixture
def visitors(identities: Identities) -> Visitors:
    return Visitors(lambda: identities)  # type: ignore[arg-type, return-value]


async def test_it_is_asked_once_for_some_seconds(visitors: Visitors, identities: Identities) -> None:
    assert visitors.actor("s1") is None
    assert await visitors.arrive("s1", ENVIRON) == ANN
    for _ in range(5):
        await visitors.refresh("s1")
    assert (visitors.actor("s1"), identities.asked) == (ANN, 1)


async def test_who_is_known_no_more_is_nobody_then(
    visitors: Visitors, identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MEMORY_S", 0)
    await visitors.arrive("s1", ENVIRON)
    identities.says = nobody("203.0.113.5")
    assert (await visitors.refresh("s1")).refused is Refused.UNKNOWN
    assert visitors.actor("s1") == identities.says


async def test_while_the_database_is_away_they_stay_who_they_were(
    visitors: Visitors, identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MEMORY_S", 0)
    await visitors.arrive("s1", ENVIRON)
    identities.says = None
    assert await visitors.refresh("s1") == ANN
    # Of somebody who comes meanwhile it can't be told, which is no refusal.
    assert (await visitors.arrive("s2", ENVIRON)).refused is Refused.UNTOLD


async def test_of_a_closed_socket_nothing_is_left(visitors: Visitors) -> None:
    await visitors.arrive("s1", ENVIRON)
    visitors.leave("s1")
    assert visitors.actor("s1") is None
    assert (await visitors.refresh("s1")).refused is Refused.UNKNOWN
    assert visitors.actor("s1") is None
