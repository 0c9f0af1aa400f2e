"""The port for what the sign-in keeps: tokens, sessions, and sign-ins that are under way. It is blocking and
thread-safe. Of every secret only its digest comes here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from execution_ops.domain.identity import Identity
from execution_ops.domain.tokens import ApiToken, NewToken
from execution_ops.domain.verbs import Stamp


class Session(NamedTuple):
    """Somebody who signed in, and until when that holds."""

    who: Identity
    expires_at: datetime


class Attempt(NamedTuple):
    """A sign-in between the two visits of a browser: what the provider has to answer to, and where it leads then."""

    nonce: str
    verifier: str
    return_to: str


class IdentityStore(Protocol):
    """Everything is for all processes that share the store, and is forgotten some time after it has ended."""

    def keep_attempt(self, state: str, browser: str, attempt: Attempt, *, seconds: int) -> None:
        """Remember a sign-in for that long. `state` and `browser` are digests of what the provider and the browser
        will bring along. TooMany if there are very many under way."""

    def take_attempt(self, state: str, browser: str) -> Attempt | None:
        """The sign-in, once, if both match and it is not too late."""

    def keep_session(self, session: str, who: Identity, *, seconds: float) -> datetime:
        """Remember who signed in for that long; until when."""

    def session(self, session: str) -> Session | None:
        """Who signed in, while that holds."""

    def end_session(self, session: str) -> None:
        """Forget it."""

    def create_token(self, secret: str, hint: str, asked: NewToken, stamp: Stamp) -> ApiToken:
        """Keep a token under the digest of its secret. Audited in the same transaction."""

    def tokens(self, *, tenants: frozenset[str] | None, limit: int) -> Sequence[ApiToken]:
        """The tokens that are for no more than these tenants (None: all), the newest first."""

    def token(self, secret: str) -> ApiToken | None:
        """The token that opens something now."""

    def note_use(self, token_id: str) -> None:
        """It was used now; kept to the minute."""

    def revoke_token(self, token_id: str, stamp: Stamp) -> ApiToken:
        """Make it open nothing any more. Audited in the same transaction. NotFound if it is for more than the tenants
        of the stamp's actor, Conflict if it has ended already."""
