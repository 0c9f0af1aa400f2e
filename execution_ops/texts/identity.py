"""What is said of signing in, of who one is, and of API tokens."""

from __future__ import annotations

from typing import Final

from execution_ops.domain.access import Scope
from execution_ops.domain.words import counted

# api/auth.py
NOT_SIGNED_IN: Final = "You are not signed in"
SIGN_IN_AGAIN: Final = "Sign in again"


def provider_says(error: str) -> str:
    """The provider sent the browser back without a sign-in."""
    return f"The provider of the sign-in says: {error}."


# pages/access.py
YOU: Final = "You"
NAME: Final = "Name"
PERMISSIONS: Final = "Permissions"
LETS_YOU: Final = "Lets you"
NOTHING_IS_GRANTED: Final = "Nothing is granted to you here. Ask who runs this console for a role."
TENANTS: Final = "Tenants"
SIGN_IN_BY: Final = "Known by"
TOKENS: Final = "API tokens"
TOKEN: Final = "Token"
BEGINS_WITH: Final = "Begins with"
FOR_ALL_TENANTS: Final = "for all tenants"
CREATED: Final = "Created"
EXPIRES: Final = "Expires"
LAST_USED: Final = "Last used"
NO_TOKEN_YET: Final = "No token yet"
NO_TOKEN_YET_WHY: Final = (
    "A program that uses the REST interface, a scraper of the metrics or another console in front of this one takes a"
    " token: it opens what you choose, for as long as you choose, and can be revoked."
)
TOKENS_ARE_NOT_SHOWN: Final = "Who may see tokens has the permission ops:admin."
NEW_TOKEN_LEAD: Final = "It is shown once, right after it was made. Only its digest is kept."
READ_ONLY: Final = "This console is read-only: whatever is granted, nothing can be changed."

# state/access.py
ALL_TENANTS: Final = "all"
NONE: Final = "none"
KNOWN_BY: Final = {
    "none": "being at this machine; there is no sign-in",
    "proxy": "the proxy in front of this console",
    "oidc": "the OpenID provider",
}
MEANINGS: Final[dict[Scope, str]] = {
    Scope.READ: "see jobs, queues, runs, workers and the audit",
    Scope.OPERATE: "cancel, retry, replay, resolve, run and drain",
    Scope.QUOTA: "change limits",
    Scope.SCHEDULE: "change schedules",
    Scope.SCANNER: "change kits, baselines, analyzers and settings",
    Scope.REVEAL: "see secrets in payloads and results",
    Scope.ADMIN: "make and revoke tokens",
}
THE_OPERATOR_HERE: Final = "Whoever is at this machine may do everything."


def signed_in_as(name: str, scopes: int, tokens: int | None) -> str:
    """The summary of the page."""
    holds = f"{name} holds {counted(scopes, 'permission')}"
    return f"{holds}." if tokens is None else f"{holds}. {counted(tokens, 'token is', 'tokens are')} active."


def revoke_title(name: str) -> str:
    """The question before a token is revoked."""
    return f"Revoke {name}?"


def revoked(name: str) -> str:
    """What was done."""
    return f"The token {name} is revoked."


def for_tenants(names: str) -> str:
    """Whose things a token opens."""
    return f"for {names}"


def made_by(name: str, *, delegate: bool) -> str:
    """Who made a token, and whether it acts for others."""
    return f"by {name}, acts for others" if delegate else f"by {name}"
