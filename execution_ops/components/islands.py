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


def one_text(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    """Event with one text."""
    return (value,)


def two_texts(first: rx.Var[str], second: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str]]:
    """Event with two texts."""
    return (first, second)


def two_numbers(first: rx.Var[int], second: rx.Var[int]) -> tuple[rx.Var[int], rx.Var[int]]:
    """Event with two whole numbers."""
    return (first, second)


nothing = rx.event.no_args_event_spec
