"""What operators do with runs: start one now, cancel it, retry it; each one transaction with its audit row."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, select, update

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.gate import Gate
from execution_ops.backends.embedded.run_changes import lock_run
from execution_ops.backends.embedded.run_feed import append, say, tell_state
from execution_ops.backends.embedded.run_rows import RUN, TARGET, repeated_segments, run_of, run_values, store_runs
from execution_ops.backends.embedded.schedules import SCHEDULE, lock_schedule, schedule_of
from execution_ops.backends.embedded.transitions import announce_topics
from execution_ops.domain.access import no_such
from execution_ops.domain.audit import SubjectKey, SubjectKind, Touched
from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.job_types import Registry
from execution_ops.domain.runs import PlanOrder, Run, Trigger
from execution_ops.domain.schedule_verbs import RUN_CANCEL, RUN_RETRY_FAILED, SCHEDULE_RUN
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.domain.states import ACTIVE_RUNS, ENDED_RUNS, RunState, TargetState
from execution_ops.domain.topics import RUNS, SCHEDULES, run_topic
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp


@dataclass(frozen=True)
class Runs:
    """What is done to runs on one database."""

    engine: Engine
    dispatcher: Dispatcher
    registry: Registry

    def run_now(self, schedule_id: str, trigger: Trigger, stamp: Stamp) -> Run:
        """Start a run of a schedule, see `RunBackend.run_schedule`."""
        with write(self.engine) as connection:
            row = lock_schedule(connection, schedule_id, stamp)
            known = _known(connection, row["tenant"], stamp)
            if known is not None:
                return known
            now = clock_ms(connection)
            run = run_values(dict(row), schedule_of(row).spec, trigger, now, **_asked(stamp))
            return self._store(connection, run, SCHEDULE_RUN, stamp, now)

    def retry(self, run_id: str, verb: Verb, stamp: Stamp) -> Run:
        """Start a run that repeats an ended one, see `RunBackend.retry_run`."""
        with write(self.engine) as connection:
            old = _locked(connection, run_id, stamp)
            known = _known(connection, old["tenant"], stamp)
            if known is not None:
                return known
            if RunState(old["state"]) not in ENDED_RUNS:
                raise Conflict(f"This run is {old['state']}. {verb.refusal}")
            failed = _failed_segments(connection, old["n"]) if verb is RUN_RETRY_FAILED else []
            if verb is RUN_RETRY_FAILED and not failed:
                raise Conflict(f"No segment of this run has failed. {verb.refusal}")
            now = clock_ms(connection)
            like = connection.execute(select(SCHEDULE).where(SCHEDULE.c.id == old["schedule_id"])).mappings().one()
            # What the old run followed, also if its schedule has changed since.
            row = {**like, "version": old["schedule_version"], "name": old["schedule_name"]}
            more = {**_asked(stamp), "retry_of": old["id"]}
            if failed:
                more["retry_segments"] = json.dumps(failed)
            spec = ScheduleSpec.model_validate_json(old["spec"])
            return self._store(connection, run_values(row, spec, Trigger.RETRY, now, **more), verb, stamp, now)

    def cancel(self, run_id: str, stamp: Stamp) -> Run:
        """Cancel a run, see `RunBackend.cancel_run`."""
        with write(self.engine) as connection:
            run = _locked(connection, run_id, stamp)
            now = clock_ms(connection)
            if run["state"] == RunState.CANCELED:
                return run_of(run, now)
            if RunState(run["state"]) not in ACTIVE_RUNS:
                raise Conflict(f"This run is {run['state']}. {RUN_CANCEL.refusal}")
            waiting = update(TARGET).where(TARGET.c.run_n == run["n"], TARGET.c.state == TargetState.WAITING.value)
            skipped = connection.execute(waiting.values(state=TargetState.SKIPPED.value, finished_at=now)).rowcount
            values: dict[str, Any] = {
                "state": RunState.CANCELED.value,
                "finished_at": now,
                "waits_for": None,
                "waiting": 0,
                "skipped": run["skipped"] + skipped,
                # The jobs of targets that run are asked to stop by the leader, and then nothing moves any more.
                "settled": run["running"] == 0,
                "canceled_by": stamp.actor.name,
                "cancel_reason": stamp.reason,
            }
            connection.execute(update(RUN).where(RUN.c.n == run["n"]).values(**values))
            words = (
                f"Canceled by {stamp.actor.name}: {stamp.reason}"
                if stamp.reason
                else f"Canceled by {stamp.actor.name}."
            )
            told = [tell_state(RunState.CANCELED), say(words, logging.WARNING)]
            if run["running"]:
                told.append(say(f"Stopping the jobs of {run['running']:,} targets that run."))
            append(connection, run["n"], run["id"], now, told, close=run["running"] == 0)
            _tell(connection, RUN_CANCEL, stamp, run, now, before=run["state"])
            return run_of(connection.execute(select(RUN).where(RUN.c.n == run["n"])).mappings().one(), now)

    def order(self, run_id: str) -> PlanOrder | None:
        """What a planner has to find targets for; None if the run waits for no plan (any more)."""
        with read(self.engine) as connection:
            run = connection.execute(select(RUN).where(RUN.c.id == run_id)).mappings().one_or_none()
            if run is None or run["state"] != RunState.PLANNING:
                return None
            again: tuple[str, ...] | None = None
            if segments := repeated_segments(run):
                wanted = (
                    select(TARGET.c.target)
                    .join(RUN, RUN.c.n == TARGET.c.run_n)
                    .where(RUN.c.id == run["retry_of"], TARGET.c.segment.in_(segments))
                    .where(TARGET.c.state != TargetState.COMPLETED.value)
                    .order_by(TARGET.c.no)
                )
                again = tuple(connection.execute(wanted).scalars())
        spec = ScheduleSpec.model_validate_json(run["spec"])
        return PlanOrder(run_id=run["id"], schedule_id=run["schedule_id"], spec=spec, targets=again)

    def _store(self, connection: Connection, run: dict[str, Any], verb: Verb, stamp: Stamp, now: int) -> Run:
        store_runs(connection, Gate(connection, self.dispatcher), self.registry, [run])
        _tell(connection, verb, stamp, run, now, before=run.get("retry_of", ""))
        return run_of(connection.execute(select(RUN).where(RUN.c.id == run["id"])).mappings().one(), now)


def _locked(connection: Connection, run_id: str, stamp: Stamp) -> RowMapping:
    run = lock_run(connection, run_id)
    if run is None or not stamp.actor.sees(run["tenant"]):
        raise NotFound(no_such(stamp.actor, f"run {run_id}"))
    return run


def _known(connection: Connection, tenant: str, stamp: Stamp) -> Run | None:
    """The run that the same request made before."""
    if not stamp.idempotency_key:
        return None
    same = select(RUN).where(RUN.c.tenant == tenant, RUN.c.idempotency_key == stamp.idempotency_key)
    run = connection.execute(same).mappings().one_or_none()
    return None if run is None else run_of(run, clock_ms(connection))


def _failed_segments(connection: Connection, n: int) -> list[int]:
    counted = (
        select(TARGET.c.segment)
        .where(TARGET.c.run_n == n, TARGET.c.state != TargetState.COMPLETED.value)
        .group_by(TARGET.c.segment)
        .order_by(TARGET.c.segment)
    )
    return list(connection.execute(counted).scalars())


def _asked(stamp: Stamp) -> dict[str, Any]:
    return {
        "requested_by": stamp.actor.name,
        "why": stamp.reason,
        "correlation_id": stamp.correlation_id,
        "idempotency_key": stamp.idempotency_key or None,
    }


def _tell(connection: Connection, verb: Verb, stamp: Stamp, run: Mapping[Any, Any], now: int, *, before: str) -> None:
    also = [SubjectKey(SubjectKind.SCHEDULE, run["schedule_id"])]
    if verb is not RUN_CANCEL and before:
        also.append(SubjectKey(SubjectKind.RUN, before))
    record(
        connection,
        verb.name,
        stamp,
        touched=Touched(SubjectKind.RUN, (run["id"],), run["tenant"], also=tuple(also)),
        subject=f"run {run['id']} of {run['schedule_name']}",
        count=1,
        before=before,
        inverse=verb.inverse or "",
    )
    announce_topics(connection, [RUNS, SCHEDULES, run_topic(run["id"])], now)
