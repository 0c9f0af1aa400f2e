"""What a client may call over the socket: event handlers on purpose, and no variable of a State."""

from __future__ import annotations

import pytest
from reflex.state import State

from execution_ops import execution_ops

# Texts that a reader types; their handlers check them. The last is the framework's own.
TYPED = {"set_path", "set_tenant", "set_follow", "set_is_hydrated"}


def states() -> list[type[State]]:
    assert execution_ops.app is not None
    found: list[type[State]] = [State]
    for state in found:
        found.extend(state.get_substates())
    return found


@pytest.mark.parametrize(
    "state", sorted(states(), key=lambda state: state.get_full_name()), ids=lambda state: state.__name__
)
def test_no_variable_can_be_set_from_outside(state: type[State]) -> None:
    # The framework's `setvar` calls `set_<variable>` where there is one; it makes none by itself.
    assert {name for name in state.event_handlers if name.startswith("set_")} <= TYPED


@pytest.mark.parametrize(
    "state", sorted(states(), key=lambda state: state.get_full_name()), ids=lambda state: state.__name__
)
def test_helpers_are_no_events(state: type[State]) -> None:
    assert [name for name in state.event_handlers if name.startswith("_")] == []


def test_every_event_of_ours_says_what_it_does() -> None:
    ours = [
        (state.__name__, name)
        for state in states()
        for name, handler in state.event_handlers.items()
        if (handler.fn.__module__ or "").startswith("execution_ops.") and not (handler.fn.__doc__ or "").strip()
    ]
    assert ours == []
