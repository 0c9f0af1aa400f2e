"""What the job page shows, prepared from a JobDetail: flat, small, and already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from execution_ops import routes
from execution_ops.domain.audit import AuditEvent
from execution_ops.domain.jobs import Attempt, JobDetail, JobEvent, JobRow, error_text
from execution_ops.domain.states import AttemptState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, iso, to_ms
from execution_ops.domain.waiting import name_of
from execution_ops.state.audit_trail import TimelineView, trail_view
from execution_ops.texts import jobs as words

# A part of the track narrower than this share of it could not be seen or hit.
_MIN_SHARE = 0.004
_LABEL_SHARE = 0.09


@dataclass(frozen=True)
class AttemptView:
    """One line of the attempts table. Times are ISO 8601, `duration` is in words."""

    number: int
    state: str
    worker: str
    worker_id: str
    worker_url: str
    started_at: str
    duration: str
    error: str
    stack: str


@dataclass(frozen=True)
class TrackPart:
    """One stretch of the job's life, drawn to scale: `share` of the whole, `tone` of what it was."""

    share: float
    tone: str
    label: str
    title: str


@dataclass(frozen=True)
class RelativeView:
    """A parent or a child of the job."""

    name: str
    state: str
    url: str


def attempt_views(detail: JobDetail) -> list[AttemptView]:
    """The attempts, newest first."""
    return [
        AttemptView(
            number=attempt.number,
            state=attempt.state.value,
            worker=visible(attempt.worker),
            worker_id=visible(attempt.worker_id),
            worker_url=routes.worker(attempt.worker_id),
            started_at=iso(attempt.started_at),
            duration=describe_duration(attempt.duration_ms),
            error=error_text(attempt.error_type, attempt.error_message),
            stack=attempt.error_stack,
        )
        for attempt in reversed(detail.attempts)
    ]


def timeline_views(events: tuple[JobEvent, ...], done: Sequence[AuditEvent] = ()) -> list[TimelineView]:
    """The timeline, newest first, with who and why on what operators did.

    `done` is what the audit has of the job. What an event of the job tells of already is not told twice: the event
    is there for jobs of a bulk verb as well, which the audit does not name one by one.
    """
    told = {event.kind for event in events if event.actor}
    views = [trail_view(event) for event in done if event.verb not in told] + [
        TimelineView(
            at=iso(event.at),
            kind=event.kind,
            title=_event_title(event),
            detail=" · ".join(
                part for part in (event.detail, event.actor, event.ticket, _quoted(event.reason)) if part
            ),
            audit=bool(event.actor),
        )
        for event in reversed(events)
    ]
    return sorted(views, key=lambda view: view.at, reverse=True)


def relative_views(rows: tuple[JobRow, ...]) -> list[RelativeView]:
    """Parents or children as links."""
    return [RelativeView(name=name_of(row), state=row.state.value, url=routes.job(row.id)) for row in rows]


def more_words(left_out: int) -> str:
    """What says that there are more than those on the page; empty if there are none."""
    return words.and_more(left_out) if left_out > 0 else ""


def track(detail: JobDetail, now: datetime) -> list[TrackPart]:
    """The job's life from creation to its end (or now): waiting, then each attempt, to scale."""
    start = to_ms(detail.row.created_at)
    end = max(to_ms(detail.row.finished_at or now), start + 1)
    parts: list[tuple[int, str, str]] = []
    reached = start
    for attempt in detail.attempts:
        began = max(to_ms(attempt.started_at), reached)
        if began > reached:
            parts.append((began - reached, "wait", words.waited(began - reached)))
        ended = max(to_ms(attempt.finished_at or now), began)
        parts.append((ended - began, _ATTEMPT_TONE[attempt.state], _attempt_label(attempt, ended - began)))
        reached = ended
    if end > reached:
        parts.append((end - reached, "wait", words.waiting(end - reached)))
    whole = sum(length for length, _, _ in parts) or 1
    return [
        TrackPart(
            share=round(max(length / whole, _MIN_SHARE), 4),
            tone=tone,
            label=label if length / whole >= _LABEL_SHARE else "",
            title=label,
        )
        for length, tone, label in parts
    ]


_ATTEMPT_TONE = {
    AttemptState.RUNNING: "run",
    AttemptState.SUCCEEDED: "ok",
    AttemptState.FAILED: "bad",
    AttemptState.TIMED_OUT: "warn",
    AttemptState.LOST: "warn",
    AttemptState.CANCELED: "mute",
}


def _attempt_label(attempt: Attempt, length: int) -> str:
    if attempt.state is AttemptState.RUNNING:
        return words.attempt_runs(attempt.number, length)
    word = attempt.state.value.replace("_", " ")
    return words.attempt_ended(attempt.number, word, length)


_OF_AN_ATTEMPT = frozenset(state.value for state in AttemptState) - {AttemptState.CANCELED.value}


def _event_title(event: JobEvent) -> str:
    told = event.kind.replace("_", " ")
    return words.of_attempt(told, event.attempt) if event.kind in _OF_AN_ATTEMPT else told


def _quoted(reason: str) -> str:
    return f"“{reason}”" if reason else ""
