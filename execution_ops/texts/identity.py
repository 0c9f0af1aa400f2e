"""What is said of signing in, and of API tokens."""

from __future__ import annotations

from typing import Final

NOT_SIGNED_IN: Final = "You are not signed in"
SIGN_IN: Final = "Sign in"
SIGN_IN_AGAIN: Final = "Sign in again"
SIGN_OUT: Final = "Sign out"


def provider_says(error: str) -> str:
    """The provider sent the browser back without a sign-in."""
    return f"The provider of the sign-in says: {error}."
