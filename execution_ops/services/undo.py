"""Taking back what was done: who may, for how long, and through the backend."""

from __future__ import annotations

from datetime import UTC, datetime

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.audit import AuditDetail, AuditEvent
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.errors import Conflict, Forbidden, NotFound
from execution_ops.domain.undo import UNDO_WINDOW, UndoOffer, inverse_of, may_undo, why_not_theirs
from execution_ops.domain.verbs import REASON_MAX, Stamp
from execution_ops.services.audit import AuditService
from execution_ops.services.requests import sign

# Of one request: a verb on very many things leaves an event for each hundred of them.
OFFERED_MAX = 20


class UndoService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: Backend, audit: AuditService) -> None:
        self._backend = backend
        self._audit = audit

    def offer(self, actor: Actor, n: int) -> UndoOffer:
        """Whether the actor can undo the event now, until when, and if not, why not."""
        return self._offer(actor, self._found(actor, n))

    def offers(self, actor: Actor, correlation_id: str) -> list[UndoOffer]:
        """The same for what one request did, without what can't be undone; the newest first, at most OFFERED_MAX."""
        where = AuditFilter(correlation=correlation_id)
        page = self._audit.list(actor, where, limit=OFFERED_MAX) if correlation_id else None
        found = [self.offer(actor, event.n) for event in page.rows] if page else []
        return [offer for offer in found if not offer.off]

    def undo(self, actor: Actor, n: int, stamp: Stamp) -> AuditDetail:
        """Put back what held before the event; the event that tells of it.

        It takes the permission that the inverse of the verb takes. Conflict, in words, if it is too late, was undone
        already, can't be undone at all, or if somebody changed the same thing since. Without a reason, one is given.
        """
        detail = self._found(actor, n)
        if off := why_not_theirs(actor, detail.event):
            raise Forbidden(off)
        if off := may_undo(detail.event, datetime.now(UTC), self._later(actor, detail)):
            raise Conflict(off, code="NOT_UNDOABLE")
        inverse = inverse_of(detail.event)
        assert inverse is not None
        reason = stamp.reason.strip() or _reason(detail.event)
        signed = sign(inverse, actor, stamp.model_copy(update={"reason": reason}))
        return self._audit.get(actor, self._backend.undo_audit(detail, signed))

    def _offer(self, actor: Actor, detail: AuditDetail) -> UndoOffer:
        event = detail.event
        off = why_not_theirs(actor, event) or may_undo(event, datetime.now(UTC), self._later(actor, detail))
        return UndoOffer(n=event.n, off=off, verb=event.inverse, until=event.at + UNDO_WINDOW)

    def _found(self, actor: Actor, n: int) -> AuditDetail:
        """The event as it was written; what it says is not shown to anybody."""
        require(actor, Scope.READ)
        self._audit.get(actor, n)
        detail = self._backend.audit_event(n, tenants=actor.tenants)
        if detail is None:
            raise NotFound(f"There is no audit event {n}.")
        return detail

    def _later(self, actor: Actor, detail: AuditDetail) -> AuditEvent | None:
        """What changed the same things since; asked only while something could be undone at all."""
        fresh = datetime.now(UTC) - detail.event.at <= UNDO_WINDOW
        return self._backend.audit_later(detail.event.n) if fresh else None


def _reason(event: AuditEvent) -> str:
    return f"Undo of event {event.n}: {event.reason}"[:REASON_MAX].rstrip(": ")
