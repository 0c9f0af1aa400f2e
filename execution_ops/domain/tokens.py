"""API tokens: what one is, and what may be asked of a new one."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import Forbidden, InvalidInput
from execution_ops.domain.identity import actor_within
from execution_ops.domain.text import visible
from execution_ops.domain.times import Instant

NAME_MAX = 80
DAYS_MAX = 366
# Of those that have ended, as many are listed.
LISTED_MAX = 500
HINT_LENGTH = 8
_PREFIX = "eo_"
# 32 random bytes: nobody guesses one, so a plain hash keeps it as well as a slow one would.
_SECRET = re.compile(r"eo_[A-Za-z0-9_-]{43}")


class TokenState(StrEnum):
    """Whether a token opens anything."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ApiToken(BaseModel):
    """A token as it is known; the secret itself is known to its owner only, `hint` is how it begins.

    `tenants` None are all. With `delegate` it may say on whose behalf it acts, as a console in front of this one does.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    hint: str
    scopes: frozenset[Scope]
    tenants: frozenset[str] | None
    delegate: bool
    created_at: Instant
    created_by: str
    expires_at: Instant
    last_used_at: Instant | None = None
    revoked_at: Instant | None = None
    revoked_by: str = ""

    def state(self, now: datetime) -> TokenState:
        """How it stands at that moment."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        return TokenState.ACTIVE if now < self.expires_at else TokenState.EXPIRED

    def actor(self, source: str, operator: str = "") -> Actor:
        """Whoever presents it; `operator` is on whose behalf, of which only a token with `delegate` may speak.

        Forbidden for any other token that does.
        """
        name = f"token {self.name}"
        if operator:
            if not self.delegate:
                raise Forbidden(f"{name} may not act on behalf of others.")
            name = f"{visible(operator)} through {name}"
        return actor_within(name, dict.fromkeys(self.scopes, self.tenants), source)


class NewToken(BaseModel):
    """What is asked for. `tenants` None are all those of who asks; `days` is how long it opens anything."""

    model_config = ConfigDict(frozen=True)

    name: str
    scopes: frozenset[Scope]
    tenants: frozenset[str] | None = None
    days: int = 90
    delegate: bool = False


def new_secret() -> str:
    """A secret that nobody has seen yet."""
    return _PREFIX + secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    """Whether it has the form of one."""
    return _SECRET.fullmatch(text) is not None


def digest(secret: str) -> str:
    """What is kept of a secret: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hint_of(secret: str) -> str:
    """How it begins, to tell it apart from others."""
    return secret[: len(_PREFIX) + HINT_LENGTH]


def check_new_token(actor: Actor, asked: NewToken) -> NewToken:
    """The token as it will be: never more than who makes it may do, and never elsewhere.

    InvalidInput (with its `field`) or Forbidden, in words, for what can't be had.
    """
    name = asked.name.strip()
    if not 1 <= len(name) <= NAME_MAX or visible(name) != name:
        raise InvalidInput(f"A token has a name of 1 to {NAME_MAX} characters on one line.", field="name")
    if not 1 <= asked.days <= DAYS_MAX:
        raise InvalidInput(f"A token opens anything for 1 to {DAYS_MAX} days.", field="days")
    if not asked.scopes:
        raise InvalidInput("Choose at least one permission.", field="scopes")
    tenants = asked.tenants if asked.tenants is not None else actor.tenants
    if tenants is not None and not tenants:
        raise InvalidInput("Choose at least one tenant.", field="tenants")
    for scope in sorted(asked.scopes):
        own = actor.within(scope).tenants
        if not actor.may(scope):
            raise Forbidden(f"You can't hand out {scope.value}, which you do not have.", field="scopes")
        if own is not None and (tenants is None or not tenants <= own):
            raise Forbidden(f"You do not have {scope.value} in all these tenants.", field="tenants")
    return asked.model_copy(update={"name": name, "tenants": tenants, "scopes": asked.scopes | {Scope.READ}})


def expiry(now: datetime, days: int) -> datetime:
    """When a token that is made now ends."""
    return now + timedelta(days=days)
