"""What events of before the audit could be searched touched, as far as their texts and the ledger still tell.

Only the migration to 0013 uses it. Whose an event was is told by what it touched, where that is still there, and by
what was written before and after it. Where neither tells, only who sees all tenants sees the event.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, text

from execution_ops.backends.embedded.tokens import query_words, reason_token
from execution_ops.domain.audit import EVERYONE, SUBJECTS_MAX, THE_DEFAULTS, THE_SETTINGS, SubjectKind, Touched
from execution_ops.domain.audit import one_tenant as one

BATCH = 1_000
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_EXPORT = re.compile(r"(dead letters|benchmarks) \w+: (.*)", re.DOTALL)
_LETTERS = ("replay", "resolve", "reopen")
_PLANS = ("start", "hold", "resume", "abort", "rate", "complete")
# Verbs on one kind of thing, by how their names begin, whose subject begins with the thing's id.
_BEGINNINGS = {
    "quota_": SubjectKind.QUOTA,
    "schedule_run": SubjectKind.RUN,
    "schedule_": SubjectKind.SCHEDULE,
    "run_": SubjectKind.RUN,
    "baseline_": SubjectKind.BASELINE,
    "kit_": SubjectKind.KIT,
    "plan ": SubjectKind.REPLAY_PLAN,
}
# What all tenants share.
_SHARED = frozenset({SubjectKind.WORKER, SubjectKind.KIT, SubjectKind.ANALYZERS, SubjectKind.SCANNER_SETTINGS})
_TENANTS = {
    SubjectKind.JOB: "job",
    SubjectKind.DAG: "dag",
    SubjectKind.DEAD_LETTER: "dead_letter",
    SubjectKind.RUN: "run",
    SubjectKind.BASELINE: "baseline",
}
_OLD = text(
    "SELECT n, created_at, verb, subject, reason, before, after FROM audit_event WHERE n > :n ORDER BY n LIMIT :most"
)
_SAY = text(
    "UPDATE audit_event SET kind = :kind, subject_id = :subject_id, tenant = :tenant, scope = :scope WHERE n = :n"
)
_SUBJECT = text("INSERT INTO audit_subject (kind, id, created_at, n) VALUES (:kind, :id, :created_at, :n)")
_WORD = text("INSERT INTO audit_word (token, created_at, n) VALUES (:token, :created_at, :n)")


def backfill(connection: Connection) -> None:
    """Fill the columns and side tables, in portions."""
    last = 0
    while rows := connection.execute(_OLD, {"n": last, "most": BATCH}).mappings().all():
        last = rows[-1]["n"]
        told = [(row, _with_tenant(connection, row, touched_by(row))) for row in rows]
        connection.execute(
            _SAY,
            [
                {
                    "n": row["n"],
                    "kind": found.kind.value,
                    "subject_id": found.ids[0] if len(found.ids) == 1 else "",
                    "tenant": found.tenant,
                    "scope": found.scope,
                }
                for row, found in told
            ],
        )
        subjects = [
            {"kind": found.kind.value, "id": one_id, "created_at": row["created_at"], "n": row["n"]}
            for row, found in told
            if len(found.ids) <= SUBJECTS_MAX
            for one_id in found.ids
        ]
        words = [
            {"token": token, "created_at": row["created_at"], "n": row["n"]}
            for row in rows
            for token in sorted({reason_token(word) for word in query_words(row["reason"])})
        ]
        for statement, values in ((_SUBJECT, subjects), (_WORD, words)):
            if values:
                connection.execute(statement, values)


def touched_by(row: RowMapping) -> Touched:
    """What the event touched, by its verb and its texts; whose that is, is not told here."""
    verb, subject = row["verb"], row["subject"]
    if verb in ("cancel", "retry"):
        return Touched(SubjectKind.JOB, _ids(_json(subject)))
    if verb == "submit":
        return Touched(SubjectKind.DAG, _ids([row["after"]]))
    if verb in _LETTERS:
        found = _json(subject)
        if isinstance(found, dict):
            return Touched(SubjectKind.REPLAY_PLAN, _ids([found.get("plan")]))
        return Touched(SubjectKind.DEAD_LETTER, _ids(found))
    if verb.startswith("worker_"):
        return Touched(SubjectKind.WORKER, tuple(_json(row["before"]) or ())[:SUBJECTS_MAX])
    if verb in ("export", "reveal"):
        return _taken(subject)
    if verb == "cache_clear":
        return Touched(SubjectKind.CACHE)
    if verb == "bench_promote":
        return Touched(SubjectKind.BENCHMARK, _ids([row["after"]]))
    return _named(verb, subject)


def _named(verb: str, subject: str) -> Touched:
    """What a verb on one thing was done to."""
    if subject.startswith("analyzers "):
        return Touched(SubjectKind.ANALYZERS, (THE_DEFAULTS,))
    if subject.startswith("settings "):
        return Touched(SubjectKind.SCANNER_SETTINGS, (THE_SETTINGS,))
    if verb in _PLANS:
        return Touched(SubjectKind.REPLAY_PLAN, _first(subject))
    kind = next((kind for start, kind in _BEGINNINGS.items() if verb.startswith(start)), SubjectKind.JOB)
    # What a kit's activation did to a baseline names the baseline first.
    if kind is SubjectKind.KIT and not subject.startswith(("kit ", "files of kit ")):
        kind = SubjectKind.BASELINE
    return Touched(kind, _first(subject))


def _taken(subject: str) -> Touched:
    """What somebody exported or looked at."""
    if found := _EXPORT.match(subject):
        kind = SubjectKind.DEAD_LETTER if found[1] == "dead letters" else SubjectKind.BENCHMARK
        return Touched(kind, scope="" if found[2] == "all" else found[2])
    if subject.startswith("kit "):
        return Touched(SubjectKind.KIT, _first(subject))
    if subject.startswith(("baseline ", "baselines ")):
        return Touched(SubjectKind.BASELINE, tuple(dict.fromkeys(_ID.findall(subject))))
    return Touched(SubjectKind.JOB, _last(subject))


def _with_tenant(connection: Connection, row: RowMapping, found: Touched) -> Touched:
    """The same with whose it is."""
    if found.kind in _SHARED:
        return found._replace(tenant=EVERYONE)
    written = one(tenant for tenant in map(_tenant_in, (row["before"], row["after"])) if tenant)
    if written:
        return found._replace(tenant=written)
    known = _TENANTS.get(found.kind)
    if known is None or not found.ids:
        return found
    wanted = text(f"SELECT DISTINCT tenant FROM {known} WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))
    return found._replace(tenant=one(connection.execute(wanted, {"ids": list(found.ids)}).scalars()))


def _tenant_in(written: str) -> str:
    found = _json(written)
    tenant = found.get("tenant") if isinstance(found, dict) else None
    return tenant if isinstance(tenant, str) else ""


def _json(written: str) -> Any:
    try:
        return json.loads(written)
    except ValueError:
        return None


def _ids(found: object) -> tuple[str, ...]:
    values: Iterable[object] = found if isinstance(found, list) else ()
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and _ID.fullmatch(value)))


def _first(subject: str) -> tuple[str, ...]:
    return tuple(_ID.findall(subject)[:1])


def _last(subject: str) -> tuple[str, ...]:
    return tuple(_ID.findall(subject)[-1:])
