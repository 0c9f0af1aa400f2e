"""The audit: append-only rows, written in the transaction of what they tell."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from execution_ops.backends.embedded.transitions import table
from execution_ops.domain.times import now_ms
from execution_ops.domain.verbs import Stamp

AUDIT = table("audit_event")


def record(
    connection: Connection,
    verb: str,
    stamp: Stamp,
    *,
    subject: str,
    count: int,
    before: str = "",
    after: str = "",
    inverse: str = "",
) -> None:
    """Write down who did what to how many, and why."""
    connection.execute(
        insert(AUDIT).values(
            at=now_ms(),
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
        )
    )
