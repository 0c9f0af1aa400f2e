"""The error groups and the figures around them, from counters alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, Engine, RowMapping

from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import Query, Span, hint, one_of
from execution_ops.backends.embedded.letter_counters import HOUR_MS
from execution_ops.backends.embedded.letter_matching import LETTERS, LetterMatch, resolve_letters
from execution_ops.backends.embedded.letter_reads import following
from execution_ops.backends.embedded.rows import fetch
from execution_ops.domain.dead_letters import TREND_HOURS, ErrorGroup, Groups, LetterHealth
from execution_ops.domain.error_categories import RETRYABLE, Category, is_retryable
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.paging import Towards
from execution_ops.domain.states import OPEN_LETTERS, DeadLetterState
from execution_ops.domain.times import from_ms, now_ms

_OPEN = tuple(sorted(state.value for state in OPEN_LETTERS))
_COUNTED = ("fingerprint", "tenant", "job_type")
_FACETS_MAX = 500
# Of which state a sample is taken first.
_SAMPLED = (
    DeadLetterState.PENDING,
    DeadLetterState.QUARANTINED,
    DeadLetterState.REPLAYING,
    DeadLetterState.REPLAYED,
    DeadLetterState.RESOLVED,
)


def letter_groups(engine: Engine, where: DeadLetterFilter, *, tenants: frozenset[str] | None, limit: int) -> Groups:
    """The groups with the most open entries first, see `DeadLetterBackend.letter_groups`."""
    now = now_ms()
    match = resolve_letters(where, tenants, from_ms(now))
    if match is None:
        return Groups(groups=(), more=0, health=_health(None, None, now))
    match = LetterMatch(dimensions=match.dimensions)
    with read(engine) as connection:
        shown = fetch(connection, _groups_query(match, limit))
        trends = _trends(connection, [row["fingerprint"] for row in shown], match, now)
        kinds = _kinds(connection, [row["fingerprint"] for row in shown], match)
        samples = _samples(connection, [row["fingerprint"] for row in shown], match)
        oldest = _oldest(connection, match)
    groups = tuple(_group(row, kinds[row["fingerprint"]], trends, samples) for row in shown)
    first = shown[0] if shown else None
    more = first["groups"] - len(shown) if first is not None else 0
    return Groups(groups=groups, more=more, health=_health(first, oldest, now))


def letter_facets(engine: Engine, *, tenants: frozenset[str] | None) -> dict[str, list[str]]:
    """The values that filters can suggest, by name: those of entries that the viewer may see."""
    if tenants is not None and not tenants:
        return {"job_type": [], "tenant": [], "error_type": []}
    seen, params = one_of({} if tenants is None else {"tenant": tuple(sorted(tenants))})
    params |= {"most": _FACETS_MAX}
    of_group = (
        "SELECT DISTINCT error_type AS value FROM letter_group WHERE fingerprint IN ("
        f"SELECT fingerprint FROM letter_counter WHERE {seen} UNION SELECT fingerprint FROM letter_delta WHERE {seen}"
        ") LIMIT :most"
    )
    found: dict[str, list[str]] = {}
    with read(engine) as connection:
        for name in ("job_type", "tenant"):
            sql = (
                f"SELECT {name} AS value FROM letter_counter WHERE {seen} "
                f"UNION SELECT {name} FROM letter_delta WHERE {seen} LIMIT :most"
            )
            found[name] = [row["value"] for row in fetch(connection, Query(sql, params))]
        found["error_type"] = [row["value"] for row in fetch(connection, Query(of_group, params))]
    return {name: sorted(values) for name, values in found.items()}


def _groups_query(match: LetterMatch, most: int) -> Query:
    """One row a group that has entries, for the first groups: its figures, what it is, and the sums of all groups.

    The counters are read once for both: they are many more than the groups.
    """
    figures = _figures_query(match)
    sums = ", ".join(f"sum({state.value}) OVER () AS all_{state.value}" for state in DeadLetterState)
    retryable = ", ".join(f"'{category.value}'" for category in sorted(RETRYABLE))
    sql = (
        "SELECT f.*, g.error_type, g.template, g.frame, g.first_at FROM ("
        f"SELECT e.*, count(*) OVER () AS groups, {sums}, "
        f"sum(CASE WHEN category IN ({retryable}) THEN opened ELSE 0 END) OVER () AS all_retryable "
        f"FROM ({figures.sql}) AS e ORDER BY opened DESC, last_at DESC, fingerprint LIMIT :most"
        ") AS f JOIN letter_group AS g ON g.fingerprint = f.fingerprint "
        "ORDER BY f.opened DESC, f.last_at DESC, f.fingerprint"
    )
    return Query(sql, {**figures.params, "most": most})


def _figures_query(match: LetterMatch) -> Query:
    """One row a group that has entries: its figures."""
    where, params = one_of({name: values for name, values in match.dimensions.items() if name in _COUNTED})
    of_category = one_of({k: v for k, v in match.dimensions.items() if k == "category"}, "g.")
    states = ", ".join(
        f"sum(CASE WHEN c.state = '{state.value}' THEN c.entries ELSE 0 END) AS {state.value}"
        for state in DeadLetterState
    )
    opened = " + ".join(_OPEN)
    columns = "fingerprint, state, entries"
    counted = (
        f"SELECT {columns}, last_at FROM letter_counter WHERE {where} UNION ALL "
        f"SELECT {columns}, coalesce(died_at, 0) FROM letter_delta WHERE {where}"
    )
    sql = (
        f"SELECT s.*, {opened} AS opened, g.category FROM ("
        f"SELECT c.fingerprint, {states}, sum(c.entries) AS total, max(c.last_at) AS last_at "
        f"FROM ({counted}) AS c GROUP BY c.fingerprint) AS s "
        f"JOIN letter_group AS g ON g.fingerprint = s.fingerprint WHERE s.total > 0 AND {of_category.sql}"
    )
    return Query(sql, {**params, **of_category.params})


def _kinds(connection: Connection, fingerprints: Sequence[str], match: LetterMatch) -> dict[str, RowMapping]:
    """How many tenants and types each group has, and the first of its types."""
    if not fingerprints:
        return {}
    closed = {name: values for name, values in match.dimensions.items() if name in ("tenant", "job_type")}
    where, params = one_of({**closed, "fingerprint": tuple(fingerprints)})
    columns = "SELECT fingerprint, tenant, job_type FROM"
    sql = (
        "SELECT fingerprint, count(DISTINCT tenant) AS tenants, count(DISTINCT job_type) AS job_types, "
        "min(job_type) AS job_type FROM ("
        f"{columns} letter_counter WHERE {where} UNION {columns} letter_delta WHERE {where}"
        ") AS c GROUP BY fingerprint"
    )
    return {row["fingerprint"]: row for row in fetch(connection, Query(sql, params))}


def _trends(connection: Connection, fingerprints: Sequence[str], match: LetterMatch, now: int) -> dict[str, list[int]]:
    """Deaths by hour for each group, this hour last."""
    if not fingerprints:
        return {}
    last = now // HOUR_MS
    first = last - TREND_HOURS + 1
    closed = {"fingerprint": tuple(fingerprints)}
    if "tenant" in match.dimensions:
        closed["tenant"] = match.dimensions["tenant"]
    where, params = one_of(closed)
    sql = (
        "SELECT fingerprint, hour, sum(deaths) AS deaths FROM ("
        f"SELECT fingerprint, hour, deaths FROM letter_hour WHERE hour BETWEEN :first AND :last AND {where} UNION ALL "
        f"SELECT fingerprint, died_at / {HOUR_MS}, entries FROM letter_delta "
        f"WHERE died_at BETWEEN :first_ms AND :last_ms AND {where}"
        ") AS h GROUP BY fingerprint, hour"
    )
    bounds = {"first": first, "last": last, "first_ms": first * HOUR_MS, "last_ms": (last + 1) * HOUR_MS - 1}
    trends: dict[str, list[int]] = defaultdict(lambda: [0] * TREND_HOURS)
    for row in fetch(connection, Query(sql, {**params, **bounds})):
        trends[row["fingerprint"]][int(row["hour"]) - first] += int(row["deaths"])
    return trends


def _samples(connection: Connection, fingerprints: Sequence[str], match: LetterMatch) -> dict[str, str]:
    """An entry of each group that the viewer may see: the newest pending one, else the newest of another state."""
    if not fingerprints:
        return {}
    groups, params = one_of({"fingerprint": tuple(fingerprints)}, "g.")
    seen = one_of({name: values for name, values in match.dimensions.items() if name == "tenant"}, "d.")
    index = hint(LETTERS.index(("fingerprint",)), connection.dialect.name)
    newest = ", ".join(
        f"(SELECT d.id FROM dead_letter AS d {index}WHERE d.fingerprint = g.fingerprint AND d.state = '{state.value}' "
        f"AND {seen.sql} ORDER BY d.created_at DESC, d.n DESC LIMIT 1)"
        for state in _SAMPLED
    )
    sql = f"SELECT g.fingerprint, coalesce({newest}, '') AS id FROM letter_group AS g WHERE {groups}"
    return {row["fingerprint"]: row["id"] for row in fetch(connection, Query(sql, {**params, **seen.params}))}


def _oldest(connection: Connection, match: LetterMatch) -> RowMapping | None:
    """The pending entry that waits longest, of those that the narrowest dimension has."""
    pending = LetterMatch(states=(DeadLetterState.PENDING.value,), dimensions=match.dimensions)
    rows, _ = following(connection, pending, Span(Towards.NEWER), 1)
    return rows[0] if rows else None


def _group(row: RowMapping, kinds: RowMapping, trends: dict[str, list[int]], samples: dict[str, str]) -> ErrorGroup:
    category = Category(row["category"])
    return ErrorGroup(
        fingerprint=row["fingerprint"],
        error_type=row["error_type"],
        template=row["template"],
        frame=row["frame"],
        category=category,
        retryable=is_retryable(category),
        open=int(row["opened"]),
        by_state={state: int(row[state.value]) for state in DeadLetterState},
        total=int(row["total"]),
        first_seen=from_ms(row["first_at"]),
        last_seen=from_ms(max(row["last_at"], row["first_at"])),
        trend=tuple(trends.get(row["fingerprint"], (0,) * TREND_HOURS)),
        tenants=kinds["tenants"],
        job_types=kinds["job_types"],
        job_type=kinds["job_type"],
        sample_id=samples[row["fingerprint"]],
    )


def _health(first: RowMapping | None, oldest: RowMapping | None, now: int) -> LetterHealth:
    """The figures of all groups, which stand beside those of the first one."""
    states = {state: int(first[f"all_{state.value}"]) if first is not None else 0 for state in DeadLetterState}
    common = first if first is not None and first["opened"] else None
    return LetterHealth(
        open=sum(states[state] for state in OPEN_LETTERS),
        by_state=states,
        retryable=int(first["all_retryable"]) if first is not None else 0,
        oldest=from_ms(oldest["created_at"]) if oldest is not None else None,
        oldest_id=oldest["id"] if oldest is not None else "",
        most_common=common["error_type"] if common is not None else "",
        most_common_fingerprint=common["fingerprint"] if common is not None else "",
        most_common_open=int(common["opened"]) if common is not None else 0,
        as_of=from_ms(now),
    )
