"""Reading the audit: authorise, ask the backend, redact what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.audit import (
    COUNTED,
    AuditDetail,
    AuditEvent,
    AuditPage,
    AuditRecord,
    Revision,
    SubjectKey,
    SubjectKind,
    Touched,
    may_see,
    own_tenant,
    revision_left,
)
from execution_ops.domain.audit_exports import AuditExportFormat, write_audit
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.verbs import EXPORT, Stamp
from execution_ops.services.exports import Chunks, exported
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX, check_range, sign

TIMELINE_MAX = 50
THINGS_MAX = 10
_N_MAX = 2**62
E = TypeVar("E", bound=AuditEvent)
# Named here: inside the class `list` is its method.
Facets = dict[str, list[str]]


class AuditService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words.

    Who may read at all reads what was done to things of their tenants, and to what all tenants share; what was done
    to things of several tenants, or of none that is known, is read by who sees all tenants.
    """

    def __init__(self, backend: Backend, *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._redact = Redactor(redact_keys)

    def list(
        self, actor: Actor, where: AuditFilter, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT
    ) -> AuditPage:
        """One page of the events that match."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        page = self._backend.list_audit(where, tenants=actor.tenants, cursor=cursor, limit=limit)
        return page.model_copy(update={"rows": tuple(map(self._shown, page.rows))})

    def get(self, actor: Actor, n: int) -> AuditDetail:
        """One event; NotFound also for one that the actor may not see."""
        require(actor, Scope.READ)
        if not 1 <= n <= _N_MAX:
            raise InvalidInput("An event is named by its number, from 1 on.")
        detail = self._backend.audit_event(n, tenants=actor.tenants)
        if detail is None:
            raise NotFound(f"There is no audit event {n}.")
        return detail.model_copy(update={"event": self._whole(detail.event)})

    def of(self, actor: Actor, *things: SubjectKey, limit: int = TIMELINE_MAX) -> Sequence[AuditEvent]:
        """The newest events of these things, the newest first, for their own timelines."""
        require(actor, Scope.READ)
        check_range("limit", limit, TIMELINE_MAX)
        check_range("things", len(things), THINGS_MAX)
        return [self._shown(event) for event in self._backend.audit_of(things, tenants=actor.tenants, limit=limit)]

    def revisions(self, actor: Actor, correlation_id: str) -> frozenset[Revision]:
        """The revisions that one request made of things that keep count of their changes, at most TIMELINE_MAX."""
        require(actor, Scope.READ)
        where = AuditFilter(correlation=correlation_id, kind=COUNTED)
        if not correlation_id:
            return frozenset()
        page = self._backend.list_audit(where, tenants=actor.tenants, cursor=None, limit=TIMELINE_MAX)
        found = (self._backend.audit_event(event.n, tenants=actor.tenants) for event in page.rows)
        left = (revision_left(detail.event) for detail in found if detail is not None)
        return frozenset(one for one in left if one is not None)

    def later(self, actor: Actor, n: int) -> AuditEvent | None:
        """The last event that changed one of the things which event `n` names after it; None if none did, or only
        such as the actor may not see."""
        self.get(actor, n)
        found = self._backend.audit_later(n)
        return None if found is None or not may_see(actor.tenants, found) else self._shown(found)

    def count(self, actor: Actor) -> int:
        """How many events the actor may see, counted up to 10,001."""
        require(actor, Scope.READ)
        return self._backend.count_audit(tenants=actor.tenants)

    def facets(self, actor: Actor) -> Facets:
        """Known values of `actor`, to suggest in filters; none for who sees some tenants only."""
        require(actor, Scope.READ)
        return {"actor": self._backend.audit_actors() if actor.tenants is None else [actor.name]}

    def export(self, actor: Actor, where: AuditFilter, form: AuditExportFormat, stamp: Stamp) -> Chunks:
        """All matches, redacted, as a stream of chunks; the audit tells of it, see `exported`."""
        require(actor, Scope.READ)
        signed = sign(EXPORT, actor, stamp)
        batches = self._backend.iterate_audit(where, tenants=actor.tenants, stamp=signed)
        touched = Touched(SubjectKind.AUDIT, tenant=own_tenant(actor), scope=where.to_query())
        subject = f"audit {form.value}: {where.to_query() or 'all'}"
        whole = ([self._whole(event) for event in batch] for batch in batches)
        return exported(self._backend, subject, touched, signed, whole, lambda rows: write_audit(rows, form))

    def _shown(self, event: E) -> E:
        return self._redact.audit(event)

    def _whole(self, event: AuditRecord) -> AuditRecord:
        shown = self._shown(event)
        changed = {"before": self._redact.json(shown.before), "after": self._redact.json(shown.after)}
        return shown.model_copy(update=changed)
