"""Who acts, and what that allows (DESIGN, section 7)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.errors import Forbidden


class Scope(StrEnum):
    """A permission. A verb names the one that it needs."""

    READ = "ops:read"
    OPERATE = "ops:operate"
    QUOTA = "ops:quota"
    SCHEDULE = "ops:schedule"
    SCANNER = "ops:scanner"
    REVEAL = "ops:reveal"
    ADMIN = "ops:admin"


class Actor(BaseModel):
    """The one who asks. `tenants` None means every tenant; `source` is the network address."""

    model_config = ConfigDict(frozen=True)

    name: str
    scopes: frozenset[Scope]
    tenants: frozenset[str] | None = None
    source: str = ""

    def may(self, scope: Scope) -> bool:
        """Whether this actor holds the scope."""
        return scope in self.scopes

    def sees(self, tenant: str) -> bool:
        """Whether this actor may know of things of the tenant."""
        return self.tenants is None or tenant in self.tenants


def require(actor: Actor, scope: Scope) -> None:
    """Raise Forbidden, naming the missing scope, unless the actor holds it."""
    if not actor.may(scope):
        raise Forbidden(f"This needs the permission {scope.value}, which {actor.name} does not have.")


def why_forbidden(actor: Actor, scope: Scope) -> str:
    """What a button says that the actor may not press; empty if they may."""
    return "" if actor.may(scope) else f"Needs the permission {scope.value}."


def local_operator(source: str = "127.0.0.1") -> Actor:
    """Whoever sits at the machine itself: without sign-in the console binds to loopback only."""
    return Actor(name="local operator", scopes=frozenset(Scope), source=source)
