"""The words of states that are not called as they are, and what stands in place of rows."""

from __future__ import annotations

from typing import Final

# components/status.py
PAUSED: Final = "paused"
COMPLETED: Final = "completed"
TO_BE_SENT: Final = "to be sent"
NOT_ELIGIBLE: Final = "not eligible"
SENT_NOT_ENDED: Final = "sent, not ended"
DIED_OF_THE_SAME: Final = "died again, same error"
DIED_OF_ANOTHER: Final = "died again, new error"
NEEDS_YOU_NOW: Final = "needs you now"
LOOK_AT_IT: Final = "look at it"
NOT_USED_YET: Final = "not used yet"
WELL: Final = "well"
VERSION_CHANGED: Final = "version changed"
LICENCE_CHANGED: Final = "licence changed"
BOTH_CHANGED: Final = "version and licence changed"
NOT_TRIED_YET: Final = "not tried yet"
WITHIN_LIMITS: Final = "within limits"


# components/states.py
LOADING: Final = "Loading"
NOTHING_MATCHES_IT: Final = "Nothing matches it."
NOTHING_MATCHES: Final = "Nothing matches all of them."
CLEAR_FILTERS: Final = "Clear filters"
NOT_READ: Final = "This could not be read"
RETRY: Final = "Retry"
TRACE: Final = " · trace "
COPY_TRACE_ID: Final = "Copy trace id"
SIGNED_OUT: Final = "You are not signed in"
SIGN_IN: Final = "Sign in"
PROXY_SIGNS_IN: Final = "The sign-in is in front of this console: open its address anew."
FORBIDDEN: Final = "You may not see this"
WHO_CAN_PERMIT: Final = "Who looks after this console can give it to you."
LOOK_AGAIN: Final = "Look again"
ONE_FILTER_HIDES: Final = "1 filter hides "


def filters_hide(count: object) -> str:
    return f"{count} filters hide "
