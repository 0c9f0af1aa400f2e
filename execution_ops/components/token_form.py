"""The form of a new API token, which shows its secret once and to nobody but the browser."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.islands import FOLDER, Island, nothing
from execution_ops.domain.tokens import DAYS_MAX, NAME_MAX
from execution_ops.domain.verbs import REASON_MAX


class TokenForm(Island):
    """Asks the REST interface for a token: its secret is in no state of the server, and in no storage."""

    library = f"{FOLDER}/token-form.jsx"

    address: rx.Var[str]
    scopes: rx.Var[Any]
    off: rx.Var[Any]
    name_max: rx.Var[int]
    days_max: rx.Var[int]
    reason_max: rx.Var[int]
    on_close: rx.EventHandler[nothing]


def token_form(*, scopes: rx.Var[Any], off: rx.Var[str], on_close: Any) -> rx.Component:
    """The form. `scopes` are the permissions that can be handed out: `scope` and `meaning` each."""
    return TokenForm.create(
        address=routes.Rest.TOKENS,
        scopes=scopes,
        off=off,
        name_max=NAME_MAX,
        days_max=DAYS_MAX,
        reason_max=REASON_MAX,
        on_close=on_close,
    )
