"""The audit as its page shows it, and as the timelines of other things do: flat rows, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from execution_ops import routes
from execution_ops.domain.audit import EVERYONE, AuditDetail, AuditEvent, SubjectKey, SubjectKind
from execution_ops.domain.audit_filters import verb_label
from execution_ops.domain.audit_words import changes, pretty, say_scope, say_subject
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.undo import UndoOffer, say_left
from execution_ops.domain.verbs import EXPORT, VERBS
from execution_ops.routes import Query
from execution_ops.texts import audit as words

# What is longer is cut in the drawer; an export has it whole.
SHOWN_MAX = 20_000
OTHER_ICON = "scroll-text"
_LISTS: dict[SubjectKind, Callable[[Query], str]] = {
    SubjectKind.JOB: routes.jobs,
    SubjectKind.QUOTA: routes.quotas,
    SubjectKind.DEAD_LETTER: routes.dead_letter_queue,
    SubjectKind.REPLAY_PLAN: routes.dead_letter_queue,
    SubjectKind.BENCHMARK: routes.performance,
    SubjectKind.AUDIT: routes.audit,
}
_THINGS: dict[SubjectKind, Callable[[str], str]] = {
    SubjectKind.JOB: routes.job,
    SubjectKind.DAG: lambda one: routes.jobs([("dag", one)]),
    SubjectKind.DEAD_LETTER: routes.dead_letter_entry,
    SubjectKind.REPLAY_PLAN: routes.replay,
    SubjectKind.QUOTA: routes.quota,
    SubjectKind.SCHEDULE: routes.schedule,
    SubjectKind.RUN: routes.run,
    SubjectKind.WORKER: routes.worker,
    SubjectKind.KIT: routes.offline_kit,
    SubjectKind.BASELINE: routes.baseline,
    SubjectKind.ANALYZERS: lambda _one: routes.analyzers(),
    SubjectKind.CACHE: routes.analyzer,
    SubjectKind.BENCHMARK: lambda one: routes.performance([("result", one)]),
    SubjectKind.SCANNER_SETTINGS: lambda _one: routes.scanner_settings(),
    SubjectKind.TOKEN: lambda _one: routes.access(),
}


@dataclass(frozen=True)
class AuditLine:
    """One event as a list draws it."""

    n: int
    href: str
    at: str
    actor: str
    actor_href: str
    verb: str
    icon: str
    what: str
    what_href: str
    count: str
    reason: str
    ticket: str
    ticket_href: str
    tenant: str
    mark: str


@dataclass(frozen=True)
class ThingLine:
    """One thing that an event names."""

    text: str
    href: str


@dataclass(frozen=True)
class ChangedLine:
    """One value that differs between before and after."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class AuditView:
    """The event whose drawer is open. `scope` is the filter in words, `undo_off` says why it can't be undone."""

    n: int = 0
    title: str = ""
    at: str = ""
    actor: str = ""
    actor_href: str = ""
    source: str = ""
    verb: str = ""
    what: str = ""
    what_href: str = ""
    scope: str = ""
    scope_href: str = ""
    tenant: str = ""
    count: str = ""
    reason: str = ""
    ticket: str = ""
    ticket_href: str = ""
    correlation: str = ""
    correlation_href: str = ""
    undoes: str = ""
    undoes_href: str = ""
    undone: str = ""
    undone_href: str = ""
    before: str = ""
    after: str = ""
    cut: bool = False
    undo_off: str = ""
    undo_until: str = ""
    undo_left: str = ""
    things: list[ThingLine] = field(default_factory=list)
    changes: list[ChangedLine] = field(default_factory=list)


def audit_line(event: AuditEvent, keep: Query) -> AuditLine:
    """An event as its line; `keep` are the pairs of the list that its drawer opens in front of."""
    known = VERBS.get(event.verb)
    return AuditLine(
        n=event.n,
        href=routes.audit_event(event.n, keep),
        at=iso(event.at),
        actor=visible(event.actor),
        actor_href=routes.audit([("actor", event.actor)]),
        verb=verb_label(event.verb),
        icon=known.icon if known else OTHER_ICON,
        what=visible(say_subject(event)),
        what_href=subject_href(event),
        count=say_things(event),
        reason=visible(event.reason),
        ticket=visible(event.ticket),
        ticket_href=routes.audit([("ticket", event.ticket)]) if event.ticket else "",
        tenant=say_tenant(event),
        mark=say_mark(event),
    )


def audit_view(detail: AuditDetail, offer: UndoOffer, keep: Query) -> AuditView:
    """An event as its drawer shows it."""
    event = detail.event
    scope = say_scope(event)
    before, after = visible(pretty(event.before), lines=True), visible(pretty(event.after), lines=True)
    return AuditView(
        n=event.n,
        title=f"{verb_label(event.verb)}: {visible(say_subject(event))}",
        at=iso(event.at),
        actor=visible(event.actor),
        actor_href=routes.audit([("actor", event.actor)]),
        source=visible(event.source),
        verb=verb_label(event.verb),
        what=visible(say_subject(event)),
        what_href=subject_href(event),
        scope=visible(scope[:1].upper() + scope[1:]),
        scope_href=scope_href(event),
        tenant=say_tenant(event),
        count=say_things(event),
        reason=visible(event.reason),
        ticket=visible(event.ticket),
        ticket_href=routes.audit([("ticket", event.ticket)]) if event.ticket else "",
        correlation=visible(event.correlation_id),
        correlation_href=routes.audit([("correlation", event.correlation_id)]) if event.correlation_id else "",
        undoes="" if event.undoes is None else words.event(event.undoes),
        undoes_href="" if event.undoes is None else routes.audit_event(event.undoes, keep),
        undone="" if event.undone_by is None else words.event(event.undone_by),
        undone_href="" if event.undone_by is None else routes.audit_event(event.undone_by, keep),
        before=before[:SHOWN_MAX],
        after=after[:SHOWN_MAX],
        cut=max(len(before), len(after)) > SHOWN_MAX,
        undo_off=offer.off,
        undo_until="" if offer.off else iso(offer.until),
        undo_left="" if offer.off else say_left(offer.until, datetime.now(UTC)),
        things=[] if len(detail.subjects) < 2 else [_thing(key) for key in detail.subjects],
        changes=[ChangedLine(*map(visible, change)) for change in changes(event.before, event.after)],
    )


def subject_href(event: AuditEvent) -> str:
    """Where what it was done to is shown; "" for several things, and for what has no page."""
    if event.subject_id and event.kind in _THINGS:
        return _THINGS[event.kind](event.subject_id)
    if event.kind in (SubjectKind.ANALYZERS, SubjectKind.SCANNER_SETTINGS):
        return _THINGS[event.kind]("")
    return scope_href(event)


def scope_href(event: AuditEvent) -> str:
    """The list that the filter of the event names; "" where no filter chose what it was done to."""
    if event.kind not in _LISTS or not say_scope(event):
        return ""
    return _LISTS[event.kind](parse_qsl(event.scope, keep_blank_values=True))


def say_tenant(event: AuditEvent) -> str:
    """Whose it was: a tenant, or what no single tenant owns."""
    return visible({EVERYONE: words.ALL_TENANTS, "": words.SEVERAL_TENANTS}.get(event.tenant, event.tenant))


def say_things(event: AuditEvent) -> str:
    """How many things it was done to: when an export begins, nobody knows what its filter finds."""
    return words.ALL_THINGS if event.verb == EXPORT.name and say_scope(event) else f"{event.count:,}"


def say_mark(event: AuditEvent) -> str:
    """Whether it was taken back, or takes something back, in a word."""
    return words.UNDONE if event.undone_by is not None else words.AN_UNDO if event.undoes is not None else ""


def say_undone(event: AuditEvent) -> str:
    """Whether it was taken back, or takes something back."""
    if event.undone_by is not None:
        return words.undone_by(event.undone_by)
    return "" if event.undoes is None else words.undoes(event.undoes)


def _thing(key: SubjectKey) -> ThingLine:
    return ThingLine(visible(f"{key.kind.word} {key.id}"), _THINGS[key.kind](key.id) if key.kind in _THINGS else "")
