"""Runs as rows: how they are made, with the start of what plans them, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, update

from execution_ops.backends.embedded.gate import Gate
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.run_feed import Entry, open_feeds, say, tell_state
from execution_ops.backends.embedded.submit import check_nodes, store
from execution_ops.backends.embedded.transitions import table
from execution_ops.domain.access import Actor
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import PLANNER_TYPE, NodeSpec, Registry
from execution_ops.domain.runs import Deltas, Run, RunCounts, RunTarget, Trigger
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.domain.states import RunState, TargetState
from execution_ops.domain.times import from_ms, iso
from execution_ops.domain.verbs import Stamp

RUN = table("run")
TARGET = table("run_target")
SEGMENT = table("run_segment")
PLANNER_KEY = "plan"
# One job plans so many runs: with a job for each, 500 schedules that are due at once would start too late.
PLANNED_AT_ONCE = 50
SCHEDULER = Stamp(actor=Actor(name="scheduler", scopes=frozenset(), tenants=None, source="scheduler"))
DELTAS = tuple(Deltas.model_fields)
COUNTED = tuple(state.value for state in TargetState)
_PLANNER = update(RUN).where(one_of(RUN.c.id, "ids")).values(planner_job_id=bindparam("job"))


def run_values(
    schedule: Mapping[str, Any],
    spec: ScheduleSpec,
    trigger: Trigger,
    now: int,
    *,
    due_at: int | None = None,
    waits_for: int | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The columns of a new run of the schedule whose row is given."""
    state = RunState.PLANNING if waits_for is None else RunState.QUEUED
    return {
        "id": new_id(),
        "schedule_id": schedule["id"],
        "schedule_name": schedule["name"],
        "schedule_version": schedule["version"],
        "spec": spec.model_dump_json(),
        "tenant": schedule["tenant"],
        "job_type": spec.job_type,
        "queue": schedule["queue"],
        "trigger_kind": trigger.value,
        "state": state.value,
        "waits_for": waits_for,
        "due_at": due_at,
        "created_at": now,
        **more,
    }


def store_runs(
    connection: Connection, gate: Gate, registry: Registry, runs: Sequence[dict[str, Any]]
) -> dict[str, int]:
    """Store new runs, and start the planning of those that wait for no other; their `n` by id."""
    if not runs:
        return {}
    stored = {row.id: row.n for row in connection.execute(insert(RUN).returning(RUN.c.id, RUN.c.n), list(runs))}
    open_feeds(connection, {stored[run["id"]]: _first_words(run) for run in runs}, runs[0]["created_at"])
    start_planning(connection, gate, registry, [run for run in runs if run["waits_for"] is None])
    return stored


def _first_words(run: Mapping[str, Any]) -> list[Entry]:
    """What the feed of a new run begins with."""
    if run["due_at"] is not None:
        words = f"Due {iso(from_ms(run['due_at']))}, fired by schedule {run['schedule_name']}."
    else:
        words = f"Asked for by {run.get('requested_by')} ({run['trigger_kind']})."
    if run.get("why"):
        words = f"{words} {run['why']}"
    told = [tell_state(RunState(run["state"])), say(words)]
    if run["waits_for"] is not None:
        told.append(say("Waits for the run before it, which has not ended."))
    return told


def start_planning(connection: Connection, gate: Gate, registry: Registry, runs: Sequence[Mapping[str, Any]]) -> None:
    """Start the jobs that plan these runs, which are in the state `planning`."""
    by_tenant = sorted(runs, key=lambda run: run["tenant"])
    for tenant, theirs in groupby(by_tenant, key=lambda run: str(run["tenant"])):
        ids = [run["id"] for run in theirs]
        for i in range(0, len(ids), PLANNED_AT_ONCE):
            few = ids[i : i + PLANNED_AT_ONCE]
            node = NodeSpec(key=PLANNER_KEY, job_type=PLANNER_TYPE, payload={"runs": few})
            nodes = check_nodes(registry, [node], known=frozenset())
            title = "Plan a run" if len(few) == 1 else f"Plan {len(few)} runs"
            _, jobs = store(connection, gate, title, nodes, tenant=tenant, stamp=SCHEDULER)
            connection.execute(_PLANNER, {"ids": few, "job": jobs[PLANNER_KEY]})
    gate.open()


def run_of(row: RowMapping, now: int) -> Run:
    """A row as the entity. `now` in ms is the end so far of a run that goes on."""
    started, finished = row["started_at"], row["finished_at"]
    return Run(
        id=row["id"],
        schedule_id=row["schedule_id"],
        schedule_name=row["schedule_name"],
        schedule_version=row["schedule_version"],
        tenant=row["tenant"],
        job_type=row["job_type"],
        queue=row["queue"],
        trigger=Trigger(row["trigger_kind"]),
        state=RunState(row["state"]),
        due_at=None if row["due_at"] is None else from_ms(row["due_at"]),
        created_at=from_ms(row["created_at"]),
        started_at=None if started is None else from_ms(started),
        finished_at=None if finished is None else from_ms(finished),
        duration_ms=None if started is None else max(0, (now if finished is None else finished) - started),
        counts=RunCounts(
            candidates=row["candidates"],
            deduped=row["deduped"],
            unchanged=row["unchanged"],
            over=row["over"],
            by_state={TargetState(name): row[name] for name in COUNTED if row[name]},
        ),
        deltas=_deltas(row),
        retry_of=row["retry_of"],
        planner_job_id=row["planner_job_id"],
        error_code=row["error_code"],
        error=row["error"],
        requested_by=row["requested_by"],
        why=row["why"],
        canceled_by=row["canceled_by"],
        cancel_reason=row["cancel_reason"],
    )


def target_of(row: RowMapping) -> RunTarget:
    """A row as the entity."""
    return RunTarget(
        no=row["no"],
        segment=row["segment"],
        target=row["target"],
        state=TargetState(row["state"]),
        dag_id=row["dag_id"],
        started_at=None if row["started_at"] is None else from_ms(row["started_at"]),
        finished_at=None if row["finished_at"] is None else from_ms(row["finished_at"]),
        error=row["error"],
        deltas=_deltas(row),
    )


def repeated_segments(row: RowMapping) -> list[int]:
    """The segments of the run that it retries which it repeats; empty for all, found anew."""
    return list(json.loads(row["retry_segments"])) if row["retry_segments"] else []


def _deltas(row: RowMapping) -> Deltas:
    return Deltas(**{name: row[name] for name in DELTAS})
