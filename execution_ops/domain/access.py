"""Who acts, and what that allows (DESIGN, section 7)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.errors import Forbidden, Unauthenticated, Unavailable

UNTOLD = "Who you are can't be told now: the database does not answer."
SIGN_IN_FIRST = "You are not signed in, or not any more. Sign in first."
READ_ONLY = "This console is read-only: nothing can be changed here."


class Scope(StrEnum):
    """A permission. A verb names the one that it needs."""

    READ = "ops:read"
    OPERATE = "ops:operate"
    QUOTA = "ops:quota"
    SCHEDULE = "ops:schedule"
    SCANNER = "ops:scanner"
    REVEAL = "ops:reveal"
    ADMIN = "ops:admin"


class Refused(StrEnum):
    """Why somebody may do less than they ask for, where it is not for want of a single permission."""

    UNKNOWN = "unknown"
    NO_GRANT = "no_grant"
    READ_ONLY = "read_only"
    UNTOLD = "untold"


class Actor(BaseModel):
    """The one who asks. `tenants` None means every tenant; `source` is the network address.

    `reach` names the scopes that hold in some of the tenants only, each with these tenants: a permission is a pair of
    what may be done and where, never two sets. `refused` says why somebody may less than a role would let them.
    `unable` are the names of the verbs that the engine does for nobody, each with the reason.
    `partial` is set where the tenants are not all that the actor knows of, but those of one permission.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    scopes: frozenset[Scope]
    tenants: frozenset[str] | None = None
    source: str = ""
    reach: tuple[tuple[Scope, frozenset[str]], ...] = ()
    refused: Refused | None = None
    partial: bool = False
    unable: tuple[tuple[str, str], ...] = ()

    def may(self, scope: Scope, tenant: str = "") -> bool:
        """Whether this actor holds the scope: for that tenant, or if none is named for any."""
        return scope in self.scopes and (not tenant or self.within(scope).sees(tenant))

    def sees(self, tenant: str) -> bool:
        """Whether this actor may know of things of the tenant."""
        return self.tenants is None or tenant in self.tenants

    def within(self, scope: Scope) -> Actor:
        """The same actor, with no more tenants than those in which the scope holds."""
        limit = dict(self.reach).get(scope)
        return self if limit is None else self.narrowed(limit).model_copy(update={"partial": True})

    def narrowed(self, tenants: frozenset[str]) -> Actor:
        """The same actor, with no more tenants than these."""
        return self.model_copy(update={"tenants": tenants if self.tenants is None else tenants & self.tenants})


def require(actor: Actor, scope: Scope) -> Actor:
    """The actor within the tenants in which they hold the scope.

    Unauthenticated for somebody unknown, and Forbidden, naming the missing scope, unless the actor holds it.
    """
    if actor.may(scope):
        return actor.within(scope)
    if actor.refused is Refused.UNKNOWN:
        raise Unauthenticated(SIGN_IN_FIRST)
    if actor.refused is Refused.UNTOLD:
        raise Unavailable(UNTOLD)
    raise Forbidden(_lacking(actor, scope))


def why_forbidden(actor: Actor, scope: Scope, tenant: str = "") -> str:
    """What a button says that the actor may not press; empty if they may. `tenant` is that of the thing, if it has
    one."""
    if actor.may(scope, tenant):
        return ""
    if actor.refused in _WORDS:
        return _WORDS[actor.refused]
    return f"Needs the permission {scope.value}{_place(tenant) if actor.may(scope) else ''}."


def no_such(actor: Actor, thing: str) -> str:
    """What is said of a thing that is not there, or that the actor may not act on; never which of both it is."""
    return f"There is no such {thing}" + (", or none that your permissions reach." if actor.partial else ".")


_WORDS = {Refused.UNKNOWN: SIGN_IN_FIRST, Refused.READ_ONLY: READ_ONLY, Refused.UNTOLD: UNTOLD}


def _lacking(actor: Actor, scope: Scope) -> str:
    if actor.refused is Refused.READ_ONLY:
        return READ_ONLY
    if actor.refused is Refused.NO_GRANT:
        return f"{actor.name} is signed in, but nothing is granted to them here. Ask who runs this console for a role."
    return f"This needs the permission {scope.value}, which {actor.name} does not have."


def _place(tenant: str) -> str:
    return f" for the tenant {tenant}"


def local_operator(source: str = "127.0.0.1") -> Actor:
    """Whoever sits at the machine itself: without sign-in the console binds to loopback only."""
    return Actor(name="local operator", scopes=frozenset(Scope), source=source)
