"""What a baseline is best compared with, and why each choice is or is not offered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from execution_ops.domain.baseline_choice import Choice, Suggestion, release, suggest
from execution_ops.domain.baselines import Baseline
from execution_ops.domain.states import BaselineState

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def baseline(number: int, label: str = "", *, green: bool = True, promoted: bool = False) -> Baseline:
    """A baseline saved in the hour of that number."""
    told: dict[str, Any] = {"promoted_at": EPOCH, "promoted_by": "ann"} if promoted else {}
    return Baseline(
        tenant="acme",
        source="/srv/shop",
        label=label,
        sha256=f"{number:064x}",
        parts=f"{number:064x}",
        size=1,
        components=1,
        green=green,
        id=f"id-{number}",
        state=BaselineState.PROMOTED if promoted else BaselineState.CANDIDATE,
        created_at=EPOCH + timedelta(hours=number),
        created_by="ann",
        **told,
    )


def offered(found: Suggestion) -> dict[Choice, str]:
    return {offer.choice: offer.baseline.id if offer.baseline else "" for offer in found.offers}


def why(found: Suggestion, choice: Choice) -> str:
    return next(offer.why for offer in found.offers if offer.choice is choice)


def test_the_promoted_one_comes_first_then_the_release_before_then_the_last_green() -> None:
    own = baseline(4, "1.2.0")
    others = [baseline(5, "2.0"), baseline(3, green=False), baseline(2, "v1.1"), baseline(1, "1.0", promoted=True)]
    found = suggest(own, [others[0], own, *others[1:]])
    assert offered(found) == {
        Choice.EXPLICIT: "id-1",
        Choice.PREVIOUS_RELEASE: "id-2",
        Choice.LAST_GREEN: "id-5",
    }
    assert found.suggested is not None
    assert found.suggested.choice is Choice.EXPLICIT
    assert "ann promoted 1.0" in why(found, Choice.EXPLICIT)
    assert "v1.1 is the newest earlier baseline" in why(found, Choice.PREVIOUS_RELEASE)
    assert "2.0 is the newest other baseline" in why(found, Choice.LAST_GREEN)


def test_each_choice_says_why_it_is_not_offered() -> None:
    own = baseline(1, "1.0", promoted=True)
    found = suggest(own, [own])
    assert (found.suggested, set(offered(found).values())) == (None, {""})
    assert "itself" in why(found, Choice.EXPLICIT)
    assert "below 1.0" in why(found, Choice.PREVIOUS_RELEASE)
    assert "succeeded as a whole" in why(found, Choice.LAST_GREEN)
    nightly, nameless = baseline(2, "nightly"), baseline(3)
    assert "reads as no version" in why(suggest(nightly, [nightly]), Choice.PREVIOUS_RELEASE)
    assert "no label" in why(suggest(nameless, [nameless]), Choice.PREVIOUS_RELEASE)
    assert "No baseline of this source is promoted" in why(suggest(nameless, [nameless]), Choice.EXPLICIT)


def test_a_release_that_was_saved_later_is_not_the_previous_one() -> None:
    own, later = baseline(1, "2.0"), baseline(2, "1.0")
    assert offered(suggest(own, [later, own]))[Choice.PREVIOUS_RELEASE] == ""


def test_labels_read_as_releases_in_their_order() -> None:
    falling = ["2", "v1.10.1", "1.10", "1.10-rc.2", "1.10-rc.1", "release 1.9", "1.9-beta", "V0.1"]
    assert sorted(falling, key=lambda label: release(label) or (), reverse=True) == falling
    assert release("1.0") == release("v1") == release("release-1.0.0")


@pytest.mark.parametrize("label", ["", "nightly", "1.0 final", "1..2", "build 7", "1" * 40, "٣.٤"])
def test_other_labels_are_no_releases(label: str) -> None:
    assert release(label) is None
