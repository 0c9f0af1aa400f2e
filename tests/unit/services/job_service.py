"""What the tests of the service of jobs share."""

from __future__ import annotations

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.verbs import Stamp

ANN = local_operator()
SECRET = "password=hunter2"


def viewer(*scopes: Scope, tenants: frozenset[str] | None = None) -> Actor:
    return Actor(name="vera", scopes=frozenset(scopes), tenants=tenants)


def stamp(actor: Actor = ANN, **changes: str) -> Stamp:
    return Stamp(actor=actor, **{"reason": "because", **changes})
