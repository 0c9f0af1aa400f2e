"""The audit: append-only rows, written in the transaction of what they tell."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from execution_ops.backends.embedded.tokens import query_words, reason_token
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.audit import SUBJECTS_MAX, SubjectKey, Touched
from execution_ops.domain.times import now_ms
from execution_ops.domain.topics import AUDIT as TOPIC
from execution_ops.domain.verbs import Stamp

AUDIT = table("audit_event")
SUBJECT = table("audit_subject")
WORD = table("audit_word")


def record(
    connection: Connection,
    verb: str,
    stamp: Stamp,
    *,
    touched: Touched,
    subject: str,
    count: int,
    before: str = "",
    after: str = "",
    inverse: str = "",
) -> int:
    """Write down who did what to how many, and why; the number of the event.

    `subject` is the text for people. The things in `touched` are those whose own timelines show the event, at most
    SUBJECTS_MAX of its kind and as many others. What was done to all that match a filter, to the entries of a plan or
    to the jobs of a DAG stands on the timeline of that plan or DAG alone, or only in the audit, and not on the timeline
    of each thing in it.
    """
    now = now_ms()
    ids = tuple(dict.fromkeys(touched.ids))
    event = connection.execute(
        insert(AUDIT)
        .values(
            created_at=now,
            actor=stamp.actor.name,
            source=stamp.actor.source,
            verb=verb,
            subject=subject,
            count=count,
            reason=stamp.reason,
            ticket=stamp.ticket,
            before=before,
            after=after,
            inverse=inverse,
            correlation_id=stamp.correlation_id,
            kind=touched.kind.value,
            subject_id=ids[0] if len(ids) == 1 else "",
            tenant=touched.tenant,
            scope=touched.scope,
        )
        .returning(AUDIT.c.n)
    ).scalar_one()
    place = {"created_at": now, "n": event}
    named = {*(SubjectKey(touched.kind, one) for one in ids), *touched.also}
    if named and len(named) <= 2 * SUBJECTS_MAX:
        connection.execute(insert(SUBJECT), [{"kind": kind.value, "id": one, **place} for kind, one in sorted(named)])
    if words := sorted({reason_token(word) for word in query_words(stamp.reason)}):
        connection.execute(insert(WORD), [{"token": token, **place} for token in words])
    announce_topics(connection, [TOPIC], now)
    return int(event)
