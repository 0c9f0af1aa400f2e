"""What the ledger keeps of analyzers and of their results, on every database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from execution_ops.backends.embedded import scan_cache
from execution_ops.backends.embedded.analyzer_backend import Analyzers
from execution_ops.backends.embedded.analyzer_runs import run_ended
from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.backends.embedded.audit import AUDIT
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.scan_memory import LedgerMemory
from execution_ops.backends.embedded.scanner_config import ScannerConfig
from execution_ops.backends.embedded.transitions import ATTEMPT, DAG, JOB
from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.analyzers import CATALOG_TYPE, Offered, SelfTest, SyftAnswer
from execution_ops.domain.errors import Conflict
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import Artifact
from execution_ops.domain.scan_cache import CacheEntry, CacheScope
from execution_ops.domain.scanner_settings import MIB, CacheLimits, ScannerSettings
from execution_ops.domain.scanner_verbs import SETTINGS_EDIT
from execution_ops.domain.states import AttemptState, JobState
from execution_ops.domain.times import from_ms, now_ms
from execution_ops.domain.verbs import Stamp

STAMP = Stamp(actor=local_operator(), reason="a test")
DAY_MS = scan_cache.DAY_MS
ANSWER = SyftAnswer(program="/bin/syft", version="1.18.1", catalogers=(Offered(name="go", tags=("directory", "go")),))


def add_job(engine: Engine, *, tenant: str = "acme", label: str = "go", job_type: str = CATALOG_TYPE) -> Any:
    """A running job with its first try, as its row."""
    now, job_id, dag_id = now_ms(), new_id(), new_id()
    with write(engine) as connection:
        connection.execute(insert(DAG).values(id=dag_id, title="t", tenant=tenant, created_at=now, size=1))
        row = {
            "id": job_id,
            "dag_id": dag_id,
            "node_key": "n",
            "job_type": job_type,
            "label": label,
            "queue": "catalog",
            "tenant": tenant,
            "state": JobState.RUNNING.value,
            "attempts": 1,
            "max_attempts": 3,
            "timeout_ms": 1000,
            "created_at": now,
        }
        connection.execute(insert(JOB).values(**_whole(row)))
        job = connection.execute(select(JOB).where(JOB.c.id == job_id)).mappings().one()
        connection.execute(
            insert(ATTEMPT).values(
                job_n=job["n"],
                number=1,
                state=AttemptState.RUNNING.value,
                worker_id="w1",
                started_at=now - 250,
                error_type="",
                error_message="",
                error_stack="",
            )
        )
    return job


def _whole(row: dict[str, Any]) -> dict[str, Any]:
    texts = dict.fromkeys(("group_key", "worker_id", "error_type", "error_message", "progress_note"), "")
    numbers = dict.fromkeys(("dispatch", "waiting_for", "tries_from", "priority", "progress_done", "progress_total"), 0)
    return {**texts, **numbers, **row}


def end_job(
    engine: Engine, job: Any, state: JobState = JobState.SUCCEEDED, *, body: str = "{}", error: str = ""
) -> None:
    with write(engine) as connection:
        run_ended(connection, job, state, now_ms(), body=body, error=error)


def test_the_end_of_a_catalog_job_is_kept_and_a_retry_writes_it_anew(database: Engine) -> None:
    ledger = Analyzers(database)
    job, other = add_job(database), add_job(database, job_type="scan.merge")
    end_job(database, job, JobState.FAILED, error="boom " * 200)
    end_job(database, other)
    [run] = ledger.analyzer_runs(["go"], tenants=None, limit=10)["go"]
    assert (run.job_id, run.state, run.components) == (job["id"], JobState.FAILED, 0)
    assert 250 <= run.duration_ms < 60_000
    assert len(run.error) == 500
    end_job(database, job, body='{"components": 7, "cached": true}')
    [run] = ledger.analyzer_runs(["go"], tenants=None, limit=10)["go"]
    assert (run.state, run.components, run.cached, run.error) == (JobState.SUCCEEDED, 7, True, "")


def test_the_last_runs_are_those_of_the_tenants_that_one_sees(database: Engine) -> None:
    ledger = Analyzers(database)
    ids = {}
    for tenant in ("acme", "other", "third", "acme"):
        job = add_job(database, tenant=tenant)
        end_job(database, job)
        ids.setdefault(tenant, []).append(job["id"])
    end_job(database, add_job(database, label="rust"))
    everyone = ledger.analyzer_runs(["go", "rust", "none"], tenants=None, limit=3)
    assert ([len(everyone[name]) for name in ("go", "rust", "none")]) == [3, 1, 0]
    assert everyone["go"][0].job_id == ids["acme"][1]
    some = ledger.analyzer_runs(["go"], tenants=frozenset({"acme", "third"}), limit=10)["go"]
    assert [run.job_id for run in some] == [ids["acme"][1], ids["third"][0], ids["acme"][0]]
    assert ledger.analyzer_runs(["go"], tenants=frozenset(), limit=10)["go"] == []


@pytest.fixture
def memory_of(database: Engine, tmp_path: Path) -> Callable[..., LedgerMemory]:
    """What a job of a tenant remembers with."""
    store = ArtifactStore(tmp_path)

    def make(tenant: str = "acme") -> LedgerMemory:
        return LedgerMemory(database, store, add_job(database, tenant=tenant), 1)

    return make


def stored(tmp_path: Path, size: int) -> Artifact:
    """A file of so many bytes in the artifact store."""
    path = tmp_path / f"{new_id()}.json"
    path.write_bytes(path.name.encode().ljust(size, b"x"))
    return ArtifactStore(tmp_path).keep(path, name="go.cdx.json", media_type="application/json")


def entry(tmp_path: Path, key: str = "k1", *, size: int = 1000, analyzer: str = "go") -> CacheEntry:
    return CacheEntry(key=key, analyzer=analyzer, source="app.zip", artifact=stored(tmp_path, size), components=3)


def limit(engine: Engine, **limits: Any) -> None:
    """Save these limits of the cache."""
    ScannerConfig(engine).save_scanner_settings(
        ScannerSettings(cache=CacheLimits(**limits)), SETTINGS_EDIT, STAMP, seen=None
    )


def test_what_was_remembered_is_taken_by_the_same_tenant_only(
    database: Engine, memory_of: Callable[..., LedgerMemory], tmp_path: Path
) -> None:
    memory, kept = memory_of(), entry(tmp_path)
    assert memory.caches()
    assert memory.cached("k1") is None
    memory.remember(kept)
    found = memory_of().cached("k1")
    assert found is not None
    assert (found.artifact, found.components, found.source) == (kept.artifact, 3, "app.zip")
    assert found.job_id
    assert memory_of("other").cached("k1") is None
    figures = Analyzers(database).cache_figures(tenants=None)
    assert (figures.entries, figures.used_bytes, figures.hits, figures.misses) == (1, 1000, 1, 2)
    mine = Analyzers(database).cache_figures(tenants=frozenset({"other"}))
    assert (mine.entries, mine.hits, mine.misses) == (0, 0, 1)


def test_a_result_whose_document_is_gone_or_too_old_is_a_miss(
    database: Engine, memory_of: Callable[..., LedgerMemory], tmp_path: Path
) -> None:
    memory = memory_of()
    gone = entry(tmp_path, "gone")
    memory.remember(gone)
    path = ArtifactStore(tmp_path).path(gone.artifact.sha256)
    assert path is not None
    path.unlink()
    assert memory.cached("gone") is None
    memory.remember(entry(tmp_path, "old"))
    age(database, "old", 31)
    assert memory.cached("old") is None
    figures = Analyzers(database).cache_figures(tenants=None)
    assert (figures.entries, figures.expired, figures.hits) == (0, 2, 0)


def age(engine: Engine, key: str, days: int) -> None:
    """Make an entry older."""
    with write(engine) as connection:
        moved = scan_cache.CACHE.c.created_at - days * DAY_MS
        connection.execute(scan_cache.CACHE.update().where(scan_cache.CACHE.c.key == key).values(created_at=moved))


def keys(engine: Engine) -> list[str]:
    with read(engine) as connection:
        return sorted(connection.execute(select(scan_cache.CACHE.c.key)).scalars())


def test_what_was_used_least_lately_goes_first_when_the_limit_is_reached(
    database: Engine, memory_of: Callable[..., LedgerMemory], tmp_path: Path
) -> None:
    limit(database, max_bytes=MIB, ttl_days=2)
    memory = memory_of()
    for number, key in enumerate(("a", "b", "c")):
        memory.remember(entry(tmp_path, key, size=300 << 10))
        set_use(database, key, number)
    assert memory.cached("a") is not None
    memory.remember(entry(tmp_path, "d", size=400 << 10))
    assert keys(database) == ["a", "c", "d"]
    memory.remember(entry(tmp_path, "huge", size=MIB + 1))
    assert keys(database) == ["a", "c", "d"]
    age(database, "c", 3)
    memory.remember(entry(tmp_path, "e", size=1000))
    assert keys(database) == ["a", "d", "e"]
    figures = Analyzers(database).cache_figures(tenants=None)
    assert (figures.evicted, figures.expired, figures.limits.max_bytes) == (1, 1, MIB)


def set_use(engine: Engine, key: str, at: int) -> None:
    with write(engine) as connection:
        connection.execute(scan_cache.CACHE.update().where(scan_cache.CACHE.c.key == key).values(last_used_at=at))


def test_a_cache_that_is_off_keeps_and_gives_nothing(
    database: Engine, memory_of: Callable[..., LedgerMemory], tmp_path: Path
) -> None:
    memory = memory_of()
    memory.remember(entry(tmp_path))
    limit(database, enabled=False)
    assert not memory.caches()
    assert memory.cached("k1") is None
    memory.remember(entry(tmp_path, "k2"))
    assert keys(database) == ["k1"]
    assert Analyzers(database).cache_figures(tenants=None).misses == 0


def test_a_clear_drops_exactly_what_its_preview_showed(
    database: Engine, memory_of: Callable[..., LedgerMemory], tmp_path: Path
) -> None:
    ledger, memory = Analyzers(database), memory_of()
    for key, analyzer in (("a", "go"), ("b", "go"), ("c", "rust")):
        memory.remember(entry(tmp_path, key, analyzer=analyzer))
        age(database, key, 1)
    age(database, "b", 9)
    memory_of("other").remember(entry(tmp_path, "foreign"))
    age(database, "foreign", 1)
    older = CacheScope(analyzer="go", before=from_ms(now_ms() - 5 * DAY_MS))
    assert ledger.preview_cache(older, tenants=None).entries == 1
    seen = ledger.preview_cache(CacheScope(analyzer="go"), tenants=None)
    assert (seen.entries, seen.bytes) == (3, 3000)
    # What comes after the look stays, what goes before the clear is told.
    memory.remember(entry(tmp_path, "later"))
    cleared = ledger.clear_cache(seen, STAMP)
    assert cleared == seen
    assert keys(database) == ["c", "later"]
    with pytest.raises(Conflict, match="0 are left"):
        ledger.clear_cache(seen, STAMP)
    with read(database) as connection:
        row = connection.execute(select(AUDIT).where(AUDIT.c.verb == "cache_clear")).mappings().one()
    assert (row["count"], row["subject"], row["reason"]) == (3, "entries of go", "a test")


def test_who_sees_one_tenant_clears_only_what_is_of_that_tenant(
    database: Engine, memory_of: Callable[..., LedgerMemory], tmp_path: Path
) -> None:
    ledger = Analyzers(database)
    memory_of("acme").remember(entry(tmp_path, "mine"))
    memory_of("other").remember(entry(tmp_path, "theirs"))
    for key in ("mine", "theirs"):
        age(database, key, 1)
    actor = Actor(name="ann", scopes=frozenset(Scope), tenants=frozenset({"acme"}))
    whole = ledger.preview_cache(CacheScope(), tenants=None)
    with pytest.raises(Conflict):
        ledger.clear_cache(whole, Stamp(actor=actor, reason="all of it"))
    seen = ledger.preview_cache(CacheScope(), tenants=actor.tenants)
    ledger.clear_cache(seen, Stamp(actor=actor, reason="mine"))
    assert keys(database) == ["theirs"]


def test_what_syft_said_is_kept_with_what_went_wrong_since(
    database: Engine, memory_of: Callable[..., LedgerMemory]
) -> None:
    ledger = Analyzers(database)
    assert ledger.syft_inventory(tenants=None).answer is None
    memory_of().asked_syft(ANSWER, "")
    found = ledger.syft_inventory(tenants=None)
    assert (found.answer, found.worker, bool(found.asked_by), found.problem) == (ANSWER, "w1", True, "")
    assert ledger.syft_inventory(tenants=frozenset({"other"})).asked_by == ""
    memory_of().asked_syft(None, "Syft is not there.")
    found = ledger.syft_inventory(tenants=None)
    assert (found.answer, found.problem, bool(found.problem_by)) == (ANSWER, "Syft is not there.", True)
    newer = ANSWER.model_copy(update={"version": "1.19.0"})
    memory_of().met_syft(newer)
    found = ledger.syft_inventory(tenants=None)
    assert (found.answer, found.problem) == (newer, "")
    before = found.asked_at
    memory_of().met_syft(newer)
    assert ledger.syft_inventory(tenants=None).asked_at == before


def test_the_last_self_test_is_kept(database: Engine, memory_of: Callable[..., LedgerMemory]) -> None:
    ledger = Analyzers(database)
    for found in (("a",), ("a", "b")):
        memory_of().tested(SelfTest(analyzer="go", syft_version="1", expected=("a", "b"), found=found))
    tests = ledger.analyzer_tests(tenants=None)
    assert list(tests) == ["go"]
    assert tests["go"].result.passed
    assert tests["go"].job_id
    assert ledger.analyzer_tests(tenants=frozenset({"other"}))["go"].job_id == ""


def test_a_try_that_does_not_count_any_more_keeps_nothing(database: Engine, tmp_path: Path) -> None:
    job = add_job(database)
    memory = LedgerMemory(database, ArtifactStore(tmp_path), job, 1)
    with write(database) as connection:
        connection.execute(ATTEMPT.update().where(ATTEMPT.c.job_n == job["n"]).values(state=AttemptState.LOST.value))
    memory.asked_syft(ANSWER, "")
    memory.tested(SelfTest(analyzer="go"))
    memory.remember(entry(tmp_path))
    ledger = Analyzers(database)
    assert ledger.syft_inventory(tenants=None).answer is None
    assert ledger.analyzer_tests(tenants=None) == {}
    assert keys(database) == []
