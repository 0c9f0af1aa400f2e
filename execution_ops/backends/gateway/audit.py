"""The audit of a remote, taking back what it tells of, and finding things by their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.gateway.remote import Listed, Remote, at, pairs_of
from execution_ops.backends.gateway.transport import Tenants
from execution_ops.domain.audit import AuditDetail, AuditEvent, AuditPage, AuditRecord, SubjectKey
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.capabilities import TIMELINES
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.lookup import Found, Lookup, Thing, check_prefix
from execution_ops.domain.paging import in_time
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest


class _Count(BaseModel):
    model_config = ConfigDict(frozen=True)

    count: int


class _Later(BaseModel):
    model_config = ConfigDict(frozen=True)

    event: AuditEvent | None


class Audit(Remote):
    """See `AuditBackend`."""

    def list_audit(self, where: AuditFilter, *, tenants: Tenants, cursor: str | None, limit: int) -> AuditPage:
        """One keyset page; see AuditBackend."""
        pairs = [*where.to_pairs(), *pairs_of(cursor=cursor, limit=limit)]
        page = self._http.get(Listed[AuditEvent], Rest.AUDIT, pairs, tenants=tenants)
        older, newer = in_time(page.next_cursor, page.prev_cursor, where.sort)
        return AuditPage(rows=page.items, older=older, newer=newer, searched=page.searched)

    def iterate_audit(
        self, where: AuditFilter, *, tenants: Tenants, batch: int = 500, stamp: Stamp | None = None
    ) -> Iterator[list[AuditRecord]]:
        """All matches as the remote exports them; see AuditBackend."""
        return self._lines(AuditRecord, Rest.AUDIT_EXPORT, where.to_pairs(), tenants, stamp, batch)

    def audit_event(self, n: int, *, tenants: Tenants) -> AuditDetail | None:
        """One event; see AuditBackend."""
        return self._http.find(AuditDetail, at(Rest.AUDIT_EVENT, n=n), tenants=tenants)

    def audit_of(self, things: Sequence[SubjectKey], *, tenants: Tenants, limit: int) -> tuple[AuditEvent, ...]:
        """The newest events of things; see AuditBackend."""
        self._needs(TIMELINES)
        pairs = pairs_of(thing=[f"{one.kind.value}:{one.id}" for one in things], limit=limit)
        return self._http.get(Listed[AuditEvent], Rest.AUDIT_OF, pairs, tenants=tenants).items

    def count_audit(self, *, tenants: Tenants) -> int:
        """How many events there are; see AuditBackend."""
        self._needs(TIMELINES)
        return self._http.get(_Count, Rest.AUDIT_COUNT, tenants=tenants).count

    def audit_later(self, n: int) -> AuditEvent | None:
        """What changed the same things since; see AuditBackend."""
        self._needs(TIMELINES)
        found = self._http.find(_Later, at(Rest.AUDIT_LATER, n=n))
        return None if found is None else found.event

    def undo_audit(self, detail: AuditDetail, stamp: Stamp) -> int:
        """Put back what held before; see AuditBackend."""
        return self._http.send(AuditDetail, "POST", at(Rest.AUDIT_UNDO, n=detail.event.n), stamp).event.n

    def audit_actors(self) -> list[str]:
        """Who did something so far; see AuditBackend."""
        self._needs(TIMELINES)
        return self._http.get(dict[str, list[str]], Rest.AUDIT_FACETS).get("actor", [])


class Things(Remote):
    """See `LookupBackend`."""

    def find(self, prefix: str, *, tenants: Tenants, limit: int) -> list[Found]:
        """Things by the beginning of their id; see LookupBackend."""
        try:
            pairs = pairs_of(id=check_prefix(prefix))
        except InvalidInput:
            return []
        counts: Counter[Thing] = Counter()
        items: list[Found] = []
        for one in self._http.get(Lookup, Rest.LOOKUP, pairs, tenants=tenants).items:
            counts[one.kind] += 1
            if counts[one.kind] <= limit:
                items.append(one)
        return items
