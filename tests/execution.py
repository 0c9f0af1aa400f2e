"""An engine for tests: a backend and, on demand, a worker of this process; and ways to look at jobs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from dbos import DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy import text

from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.dbos_tables import APPLICATION
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.worker import Worker
from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.job_types import DagSpec, NodeSpec, Registry
from execution_ops.domain.jobs import Submission
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.verbs import Stamp
from execution_ops.settings import Settings
from tests.jobs import QUEUE, REGISTRY

DEADLINE_S = 240.0
UNMARKED = frozenset(f"test.{name}" for name in ("echo", "number", "poison", "permanent", "chatty", "files", "wrong"))
STAMP = Stamp(actor=local_operator(), reason="a test")


def operator(name: str, tenants: Iterable[str] | None = None) -> Stamp:
    """A stamp of another operator."""
    seen = None if tenants is None else frozenset(tenants)
    return Stamp(actor=Actor(name=name, scopes=frozenset(Scope), tenants=seen), reason=f"{name} wants it")


def node(key: str, job_type: str, payload: dict[str, Any] | None = None, after: tuple[str, ...] = ()) -> NodeSpec:
    """A node of a DAG."""
    return NodeSpec(key=key, job_type=job_type, payload=payload or {}, after=after)


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = DEADLINE_S) -> None:
    """Wait for the condition; fail the test, naming it, when it does not come true."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not in {timeout_s} s: {what}"
        pause.wait(0.02)


class Bench:
    """One engine under test; `marks` is a directory that handlers and test see."""

    def __init__(self, database_url: str, directory: Path, registry: Registry = REGISTRY) -> None:
        self.registry = registry
        self.marks = directory / "marks"
        self.marks.mkdir(exist_ok=True)
        self.settings = Settings(
            data_dir=directory / "data",
            scan_roots=(directory,),
            database_url=database_url,
            poll_interval=0.1,
            heartbeat_interval=0.3,
            # Long for a test, but this machine may be busy: a kill is noticed at once anyway.
            lost_after=5.0,
        )
        self.beneath = EmbeddedBackend(self.settings, registry)
        # Any: what is under test may be the port over the wire, see `tests/remote.py`.
        self.backend: Any = self.beneath
        self.worker: Worker | None = None

    def work(self, concurrency: int = 8) -> Worker:
        """Start the worker of this process."""
        self.worker = Worker(self.beneath, self.settings, registry=self.registry, concurrency=concurrency)
        self.worker.start()
        return self.worker

    def close(self) -> None:
        """Let waiting handlers go, then stop everything."""
        (self.marks / "go").touch()
        if self.worker is not None:
            self.worker.stop(5)
        self.beneath.close()

    def submit(self, *nodes: NodeSpec, key: str = "", tenant: str = "acme") -> Submission:
        """Submit a DAG."""
        stamp = STAMP.model_copy(update={"idempotency_key": key})
        return self.backend.submit(DagSpec(title="a test", nodes=nodes), tenant=tenant, stamp=stamp)

    def one(self, job_type: str, **payload: Any) -> str:
        """Submit a single job; its id. Types that want marks get them."""
        if job_type in UNMARKED:
            return self.submit(node("one", job_type, payload)).job_ids["one"]
        return self.submit(node("one", job_type, {"marks": str(self.marks), **payload})).job_ids["one"]

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """What the ledger says."""
        with read(self.beneath.engine) as connection:
            return [dict(row) for row in connection.execute(text(statement), values).mappings()]

    def job(self, job_id: str) -> dict[str, Any]:
        """The job's row."""
        return self.rows("SELECT * FROM job WHERE id = :id", id=job_id)[0]

    def state(self, job_id: str) -> JobState:
        """The job's state."""
        return JobState(self.job(job_id)["state"])

    def part(self, job_id: str, table: str, order: str) -> list[dict[str, Any]]:
        """The rows that a table has of the job."""
        found = f"SELECT t.* FROM {table} t JOIN job j ON j.n = t.job_n WHERE j.id = :id ORDER BY t.{order}"
        return self.rows(found, id=job_id)

    def attempts(self, job_id: str) -> list[str]:
        """The states of the job's tries."""
        return [row["state"] for row in self.part(job_id, "job_attempt", "number")]

    def events(self, job_id: str) -> list[str]:
        """The kinds of the job's events."""
        return [row["kind"] for row in self.part(job_id, "job_event", "seq")]

    def log(self, job_id: str) -> list[str]:
        """The job's log."""
        return [row["text"] for row in self.part(job_id, "job_log", "seq")]

    def value(self, job_id: str, which: str = "result") -> str:
        """The stored JSON."""
        return next(row["body"] for row in self.part(job_id, "job_value", "which") if row["which"] == which)

    def until(self, job_id: str, state: JobState) -> dict[str, Any]:
        """Wait until the job is in the state; its row. Fails at once if it ended otherwise."""

        def reached() -> bool:
            now = self.state(job_id)
            assert now == state or now not in ENDED, f"ended {now}: {self.job(job_id)}"
            return now == state

        wait_until(reached, f"{job_id} becomes {state}")
        return self.job(job_id)

    def until_mark(self, name: str) -> Path:
        """Wait until a handler left the mark."""
        path = self.marks / name
        wait_until(path.exists, f"the mark {name}")
        return path

    def let_go(self) -> None:
        """Let the waiting handlers end."""
        (self.marks / "go").touch()

    def limit_queue(self, limit: int, period_s: float) -> None:
        """Let the tests' queue start at most `limit` jobs in any `period_s`."""
        client = DBOSClient(
            system_database_engine=self.beneath.dbos_engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
        )
        client.register_queue(
            QUEUE,
            limiter={"limit": limit, "period": period_s},
            polling_interval_sec=self.settings.poll_interval,
            on_conflict="always_update",
        )
        client.destroy()

    def check_counters(self) -> None:
        """The counters and their deltas have to sum up to what there is."""
        there = "SELECT tenant, job_type, queue, state, count(*) AS jobs FROM job GROUP BY 1, 2, 3, 4"
        kept = (
            "SELECT tenant, job_type, queue, state, sum(jobs) AS jobs FROM ("
            "SELECT tenant, job_type, queue, state, jobs FROM counter UNION ALL "
            "SELECT tenant, job_type, queue, state, jobs FROM counter_delta) c "
            "GROUP BY 1, 2, 3, 4 HAVING sum(jobs) <> 0"
        )

        def figures(statement: str) -> set[tuple[Any, ...]]:
            return {(*list(row.values())[:4], int(row["jobs"])) for row in self.rows(statement)}

        assert figures(kept) == figures(there)
