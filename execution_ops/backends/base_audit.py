"""The port for the audit. Every method is blocking and thread-safe; `tenants` None sees all, else only those.

Who sees some tenants also sees what was done to what all tenants share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from execution_ops.domain.audit import AuditDetail, AuditEvent, AuditPage, AuditRecord, SubjectKey
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.verbs import Stamp


class AuditBackend(Protocol):
    """Reading the audit. It is written with what it tells of, in one transaction, by the verbs themselves."""

    def list_audit(
        self, where: AuditFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int
    ) -> AuditPage:
        """One keyset page; `cursor` is a page's `older` or `newer`. InvalidInput for a bad cursor."""

    def iterate_audit(
        self, where: AuditFilter, *, tenants: frozenset[str] | None, batch: int = 500, stamp: Stamp | None = None
    ) -> Iterator[list[AuditRecord]]:
        """All matches in keyset batches, each its own short read, for exports; `stamp` as in `iterate_jobs`."""

    def audit_event(self, n: int, *, tenants: frozenset[str] | None) -> AuditDetail | None:
        """One event; None for an unknown one."""

    def audit_of(
        self, things: Sequence[SubjectKey], *, tenants: frozenset[str] | None, limit: int
    ) -> tuple[AuditEvent, ...]:
        """The newest events that name one of these things, the newest first."""

    def count_audit(self, *, tenants: frozenset[str] | None) -> int:
        """How many events there are, counted up to 10,001."""

    def audit_later(self, n: int) -> AuditEvent | None:
        """The last event that changed one of the things which event `n` names after it; None if none did."""

    def undo_audit(self, detail: AuditDetail, stamp: Stamp) -> int:
        """Put back what held before the event, with the inverse of its verb; the number of the event that says so.

        The event names the one that it takes back. Conflict, and nothing is done, if it was taken back already, or
        what it did does not stand any more: somebody changed one of its things since.
        """

    def audit_actors(self) -> list[str]:
        """Who did something so far, at most fifty, to suggest in a filter."""
