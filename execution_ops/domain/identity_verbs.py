"""What can be done to API tokens; part of the one table of verbs."""

from __future__ import annotations

from execution_ops.domain.access import Scope
from execution_ops.domain.tokens import TokenState
from execution_ops.domain.verb import Verb

TOKEN_CREATE = Verb(
    name="token_create",
    label="New token",
    scope=Scope.ADMIN,
    icon="key-round",
    effect="Whoever has the token may do what it says, until it expires or is revoked. It is shown once.",
)
TOKEN_REVOKE = Verb(
    name="token_revoke",
    label="Revoke",
    scope=Scope.ADMIN,
    applies_to=frozenset({TokenState.ACTIVE}),
    reason_required=True,
    danger=True,
    icon="ban",
    effect="It opens nothing any more, within seconds. This can't be undone: make another one.",
    refusal="Only an active token can be revoked.",
)
IDENTITY_VERBS: tuple[Verb, ...] = (TOKEN_CREATE, TOKEN_REVOKE)
