"""Results of benchmarks in the ledger: kept once, in series, with one baseline each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.ids import new_id
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE
from execution_ops.domain.topics import AUDIT, BENCHMARKS, SCANNER
from execution_ops.services.requests import sign
from tests.bench_samples import new_result
from tests.execution import STAMP, Bench, operator

PATH = f"path:/srv/{'é' * 1500}"


def test_what_a_job_measured_is_kept_once(bench: Bench) -> None:
    backend, new = bench.backend, new_result(120.5, 80.25)
    kept = backend.keep_benchmark(new)
    assert dict(kept) == {**dict(new), "id": kept.id, "created_at": kept.created_at}
    again = backend.keep_benchmark(new.model_copy(update={"samples": new_result(1.0).samples}))
    assert again == kept
    (series,) = backend.benchmarks(tenants=None)
    assert (series.result, series.baseline, series.results) == (kept, None, 1)
    assert [change.topic for change in backend.changes_after(0)[0]] == [BENCHMARKS, SCANNER]
    other = backend.keep_benchmark(new.model_copy(update={"analyzer": "rust"}))
    assert [one.result for one in backend.benchmarks_of(new.job_id, tenants=None)] == [kept, other]
    assert backend.benchmarks_of(new.job_id, tenants=frozenset({"other"})) == []


def test_many_that_keep_at_once_are_counted_one_by_one(bench: Bench) -> None:
    with ThreadPoolExecutor(6) as pool:
        kept = list(pool.map(lambda n: bench.backend.keep_benchmark(new_result(float(n + 1))), range(12)))
    (series,) = bench.backend.benchmarks(tenants=None)
    assert series.results == len({one.id for one in kept}) == 12
    found = bench.backend.benchmark_history("acme", "go_modules", "go", cursor=None, limit=50)
    assert {one.id for one in found.rows} == {one.id for one in kept}
    assert found.rows[0] == series.result


def test_a_history_is_paged_from_the_newest(bench: Bench) -> None:
    made = [bench.backend.keep_benchmark(new_result(float(n), scenario=PATH)).id for n in range(1, 6)]
    bench.backend.keep_benchmark(new_result(9.0, scenario=PATH, tenant="other"))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        part = bench.backend.benchmark_history("acme", PATH, "go", cursor=cursor, limit=2)
        seen += [one.id for one in part.rows]
        cursor = part.older
        if cursor is None:
            break
    assert seen == made[::-1]
    assert bench.backend.benchmark_history("acme", "never", "go", cursor=None, limit=2).rows == ()
    with pytest.raises(InvalidInput, match="damaged"):
        bench.backend.benchmark_history("acme", PATH, "go", cursor="x", limit=2)


def test_a_result_becomes_the_baseline_and_its_history_stays(bench: Bench) -> None:
    backend = bench.backend
    first, second = (backend.keep_benchmark(new_result(time)) for time in (100.0, 140.0))
    apart = backend.keep_benchmark(new_result(9.0, analyzer="rust"))
    signed = sign(BENCH_PROMOTE, STAMP.actor, STAMP)
    made = backend.promote_benchmark(first.id, signed, tenants=None)
    assert (made.result_id, made.by, made.reason) == (first.id, STAMP.actor.name, "a test")
    found = backend.benchmark(second.id, tenants=None)
    assert found is not None
    assert (found.baseline, found.results) == (first, 2)
    alone = backend.benchmark(apart.id, tenants=None)
    assert alone is not None
    assert alone.baseline is None
    with pytest.raises(Conflict, match="already"):
        backend.promote_benchmark(first.id, signed, tenants=None)
    backend.promote_benchmark(second.id, operator("ada"), tenants=None)
    history = backend.benchmark_promotions("acme", "go_modules", "go", limit=9)
    assert [(one.result_id, one.by) for one in history] == [(second.id, "ada"), (first.id, STAMP.actor.name)]
    audit = bench.rows("SELECT verb, subject, before, after, reason FROM audit_event ORDER BY n")
    assert [tuple(row.values()) for row in audit] == [
        ("bench_promote", "go_modules go", "", first.id, "a test"),
        ("bench_promote", "go_modules go", first.id, second.id, "ada wants it"),
    ]
    assert [change.topic for change in backend.changes_after(0)[0] if change.topic != AUDIT] == [
        BENCHMARKS,
        SCANNER,
    ] * 5


def test_two_that_promote_at_once_both_are_in_the_history(bench: Bench) -> None:
    made = [bench.backend.keep_benchmark(new_result(float(n))).id for n in range(1, 5)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: bench.backend.promote_benchmark(one, STAMP, tenants=None), made))
    history = bench.backend.benchmark_promotions("acme", "go_modules", "go", limit=9)
    assert {one.result_id for one in history} == set(made)
    (series,) = bench.backend.benchmarks(tenants=None)
    assert series.baseline is not None
    assert series.baseline.id == history[0].result_id


def test_tenants_see_their_own(bench: Bench) -> None:
    backend = bench.backend
    mine = backend.keep_benchmark(new_result(1.0))
    foreign = backend.keep_benchmark(new_result(2.0, tenant="other"))
    acme = frozenset({"acme"})
    assert [one.result for one in backend.benchmarks(tenants=acme)] == [mine]
    assert backend.benchmark(foreign.id, tenants=acme) is None
    assert backend.benchmark(new_id(), tenants=None) is None
    with pytest.raises(NotFound):
        backend.promote_benchmark(foreign.id, operator("ada", acme), tenants=acme)
    assert bench.rows("SELECT * FROM audit_event") == []
