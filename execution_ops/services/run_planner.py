"""The background job that plans runs: it finds their targets where the workers see them, and says what is to
run for each."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.backends.base import Backend
from execution_ops.domain.errors import OpsError, Unavailable
from execution_ops.domain.job_types import (
    ATTEMPTS_MAX,
    PLANNER_TYPE,
    JobContext,
    JobResult,
    job_type,
)
from execution_ops.domain.runs import PlanOrder
from execution_ops.domain.scan_options import options_of
from execution_ops.services.bulk import QUEUE
from execution_ops.services.own_jobs import LEDGER
from execution_ops.services.run_targets import find_targets


class PlannerPayload(BaseModel):
    """Which runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    runs: tuple[str, ...] = Field(min_length=1)


@job_type(PLANNER_TYPE, queue=QUEUE, payload=PlannerPayload, max_attempts=ATTEMPTS_MAX, timeout_s=3600, backoff_s=1.0)
def plan_runs(job: JobContext, payload: PlannerPayload) -> JobResult:
    """Plans runs, one after the other; what an earlier try planned stays as it is."""
    backend = LEDGER.get()
    planned = 0
    for i, run_id in enumerate(payload.runs, 1):
        job.checkpoint()
        order = backend.plan_order(run_id)
        if order is not None:
            planned += _plan(backend, job, order)
        job.progress(i, len(payload.runs), f"{planned} planned")
    return JobResult(value={"planned": planned})


def _plan(backend: Backend, job: JobContext, order: PlanOrder) -> bool:
    try:
        plan = find_targets(
            job.scan_roots,
            order.spec,
            again=order.targets,
            known=lambda targets: backend.known_content(order.schedule_id, targets),
            options=options_of(backend.scanner_settings(), backend.analyzer_defaults()),
        )
        job.log.info("%s: %d targets of %d candidates", order.spec.name, len(plan.targets), plan.candidates)
        return backend.plan_run(order.run_id, plan)
    except Unavailable:
        # Another attempt goes on where this one was.
        raise
    except (OpsError, OSError) as error:
        why = error.message if isinstance(error, OpsError) else f"The targets can't be read: {error.strerror}."
        job.log.warning("%s: %s", order.spec.name, why)
        backend.fail_run(order.run_id, why)
        return False
