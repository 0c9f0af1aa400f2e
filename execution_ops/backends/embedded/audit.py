"""The audit: append-only rows, written in the transaction of what they tell."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, insert, select

from execution_ops.backends.embedded.tokens import query_words, reason_token
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.audit import SUBJECTS_MAX, SubjectKey, SubjectKind, Touched
from execution_ops.domain.audit_filters import verb_label
from execution_ops.domain.errors import Conflict
from execution_ops.domain.times import from_ms, iso, now_ms
from execution_ops.domain.topics import AUDIT as TOPIC
from execution_ops.domain.undo import WITNESSED
from execution_ops.domain.verbs import Stamp

AUDIT = table("audit_event")
SUBJECT = table("audit_subject")
WORD = table("audit_word")
# By how much the clocks of machines may differ.
_CLOCKS_MS = 3_600_000


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
    named = {*(SubjectKey(touched.kind, one) for one in ids), *touched.also}
    undoes = stamp.undoes
    if undoes is not None and not _takes_back(connection, undoes, touched.kind, named, count):
        undoes = None
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
            undoes=undoes,
        )
        .returning(AUDIT.c.n)
    ).scalar_one()
    place = {"created_at": now, "n": event}
    if named and len(named) <= 2 * SUBJECTS_MAX:
        connection.execute(insert(SUBJECT), [{"kind": kind.value, "id": one, **place} for kind, one in sorted(named)])
    if words := sorted({reason_token(word) for word in query_words(stamp.reason)}):
        connection.execute(insert(WORD), [{"token": token, **place} for token in words])
    announce_topics(connection, [TOPIC], now)
    return int(event)


def changed_after(connection: Connection, n: int) -> RowMapping | None:
    """The last event that changed one of the things which the event names after it; None if none did."""
    own = select(SUBJECT).where(SUBJECT.c.n == n).subquery("own")
    after = (
        select(AUDIT)
        .join(SUBJECT, SUBJECT.c.n == AUDIT.c.n)
        .join(own, (own.c.kind == SUBJECT.c.kind) & (own.c.id == SUBJECT.c.id))
        # The numbers tell what came after: the locks on what is changed order them, the clocks of machines may not.
        .where(SUBJECT.c.created_at >= own.c.created_at - _CLOCKS_MS, AUDIT.c.n > n, AUDIT.c.verb.not_in(WITNESSED))
        .order_by(AUDIT.c.n.desc())
        .limit(1)
    )
    return connection.execute(after).mappings().one_or_none()


def _takes_back(connection: Connection, n: int, kind: SubjectKind, named: set[SubjectKey], count: int) -> bool:
    """Whether what is recorded takes the event back, rather than something that changes along with that.

    Conflict, so that nothing of it is done, where the event's effect does not stand any more, or not whole.
    """
    undone = connection.execute(select(AUDIT.c.kind, AUDIT.c.count.label("things")).where(AUDIT.c.n == n)).one()
    if undone.kind != kind.value:
        return False
    mine = connection.execute(select(SUBJECT.c.kind, SUBJECT.c.id).where(SUBJECT.c.n == n)).all()
    if (later := changed_after(connection, n)) is not None:
        raise Conflict(
            f"{later['actor']} changed it since: {verb_label(later['verb'])} at {iso(from_ms(later['created_at']))}, "
            f"event {later['n']}. Nothing was undone.",
            code="CHANGED_MEANWHILE",
        )
    if count != undone.things or {(of.value, one) for of, one in named} != {(row.kind, row.id) for row in mine}:
        raise Conflict("Not all of it is as the event left it, so nothing was undone.", code="CHANGED_MEANWHILE")
    return True
