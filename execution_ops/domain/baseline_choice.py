"""What a baseline is best compared with, and why; each choice says in words why it is or is not offered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.baselines import Baseline, name_of
from execution_ops.domain.sbom_diff import natural

# 1.2.3, v1.2, 2024.11-rc.1 and "release 1.2"; the rest of a label says nothing of an order.
_RELEASE = re.compile(
    r"(?:release[ -]?|v)?(\d{1,9}(?:\.\d{1,9}){0,5})(?:[-.]?([a-z][a-z0-9.]{0,30}))?", re.IGNORECASE | re.ASCII
)


class Choice(StrEnum):
    """What can be offered, in the order in which it is preferred."""

    EXPLICIT = "explicit"
    PREVIOUS_RELEASE = "previous_release"
    LAST_GREEN = "last_green"


CHOICE_WORDS = {
    Choice.EXPLICIT: "Promoted baseline",
    Choice.PREVIOUS_RELEASE: "Previous release",
    Choice.LAST_GREEN: "Last green",
}


class Offer(BaseModel):
    """One choice: the baseline that it names, None where it is not offered, and why in words."""

    model_config = ConfigDict(frozen=True)

    choice: Choice
    baseline: Baseline | None
    why: str


class Suggestion(BaseModel):
    """Every choice, and the first one that is offered; None if there is nothing to compare with."""

    model_config = ConfigDict(frozen=True)

    offers: tuple[Offer, ...]
    suggested: Offer | None


def suggest(baseline: Baseline, of_source: Sequence[Baseline]) -> Suggestion:
    """What to compare a baseline with, of the baselines of its source, the newest first."""
    others = [one for one in of_source if one.id != baseline.id]
    offers = (_explicit(baseline, of_source), _previous(baseline, others), _green(others))
    return Suggestion(offers=offers, suggested=next((offer for offer in offers if offer.baseline), None))


def release(label: str) -> tuple[object, ...] | None:
    """A label as a place in the order of releases; None for one that reads as no version. 1.0-rc.1 < 1.0 < 1.0.1."""
    match = _RELEASE.fullmatch(label.strip())
    if match is None:
        return None
    numbers = [int(number) for number in match[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), match[2] is None, natural(match[2] or "")


def _explicit(baseline: Baseline, of_source: Sequence[Baseline]) -> Offer:
    found = next((one for one in of_source if one.state == "promoted"), None)
    if found is None:
        return Offer(choice=Choice.EXPLICIT, baseline=None, why="No baseline of this source is promoted.")
    if found.id == baseline.id:
        return Offer(choice=Choice.EXPLICIT, baseline=None, why="This one is the promoted baseline itself.")
    why = f"{found.promoted_by} promoted {name_of(found)}: scans of this source compare with it."
    return Offer(choice=Choice.EXPLICIT, baseline=found, why=why)


def _previous(baseline: Baseline, others: Sequence[Baseline]) -> Offer:
    own = release(baseline.label)
    if own is None:
        why = "Its own label reads as no version." if baseline.label else "It has no label that would name a release."
        return Offer(choice=Choice.PREVIOUS_RELEASE, baseline=None, why=why)
    earlier = (one for one in others if one.created_at <= baseline.created_at)
    for one in earlier:
        theirs = release(one.label)
        if theirs is not None and theirs < own:
            why = f"{one.label} is the newest earlier baseline whose label reads as a lower version."
            return Offer(choice=Choice.PREVIOUS_RELEASE, baseline=one, why=why)
    why = f"No earlier baseline of this source has a label that reads as a version below {baseline.label}."
    return Offer(choice=Choice.PREVIOUS_RELEASE, baseline=None, why=why)


def _green(others: Sequence[Baseline]) -> Offer:
    found = next((one for one in others if one.green), None)
    if found is None:
        why = "No other baseline of this source is of a scan that succeeded as a whole."
        return Offer(choice=Choice.LAST_GREEN, baseline=None, why=why)
    why = f"{name_of(found)} is the newest other baseline whose scan succeeded as a whole."
    return Offer(choice=Choice.LAST_GREEN, baseline=found, why=why)
