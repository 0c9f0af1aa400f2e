"""The React components of `assets/islands`: what has to happen in the browser, as typed components.

Everything else is `rx.el.*` with the classes of `assets/css`. An island knows no page and no state:
it gets values as props and tells what happened through its event handlers.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

FOLDER = "$/public/islands"


class Island(rx.Component):
    """Base of all islands: each says in which file it is, and is exported there under the name of its class."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Names it for the compiler."""
        super().__init_subclass__(**kwargs)
        cls.tag = cls.__name__


# What an event of an island tells.
nothing = rx.event.no_args_event_spec
one_text = rx.event.passthrough_event_spec(str)
one_flag = rx.event.passthrough_event_spec(bool)
two_texts = rx.event.passthrough_event_spec(str, str)
two_numbers = rx.event.passthrough_event_spec(int, int)
