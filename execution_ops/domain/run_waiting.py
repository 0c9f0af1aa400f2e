"""Why a run does not go on, or not faster, in words an operator can act on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.jobs import Health
from execution_ops.domain.runs import Run
from execution_ops.domain.states import ENDED_RUNS, RunState, TargetState
from execution_ops.domain.waiting import Waiting, why_unserved


class RunWaiting(BaseModel):
    """The sentence, and the run or the job that stands in the way if it is one.

    `stuck` says that it goes on only when somebody does something.
    """

    model_config = ConfigDict(frozen=True)

    sentence: str
    stuck: bool = False
    run_id: str = ""
    job_id: str = ""


def why_run_waits(
    run: Run, *, parallelism: int, before: Run | None, health: Health, planner_queue: str
) -> RunWaiting | None:
    """What a run that has not ended waits for; None if nothing of it waits.

    `before` is the run of its schedule that it waits for, `planner_queue` where the job runs that finds targets.
    """
    if run.state in ENDED_RUNS:
        return None
    if run.state is RunState.PLANNING:
        return _planning(run, why_unserved(planner_queue, health))
    if run.state is RunState.QUEUED and not run.planner_job_id:
        return _queued(before)
    if unserved := why_unserved(run.queue, health):
        return RunWaiting(sentence=unserved.sentence, stuck=True)
    waiting, running = run.counts.of(TargetState.WAITING), run.counts.of(TargetState.RUNNING)
    if not waiting:
        return None
    if not running:
        return RunWaiting(sentence="Its first targets start within a second or two.")
    wait = "1 target waits" if waiting == 1 else f"{waiting:,} targets wait"
    most = "one target runs" if parallelism == 1 else f"{parallelism} targets run"
    return RunWaiting(sentence=f"{wait}: at most {most} at once.")


def _planning(run: Run, unserved: Waiting | None) -> RunWaiting:
    if unserved:
        return RunWaiting(sentence=unserved.sentence, stuck=True, job_id=run.planner_job_id)
    return RunWaiting(sentence="A job is finding its targets.", job_id=run.planner_job_id)


def _queued(before: Run | None) -> RunWaiting:
    if before is None:
        return RunWaiting(sentence="It begins as soon as everything of the run before it has stopped.")
    return RunWaiting(
        sentence=f"It waits for the run before it to end, which is {before.state.value}.", run_id=before.id
    )
