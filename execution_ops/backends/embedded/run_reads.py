"""Reading runs: pages, counts, one run with its segments and targets, and what came of due times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, product
from typing import Any

from sqlalchemy import Engine, case, func, select

from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.conductor import CONTENT
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.firing import FIRING
from execution_ops.backends.embedded.keyset import Query, Relation, Span, bounds, lookup, order, span_params, stretches
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.matching import BRANCHES_MAX, allowed
from execution_ops.backends.embedded.rows import fetch
from execution_ops.backends.embedded.run_rows import DELTAS, RUN, SEGMENT, TARGET, run_of, target_of
from execution_ops.backends.embedded.schedule_tables import RUN_DIMENSIONS, run_index
from execution_ops.backends.embedded.schedules import SCHEDULE
from execution_ops.backends.embedded.walks import Found, ends, onward
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.paging import Towards, decode_cursor
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import Deltas, FiredAt, Run, RunFigures, RunPage, RunTarget, Segment
from execution_ops.domain.schedules import Missed, ScheduleSpec
from execution_ops.domain.states import ACTIVE_RUNS, RunState, TargetState
from execution_ops.domain.times import from_ms, now_ms, to_ms

RUNS = Relation("run", run_index)
STATES = tuple(state.value for state in RunState)
COUNT_MAX = 10_000
# All but what may be long and no line shows.
_COLUMNS = ", ".join(f"j.{column.name}" for column in RUN.c if column.name not in ("spec", "retry_segments"))


@dataclass(frozen=True)
class _Match:
    """Which runs: values of dimensions, states and a window. Each is a stretch of one index."""

    dimensions: dict[str, tuple[str, ...]]
    states: tuple[str, ...]
    window: tuple[int, int | None]

    def keys(self, states: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The value of each dimension and of the state, for every stretch of the index."""
        return list(product(*self.dimensions.values(), states))


def list_runs(
    engine: Engine, where: RunFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int
) -> RunPage:
    """One keyset page, see `RunBackend.list_runs`."""
    came_by = decode_cursor(cursor, where.sort) if cursor else None
    match = _resolve(where, tenants)
    if match is None:
        return RunPage(rows=(), older=None, newer=None)
    towards = came_by.towards if came_by else onward(where.sort)
    span = Span.of(match.window, towards, came_by)
    with read(engine) as connection:
        dialect = connection.dialect.name
        tail = f"{bounds(span)} {order(span)} LIMIT :candidates"
        found = stretches(RUNS, match, match.states or STATES, "created_at, n", tail, dialect)
        keys = f"SELECT created_at, n FROM ({found.sql}) AS s {order(span)} LIMIT :limit"
        query = Query(
            f"SELECT {_COLUMNS} FROM ({keys}) AS k {lookup(RUNS, dialect)} {order(span, 'k.')}",
            {**found.params, **span_params(span), "limit": limit + 1, "candidates": limit + 1},
        )
        rows = fetch(connection, query)
        now = clock_ms(connection)
    older, newer = ends(where.sort, came_by, Found(rows), limit)
    runs = [run_of(row, now) for row in rows[:limit]]
    return RunPage(rows=tuple(runs if towards is onward(where.sort) else reversed(runs)), older=older, newer=newer)


def count_runs(engine: Engine, where: RunFilter, *, tenants: frozenset[str] | None) -> dict[RunState, int]:
    """How many runs match in each state, each counted up to `COUNT_MAX` + 1."""
    match = _resolve(where, tenants)
    if match is None:
        return {}
    span = Span(Towards.OLDER, *match.window)
    with read(engine) as connection:
        counted = stretches(
            RUNS, match, STATES, "count(*) AS runs", f"{bounds(span)} LIMIT :most", connection.dialect.name
        )
        rows = fetch(connection, Query(counted.sql, {**counted.params, **span_params(span), "most": COUNT_MAX + 1}))
    counts: dict[RunState, int] = {}
    for row in rows:
        state = RunState(row["state"])
        counts[state] = counts.get(state, 0) + int(row["runs"])
    return counts


def get_run(engine: Engine, run_id: str, *, tenants: frozenset[str] | None) -> Run | None:
    """One run."""
    with read(engine) as connection:
        row = connection.execute(select(RUN).where(RUN.c.id == run_id)).mappings().one_or_none()
        now = clock_ms(connection)
    return None if row is None or not (tenants is None or row["tenant"] in tenants) else run_of(row, now)


def run_figures(engine: Engine, since: datetime, *, tenants: frozenset[str] | None) -> RunFigures:
    """How runs stand now, and what came of at most `COUNT_MAX` of those made since then."""
    theirs = [] if tenants is None else [RUN.c.tenant.in_(sorted(tenants))]
    active = case((RUN.c.state.in_([state.value for state in ACTIVE_RUNS]), 1), else_=0)
    now = select(func.coalesce(func.sum(active), 0), func.coalesce(func.sum(RUN.c.waiting), 0)).where(
        ~RUN.c.settled, *theirs
    )
    # Each state is a stretch of one index; without them the whole table would be read.
    recent = (
        select(*[RUN.c[name] for name in DELTAS])
        .where(RUN.c.state.in_(STATES), RUN.c.created_at >= to_ms(since), *theirs)
        .limit(COUNT_MAX + 1)
        .subquery()
    )
    sums = select(func.count(), *[func.coalesce(func.sum(recent.c[name]), 0) for name in DELTAS])
    with read(engine) as connection:
        running, waiting = connection.execute(now).one()
        count, *found = connection.execute(sums).one()
    deltas = Deltas(**dict(zip(DELTAS, map(int, found), strict=True)))
    return RunFigures(active=running, waiting=waiting, deltas=deltas, of=count, exact=count <= COUNT_MAX)


def run_spec(engine: Engine, run_id: str) -> ScheduleSpec | None:
    """What a run follows, also if its schedule has changed since."""
    with read(engine) as connection:
        spec = connection.execute(select(RUN.c.spec).where(RUN.c.id == run_id)).scalar_one_or_none()
    return None if spec is None else ScheduleSpec.model_validate_json(spec)


def run_segments(engine: Engine, run_id: str) -> list[Segment]:
    """The segments of a run, with how many targets of each are where, and from when to when."""
    with read(engine) as connection:
        counted = connection.execute(
            select(
                SEGMENT.c.no,
                SEGMENT.c.name,
                TARGET.c.state,
                func.count().label("targets"),
                func.min(TARGET.c.started_at).label("started"),
                func.max(TARGET.c.finished_at).label("finished"),
            )
            .join(RUN, RUN.c.n == SEGMENT.c.run_n)
            .join(TARGET, (TARGET.c.run_n == SEGMENT.c.run_n) & (TARGET.c.segment == SEGMENT.c.no))
            .where(RUN.c.id == run_id)
            .group_by(SEGMENT.c.no, SEGMENT.c.name, TARGET.c.state)
            .order_by(SEGMENT.c.no)
        ).all()
    return [_segment(no, list(rows)) for no, rows in groupby(counted, key=lambda row: int(row.no))]


def _segment(no: int, rows: Sequence[Any]) -> Segment:
    """A segment from how its targets stand, a row a state."""
    started = [row.started for row in rows if row.started is not None]
    finished = [row.finished for row in rows if row.finished is not None]
    return Segment(
        no=no,
        name=rows[0].name,
        by_state={TargetState(row.state): row.targets for row in rows},
        started_at=from_ms(min(started)) if started else None,
        finished_at=from_ms(max(finished)) if finished else None,
    )


def run_targets(
    engine: Engine, run_id: str, *, after: int, limit: int, states: Sequence[TargetState] = ()
) -> list[RunTarget]:
    """Targets of a run with a number above `after`, in one of these states if any is given."""
    narrowed = [TARGET.c.state.in_([state.value for state in states])] if states else []
    with read(engine) as connection:
        rows = connection.execute(
            select(TARGET)
            .join(RUN, RUN.c.n == TARGET.c.run_n)
            .where(RUN.c.id == run_id, TARGET.c.no > after, *narrowed)
            .order_by(TARGET.c.no)
            .limit(limit)
        ).mappings()
        return [target_of(row) for row in rows]


def firings(engine: Engine, schedule_ids: Sequence[str], *, limit: int) -> dict[str, list[FiredAt]]:
    """The last due times of each schedule and what came of them, the newest first."""
    ranked = (
        select(
            SCHEDULE.c.id.label("schedule_id"),
            FIRING.c.due_at,
            FIRING.c.missed,
            FIRING.c.times,
            RUN.c.id.label("run_id"),
            RUN.c.state.label("run_state"),
            func.row_number().over(partition_by=SCHEDULE.c.id, order_by=FIRING.c.due_at.desc()).label("nth"),
        )
        .join(FIRING, FIRING.c.schedule_n == SCHEDULE.c.n)
        .outerjoin(RUN, RUN.c.n == FIRING.c.run_n)
        .where(one_of(SCHEDULE.c.id, "schedules"))
        .subquery()
    )
    wanted = select(ranked).where(ranked.c.nth <= limit).order_by(ranked.c.schedule_id, ranked.c.nth)
    found: dict[str, list[FiredAt]] = {}
    with read(engine) as connection:
        for row in connection.execute(wanted, {"schedules": schedule_ids}).mappings():
            fired = FiredAt(
                due_at=from_ms(row["due_at"]),
                missed=Missed(row["missed"]) if row["missed"] else None,
                times=row["times"],
                run_id=row["run_id"] or "",
                run_state=None if row["run_state"] is None else RunState(row["run_state"]),
            )
            found.setdefault(row["schedule_id"], []).append(fired)
    return found


def _resolve(where: RunFilter, tenants: frozenset[str] | None) -> _Match | None:
    """What the filter asks of the database now; None if nothing can match."""
    wanted: dict[str, tuple[str, ...] | None] = {
        "tenant": allowed(where.tenant, tenants),
        "schedule_id": where.schedule or None,
        "trigger_kind": tuple(trigger.value for trigger in where.trigger) or None,
    }
    dimensions = {name: values for name in RUN_DIMENSIONS if (values := wanted[name]) is not None}
    if not all(dimensions.values()):
        return None
    branches = len(STATES)
    for values in dimensions.values():
        branches *= len(values)
    if branches > BRANCHES_MAX:
        raise InvalidInput("That is too many schedules, tenants and triggers at once: choose fewer.")
    after, before = where.window(from_ms(now_ms()))
    states = tuple(state.value for state in where.state)
    return _Match(dimensions, states, (to_ms(after), None if before is None else to_ms(before)))


def known_content(engine: Engine, schedule_id: str, targets: Sequence[str]) -> dict[str, str]:
    """What these targets held when they last succeeded for the schedule."""
    wanted = select(CONTENT.c.target, CONTENT.c.content).where(
        CONTENT.c.schedule_id == schedule_id, one_of(CONTENT.c.target, "targets")
    )
    with read(engine) as connection:
        return {row.target: row.content for row in connection.execute(wanted, {"targets": targets})}
