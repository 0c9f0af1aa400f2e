"""An event of the audit in words: what it was done to, and which filter chose that."""

from __future__ import annotations

import json

from execution_ops.domain.audit import AuditEvent, SubjectKind
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.bench_filters import BenchFilter
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.quota_filters import QuotaFilter
from execution_ops.domain.verbs import EXPORTS

_SHORT = 8
CHANGES_MAX = 50
# What keeps count of changes, which each of them changes.
_KEPT = frozenset({"revision", "changed_at", "changed_by"})
_LEAVES_MAX = 1_000
_DEPTH_MAX = 6
# The filter of the list that a scope is a query of.
_LISTS: dict[SubjectKind, type[JobFilter | DeadLetterFilter | QuotaFilter | BenchFilter | AuditFilter]] = {
    SubjectKind.JOB: JobFilter,
    SubjectKind.QUOTA: QuotaFilter,
    SubjectKind.DEAD_LETTER: DeadLetterFilter,
    SubjectKind.REPLAY_PLAN: DeadLetterFilter,
    SubjectKind.BENCHMARK: BenchFilter,
    SubjectKind.AUDIT: AuditFilter,
}
_VERSIONED = {SubjectKind.SCANNER_SETTINGS: "scanner settings", SubjectKind.ANALYZERS: "default analyzers"}


def say_subject(event: AuditEvent) -> str:
    """What it was done to: "quota acme, scan.catalog", "12 jobs", "pending dead letters since 24 h ago"."""
    kind, word = event.kind, event.kind.word
    if event.subject.startswith(("[", "{")):
        return _listed(event)
    if kind is not SubjectKind.REPLAY_PLAN and (scope := say_scope(event)):
        return scope
    if not event.subject_id and event.count > 1 and kind is SubjectKind.WORKER:
        return f"{event.count:,} workers"
    rest = " ".join(event.subject.replace(event.subject_id, " ").split()) if event.subject_id else event.subject
    if kind in _VERSIONED:
        return f"{_VERSIONED[kind]}, version {rest.rpartition(' ')[2]}"
    if kind is SubjectKind.REPLAY_PLAN:
        about = rest.removeprefix("plan").removeprefix(" :").removeprefix(":").strip()
        return f"replay plan {event.subject_id[-_SHORT:]}" + (f": {about}" if about else "")
    if kind in (SubjectKind.JOB, SubjectKind.BASELINE) and event.subject_id and not rest:
        return f"{word} {event.subject_id[-_SHORT:]}"
    return rest if rest.startswith(word) or word in rest.split() else f"{word} {rest}"


def say_scope(event: AuditEvent) -> str:
    """The filter that chose what it was done to, as a sentence; "" where none did, its query where it can't be read.

    An export without a filter is one of everything; anything else without one was done to the things that it names.
    """
    if event.kind not in _LISTS or not (event.scope or (event.verb in EXPORTS and not event.subject_id)):
        return ""
    try:
        return _LISTS[event.kind].from_query(event.scope).describe()
    except InvalidInput:
        return event.scope


def _listed(event: AuditEvent) -> str:
    """Things that the text lists as JSON: ids, or a plan with ids of its entries."""
    several = f"{event.count:,} {event.kind.word}{'' if event.count == 1 else 's'}"
    if event.kind is SubjectKind.REPLAY_PLAN:
        noun = "dead letter" if event.count == 1 else "dead letters"
        return f"{event.count:,} {noun} of the replay plan {event.subject_id[-_SHORT:]}"
    if event.subject_id:
        return f"{event.kind.word} {event.subject_id[-_SHORT:]}"
    return several


def changes(before: str, after: str) -> list[tuple[str, str, str]]:
    """What differs between two JSON objects: (path, before, after), at most CHANGES_MAX; none for anything else.

    Left out is what differs after every change: who made it, when, and which one in number it is.
    """
    was, now = (_leaves(text) for text in (before, after))
    if was is None or now is None:
        return []
    paths = [path for path in dict.fromkeys([*was, *now]) if was.get(path) != now.get(path) and path not in _KEPT]
    return [(path, was.get(path, ""), now.get(path, "")) for path in paths[:CHANGES_MAX]]


def _leaves(text: str) -> dict[str, str] | None:
    """The values of a JSON object by their paths, each as it is read; None if it is no object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    leaves: dict[str, str] = {}
    waiting: list[tuple[str, object, int]] = [("", found, 0)]
    while waiting and len(leaves) < _LEAVES_MAX:
        path, value, depth = waiting.pop(0)
        if isinstance(value, dict) and value and depth < _DEPTH_MAX:
            waiting += [(f"{path}.{key}" if path else str(key), inner, depth + 1) for key, inner in value.items()]
        elif value is None or value == "":
            leaves[path] = "none"
        else:
            leaves[path] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return leaves


def pretty(written: str) -> str:
    """What was before or after, to be read: JSON on lines of its own, anything else as it is."""
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        return written
    return found if isinstance(found, str) else json.dumps(found, indent=2, ensure_ascii=False)
