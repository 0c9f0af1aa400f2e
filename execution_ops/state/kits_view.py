"""Offline kits as their page shows them: flat rows, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.kit_records import (
    QUARANTINE_DAYS,
    Kit,
    KitActivation,
    is_lower,
    why_kit_off,
)
from execution_ops.domain.kits import AgeLevel, failed_at
from execution_ops.domain.scanner_verbs import (
    KIT_ACTIVATE,
    KIT_REMOVE,
    KIT_ROLLBACK,
)
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import KitState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.verb import Verb
from execution_ops.domain.words import counted
from execution_ops.services.kit_reads import KitStatus
from execution_ops.state.kit_panel_view import Fact
from execution_ops.texts import kits as words


@dataclass(frozen=True)
class KitLine:
    """A kit in the list."""

    id: str
    href: str
    version: str
    what: str
    state: str
    phrase: str
    received_at: str
    chosen: bool
    removed: bool


@dataclass(frozen=True)
class LockedLine:
    """A kit in quarantine."""

    id: str
    href: str
    log_href: str
    version: str
    refused: str
    since: str
    left: str
    failure: str


@dataclass(frozen=True)
class PastLine:
    """An activation that was."""

    href: str
    version: str
    at: str
    by: str
    reason: str
    forced: bool
    undone: str


@dataclass(frozen=True)
class ActiveKit:
    """The active kit, all empty without one; `previous` is the version that a roll-back leads to."""

    id: str = ""
    version: str = ""
    href: str = ""
    forced: bool = False
    age: str = ""
    age_tone: str = ""
    activated_at: str = ""
    activated_by: str = ""
    previous: str = ""
    rollback_off: str = ""


@dataclass(frozen=True)
class ListView:
    """What stands around the list, and what quarantine holds."""

    rows: int = 0
    removed: bool = False
    removed_href: str = ""
    first_href: str = ""
    after_href: str = ""
    locked: int = 0
    locked_words: str = ""


@dataclass(frozen=True)
class Question:
    """What is asked before a verb; `asks_tenant` has it ask for a tenant, too, of which `tenants` are known."""

    title: str = ""
    button: str = ""
    facts: list[Fact] = field(default_factory=list)
    asks_tenant: bool = False
    tenants: list[str] = field(default_factory=list)


def kit_line(kit: Kit, active: Kit | None, chosen: str) -> KitLine:
    """A kit as a row."""
    what = ", ".join(part for part in (kit.channel, describe_bytes(kit.size)) if part)
    return KitLine(
        id=kit.id,
        href=routes.offline_kit(kit.id),
        version=visible(kit.version) or "unreadable",
        what=what,
        state=kit.state.value,
        phrase=visible(phrase(kit, active)),
        received_at=iso(kit.received_at),
        chosen=kit.id == chosen,
        removed=kit.removed_at is not None,
    )


def refusal(kit: Kit) -> str:
    """Which step refused a kit."""
    return words.refused_at(failed_at(kit.category)) if kit.category else "refused"


def phrase(kit: Kit, active: Kit | None) -> str:
    """How the kit stands, in a few words."""
    if kit.removed_at is not None:
        return words.REMOVED_ITS_RECORD_STAYS
    if kit.state is KitState.QUARANTINED:
        return refusal(kit)
    if kit.state is KitState.ACTIVE:
        return words.FORCED_LOWER_THAN_THE_ONE_BEFORE if kit.forced else counted(kit.entries, "entry", "entries")
    if not kit.has_files:
        return words.FILES_REMOVED_RECORD_KEPT
    if kit.state is KitState.SUPERSEDED:
        return words.KEPT_FOR_A_ROLL_BACK
    return words.LOWER_THAN_THE_ACTIVE_ONE if is_lower(kit, active) else words.CAN_BE_ACTIVATED


def locked_line(kit: Kit, now: datetime) -> LockedLine:
    """A kit in quarantine, and when its bundle goes."""
    left = kit.received_at + timedelta(days=QUARANTINE_DAYS) - now
    days = max(0, left.days)
    return LockedLine(
        id=kit.id,
        href=routes.offline_kit(kit.id),
        log_href=routes.api_kit(kit.id, "log"),
        version=visible(kit.version) or "unreadable",
        refused=refusal(kit),
        since=iso(kit.received_at),
        left=words.deleted_in(days) if days else words.DELETED_WITH_THE_NEXT_REFUSED,
        failure=visible(kit.failure),
    )


def past_line(one: KitActivation) -> PastLine:
    """An activation, and its roll-back if there was one."""
    undone = words.rolled_back(visible(one.undone_by), visible(one.undone_reason)) if one.undone_at else ""
    return PastLine(
        href=routes.offline_kit(one.kit_id),
        version=one.version,
        at=iso(one.at),
        by=visible(one.by),
        reason=visible(one.reason),
        forced=one.forced,
        undone=undone,
    )


def active_kit(status: KitStatus, actor: Actor) -> ActiveKit:
    """The active kit, and where a roll-back leads."""
    active, previous = status.place.active, status.place.previous
    off = why_kit_off(actor, KIT_ROLLBACK) or status.place.rollback_off
    if active is None:
        return ActiveKit(rollback_off=off)
    return ActiveKit(
        id=active.id,
        version=active.title,
        href=routes.offline_kit(active.id),
        forced=active.forced,
        age=visible(status.age),
        age_tone={AgeLevel.AMBER: "warn", AgeLevel.RED: "bad"}.get(status.age_level or AgeLevel.OK, "ok"),
        activated_at=iso(active.activated_at) if active.activated_at else "",
        activated_by=visible(active.activated_by),
        previous=previous.title if previous else "",
        rollback_off=off,
    )


def summary(status: KitStatus) -> str:
    """The page in one sentence."""
    locked = status.quarantined
    if locked:
        return words.kits_in_quarantine(locked)
    if status.place.active is None:
        return words.NONE_ACTIVE_SUMMARY
    return words.KITS_SUMMARY


def takes_force(verb: Verb, kit: Kit, status: KitStatus) -> bool:
    """Whether the verb on the kit takes force, which its question then says."""
    return verb is KIT_ACTIVATE and is_lower(kit, status.place.active)


def question(verb: Verb, kit: Kit, status: KitStatus) -> Question:
    """What is asked before a verb."""
    title, facts = f"{verb.label} {kit.title}?", list[Fact]()
    active, previous = status.place.active, status.place.previous
    if verb is KIT_ACTIVATE:
        facts.append((words.ACTIVE_NOW, active.title if active else "none"))
        facts.append((words.BRINGS, words.brings(kit.baselines, syft=bool(kit.syft))))
        if takes_force(verb, kit, status):
            facts.append((words.LOWER_VERSION, words.STAYS_MARKED))
            return Question(words.asks_force(kit.title), words.force(kit.title), facts)
    elif verb is KIT_ROLLBACK:
        title = words.asks_roll_back(kit.title)
        facts.append((words.ACTIVE_THEN, previous.title if previous else "none"))
        return Question(title, words.roll_back_to(previous.title) if previous else verb.label, facts)
    elif verb is KIT_REMOVE:
        facts.append((words.STAYS, words.RECORD_LOG_AND_REASON))
    return Question(title, f"{verb.label} {kit.title}", facts)
