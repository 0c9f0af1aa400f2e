"""The jobs that a job adds to its own DAG when it succeeds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, insert, select, update

from execution_ops.backends.embedded.gate import Gate
from execution_ops.backends.embedded.submit import Node, Place, insert_nodes
from execution_ops.backends.embedded.transitions import DAG, EDGE, JOB
from execution_ops.domain.job_types import JobFailed
from execution_ops.domain.states import JobState


def fan_out(connection: Connection, gate: Gate, job: RowMapping, new: Sequence[Node], *, before: str, now: int) -> None:
    """Put the nodes between a locked job that succeeds and the node `before`, which waits for them, too.

    Raises JobFailed if they do not fit the DAG: another try would not change that.
    """
    known = connection.execute(select(JOB).where(JOB.c.dag_id == job["dag_id"])).mappings().all()
    by_key = {row["node_key"]: row for row in known}
    fan_in = by_key.get(before)
    if fan_in is None or JobState(fan_in["state"]) not in {JobState.PENDING, JobState.CANCELED}:
        raise JobFailed(f"The fan-in node {before!r} is not waiting for this node.", permanent=True)
    taken = [node.spec.key for node in new if node.spec.key in by_key]
    if taken:
        raise JobFailed(f"The DAG has a node {taken[0]!r} already.", permanent=True)
    done = {key: (row["n"], row["state"] == JobState.SUCCEEDED) for key, row in by_key.items()}
    done[job["node_key"]] = (job["n"], True)
    nodes = [
        node._replace(spec=node.spec.model_copy(update={"after": (*node.spec.after, job["node_key"])})) for node in new
    ]
    insert_nodes(connection, gate, nodes, Place(job["dag_id"], job["tenant"], job["run_n"]), now=now, done=done)
    inserted = select(JOB.c.n).where(
        JOB.c.dag_id == job["dag_id"], JOB.c.node_key.in_([node.spec.key for node in nodes])
    )
    numbers = connection.execute(inserted).scalars().all()
    connection.execute(insert(EDGE), [{"parent_n": n, "child_n": fan_in["n"]} for n in sorted(numbers)])
    waiting = JOB.c.waiting_for + len(numbers)
    connection.execute(update(JOB).where(JOB.c.n == fan_in["n"]).values(waiting_for=waiting))
    connection.execute(update(DAG).where(DAG.c.id == job["dag_id"]).values(size=DAG.c.size + len(numbers)))
