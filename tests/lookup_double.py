"""Finding by id in memory, for tests of what stands on top of the port."""

from __future__ import annotations

from execution_ops.domain.jobs import JobRow
from execution_ops.domain.lookup import Found, Thing


class MemoryLookup:
    """Knows jobs only."""

    rows: dict[str, JobRow]

    def find(self, prefix: str, *, tenants: frozenset[str] | None, limit: int) -> list[Found]:
        """See `LookupBackend.find`."""
        rows = sorted((row for row in self.rows.values() if row.id.startswith(prefix.lower())), key=lambda row: row.id)
        return [
            Found(
                kind=Thing.JOB,
                id=row.id,
                name=row.job_type,
                note=row.label,
                tenant=row.tenant,
                state=row.state.value,
                created_at=row.created_at,
            )
            for row in reversed(rows)
            if tenants is None or row.tenant in tenants
        ][:limit]
