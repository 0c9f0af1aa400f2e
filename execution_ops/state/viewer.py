"""Who looks: their name for the frame, and where they sign in when nobody knows them."""

from __future__ import annotations

from urllib.parse import quote

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Refused
from execution_ops.domain.identity import SignIn
from execution_ops.services.container import services
from execution_ops.settings import settings
from execution_ops.state.actor import actor_of


class ViewerState(rx.State):
    """`name` is "" where there is no sign-in; `can_sign_out` where the sign-in is the console's own."""

    name: str = ""
    can_sign_out: bool = False

    @rx.event
    def open(self) -> None:
        """A page was opened."""
        actor, mode = actor_of(self), services().identities.mode
        known = mode is not SignIn.NONE and actor.refused not in (Refused.UNKNOWN, Refused.UNTOLD)
        self.name = actor.name if known else ""
        self.can_sign_out = known and mode is SignIn.OIDC


def sign_in_href(state: rx.State) -> str:
    """Where whoever looks signs in, and comes back to what they look at; "" where that is not the console's to do."""
    if services().identities.mode is not SignIn.OIDC:
        return ""
    url, origin = state.router.url, state.router.headers.origin
    page = f"{url.path}?{url.query}" if url.query else url.path
    # A page that is served apart is come back to there.
    to = page if not origin or origin in settings().own_origins() else f"{origin}{page}"
    return f"{routes.Auth.SIGN_IN}?to={quote(to, safe='/')}"
