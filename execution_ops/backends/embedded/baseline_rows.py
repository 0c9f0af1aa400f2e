"""Reading baselines: pages, one, those of a source, and the log of promotions."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, func, or_, select, tuple_

from execution_ops.backends.embedded.keyset import Span
from execution_ops.backends.embedded.transitions import table
from execution_ops.backends.embedded.walks import Found, ends, onward
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import Baseline, BaselinePage, BaselineSource, Promotion
from execution_ops.domain.paging import Towards, decode_cursor
from execution_ops.domain.states import BaselineState
from execution_ops.domain.times import from_ms, now_ms, to_ms

BASELINE = table("baseline")
PROMOTION = table("baseline_promotion")
PROMOTED = BASELINE.c.state == BaselineState.PROMOTED.value
KEPT = BASELINE.c.deleted_at.is_(None)
_FIELDS = (
    *("id", "tenant", "source", "label", "sha256", "parts", "size", "components", "job_id", "dag_id", "kit_id"),
    *("green", "syft", "created_by", "promoted_by", "promote_reason"),
)
Tenants = frozenset[str] | None


def source_key(source: str) -> str:
    """What a source is found by: a path can be too long for an index."""
    return hashlib.sha256(source.encode()).hexdigest()


def of_source(tenant: str, source: str) -> Any:
    """The condition that a baseline is of this source and was not deleted."""
    return and_(BASELINE.c.tenant == tenant, BASELINE.c.source_key == source_key(source), KEPT)


def page(
    connection: Connection, where: BaselineFilter, *, tenants: Tenants, cursor: str | None, limit: int
) -> BaselinePage:
    """One keyset page, see `BaselineBackend.baselines`."""
    came_by = decode_cursor(cursor, where.sort) if cursor else None
    after, before = where.window(from_ms(now_ms()))
    towards = came_by.towards if came_by else onward(where.sort)
    span = Span.of((to_ms(after), None if before is None else to_ms(before)), towards, came_by)
    wanted = _in_order(_matching(select(BASELINE), where, tenants, span), towards).limit(limit + 1)
    rows = list(connection.execute(wanted).mappings())
    older, newer = ends(where.sort, came_by, Found(rows), limit)
    shown = [baseline_of(row) for row in rows[:limit]]
    return BaselinePage(rows=tuple(shown if towards is onward(where.sort) else shown[::-1]), older=older, newer=newer)


def one(connection: Connection, baseline_id: str, tenants: Tenants) -> RowMapping | None:
    """The row of a baseline that who sees these tenants sees, unless it was deleted."""
    row = connection.execute(select(BASELINE).where(BASELINE.c.id == baseline_id, KEPT)).mappings().one_or_none()
    return None if row is None or not (tenants is None or row["tenant"] in tenants) else row


def of_document(connection: Connection, tenant: str, source: str, sha256: str) -> RowMapping | None:
    """The row of the baseline that keeps this document of the source."""
    wanted = select(BASELINE).where(of_source(tenant, source), BASELINE.c.sha256 == sha256)
    return connection.execute(wanted).mappings().one_or_none()


def newest(connection: Connection, tenant: str, source: str, limit: int) -> list[Baseline]:
    """The newest baselines of a source."""
    wanted = _in_order(select(BASELINE).where(of_source(tenant, source)), Towards.OLDER).limit(limit)
    return [baseline_of(row) for row in connection.execute(wanted).mappings()]


def promoted(connection: Connection, tenant: str, source: str) -> RowMapping | None:
    """The row of the promoted baseline of a source."""
    return connection.execute(select(BASELINE).where(of_source(tenant, source), PROMOTED)).mappings().one_or_none()


def sources(connection: Connection, tenants: Tenants, limit: int) -> list[BaselineSource]:
    """The sources that have baselines, by name."""
    kept = [KEPT] if tenants is None else [KEPT, BASELINE.c.tenant.in_(sorted(tenants))]
    counted = (
        select(BASELINE.c.tenant, BASELINE.c.source, func.count().label("baselines"))
        .where(*kept)
        .group_by(BASELINE.c.tenant, BASELINE.c.source)
        .order_by(BASELINE.c.source, BASELINE.c.tenant)
        .limit(limit)
    )
    standing = {
        (row["tenant"], row["source"]): baseline_of(row)
        for row in connection.execute(select(BASELINE).where(*kept, PROMOTED)).mappings()
    }
    return [
        BaselineSource(
            tenant=row.tenant,
            source=row.source,
            baselines=row.baselines,
            promoted=standing.get((row.tenant, row.source)),
        )
        for row in connection.execute(counted)
    ]


def log(connection: Connection, tenant: str, source: str, limit: int) -> list[Promotion]:
    """The promotion log of a source, the newest entry first. What was deleted since is still named."""
    now, was = BASELINE.alias("now"), BASELINE.alias("was")
    wanted = (
        select(
            PROMOTION,
            now.c.id.label("now_id"),
            func.coalesce(now.c.label, "").label("now_label"),
            was.c.id.label("was_id"),
            func.coalesce(was.c.label, "").label("was_label"),
        )
        .outerjoin(now, now.c.n == PROMOTION.c.baseline_n)
        .outerjoin(was, was.c.n == PROMOTION.c.previous)
        .where(PROMOTION.c.tenant == tenant, PROMOTION.c.source_key == source_key(source))
        .order_by(PROMOTION.c.n.desc())
        .limit(limit)
    )
    return [
        Promotion(
            at=from_ms(row["at"]),
            by=row["by"],
            reason=row["reason"],
            verb=row["verb"],
            baseline_id=row["now_id"] or "",
            label=row["now_label"],
            previous_id=row["was_id"] or "",
            previous_label=row["was_label"],
            kit_id=row["kit_id"],
            job_id=row["job_id"],
        )
        for row in connection.execute(wanted).mappings()
    ]


def baseline_of(row: RowMapping) -> Baseline:
    """A row as the entity."""
    return Baseline(
        state=BaselineState(row["state"]),
        created_at=from_ms(row["created_at"]),
        promoted_at=_moment(row["promoted_at"]),
        **{name: row[name] for name in _FIELDS},
    )


def _matching(wanted: Select[Any], where: BaselineFilter, tenants: Tenants, span: Span) -> Select[Any]:
    wanted = wanted.where(KEPT, BASELINE.c.created_at >= span.after)
    if span.before is not None:
        wanted = wanted.where(BASELINE.c.created_at < span.before)
    if span.position is not None:
        place = tuple_(BASELINE.c.created_at, BASELINE.c.n)
        at = tuple_(*span.position)
        wanted = wanted.where(place < at if span.towards is Towards.OLDER else place > at)
    if tenants is not None:
        wanted = wanted.where(BASELINE.c.tenant.in_(sorted(tenants)))
    if where.tenant:
        wanted = wanted.where(BASELINE.c.tenant.in_(where.tenant))
    if where.state:
        wanted = wanted.where(or_(*[BASELINE.c.state == state.value for state in where.state]))
    for column, text in ((BASELINE.c.source, where.source), (BASELINE.c.label, where.label)):
        if text:
            wanted = wanted.where(column.icontains(text, autoescape=True))
    return wanted


def _in_order(wanted: Select[Any], towards: Towards) -> Select[Any]:
    columns = (BASELINE.c.created_at, BASELINE.c.n)
    return wanted.order_by(*(column.desc() if towards is Towards.OLDER else column.asc() for column in columns))


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_ms(value)
