"""What the jobs of scans keep in the ledger for those that come later. Only a try that still counts keeps anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select

from execution_ops.backends.embedded import scan_cache
from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.scanner_config import settings_now
from execution_ops.backends.embedded.transitions import ATTEMPT, announce_topics, table
from execution_ops.domain.analyzers import SelfTest, SyftAnswer, SyftInventory
from execution_ops.domain.scan_cache import CacheEntry
from execution_ops.domain.states import AttemptState
from execution_ops.domain.times import from_ms
from execution_ops.domain.topics import ANALYZERS

ANSWER = table("syft_answer")
TEST = table("analyzer_test")
WORKER = table("worker")
SAID, PROBLEM = "answer", "problem"


class LedgerMemory:
    """Implements ScanMemory for one try of a job."""

    def __init__(self, engine: Engine, store: ArtifactStore, job: RowMapping, attempt: int) -> None:
        self._engine = engine
        self._store = store
        self._job_n: int = job["n"]
        self._job_id: str = job["id"]
        self._tenant: str = job["tenant"]
        self._attempt = attempt

    def caches(self) -> bool:
        """Whether the settings have the cache on."""
        with read(self._engine) as connection:
            return settings_now(connection).settings.cache.enabled

    def cached(self, key: str) -> CacheEntry | None:
        """What was kept under the key."""
        with write(self._engine) as connection:
            return scan_cache.take(connection, self._tenant, key, clock_ms(connection), self._store.use)

    def remember(self, entry: CacheEntry) -> None:
        """Keep a result."""
        with self._counting() as (connection, worker):
            if worker is not None:
                scan_cache.keep(connection, self._tenant, self._job_id, entry, clock_ms(connection))

    def met_syft(self, answer: SyftAnswer) -> None:
        """Keep what Syft is and offers, if that is another than known."""
        with read(self._engine) as connection:
            known = inventory(connection, None)
        if known.answer != answer or known.problem:
            self.asked_syft(answer, "")

    def asked_syft(self, answer: SyftAnswer | None, problem: str) -> None:
        """Keep what Syft answered, or why it did not."""
        with self._counting() as (connection, worker):
            if worker is None:
                return
            now = clock_ms(connection)
            # An answer ends what was wrong before; what went wrong leaves the last answer.
            replaced = [SAID, PROBLEM] if answer else [PROBLEM]
            connection.execute(delete(ANSWER).where(ANSWER.c.kind.in_(replaced)))
            connection.execute(
                insert(ANSWER).values(
                    kind=SAID if answer else PROBLEM,
                    body=answer.model_dump_json() if answer else problem,
                    asked_at=now,
                    job_id=self._job_id,
                    tenant=self._tenant,
                    worker=worker,
                )
            )
            announce_topics(connection, [ANALYZERS], now)

    def tested(self, test: SelfTest) -> None:
        """Keep how a self-test ended."""
        with self._counting() as (connection, worker):
            if worker is None:
                return
            now = clock_ms(connection)
            connection.execute(delete(TEST).where(TEST.c.analyzer == test.analyzer))
            connection.execute(
                insert(TEST).values(
                    analyzer=test.analyzer,
                    job_id=self._job_id,
                    tenant=self._tenant,
                    at=now,
                    body=test.model_dump_json(),
                )
            )
            announce_topics(connection, [ANALYZERS], now)

    @contextmanager
    def _counting(self) -> Iterator[tuple[Connection, str | None]]:
        """A transaction, and the name of the worker; None if this try does not count any more."""
        with write(self._engine) as connection:
            trying = (
                select(WORKER.c.name, ATTEMPT.c.worker_id)
                .select_from(ATTEMPT.outerjoin(WORKER, WORKER.c.id == ATTEMPT.c.worker_id))
                .where(
                    ATTEMPT.c.job_n == self._job_n,
                    ATTEMPT.c.number == self._attempt,
                    ATTEMPT.c.state == AttemptState.RUNNING.value,
                )
            )
            found = connection.execute(trying).first()
            yield connection, (found.name or found.worker_id) if found else None


def inventory(connection: Connection, tenants: frozenset[str] | None) -> SyftInventory:
    """What Syft said when it was asked last, and what went wrong since. Jobs of other tenants are not named."""
    rows = {row["kind"]: row for row in connection.execute(select(ANSWER)).mappings()}
    known, failed = rows.get(SAID), rows.get(PROBLEM)
    found = SyftInventory()
    if known is not None:
        found = SyftInventory(
            answer=SyftAnswer.model_validate_json(known["body"]),
            asked_at=from_ms(known["asked_at"]),
            asked_by=job_for(known, tenants),
            worker=known["worker"],
        )
    if failed is None:
        return found
    return found.model_copy(
        update={
            "problem": failed["body"],
            "problem_at": from_ms(failed["asked_at"]),
            "problem_by": job_for(failed, tenants),
        }
    )


def job_for(row: RowMapping, tenants: frozenset[str] | None) -> str:
    """The job that a row names, "" for who does not see it."""
    return str(row["job_id"]) if tenants is None or row["tenant"] in tenants else ""
