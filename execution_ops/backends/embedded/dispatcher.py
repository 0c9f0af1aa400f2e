"""Puts workflows into DBOS's queues, by its own calls and, of many at once, into its tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from dbos._serialization import serialize_args
from sqlalchemy import ColumnElement, Connection, Engine, Insert, Table, bindparam, select

from execution_ops.backends.embedded.dbos_tables import APPLICATION, WORKFLOW
from execution_ops.backends.embedded.many import fields
from execution_ops.domain.times import now_ms

# Of what DBOS makes of an enqueue, the columns that have the same name in its table.
_COPIED = (
    *("status", "name", "class_name", "config_name", "executor_id", "authenticated_user", "authenticated_roles"),
    *("assumed_role", "queue_name", "workflow_timeout_ms", "workflow_deadline_epoch_ms", "deduplication_id"),
    *("priority", "serialization", "queue_partition_key", "parent_workflow_id", "delay_until_epoch_ms"),
    *("attributes", "schedule_name", "application_name"),
)
# Those that this program fills itself.
_OWN = ("application_version", "application_id", "recovery_attempts", "created_at", "updated_at")


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
