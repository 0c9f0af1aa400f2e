"""Which buttons are verbs of the palette, and what stands for them while nothing is selected."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.buttons import action, verb_button
from execution_ops.components.selection import list_bulk
from execution_ops.domain.job_verbs import CANCEL, RETRY


class _Page(rx.State):
    off: str = ""
    total: str = ""
    picked_count: str = ""
    any_picked: bool = False
    everything: bool = False

    @rx.event
    def pick_all(self) -> None:
        """All that match."""

    @rx.event
    def drop_all(self) -> None:
        """None."""


def _is_verb(button: rx.Component) -> bool:
    return "verb:true" in str(button)


def test_what_changes_something_or_can_be_off_is_a_verb() -> None:
    assert _is_verb(verb_button(RETRY, rx.noop()))
    assert _is_verb(action("New", on_click=rx.noop(), off=_Page.off))
    assert _is_verb(action("New", on_click=rx.noop(), changes=True))
    assert not _is_verb(action("Close", on_click=rx.noop()))


def test_without_a_selection_its_verbs_are_named_with_the_reason() -> None:
    drawn = str(
        list_bulk(
            _Page,
            verb_button(RETRY, rx.noop(), look="sm"),
            verb_button(CANCEL, rx.noop(), off=_Page.off, look="sm"),
        )
    )
    for words in ("Nothing is selected.", '"data-verb":"Retry"', '"data-verb":"Cancel"', '"data-hotkey":"c"'):
        assert words in drawn
