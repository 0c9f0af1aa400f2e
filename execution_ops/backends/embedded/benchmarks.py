"""Benchmarks in the ledger: a result is kept, or made the baseline, in one transaction."""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Row, Select, insert, select, text, update

from execution_ops.backends.base_benchmarks import History
from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.audit import SubjectKind, Touched
from execution_ops.domain.benchmarks import Machine, NewResult, Promotion, Result, Sample, Series
from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.ids import new_id
from execution_ops.domain.paging import Cursor, Towards, decode_cursor, encode_cursor
from execution_ops.domain.query_values import Sort
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE
from execution_ops.domain.times import from_ms
from execution_ops.domain.topics import BENCHMARKS
from execution_ops.domain.verbs import Stamp

SERIES, RESULT, BASELINE = table("bench_series"), table("bench_result"), table("bench_baseline")
_SAMPLES = TypeAdapter(tuple[Sample, ...])
_OPEN = text(
    "INSERT INTO bench_series (digest, tenant, scenario, analyzer, results) "
    "VALUES (:digest, :tenant, :scenario, :analyzer, 0) ON CONFLICT (digest) DO NOTHING"
)
_OWNED = ("tenant", "scenario", "analyzer", "results", "latest_n", "baseline_n")
_ROWS = select(RESULT, *(SERIES.c[name] for name in _OWNED)).join(SERIES, SERIES.c.n == RESULT.c.series_n)
Tenants = frozenset[str] | None


class Benchmarks:
    """Implements BenchmarkBackend."""

    def __init__(self, engine: Engine) -> None:
        self._bench_engine = engine

    def keep_benchmark(self, new: NewResult) -> Result:
        """Keep what a job measured; see BenchmarkBackend."""
        with write(self._bench_engine) as connection:
            series_n = _locked_series(connection, new)
            known = _ROWS.where(RESULT.c.job_id == new.job_id, RESULT.c.series_n == series_n)
            if (row := connection.execute(known).one_or_none()) is not None:
                return _result(row)
            now = clock_ms(connection)
            result = Result(**dict(new), id=new_id(), created_at=from_ms(now))
            n = connection.execute(
                insert(RESULT).values(**_columns(result, now), series_n=series_n).returning(RESULT.c.n)
            )
            counted = {"latest_n": n.scalar_one(), "results": SERIES.c.results + 1}
            connection.execute(update(SERIES).where(SERIES.c.n == series_n).values(**counted))
            announce_topics(connection, [BENCHMARKS], now)
        return result

    def benchmarks(self, *, tenants: Tenants) -> list[Series]:
        """The latest result of everything that was measured."""
        with read(self._bench_engine) as connection:
            return _with_baselines(connection, _seen(_ROWS.where(RESULT.c.n == SERIES.c.latest_n), tenants))

    def benchmarks_of(self, job_id: str, *, tenants: Tenants) -> list[Series]:
        """What this job measured."""
        with read(self._bench_engine) as connection:
            return _with_baselines(connection, _seen(_ROWS.where(RESULT.c.job_id == job_id), tenants))

    def benchmark(self, result_id: str, *, tenants: Tenants) -> Series | None:
        """One result with the baseline that holds now."""
        with read(self._bench_engine) as connection:
            found = _with_baselines(connection, _seen(_ROWS.where(RESULT.c.id == result_id), tenants))
        return found[0] if found else None

    def benchmark_history(
        self, tenant: str, scenario: str, analyzer: str, *, cursor: str | None, limit: int
    ) -> History:
        """The results of a scenario and analyzer; see BenchmarkBackend."""
        place = decode_cursor(cursor, Sort.NEWEST) if cursor else None
        # By the key of the series alone: the order of the index is the order of the page.
        series = select(SERIES.c.n).where(SERIES.c.digest == _digest(tenant, scenario, analyzer)).scalar_subquery()
        wanted = _ROWS.where(RESULT.c.series_n == series).order_by(RESULT.c.n.desc()).limit(limit + 1)
        if place is not None:
            wanted = wanted.where(RESULT.c.n < place.n)
        with read(self._bench_engine) as connection:
            rows = connection.execute(wanted).all()
        shown = rows[:limit]
        older = Cursor(Sort.NEWEST, Towards.OLDER, shown[-1].created_at, shown[-1].n) if len(rows) > limit else None
        return History(tuple(_result(one) for one in shown), encode_cursor(older) if older else None)

    def promote_benchmark(self, result_id: str, stamp: Stamp, *, tenants: Tenants) -> Promotion:
        """Make a result the baseline; see BenchmarkBackend."""
        with write(self._bench_engine) as connection:
            row = connection.execute(_seen(_ROWS.where(RESULT.c.id == result_id), tenants)).one_or_none()
            if row is None:
                raise NotFound(f"There is no benchmark result {result_id}.")
            held = select(SERIES.c.baseline_n).where(SERIES.c.n == row.series_n).with_for_update()
            before_n = connection.execute(held).scalar_one()
            if before_n == row.n:
                raise Conflict("This result is the baseline already.", code="NO_CHANGE")
            before = connection.execute(select(RESULT.c.id).where(RESULT.c.n == before_n)).scalar_one_or_none()
            now = clock_ms(connection)
            told = {"at": now, "by": stamp.actor.name, "reason": stamp.reason}
            connection.execute(insert(BASELINE).values(series_n=row.series_n, result_n=row.n, **told))
            connection.execute(update(SERIES).where(SERIES.c.n == row.series_n).values(baseline_n=row.n))
            subject = f"{row.scenario} {row.analyzer}"
            record(
                connection,
                BENCH_PROMOTE.name,
                stamp,
                touched=Touched(SubjectKind.BENCHMARK, (result_id,), row.tenant),
                subject=subject,
                count=1,
                before=before or "",
                after=result_id,
            )
            announce_topics(connection, [BENCHMARKS], now)
        return Promotion(result_id=result_id, at=from_ms(now), by=stamp.actor.name, reason=stamp.reason)

    def benchmark_promotions(self, tenant: str, scenario: str, analyzer: str, *, limit: int) -> list[Promotion]:
        """What was made the baseline, the newest first."""
        wanted = (
            select(BASELINE, RESULT.c.id.label("result_id"))
            .join(RESULT, RESULT.c.n == BASELINE.c.result_n)
            .join(SERIES, SERIES.c.n == BASELINE.c.series_n)
            .where(SERIES.c.digest == _digest(tenant, scenario, analyzer))
            .order_by(BASELINE.c.n.desc())
            .limit(limit)
        )
        with read(self._bench_engine) as connection:
            rows = connection.execute(wanted).all()
        return [Promotion(result_id=one.result_id, at=from_ms(one.at), by=one.by, reason=one.reason) for one in rows]


def _locked_series(connection: Connection, new: NewResult) -> int:
    """The series of the result, held until the transaction ends, so that its results are counted one by one."""
    names = {"tenant": new.tenant, "scenario": new.scenario, "analyzer": new.analyzer}
    digest = _digest(**names)
    connection.execute(_OPEN, {"digest": digest, **names})
    held = select(SERIES.c.n).where(SERIES.c.digest == digest).with_for_update()
    return int(connection.execute(held).scalar_one())


def _digest(tenant: str, scenario: str, analyzer: str) -> str:
    return hashlib.sha256(f"{tenant}\0{scenario}\0{analyzer}".encode()).hexdigest()


def _with_baselines(connection: Connection, wanted: Select[Any]) -> list[Series]:
    """These results, each with the baseline of its series."""
    rows = connection.execute(wanted.order_by(RESULT.c.n)).all()
    keys = {row.baseline_n for row in rows if row.baseline_n is not None}
    chosen = connection.execute(_ROWS.where(one_of(RESULT.c.n, "keys")), {"keys": sorted(keys)}).all() if keys else []
    baselines = {row.n: _result(row) for row in chosen}
    return [Series(result=_result(row), baseline=baselines.get(row.baseline_n), results=row.results) for row in rows]


def _seen(wanted: Select[Any], tenants: Tenants) -> Select[Any]:
    return wanted if tenants is None else wanted.where(SERIES.c.tenant.in_(sorted(tenants)))


def _columns(result: Result, now: int) -> dict[str, object]:
    same = ("id", "iterations", "warm_up", "syft", "job_id", "created_by")
    return {
        **{name: getattr(result, name) for name in same},
        "samples": _SAMPLES.dump_json(result.samples).decode(),
        "machine": result.machine.model_dump_json(),
        "created_at": now,
    }


def _result(row: Row[Any]) -> Result:
    return Result(
        id=row.id,
        tenant=row.tenant,
        scenario=row.scenario,
        analyzer=row.analyzer,
        iterations=row.iterations,
        warm_up=row.warm_up,
        samples=_SAMPLES.validate_json(row.samples),
        machine=Machine.model_validate_json(row.machine),
        syft=row.syft,
        job_id=row.job_id,
        created_at=from_ms(row.created_at),
        created_by=row.created_by,
    )
