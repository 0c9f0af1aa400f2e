"""Things by the beginning of their id: a range of the index of ids for each kind, however many rows there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, RowMapping

from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import Query, one_of
from execution_ops.backends.embedded.matching import id_range
from execution_ops.backends.embedded.replay_rows import sees_plan
from execution_ops.backends.embedded.rows import fetch
from execution_ops.domain.lookup import Found, Thing
from execution_ops.domain.times import from_ms

# How many of a range are looked at for those that the viewer may see.
LOOK_MAX = 1000


@dataclass(frozen=True)
class _Source:
    """A table with ids of ours: what a thing of it is called, and which of its rows are meant."""

    table: str
    name: str
    note: str
    state: str = "state"
    kept: str = "TRUE"


_SOURCES = {
    Thing.JOB: _Source("job", "job_type", "label"),
    Thing.RUN: _Source("run", "schedule_name", "job_type"),
    Thing.ENTRY: _Source("dead_letter", "error_type", "job_type"),
    Thing.PLAN: _Source("replay_plan", "kind", "description"),
    Thing.SCHEDULE: _Source(
        "schedule",
        "name",
        "job_type",
        state="CASE WHEN paused_at IS NULL THEN 'enabled' ELSE 'paused' END",
        kept="deleted_at IS NULL",
    ),
}
# A row for each start of a worker: few, and their names are what people know, so they are read through.
_WORKERS = (
    "SELECT id, name, host AS note, '' AS tenant, state, started_at AS created_at FROM worker "
    "WHERE lower(substr(id, 1, :size)) = :prefix OR lower(substr(name, 1, :size)) = :prefix "
    "ORDER BY started_at DESC, id LIMIT :limit"
)


def find(engine: Engine, prefix: str, *, tenants: frozenset[str] | None, limit: int) -> list[Found]:
    """At most `limit` of each kind, the newest first; see `LookupBackend.find`."""
    found: list[Found] = []
    lowered = prefix.lower()
    ids = id_range(lowered) if _is_hex(lowered) else None
    with read(engine) as connection:
        for kind in _SOURCES:
            rows = fetch(connection, range_query(kind, ids, tenants, limit)) if ids else []
            seen = [row for row in rows if kind is not Thing.PLAN or sees_plan(tenants, row)]
            found += [_found(kind, row) for row in seen[:limit]]
        workers = Query(_WORKERS, {"prefix": lowered, "size": len(lowered), "limit": limit})
        found += [_found(Thing.WORKER, row) for row in fetch(connection, workers)]
    return found


def range_query(kind: Thing, ids: tuple[str, str], tenants: frozenset[str] | None, limit: int) -> Query:
    """The things of that kind between two ids, of the tenants; None for all of them."""
    source = _SOURCES[kind]
    # A plan is for the tenants of who made it, not for the one that it belongs to.
    by_tenant = tenants is not None and kind is not Thing.PLAN
    visible = one_of({"tenant": tuple(sorted(tenants))}) if by_tenant and tenants else Query("TRUE", {})
    if by_tenant and not tenants:
        visible = Query("FALSE", {})
    more = ", tenants" if kind is Thing.PLAN else ""
    inner = (
        f"SELECT id, {source.name} AS name, {source.note} AS note, tenant, {source.state} AS state, created_at{more} "
        f"FROM {source.table} WHERE id BETWEEN :low AND :high AND {source.kept} ORDER BY id DESC LIMIT :look"
    )
    sql = f"SELECT * FROM ({inner}) AS k WHERE {visible.sql} ORDER BY id DESC LIMIT :limit"
    most = LOOK_MAX if kind is Thing.PLAN and tenants is not None else limit
    look = limit if tenants is None else LOOK_MAX
    params: dict[str, Any] = {"low": ids[0], "high": ids[1], "look": look, "limit": most}
    return Query(sql, {**params, **visible.params})


def _is_hex(prefix: str) -> bool:
    return all(char in "0123456789abcdef-" for char in prefix)


def _found(kind: Thing, row: RowMapping) -> Found:
    return Found(
        kind=kind,
        id=row["id"],
        name=row["name"] or row["id"],
        note=row["note"],
        tenant=row["tenant"],
        state=row["state"],
        created_at=from_ms(row["created_at"]),
    )
