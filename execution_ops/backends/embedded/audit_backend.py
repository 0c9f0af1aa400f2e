"""The audit behind the port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from execution_ops.backends.embedded import audit_reads as reads
from execution_ops.domain.audit import AuditDetail, AuditEvent, AuditPage, AuditRecord, SubjectKey
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.verbs import Stamp

Tenants = frozenset[str] | None


class Audit:
    """Implements AuditBackend."""

    def __init__(self, engine: Engine) -> None:
        self._audit_engine = engine

    def list_audit(self, where: AuditFilter, *, tenants: Tenants, cursor: str | None, limit: int) -> AuditPage:
        """One keyset page."""
        return reads.list_events(self._audit_engine, where, tenants=tenants, cursor=cursor, limit=limit)

    def iterate_audit(
        self, where: AuditFilter, *, tenants: Tenants, batch: int = 500, stamp: Stamp | None = None
    ) -> Iterator[list[AuditRecord]]:
        """All matches in batches."""
        return reads.iterate_events(self._audit_engine, where, tenants=tenants, batch=batch)

    def audit_event(self, n: int, *, tenants: Tenants) -> AuditDetail | None:
        """One event."""
        return reads.get_event(self._audit_engine, n, tenants=tenants)

    def audit_of(self, things: Sequence[SubjectKey], *, tenants: Tenants, limit: int) -> tuple[AuditEvent, ...]:
        """The newest events of these things."""
        return reads.events_of(self._audit_engine, things, tenants=tenants, limit=limit)

    def count_audit(self, *, tenants: Tenants) -> int:
        """How many events there are, bounded."""
        return reads.count_events(self._audit_engine, tenants=tenants)

    def audit_later(self, n: int) -> AuditEvent | None:
        """What changed the same things after it."""
        return reads.later_event(self._audit_engine, n)

    def audit_actors(self) -> list[str]:
        """Who did something so far."""
        return reads.actors(self._audit_engine)
