"""Who somebody is, and what that lets them do: roles, grants, and the actor that comes of both (DESIGN, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from execution_ops.domain.access import Actor, Refused, Scope
from execution_ops.domain.tenants import could_be_tenant

ALL_TENANTS = "*"
NOBODY = "nobody"
# What looks and changes nothing: it stays in a console that is read-only.
LOOKS = frozenset({Scope.READ, Scope.REVEAL})


class SignIn(StrEnum):
    """How people become known to the console."""

    NONE = "none"
    PROXY = "proxy"
    OIDC = "oidc"


class Role(StrEnum):
    """A set of scopes with a name."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the role may do."""
        return _ROLE_SCOPES[self]


_ROLE_SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.OPERATOR: frozenset({Scope.READ, Scope.OPERATE, Scope.QUOTA, Scope.SCHEDULE, Scope.SCANNER}),
    # To read secrets and to hand out tokens takes more than to run things.
    Role.ADMIN: frozenset(Scope),
}


class Grant(BaseModel):
    """A role in some tenants, for a group or for one user; both are compared letter by letter, never as a pattern.

    `user` is what the sign-in says of who somebody is for ever (the claim `sub`), not a name that can be changed.
    `tenants` are names, or `*` for all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str = Field("", max_length=256)
    user: str = Field("", max_length=256)
    role: Role
    tenants: Literal["*"] | Annotated[frozenset[str], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _one_holder(self) -> Grant:
        if bool(self.group) == bool(self.user):
            raise ValueError("a grant names either a group or a user")
        for name in self.names or ():
            if not could_be_tenant(name):
                raise ValueError(f"{name[:70]!r} can't be the name of a tenant")
        return self

    @property
    def names(self) -> frozenset[str] | None:
        """The tenants by name; None for all."""
        return None if isinstance(self.tenants, str) else self.tenants

    def holds_for(self, who: Identity) -> bool:
        """Whether it is theirs."""
        return self.group in who.groups if self.group else self.user == who.subject


class Identity(BaseModel):
    """Somebody who is known: `subject` never changes, `name` is for people, and `groups` are those of the sign-in."""

    model_config = ConfigDict(frozen=True)

    subject: str
    name: str
    groups: frozenset[str] = frozenset()

    @property
    def known_as(self) -> str:
        """What they are called wherever it matters who it was: people change their names, and take those of others."""
        return self.name if self.name == self.subject else f"{self.name} ({self.subject})"


def granted(who: Identity, grants: Iterable[Grant], source: str) -> Actor:
    """The actor that somebody is by these grants: each scope within the tenants of the grants that give it."""
    reach: dict[Scope, frozenset[str] | None] = {}
    for grant in grants:
        if grant.holds_for(who):
            for scope in grant.role.scopes:
                reach[scope] = _union(reach[scope], grant.names) if scope in reach else grant.names
    if not reach:
        refused = Refused.NO_GRANT
        return Actor(name=who.known_as, scopes=frozenset(), tenants=frozenset(), source=source, refused=refused)
    return actor_within(who.known_as, reach, source)


def actor_within(name: str, reach: Mapping[Scope, frozenset[str] | None], source: str) -> Actor:
    """The actor who holds each scope within its tenants (None: in all). Every one of them may read there as well."""
    seen: frozenset[str] | None = frozenset()
    for tenants in reach.values():
        seen = _union(seen, tenants)
    limits = tuple((scope, names) for scope, names in sorted(reach.items()) if names is not None and names != seen)
    return Actor(name=name, scopes=frozenset(reach) | {Scope.READ}, tenants=seen, source=source, reach=limits)


def nobody(source: str) -> Actor:
    """Whoever is not known: they may do nothing and see nothing."""
    return Actor(name=NOBODY, scopes=frozenset(), tenants=frozenset(), source=source, refused=Refused.UNKNOWN)


def read_only(actor: Actor) -> Actor:
    """The actor in a console in which nothing can be changed."""
    if actor.refused is not None:
        return actor
    return actor.model_copy(update={"scopes": actor.scopes & LOOKS, "refused": Refused.READ_ONLY})


def _union(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return None if one is None or other is None else one | other
