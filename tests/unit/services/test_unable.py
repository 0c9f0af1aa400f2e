"""What the engine does for nobody: buttons say so, services refuse it, and permissions come first."""

from __future__ import annotations

from pathlib import Path

import pytest

from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.credentials import Credentials
from execution_ops.domain.errors import Conflict
from execution_ops.domain.letter_verbs import REPLAY
from execution_ops.domain.quota_verbs import QUOTA_PAUSE
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.verb import why_off
from execution_ops.domain.verbs import Stamp, why_not
from execution_ops.services.identity import IdentityService
from execution_ops.services.requests import sign
from execution_ops.settings import Settings

WHY = "This remote has no quotas that can be paused."


@pytest.fixture
def actor(tmp_path: Path) -> Actor:
    """Whoever is at this machine, on an engine that can't pause quotas."""
    identities = IdentityService(Settings(data_dir=tmp_path), None, unable=lambda: {QUOTA_PAUSE.name: WHY})
    return identities.identify(Credentials(source="127.0.0.1"))


def test_a_button_says_what_the_engine_can_not_do(actor: Actor) -> None:
    assert why_off(QUOTA_PAUSE, actor) == WHY
    assert why_off(QUOTA_PAUSE, actor, "acme") == WHY
    assert why_not(REPLAY, actor, [DeadLetterState.PENDING]) == ""


def test_a_change_that_the_engine_can_not_do_is_refused(actor: Actor) -> None:
    with pytest.raises(Conflict, match="no quotas") as refused:
        sign(QUOTA_PAUSE, actor, Stamp(actor=actor, reason="r"))
    assert refused.value.code == "NOT_SUPPORTED"
    assert sign(REPLAY, actor, Stamp(actor=actor, reason="r")).actor == actor


def test_who_may_not_is_told_that_first(actor: Actor) -> None:
    viewer = actor.model_copy(update={"scopes": frozenset({Scope.READ})})
    assert why_off(QUOTA_PAUSE, viewer) == "Needs the permission ops:quota."
