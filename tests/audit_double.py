"""An audit in memory: nothing of it is kept, as a backend in memory undoes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from execution_ops.domain.audit import AuditEvent, AuditPage, SubjectKey
from execution_ops.domain.audit_filters import AuditFilter


class MemoryAudit:
    """The reading part of AuditBackend that pages of other things use."""

    def list_audit(
        self, where: AuditFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int
    ) -> AuditPage:
        """No event."""
        return AuditPage(rows=(), older=None, newer=None)

    def audit_of(
        self, things: Sequence[SubjectKey], *, tenants: frozenset[str] | None, limit: int
    ) -> tuple[AuditEvent, ...]:
        """No event."""
        return ()
