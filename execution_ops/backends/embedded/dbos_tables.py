"""What this program knows of DBOS's own tables and of its private calls (one more: `intake.py`).

DBOS changes its schema often, so no other module spells one of its tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from dbos._serialization import serialize_args
from sqlalchemy import ColumnElement, Connection, Engine, Insert, Table, bindparam, select, text

from execution_ops.backends.embedded.many import fields
from execution_ops.domain.job_types import ATTEMPTS_MAX
from execution_ops.domain.times import now_ms

APPLICATION = "execution-ops"
# Recovery sees only rows of its own version, so it changes only when `run_job` itself does.
VERSION = "1"
WORKFLOW = "run_job"
# The bound is the job's own attempts, of which no type has more; this one is for crashes before an attempt
# could be recorded.
MAX_RECOVERIES = ATTEMPTS_MAX
# Of what DBOS makes of an enqueue, the columns that have the same name in its table.
_COPIED = (
    *("status", "name", "class_name", "config_name", "executor_id", "authenticated_user", "authenticated_roles"),
    *("assumed_role", "queue_name", "workflow_timeout_ms", "workflow_deadline_epoch_ms", "deduplication_id"),
    *("priority", "serialization", "queue_partition_key", "parent_workflow_id", "delay_until_epoch_ms"),
    *("attributes", "schedule_name", "application_name"),
)
# Those that this program fills itself.
_OWN = ("application_version", "application_id", "recovery_attempts", "created_at", "updated_at")
# Of the tables with rows of a workflow, those that do not lose them with its status.
_VALUES = ("workflow_input", "workflow_output", "operation_outputs")


class Dispatch(NamedTuple):
    """A job's next workflow: which, and where it waits."""

    job_id: str
    number: int
    queue: str
    priority: int


class Dispatcher:
    """Puts a job's next workflow into its queue, within the transaction that decided so.

    Because the ledger and DBOS share a database, a job that is `scheduled` always has its
    workflow, and a workflow without a job cannot be: both commit or neither does.
    """

    def __init__(self, engine: Engine) -> None:
        self._serializer = DBOSPortableJSONSerializer()
        self._client = DBOSClient(
            system_database_engine=engine,
            serializer=self._serializer,
            application_name=APPLICATION,
            lazy=True,
        )

    def enqueue(
        self, connection: Connection, job_id: str, dispatch: int, *, queue: str, priority: int, delay_ms: int = 0
    ) -> None:
        """Enqueue the workflow `<job id>:<dispatch>`, to start after `delay_ms`."""
        options = _options(Dispatch(job_id, dispatch, queue, priority))
        if delay_ms:
            options["delay_seconds"] = delay_ms / 1000
        self._client.enqueue_in_transaction(connection, options, job_id, dispatch)

    def enqueue_many(self, connection: Connection, dispatches: Sequence[Dispatch]) -> None:
        """Enqueue workflows, two statements for each queue and priority.

        DBOS offers this only in a transaction of its own.
        """
        database = self._client._sys_db
        now = now_ms()
        kinds: dict[tuple[str, int], list[Dispatch]] = {}
        for dispatch in dispatches:
            kinds.setdefault((dispatch.queue, dispatch.priority), []).append(dispatch)
        database._apply_caller_schema(connection)
        for alike in kinds.values():
            workflows = [
                (
                    f"{dispatch.job_id}:{dispatch.number}",
                    serialize_args((dispatch.job_id, dispatch.number), {}, None, self._serializer)[0],
                )
                for dispatch in alike
            ]
            values = {**self._row_of(alike[0], now), "retention_timestamp": now, "workflows": workflows}
            for insert in self._inserts:
                connection.execute(insert, values)

    @cached_property
    def _inserts(self) -> tuple[Insert, Insert]:
        """Made once: making them takes longer than running them."""
        tables = self._client._sys_db.tables
        return _insert(tables.workflow_status), _insert(tables.workflow_input)

    def _row_of(self, dispatch: Dispatch, now: int) -> dict[str, Any]:
        """What DBOS stores of an enqueue; but for the id the same for all of a queue and priority."""
        status = dict(self._client._build_enqueue_status(_options(dispatch), dispatch.job_id, dispatch.number)[1])
        return {
            **{name: status[name] for name in _COPIED},
            "application_version": status["app_version"],
            "application_id": status["app_id"],
            "recovery_attempts": 0,
            "created_at": now,
            "updated_at": now,
        }

    def configure_queue(self, name: str, *, worker_concurrency: int, poll_interval: float) -> None:
        """Make the queue, or set these two on it; its other limits stay as an operator set them."""
        queue = self._client.register_queue(
            name, worker_concurrency=worker_concurrency, polling_interval_sec=poll_interval, on_conflict="never_update"
        )
        # A paused or narrow queue does not take more for a worker than for all.
        limit = queue.global_concurrency
        queue.set_worker_concurrency(worker_concurrency if limit is None else min(limit, worker_concurrency))
        queue.set_polling_interval_sec(poll_interval)

    def close(self) -> None:
        """Let go of the client; the engine stays open."""
        self._client.destroy()


def _insert(target: Table) -> Insert:
    """An insert of one row for each of the `workflows`, an id and the serialized arguments; else all rows are alike."""
    workflow_id, arguments = fields("workflows", 2)
    values: dict[str, ColumnElement[Any]] = {"workflow_uuid": workflow_id}
    if target.name == "workflow_input":
        names: Sequence[str] = ("retention_timestamp",)
        values["inputs"] = arguments
    else:
        names = (*_COPIED, *_OWN)
    values |= {name: bindparam(name, type_=target.c[name].type) for name in names}
    return target.insert().from_select(list(values), select(*values.values()))


def _options(dispatch: Dispatch) -> EnqueueOptions:
    options: EnqueueOptions = {
        "workflow_name": WORKFLOW,
        "queue_name": dispatch.queue,
        "workflow_id": f"{dispatch.job_id}:{dispatch.number}",
    }
    if dispatch.priority:
        options["priority"] = dispatch.priority
    return options


def migrate(engine: Engine) -> None:
    """Bring DBOS's tables up to date, also for processes that only enqueue."""
    database = DBOSClient(
        system_database_engine=engine, serializer=DBOSPortableJSONSerializer(), application_name=APPLICATION, lazy=True
    )._sys_db
    database.run_migrations()
    database.destroy()


def stranded_executors(connection: Connection) -> list[str]:
    """The executors that hold started workflows of this version though their worker does not live.

    One statement, so one moment: a worker is announced before it takes its first workflow and its
    id is never used again, so whoever is named here is dead for good, however late we act on it.
    """
    found = connection.execute(
        text(
            f"SELECT DISTINCT executor_id FROM {_status(connection)} "
            "WHERE status = 'PENDING' AND application_version = :version AND executor_id IS NOT NULL "
            "AND executor_id NOT IN (SELECT id FROM worker WHERE ended_at IS NULL)"
        ),
        {"version": VERSION},
    )
    return sorted(found.scalars())


def queues_with_work(connection: Connection, queues: Sequence[str]) -> set[str]:
    """Those of the queues in which workflows wait to be taken; one look into an index for each."""
    found = connection.execute(
        text(
            f"SELECT q.name FROM {_named(connection, 'queues')} AS q WHERE q.name IN :names AND EXISTS ("
            f"SELECT 1 FROM {_status(connection)} AS w WHERE w.queue_name = q.name AND w.status = 'ENQUEUED' "
            # The predicate of DBOS's index, which SQLite wants to see word for word.
            "AND w.status IN ('ENQUEUED', 'PENDING'))"
        ).bindparams(bindparam("names", expanding=True)),
        {"names": list(queues)},
    )
    return set(found.scalars())


def holds_any(connection: Connection, executor: str) -> bool:
    """Whether the executor has taken workflows that have not ended, also such as did not begin yet."""
    held = f"SELECT 1 FROM {_status(connection)} WHERE status = 'PENDING' AND executor_id = :executor LIMIT 1"
    return connection.execute(text(held), {"executor": executor}).first() is not None


def recover(executors: list[str]) -> int:
    """Give the workflows of dead executors back to their queues; how many. Needs a launched DBOS.

    Guarded by DBOS's own predicate (still PENDING and still of that executor), so two callers at
    once do no harm; the count of attempts is kept.
    """
    return len(DBOS._recover_pending_workflows(executors))


def take_back(connection: Connection, dispatches: Mapping[str, int]) -> set[str]:
    """Take the workflows of these jobs (dispatch by job id) out of their queues, unless they were
    begun or are delayed; the ids of the jobs whose workflow was taken."""
    names = {f"{job_id}:{dispatch}": job_id for job_id, dispatch in dispatches.items()}
    taken = connection.execute(
        text(
            f"DELETE FROM {_status(connection)} WHERE workflow_uuid IN :names AND status = 'ENQUEUED' "
            "RETURNING workflow_uuid"
        ).bindparams(bindparam("names", expanding=True)),
        {"names": list(names)},
    )
    ids = list(taken.scalars())
    _forget_values(connection, ids)
    return {names[name] for name in ids}


def ended_without_outcome(connection: Connection, limit: int = 100) -> list[tuple[str, int, str]]:
    """Jobs whose workflow DBOS gave up: (job id, dispatch, DBOS status), though the job waits or runs.

    `run_job` records every outcome itself and never raises, so these are crash loops and damage.
    """
    rows = connection.execute(
        text(
            "SELECT j.id, j.dispatch, w.status "
            f"FROM {_status(connection)} w JOIN job j ON w.workflow_uuid = j.id || ':' || j.dispatch "
            "WHERE w.status IN ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED') "
            "AND j.state IN ('scheduled', 'running') LIMIT :limit"
        ),
        {"limit": limit},
    ).all()
    return [(row[0], row[1], row[2]) for row in rows]


def forget_finished(connection: Connection, before_ms: int, limit: int = 1000) -> int:
    """Remove what DBOS remembers of workflows that ended before the instant; how many.

    The ledger has the history; without this the executor's table would grow for ever. What
    `ended_without_outcome` still has to tell stays: a job would wait or run for ever without it.
    """
    table = _status(connection)
    done = connection.execute(
        text(
            f"SELECT w.workflow_uuid FROM {table} AS w WHERE w.status IN ('SUCCESS', 'ERROR', 'CANCELLED', "
            # The index is by creation, which is never later than the end.
            "'MAX_RECOVERY_ATTEMPTS_EXCEEDED') AND w.created_at < :before AND w.updated_at < :before "
            "AND (w.status = 'SUCCESS' OR NOT EXISTS (SELECT 1 FROM job AS j WHERE j.id = substr(w.workflow_uuid, 1, "
            "36) AND w.workflow_uuid = j.id || ':' || j.dispatch AND j.state IN ('scheduled', 'running'))) "
            "ORDER BY w.created_at LIMIT :limit"
        ),
        {"before": before_ms, "limit": limit},
    ).scalars()
    ids = list(done)
    if ids:
        connection.execute(
            text(f"DELETE FROM {table} WHERE workflow_uuid IN :ids").bindparams(bindparam("ids", expanding=True)),
            {"ids": ids},
        )
        _forget_values(connection, ids)
    return len(ids)


def _forget_values(connection: Connection, ids: Sequence[str]) -> None:
    """Remove what removed workflows took and gave, which no foreign key ties to them."""
    if not ids:
        return
    for table in _VALUES:
        connection.execute(
            text(f"DELETE FROM {_named(connection, table)} WHERE workflow_uuid IN :ids").bindparams(
                bindparam("ids", expanding=True)
            ),
            {"ids": ids},
        )


class QueueLimit(NamedTuple):
    """How many jobs of a queue may run at once: on each worker, and on all; None for no limit.

    DBOS keeps one value of each for a queue: the worker that started last sets it for every other.
    """

    per_worker: int | None
    in_all: int | None


def queue_limits(connection: Connection) -> dict[str, QueueLimit]:
    """The limits of all queues, by name."""
    queues = _named(connection, "queues")
    rows = connection.execute(text(f"SELECT name, worker_concurrency, concurrency FROM {queues}"))
    return {row.name: QueueLimit(row.worker_concurrency, row.concurrency) for row in rows}


def _status(connection: Connection) -> str:
    return _named(connection, "workflow_status")


def _named(connection: Connection, table: str) -> str:
    return table if connection.dialect.name == "sqlite" else f"dbos.{table}"
