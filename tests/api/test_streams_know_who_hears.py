"""A stream of events is for whoever asked for it, for as long as they may hear it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from execution_ops.api.run_stream import _while_known
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.identity import nobody

ANN = Actor(name="ann", scopes=frozenset(Scope))


class Told:
    """Numbers without an end, and whether anybody still hears them."""

    open = True

    async def chunks(self) -> AsyncGenerator[bytes]:
        try:
            number = 0
            while True:
                yield str(number).encode()
                number += 1
        finally:
            self.open = False


async def test_it_ends_when_the_session_or_token_does() -> None:
    told, answers = Told(), iter([ANN, ANN, ANN, nobody("")])
    assert [chunk async for chunk in _while_known(told.chunks(), lambda: next(answers))] == [b"0", b"1"]
    assert not told.open


async def test_it_ends_when_they_may_see_less() -> None:
    told, less = Told(), ANN.narrowed(frozenset({"acme"}))
    answers = iter([ANN, ANN, less])
    assert [chunk async for chunk in _while_known(told.chunks(), lambda: next(answers))] == [b"0"]


async def test_it_ends_for_its_client_to_come_again_when_that_can_not_be_told() -> None:
    told, answers = Told(), iter([ANN, ANN])

    def who() -> Actor:
        try:
            return next(answers)
        except StopIteration:
            raise Unavailable("The database does not answer.") from None

    assert [chunk async for chunk in _while_known(told.chunks(), who)] == [b"0"]
    assert not told.open
