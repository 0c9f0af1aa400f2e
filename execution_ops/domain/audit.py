"""The audit as it is read: what was done, by whom, to what, why, and what it changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.access import Actor
from execution_ops.domain.query_values import Sort
from execution_ops.domain.times import Instant

# An event names as many of the things that it was done to. What is done to more belongs to a filter, a plan or a
# bulk job, which the event names instead.
SUBJECTS_MAX = 100
# Whose events everybody may see who may see any: those of what all tenants share.
EVERYONE = "*"
# The ids of what there is one of.
THE_DEFAULTS = "defaults"
THE_SETTINGS = "settings"


class SubjectKind(StrEnum):
    """What can be touched."""

    JOB = "job"
    DAG = "dag"
    DEAD_LETTER = "dead_letter"
    REPLAY_PLAN = "replay_plan"
    QUOTA = "quota"
    SCHEDULE = "schedule"
    RUN = "run"
    WORKER = "worker"
    KIT = "kit"
    BASELINE = "baseline"
    ANALYZERS = "analyzers"
    CACHE = "cache"
    BENCHMARK = "benchmark"
    SCANNER_SETTINGS = "scanner_settings"
    AUDIT = "audit"
    TOKEN = "token"

    @property
    def word(self) -> str:
        """For the eye."""
        words = {SubjectKind.AUDIT: "audit event", SubjectKind.DAG: "DAG", SubjectKind.ANALYZERS: "default analyzers"}
        return words.get(self, self.value.replace("_", " "))


class SubjectKey(NamedTuple):
    """One thing, as the audit knows it."""

    kind: SubjectKind
    id: str


class Touched(NamedTuple):
    """What something was done to: things of one kind, whose they are, and the filter that chose them, if one did.

    `tenant` is the one tenant that all of them belong to, EVERYONE for what all tenants share, and "" for several
    tenants or none: then only who sees all tenants sees the event. `scope` is a query of the list of that kind.
    `also` are other things that it changed, whose timelines show it as well.
    """

    kind: SubjectKind
    ids: tuple[str, ...] = ()
    tenant: str = ""
    scope: str = ""
    also: tuple[SubjectKey, ...] = ()


class AuditEvent(BaseModel):
    """One thing that was done. `n` is its number, `count` how many things it was done to.

    `subject` is the text that was written then; `subject_id` is the id where there is only one. `inverse` is the verb
    that undoes it, "" for none; `undoes` is the event that it took back, `undone_by` the one that took it back.
    """

    model_config = ConfigDict(frozen=True)

    n: int
    at: Instant
    actor: str
    source: str
    verb: str
    kind: SubjectKind
    subject: str
    subject_id: str
    tenant: str
    scope: str
    count: int
    reason: str
    ticket: str
    inverse: str
    undoes: int | None
    undone_by: int | None
    correlation_id: str


class AuditRecord(AuditEvent):
    """An event with what was before and after it, as it was written: JSON, a word, or nothing."""

    before: str
    after: str


class AuditDetail(BaseModel):
    """One event in full, with the things that it names, at most SUBJECTS_MAX."""

    model_config = ConfigDict(frozen=True)

    event: AuditRecord
    subjects: tuple[SubjectKey, ...]


class AuditPage(BaseModel):
    """One page. `searched` is set when a search stopped after so many candidates."""

    model_config = ConfigDict(frozen=True)

    rows: tuple[AuditEvent, ...]
    older: str | None
    newer: str | None
    searched: int | None = None

    def following(self, sort: Sort) -> str | None:
        """The cursor of what comes next in this order."""
        return self.older if sort is Sort.NEWEST else self.newer


# What keeps count of its changes. Of these kinds an event tells which of them it made.
COUNTED = (SubjectKind.QUOTA, SubjectKind.SCHEDULE, SubjectKind.SCANNER_SETTINGS, SubjectKind.ANALYZERS)


class Revision(NamedTuple):
    """A thing as one change left it: the number of its revision, or of its version."""

    thing: SubjectKey
    number: int


def revision_left(event: AuditRecord) -> Revision | None:
    """The revision that the event made of its one thing; None where that is not counted, or the thing is gone."""
    if event.kind not in COUNTED or not event.subject_id:
        return None
    thing = SubjectKey(event.kind, event.subject_id)
    try:
        if event.kind in (SubjectKind.SCANNER_SETTINGS, SubjectKind.ANALYZERS):
            return Revision(thing, int(event.subject.rpartition(" ")[2]))
        return Revision(thing, int(json.loads(event.after)["revision"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def one_tenant(tenants: Iterable[str]) -> str:
    """Whose an event is that touched things of these tenants: theirs if it is one, else nobody's alone."""
    found = set(tenants)
    return found.pop() if len(found) == 1 else ""


def own_tenant(actor: Actor) -> str:
    """Whose an event is that touched whatever the actor sees."""
    return one_tenant(actor.tenants or ())


def may_see(tenants: frozenset[str] | None, event: AuditEvent) -> bool:
    """Whether who sees these tenants (None: all) may see the event."""
    return tenants is None or event.tenant == EVERYONE or event.tenant in tenants
