"""Quotas in memory, for tests of what stands on top of the port."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Change
from execution_ops.domain.quota_changes import changed, check_revision
from execution_ops.domain.quotas import Limits, Quota, QuotaRow, check_reach, quota_name, sees
from execution_ops.domain.topics import QUOTAS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp

EPOCH = datetime(2026, 1, 23, 12, tzinfo=UTC)


def quota_row(**changes: Any) -> QuotaRow:
    """A quota of the tenant acme for demo.work, changed as wanted."""
    values: dict[str, Any] = {
        "id": new_id(),
        "tenant": "acme",
        "job_type": "demo.work",
        "configured": Limits(max_active=5),
        "created_at": EPOCH,
        "changed_at": EPOCH,
        "changed_by": "ann",
        "active": 0,
        "started": 0,
        "tokens_left": None,
        "next_token_at": None,
        "waiting": 0,
        "at_limit": False,
        "as_of": EPOCH,
    }
    return QuotaRow(**{**values, **changes})


@dataclass
class MemoryQuotas:
    """The quotas of a backend in memory, with the figures that a test gives them."""

    known_quotas: dict[str, QuotaRow] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)

    def ping(self) -> None:
        """Whether reads work."""
        raise NotImplementedError

    def add_quota(self, row: QuotaRow) -> QuotaRow:
        """Keep the quota, and tell of it in the feed."""
        self.known_quotas[row.id] = row
        self._tell()
        return row

    def quotas(self, *, tenants: frozenset[str] | None) -> tuple[QuotaRow, ...]:
        """Those that who sees these tenants sees."""
        self.ping()
        return tuple(row for row in self.known_quotas.values() if sees(tenants, row))

    def create_quota(self, tenant: str, job_type: str, limits: Limits, stamp: Stamp) -> Quota:
        """One for a tenant and type."""
        check_reach(stamp.actor, tenant)
        if any((row.tenant, row.job_type) == (tenant, job_type) for row in self.known_quotas.values()):
            raise Conflict(f"There is a quota for {quota_name(tenant, job_type)} already: change that.", code="EXISTS")
        self.stamps.append(stamp)
        row = quota_row(tenant=tenant, job_type=job_type, configured=limits, changed_by=stamp.actor.name)
        return self.add_quota(row)

    def change_quota(
        self, quota_id: str, verb: Verb, limits: Limits | None, stamp: Stamp, *, revision: int | None
    ) -> Quota:
        """As the pure rules say."""
        row = self._own(quota_id, stamp)
        check_revision(row, revision)
        after = changed(Quota(**dict(row)), verb, limits, stamp, EPOCH)
        self.stamps.append(stamp)
        return self.add_quota(row.model_copy(update=dict(after)))

    def delete_quota(self, quota_id: str, stamp: Stamp, *, revision: int | None) -> Quota:
        """Forget it."""
        row = self._own(quota_id, stamp)
        check_revision(row, revision)
        self.stamps.append(stamp)
        self._tell()
        return self.known_quotas.pop(quota_id)

    def _own(self, quota_id: str, stamp: Stamp) -> QuotaRow:
        row = self.known_quotas.get(quota_id)
        if row is None or not sees(stamp.actor.tenants, row):
            raise NotFound(f"There is no quota {quota_id}. It may have been deleted.")
        check_reach(stamp.actor, row.tenant)
        return row

    def _tell(self) -> None:
        seq = self.changes[-1].seq + 1 if self.changes else 1
        self.changes.append(Change(seq=seq, job_id="", dag_id="", queue="", topic=QUOTAS))
