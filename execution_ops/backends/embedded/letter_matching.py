"""A filter of dead letters as the database sees it, and the SQL of their list, built by pure functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any

from execution_ops.backends.embedded.keyset import (
    Query,
    Relation,
    Span,
    bounds,
    hint,
    lookup,
    one_of,
    order,
    size_query,
    span_params,
    stretches,
)
from execution_ops.backends.embedded.letter_tables import LETTER_DIMENSIONS, LETTER_SUBSETS, letter_index
from execution_ops.backends.embedded.matching import BRANCHES_MAX, allowed, id_range
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.paging import Towards
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.times import to_ms

LETTERS = Relation("dead_letter", letter_index)
STATES = tuple(state.value for state in DeadLetterState)
_ROW = (
    *("n", "id", "job_id", "job_type", "label", "queue", "tenant", "state", "created_at", "attempts", "error_type"),
    *("error_message", "fingerprint", "category", "redeaths", "revision", "changed_at", "changed_by", "note", "plan_n"),
)
# Of the plan only its id is shown; a correlated look-up, so that no page needs a second query.
COLUMNS = (
    ", ".join(f"j.{name}" for name in _ROW) + ", (SELECT p.id FROM replay_plan AS p WHERE p.n = j.plan_n) AS plan_id"
)


@dataclass(frozen=True)
class LetterMatch:
    """Which entries. `dimensions` are those of LETTER_DIMENSIONS with their values, `others` further columns.

    `ids` bounds the id on both sides, inclusive.
    """

    states: tuple[str, ...] = ()
    dimensions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    others: dict[str, tuple[str, ...]] = field(default_factory=dict)
    after: int = 0
    before: int | None = None
    ids: tuple[str, str] | None = None
    plan: str = ""

    @property
    def window(self) -> tuple[int, int | None]:
        """The bounds of the death."""
        return self.after, self.before

    def searches(self) -> bool:
        """Whether more is asked for than one index of the list answers on its own."""
        wide = tuple(self.dimensions) not in LETTER_SUBSETS or self._branches() > BRANCHES_MAX
        return bool(self.others or self.ids or self.plan or wide)

    def keys(self, states: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The value of each dimension and of the state, for every stretch of the index."""
        return list(product(*self.dimensions.values(), states))

    def narrowed(self, fingerprints: tuple[str, ...]) -> LetterMatch:
        """The same entries, told by their groups alone rather than by what all entries of a group share."""
        dimensions = {**self.dimensions, "fingerprint": fingerprints}
        kept = {name: dimensions[name] for name in LETTER_DIMENSIONS if name in dimensions and name != "category"}
        others = {name: values for name, values in self.others.items() if name != "error_type"}
        return replace(self, dimensions=kept, others=others)

    def only(self, *names: str) -> LetterMatch:
        """The same states and window with no condition but these dimensions."""
        kept = {name: self.dimensions[name] for name in names}
        return LetterMatch(states=self.states, dimensions=kept, after=self.after, before=self.before)

    def _branches(self) -> int:
        count = len(self.states) or len(STATES)
        for values in self.dimensions.values():
            count *= len(values)
        return count


def resolve_letters(where: DeadLetterFilter, tenants: frozenset[str] | None, now: datetime) -> LetterMatch | None:
    """What the filter asks of the database at this moment; None if no entry can match."""
    categories = where.categories()
    wanted: dict[str, tuple[str, ...] | None] = {
        "fingerprint": where.group or None,
        "tenant": allowed(where.tenant, tenants),
        "job_type": where.job_type or None,
        "category": None if categories is None else tuple(category.value for category in categories),
    }
    dimensions = {name: values for name in LETTER_DIMENSIONS if (values := wanted[name]) is not None}
    others = {name: values for name in ("queue", "error_type") if (values := getattr(where, name))}
    if where.job:
        others["job_id"] = (where.job,)
    ids = id_range(where.id) if where.id else None
    if not all(dimensions.values()) or (where.id and ids is None):
        return None
    after, before = where.window(now)
    return LetterMatch(
        states=tuple(state.value for state in where.state),
        dimensions=dimensions,
        others=others,
        after=max(0, to_ms(after)),
        before=to_ms(before) if before else None,
        ids=ids,
        plan=where.plan,
    )


def groups_query(match: LetterMatch, most: int) -> Query | None:
    """The groups that have entries with what the match asks for, as the counters know; None where an index
    answers the match, or where it asks for what no counter knows."""
    if not match.searches() or match.ids or match.plan or "job_id" in match.others:
        return None
    counted = {name: values for name, values in match.dimensions.items() if name != "category"}
    here = one_of({**counted, **({"state": match.states} if match.states else {})})
    shared = {name: match.others[name] for name in ("error_type",) if name in match.others}
    if "category" in match.dimensions:
        shared["category"] = match.dimensions["category"]
    of_group = one_of(shared, "g.")
    sources = " UNION ALL ".join(
        f"SELECT fingerprint FROM {table} WHERE entries > 0 AND {here.sql}"
        for table in ("letter_counter", "letter_delta")
    )
    return Query(
        f"SELECT DISTINCT c.fingerprint FROM ({sources}) AS c JOIN letter_group AS g ON g.fingerprint = c.fingerprint "
        f"WHERE {of_group.sql} LIMIT :most",
        {**here.params, **of_group.params, "most": most},
    )


def page_query(match: LetterMatch, span: Span, limit: int, dialect: str) -> Query:
    """The next `limit` entries of the span in its direction. Not for searches."""
    keys = stretch_candidates(match, span, dialect)
    return Query(
        f"SELECT {COLUMNS} FROM ({keys.sql} LIMIT :limit) AS k {lookup(LETTERS, dialect)} {order(span, 'k.')}",
        {**keys.params, "limit": limit, "candidates": limit},
    )


def count_query(match: LetterMatch, most: int, dialect: str) -> Query:
    """(state, rows) for each stretch of the match in any state, each counted up to `most`."""
    span = Span(Towards.OLDER, *match.window)
    counted = stretches(LETTERS, match, STATES, "count(*) AS jobs", f"{bounds(span)} LIMIT :most", dialect)
    return Query(counted.sql, {**counted.params, **span_params(span), "most": most})


def stretch_candidates(match: LetterMatch, span: Span, dialect: str) -> Query:
    """The entries with the wanted states and values, in order, `:candidates` of each stretch at most."""
    tail = f"{bounds(span)} {order(span)} LIMIT :candidates"
    found = stretches(LETTERS, match, match.states or STATES, "created_at, n", tail, dialect)
    return Query(f"SELECT created_at, n FROM ({found.sql}) AS s {order(span)}", {**found.params, **span_params(span)})


def few_candidates(match: LetterMatch, dialect: str) -> Callable[[Span], Query] | None:
    """The entries of one job, id or plan, put in order; None if the match names none of these."""
    if "job_id" in match.others:
        found = f"SELECT created_at, n FROM dead_letter {hint('dead_letter_by_job', dialect)}WHERE job_id = :job_is"
        return partial(_sorted, found, {"job_is": match.others["job_id"][0]})
    if match.ids:
        by_id = hint("dead_letter_by_id", dialect)
        found = f"SELECT created_at, n FROM dead_letter {by_id}WHERE id BETWEEN :low AND :high"
        return partial(_sorted, found, {"low": match.ids[0], "high": match.ids[1]})
    return partial(_of_plan, match.plan, dialect) if match.plan else None


def parts(match: LetterMatch) -> list[LetterMatch]:
    """The match by each of its dimensions alone, where that is few stretches; else all entries."""
    narrow = [
        match.only(name)
        for name, values in match.dimensions.items()
        if len(values) * (len(match.states) or len(STATES)) <= BRANCHES_MAX
    ]
    return narrow or [match.only()]


def part_size_query(part: LetterMatch, most: int, dialect: str) -> Query:
    """How many `jobs` (entries) are in the stretches of a part, counted up to `most`."""
    span = Span(Towards.OLDER, *part.window)
    found = stretches(LETTERS, part, part.states or STATES, "created_at, n", f"{bounds(span)} LIMIT :most", dialect)
    return size_query(Query(found.sql, {**found.params, **span_params(span)}), most)


def search_query(source: Query, span: Span, *, match: LetterMatch, candidates: int, limit: int, dialect: str) -> Query:
    """The first `limit` entries among the next `candidates` that match in everything."""
    rest = _rest(match)
    return Query(
        f"SELECT {COLUMNS} FROM ({source.sql} LIMIT :candidates) AS k {lookup(LETTERS, dialect)} "
        f"WHERE {rest.sql} {order(span, 'k.')} LIMIT :limit",
        {**source.params, **rest.params, "candidates": candidates, "limit": limit},
    )


def search_count_query(source: Query, match: LetterMatch, *, candidates: int, dialect: str) -> Query:
    """(state, rows) of what matches among the first `candidates`, in any state."""
    rest = _rest(match, with_states=False)
    return Query(
        f"SELECT j.state AS state, count(*) AS jobs FROM ({source.sql} LIMIT :candidates) AS k "
        f"{lookup(LETTERS, dialect)} WHERE {rest.sql} GROUP BY j.state",
        {**source.params, **rest.params, "candidates": candidates},
    )


def _of_plan(plan: str, dialect: str, span: Span) -> Query:
    found = (
        f"SELECT created_at, n FROM dead_letter {hint('dead_letter_by_plan', dialect)}"
        f"WHERE plan_n = (SELECT p.n FROM replay_plan AS p WHERE p.id = :of_plan) AND plan_n IS NOT NULL{bounds(span)} "
        f"{order(span)}"
    )
    return Query(found, {"of_plan": plan, **span_params(span)})


def _sorted(found: str, params: dict[str, Any], span: Span) -> Query:
    """Few entries, put in order."""
    sql = (
        f"SELECT * FROM (WITH f AS MATERIALIZED ({found}) SELECT * FROM f WHERE TRUE{bounds(span)}) AS o {order(span)}"
    )
    return Query(sql, {**params, **span_params(span)})


def _rest(match: LetterMatch, *, with_states: bool = True) -> Query:
    """Everything that the filter asks of an entry `j`; the window is not here."""
    closed = match.dimensions | match.others | ({"state": match.states} if with_states and match.states else {})
    values = one_of(closed, "j.")
    terms, params = [values.sql], values.params
    if match.plan:
        params["plan_is"] = match.plan
        terms.append("j.plan_n = (SELECT p.n FROM replay_plan AS p WHERE p.id = :plan_is)")
    if match.ids:
        params["low_id"], params["high_id"] = match.ids
        terms.append("j.id BETWEEN :low_id AND :high_id")
    return Query(" AND ".join(terms), params)
