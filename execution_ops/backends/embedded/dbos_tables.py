"""What this program asks of DBOS's own tables.

DBOS changes its schema often, so only this module has SQL on its tables; `dispatcher.py` puts rows into
them, and makes the private calls together with `intake.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from dbos import DBOS
from sqlalchemy import Connection, Delete, Text, bindparam, column, delete, text
from sqlalchemy import table as table_of

from execution_ops.backends.embedded.many import one_of
from execution_ops.domain.job_types import ATTEMPTS_MAX

APPLICATION = "execution-ops"
# Recovery sees only rows of its own version, so it changes only when `run_job` itself does.
VERSION = "1"
WORKFLOW = "run_job"
# The bound is the job's own attempts, of which no type has more; this one is for crashes before an attempt
# could be recorded.
MAX_RECOVERIES = ATTEMPTS_MAX
# Of the tables with rows of a workflow, those that do not lose them with its status.
_VALUES = ("workflow_input", "workflow_output", "operation_outputs")


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


def forget_jobs(connection: Connection, dispatches: Mapping[str, int]) -> None:
    """Remove what DBOS remembers of all workflows of these jobs (last dispatch by job id), which are removed."""
    ids = [f"{job_id}:{number}" for job_id, last in dispatches.items() for number in range(1, last + 1)]
    for statement in _removals(None if connection.dialect.name == "sqlite" else "dbos"):
        connection.execute(statement, {"ids": ids})


@cache
def _removals(schema: str | None) -> tuple[Delete, ...]:
    """The statements that remove all of some workflows, by their `ids`; made once, as they are sent for each batch."""
    tables = (table_of(name, column("workflow_uuid", Text), schema=schema) for name in ("workflow_status", *_VALUES))
    return tuple(delete(found).where(one_of(found.c.workflow_uuid, "ids")) for found in tables)


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
