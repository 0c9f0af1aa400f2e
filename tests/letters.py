"""Dead letters for tests: made as a worker makes them, without the wait for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from execution_ops.backends.embedded import attempts
from execution_ops.backends.embedded.attempts import Outcome
from execution_ops.domain.job_types import DRIVER_TYPE
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.replays import PlanKind, ReplayPlan
from execution_ops.domain.states import AttemptState
from execution_ops.services.own_jobs import LEDGER
from tests.execution import STAMP, Bench, node
from tests.jobs import REGISTRY, add_own

EVERYTHING = DeadLetterFilter()
STACK = (
    "Traceback (most recent call last):\n"
    '  File "/srv/app/orders.py", line 7, in charge\n    raise ValueError("row 7")\n'
    "ValueError: row 7\n"
)


add_own(REGISTRY, "execution_ops.services.replay_job", DRIVER_TYPE)


def die(
    bench: Bench,
    job_ids: Sequence[str],
    *,
    error_type: str = "ValueError",
    message: str = "row 7 is broken",
    stack: str = STACK,
    state: AttemptState = AttemptState.FAILED,
) -> None:
    """Let the next try of each job end for good."""
    for job_id in job_ids:
        begun = attempts.begin(bench.beneath.engine, job_id, bench.job(job_id)["dispatch"], "w1")
        assert begun is not None
        outcome = Outcome(state, error_type, message, stack, permanent=True)
        assert attempts.end(bench.beneath.engine, bench.beneath.dispatcher, begun, outcome, None)


def succeed(bench: Bench, job_ids: Sequence[str]) -> None:
    """Let the next try of each job succeed."""
    for job_id in job_ids:
        begun = attempts.begin(bench.beneath.engine, job_id, bench.job(job_id)["dispatch"], "w1")
        assert begun is not None
        assert attempts.end(
            bench.beneath.engine, bench.beneath.dispatcher, begun, Outcome(AttemptState.SUCCEEDED), None
        )


def submit(bench: Bench, count: int, *, tenant: str = "acme", job_type: str = "test.echo") -> list[str]:
    """Many single jobs in one DAG; their ids in order."""
    nodes = [node(f"n{i:05d}", job_type, {"i": i}) for i in range(count)]
    ids = bench.submit(*nodes, tenant=tenant).job_ids
    return [ids[each.key] for each in nodes]


def dead(bench: Bench, count: int, *, tenant: str = "acme", **death: Any) -> list[str]:
    """That many dead jobs; their ids."""
    ids = submit(bench, count, tenant=tenant)
    die(bench, ids, **death)
    return ids


def entries(bench: Bench, **where: Any) -> list[dict[str, Any]]:
    """The rows of all entries, oldest first, with these values."""
    rows = bench.rows("SELECT * FROM dead_letter ORDER BY n")
    return [row for row in rows if all(row[name] == value for name, value in where.items())]


def plan_for(bench: Bench, kind: PlanKind = PlanKind.REPLAY, **options: Any) -> ReplayPlan:
    """A plan whose dry run is done, driven by the test itself."""
    options = {"where": EVERYTHING, "ids": (), "rate": None, "starts": False, "undoes": "", "stamp": STAMP} | options
    plan = bench.backend.create_plan(kind, description=f"{kind.value} all", **options)
    while not bench.backend.prepare_plan(plan.id, batch=7).finished:
        pass
    return read_plan(bench, plan.id)


def read_plan(bench: Bench, plan_id: str) -> ReplayPlan:
    """The plan as it is now."""
    plan = bench.backend.get_plan(plan_id, tenants=None)
    assert plan is not None
    return plan


def send_all(bench: Bench, plan_id: str, *, most: int = 3) -> int:
    """Send what is left, as the driver of the current round; how many were sent."""
    round_ = bench.rows("SELECT rounds FROM replay_plan WHERE id = :id", id=plan_id)[0]["rounds"]
    sent = 0
    while True:
        batch = bench.backend.dispatch_plan(plan_id, round_, most=most)
        sent += batch.sent
        if not batch.left:
            return sent


def statuses(bench: Bench, plan_id: str) -> dict[str, int]:
    """How many items of the plan are where."""
    rows = bench.rows(
        "SELECT status, count(*) AS items FROM replay_item WHERE plan_n = (SELECT n FROM replay_plan WHERE id = :id) "
        "GROUP BY status",
        id=plan_id,
    )
    return {row["status"]: row["items"] for row in rows}


def check_letter_counters(bench: Bench) -> None:
    """The counters and their deltas have to sum up to what there is."""
    there = "SELECT fingerprint, tenant, job_type, state, count(*) AS entries FROM dead_letter GROUP BY 1, 2, 3, 4"
    kept = (
        "SELECT fingerprint, tenant, job_type, state, sum(entries) AS entries FROM ("
        "SELECT fingerprint, tenant, job_type, state, entries FROM letter_counter UNION ALL "
        "SELECT fingerprint, tenant, job_type, state, entries FROM letter_delta) c "
        "GROUP BY 1, 2, 3, 4 HAVING sum(entries) <> 0"
    )

    def figures(statement: str) -> set[tuple[Any, ...]]:
        return {(*list(row.values())[:4], int(row["entries"])) for row in bench.rows(statement)}

    assert figures(kept) == figures(there)


def work_with_plans(bench: Bench) -> None:
    """Start the worker of this process, able to drive plans."""
    LEDGER.bind(bench.beneath)
    bench.work()
