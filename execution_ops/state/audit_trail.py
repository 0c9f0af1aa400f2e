"""What was done to the thing that a page shows: read with the page's own load, drawn by `components/timeline.trail`."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import AuditEvent, SubjectKey, SubjectKind
from execution_ops.domain.audit_filters import verb_label
from execution_ops.domain.audit_words import say_subject
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.audit_view import say_undone
from execution_ops.state.sending import send_changed

TRAIL_MAX = 20


@dataclass(frozen=True)
class TimelineView:
    """One entry of a timeline, newest first. `audit` entries are what operators did; `href` opens it in the audit."""

    at: str
    kind: str
    title: str
    detail: str
    audit: bool
    href: str = ""


@dataclass(frozen=True)
class Trail:
    """The newest events of some things, and the address of the audit that has all of the first of them."""

    events: Sequence[AuditEvent]
    href: str


class AuditTrail(rx.State):
    """The events of the thing that the page shows, apart from all else."""

    rows: rx.Field[list[TimelineView]] = rx.field(default_factory=list)
    href: str = ""

    def _show(self, trail: Trail) -> None:
        """Show these; what is as it was is not sent again."""
        send_changed(self, rows=[trail_view(event) for event in trail.events], href=trail.href)


@dataclass(frozen=True)
class TrailOf:
    """What a page asks of the audit: the events of one thing."""

    actor: Actor
    thing: SubjectKey

    @property
    def key(self) -> Hashable:
        """What the answer depends on: all who look at the thing share it."""
        return ("trail", self.thing, viewer_key(self.actor))

    def read(self) -> Trail:
        """The events; blocking."""
        kind, one = self.thing
        href = routes.audit([("kind", kind.value), ("id", one)])
        return Trail(services().audit.of(self.actor, self.thing, limit=TRAIL_MAX), href)


def trail_of(actor: Actor, kind: SubjectKind, one: str) -> TrailOf | None:
    """What to ask of the audit for this thing; nothing without an id."""
    return TrailOf(actor, SubjectKey(kind, one)) if one else None


def trail_view(event: AuditEvent) -> TimelineView:
    """An event as an entry of a timeline: what, then who and why."""
    several = visible(say_subject(event)) if event.count > 1 else ""
    quoted = f"\u201c{visible(event.reason)}\u201d" if event.reason else ""
    parts = (say_undone(event), several, visible(event.actor), visible(event.ticket), quoted)
    return TimelineView(
        at=iso(event.at),
        kind=event.verb,
        title=verb_label(event.verb),
        detail=" \u00b7 ".join(part for part in parts if part),
        audit=True,
        href=routes.audit_event(event.n),
    )
