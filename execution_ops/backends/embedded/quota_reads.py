"""Reading quotas: which one governs a job, and how much of it is used."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, Engine, RowMapping, select

from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import Query, one_of
from execution_ops.backends.embedded.rows import fetch
from execution_ops.backends.embedded.transitions import table
from execution_ops.domain.job_types import OWN_TYPES
from execution_ops.domain.quota_rates import Usage, next_token_at, tokens_left, why_full, window_from
from execution_ops.domain.quotas import ANY, WAITING_MAX, Limits, Quota, QuotaRow, Scopes, sees
from execution_ops.domain.times import from_ms

QUOTA = table("quota")
START = table("quota_start")
HOLD = table("quota_hold")

SAMPLE_S = 1.0
_KEPT_MAX = 16
# A running job belongs to the most specific quota; the others of the pool see it taken out.
_RANK = "(CASE WHEN {0}.tenant = '*' THEN 2 ELSE 0 END + CASE WHEN {0}.job_type = '*' THEN 1 ELSE 0 END)"
# Texts, for every start of a job asks: to build them anew takes longer than to run them.
_GOVERNING = (
    "SELECT * FROM quota WHERE tenant IN (:tenant, '*') AND job_type IN (:job_type, '*') "
    "ORDER BY CASE WHEN tenant = '*' THEN 1 ELSE 0 END, CASE WHEN job_type = '*' THEN 1 ELSE 0 END LIMIT 1"
)
_GOVERNED = f"AND j.job_type NOT IN ({', '.join(repr(name) for name in sorted(OWN_TYPES))})"
_NARROWER = (
    "SELECT 1 FROM quota AS o WHERE o.tenant IN (j.tenant, '*') AND o.job_type IN (j.job_type, '*') "
    f"AND {_RANK.format('o')} < :rank"
)


class Scope(NamedTuple):
    """A quota's number and what it governs."""

    n: int
    tenant: str
    job_type: str


class Figures(NamedTuple):
    """What is known of one quota's pool at a moment."""

    usage: Usage
    waiting: int


def governing_quota(connection: Connection, tenant: str, job_type: str) -> RowMapping | None:
    """The quota of jobs of this tenant and type, the most specific one, locked; None without one."""
    if job_type in OWN_TYPES:
        return None
    lock = " FOR NO KEY UPDATE" if connection.dialect.name == "postgresql" else ""
    rows = fetch(connection, Query(_GOVERNING + lock, {"tenant": tenant, "job_type": job_type}))
    return rows[0] if rows else None


def scopes(connection: Connection, tenant: str | None = None) -> Scopes[Scope]:
    """All quotas, or those that may govern jobs of the tenant, by what they govern."""
    return Scopes(scope_list(connection, tenant))


def scope_list(connection: Connection, tenant: str | None = None) -> list[Scope]:
    """The same as a list, in the order of their numbers."""
    mine = "" if tenant is None else "WHERE tenant IN (:tenant, '*') "
    sql = f"SELECT n, tenant, job_type FROM quota {mine}ORDER BY n"
    rows = fetch(connection, Query(sql, {} if tenant is None else {"tenant": tenant}))
    return [Scope(row["n"], row["tenant"], row["job_type"]) for row in rows]


def scope_terms(tenant: str, job_type: str) -> dict[str, tuple[str, ...]]:
    """The columns that a job in this scope has to have, for `one_of`; those of `*` are left out."""
    named = {"tenant": tenant, "job_type": job_type}
    return {name: (value,) for name, value in named.items() if value != ANY}


def limits_of(row: RowMapping) -> Limits:
    """The limits that hold now."""
    prefix = "" if row["overridden_at"] is None else "override_"
    return _limits(row, prefix)


def quota_of(row: RowMapping) -> Quota:
    """The quota of a row."""
    return Quota(
        id=row["id"],
        tenant=row["tenant"],
        job_type=row["job_type"],
        configured=_limits(row, ""),
        override=None if row["overridden_at"] is None else _limits(row, "override_"),
        paused_at=None if row["paused_at"] is None else from_ms(row["paused_at"]),
        paused_by=row["paused_by"],
        pause_reason=row["pause_reason"],
        created_at=from_ms(row["created_at"]),
        changed_at=from_ms(row["changed_at"]),
        changed_by=row["changed_by"],
        revision=row["revision"],
    )


def usage_of(connection: Connection, row: RowMapping, now: int) -> Usage:
    """How much of the quota is used now, counted from the running jobs and the starts themselves."""
    where, params = one_of(scope_terms(row["tenant"], row["job_type"]), "j.")
    rank = (2 if row["tenant"] == ANY else 0) + (1 if row["job_type"] == ANY else 0)
    narrower = f"AND NOT EXISTS ({_NARROWER})" if rank else ""
    sql = f"SELECT count(*) AS jobs FROM job AS j WHERE j.state = 'running' AND {where} {_GOVERNED} {narrower}"
    active = fetch(connection, Query(sql, {**params, "rank": rank} if rank else params))[0]["jobs"]
    window = _windows(connection, now, row["n"]).get(row["n"], (0, None))
    return Usage(int(active), *window, tat=row["tat"])


def quota_rows(engine: Engine, samples: Samples, *, tenants: frozenset[str] | None) -> tuple[QuotaRow, ...]:
    """All quotas that who sees these tenants sees; see `QuotaBackend.quotas`."""
    with read(engine) as connection:
        rows = connection.execute(select(QUOTA).order_by(QUOTA.c.n)).mappings().all()
        if not rows:
            return ()
        now, figures, as_of = clock_ms(connection), *samples.take(connection, tenants)
    found = []
    for row in rows:
        quota = quota_of(row)
        if sees(tenants, quota):
            known = figures.get(row["n"], Figures(Usage(), 0))
            usage = known.usage._replace(tat=row["tat"])
            following = next_token_at(quota.limits, usage, now)
            found.append(
                QuotaRow(
                    **dict(quota),
                    active=usage.active,
                    started=usage.started,
                    tokens_left=tokens_left(quota.limits, usage, now),
                    next_token_at=None if following is None else from_ms(following),
                    waiting=known.waiting,
                    at_limit=why_full(quota.limits, usage, now) is not None,
                    as_of=from_ms(as_of),
                )
            )
    return tuple(found)


class Samples:
    """The figures of all quotas, read at most once a second however many ask. Thread-safe."""

    def __init__(self) -> None:
        self._kept: dict[frozenset[str] | None, tuple[float, dict[int, Figures], int]] = {}
        self._lock = threading.Lock()

    def take(self, connection: Connection, tenants: frozenset[str] | None) -> tuple[dict[int, Figures], int]:
        """The figures by quota number and when they were read (ms); jobs of other tenants don't count
        as waiting."""
        with self._lock:
            known = self._kept.get(tenants)
            if known is not None and time.monotonic() - known[0] < SAMPLE_S:
                return known[1], known[2]
            now = clock_ms(connection)
            figures = _figures(connection, tenants, now)
            self._kept.pop(tenants, None)
            self._kept[tenants] = (time.monotonic(), figures, now)
            if len(self._kept) > _KEPT_MAX:
                del self._kept[next(iter(self._kept))]
            return figures, now


def _figures(connection: Connection, tenants: frozenset[str] | None, now: int) -> dict[int, Figures]:
    all_scopes = scope_list(connection)
    by_scope = Scopes(all_scopes)
    active: Counter[int] = Counter()
    running = "SELECT tenant, job_type, count(*) AS jobs FROM job WHERE state = 'running' GROUP BY tenant, job_type"
    for row in fetch(connection, Query(running, {})):
        scope = by_scope.governing(row["tenant"], row["job_type"])
        if scope is not None:
            active[scope.n] += row["jobs"]
    windows = _windows(connection, now)
    waiting = _waiting(connection, tenants)
    return {
        scope.n: Figures(Usage(active[scope.n], *windows.get(scope.n, (0, None))), waiting.get(scope.n, 0))
        for scope in all_scopes
    }


def _waiting(connection: Connection, tenants: frozenset[str] | None) -> dict[int, int]:
    """How many jobs each quota holds back, each counted up to the bound."""
    where, params = one_of({} if tenants is None else {"tenant": tuple(sorted(tenants)) or ("",)}, "h.")
    held = f"SELECT 1 FROM quota_hold AS h WHERE h.quota_n = q.n AND h.opened_at IS NULL AND {where} LIMIT :most"
    sql = f"SELECT q.n, (SELECT count(*) FROM ({held}) AS c) AS jobs FROM quota AS q"
    return {row["n"]: row["jobs"] for row in fetch(connection, Query(sql, {**params, "most": WAITING_MAX + 1}))}


def _windows(connection: Connection, now: int, only: int | None = None) -> dict[int, tuple[int, int | None]]:
    """`started` and `leaving` (see `Usage`) by quota number."""
    mine = "" if only is None else "quota_n = :only AND "
    sql = (
        f"SELECT quota_n, sum(starts) AS started, min(second) AS oldest FROM quota_start WHERE {mine}second >= :first "
        "GROUP BY quota_n"
    )
    params = {"first": window_from(now)} | ({} if only is None else {"only": only})
    found = {row["quota_n"]: (int(row["started"]), row["oldest"]) for row in fetch(connection, Query(sql, params))}
    for n, excess in _lowered(connection, found):
        leaving = fetch(
            connection,
            Query(
                "SELECT min(second) AS second FROM (SELECT second, sum(starts) OVER (ORDER BY second) AS gone "
                "FROM quota_start WHERE quota_n = :n AND second >= :first) AS w WHERE gone >= :excess",
                {"n": n, "first": params["first"], "excess": excess},
            ),
        )[0]["second"]
        found[n] = (found[n][0], leaving)
    return found


def _lowered(connection: Connection, found: dict[int, tuple[int, int | None]]) -> Iterable[tuple[int, int]]:
    """The quotas that have started as much as they may, and how much must leave the window for one more."""
    if not found:
        return []
    rows = connection.execute(select(QUOTA).where(QUOTA.c.n.in_(found))).mappings()
    excesses = [(row["n"], limits_of(row).max_per_hour) for row in rows]
    return [(n, found[n][0] - most + 1) for n, most in excesses if most is not None and found[n][0] > most]


def _limits(row: RowMapping, prefix: str) -> Limits:
    return Limits(
        max_active=row[f"{prefix}max_active"],
        max_per_hour=row[f"{prefix}max_per_hour"],
        burst=row[f"{prefix}burst"],
    )
