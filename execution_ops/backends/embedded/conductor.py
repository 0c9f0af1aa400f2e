"""What carries a run from its plan to its end: targets are stored, started a few at a time, and settled.

The leader calls `advance` each second. Every step is one short transaction under the run's lock, so whoever
is killed in between has done all or nothing, and two leaders do no harm.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, text, update

from execution_ops.backends.embedded import control
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.gate import Gate
from execution_ops.backends.embedded.run_changes import (
    ERROR_MAX,
    as_ended,
    as_error,
    change_run,
    count_targets,
    fail_plan,
    lock_run,
    states_of,
)
from execution_ops.backends.embedded.run_feed import say, tell_segment
from execution_ops.backends.embedded.run_rows import RUN, SCHEDULER, SEGMENT, TARGET, start_planning
from execution_ops.backends.embedded.run_story import Moved, say_plan
from execution_ops.backends.embedded.submit import VALUE, check_nodes, store
from execution_ops.backends.embedded.transitions import JOB, table
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.job_types import DagSpec, Registry
from execution_ops.domain.runs import Deltas, Plan, segments, verdict
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.domain.states import ENDED, JobState, RunState, TargetState
from execution_ops.domain.verbs import Stamp

CONTENT = table("schedule_target")
# Short transactions: a writer that holds on to SQLite's lock makes every other one wait.
START_MAX = 20
RUNS_MAX = 200
CANCEL_MAX = 1_000
_REMEMBER = text(
    "INSERT INTO schedule_target (schedule_id, target, content, at) VALUES (:schedule_id, :target, :content, :at) "
    "ON CONFLICT (schedule_id, target) DO UPDATE SET content = excluded.content, at = excluded.at"
)
_PROGRESS = text(
    "SELECT t.no, t.segment, t.target, t.content, t.dag_id, t.started_at, "
    "sum(CASE WHEN j.state IN ('scheduled', 'running') THEN 1 ELSE 0 END) AS live, "
    "sum(CASE WHEN j.state IN ('failed', 'timed_out') THEN 1 ELSE 0 END) AS failed, "
    "sum(CASE WHEN j.state = 'canceled' THEN 1 ELSE 0 END) AS canceled, "
    "max(CASE WHEN j.state IN ('failed', 'timed_out') THEN j.error_message ELSE '' END) AS error "
    "FROM run_target AS t JOIN job AS j ON j.dag_id = t.dag_id "
    "WHERE t.run_n = :run AND t.state = 'running' GROUP BY t.no, t.segment, t.target, t.content, t.dag_id, t.started_at"
)


class Conductor:
    """The work on runs of one database."""

    def __init__(self, engine: Engine, dispatcher: Dispatcher, registry: Registry) -> None:
        self.engine = engine
        self.dispatcher = dispatcher
        self.registry = registry
        self._last = 0

    def plan(self, run_id: str, plan: Plan) -> bool:
        """Store what the planner found; False if the run does not wait for a plan any more."""
        with write(self.engine) as connection:
            run = lock_run(connection, run_id)
            if run is None or run["state"] != RunState.PLANNING:
                return False
            now = clock_ms(connection)
            numbers = segments([planned.pattern for planned in plan.targets])
            names = dict(zip(numbers, (planned.pattern for planned in plan.targets), strict=True))
            if plan.targets:
                connection.execute(
                    insert(SEGMENT), [{"run_n": run["n"], "no": no, "name": name} for no, name in names.items()]
                )
                rows = [
                    {
                        "run_n": run["n"],
                        "no": i,
                        "segment": segment,
                        "target": planned.target,
                        "content": planned.content,
                        "state": TargetState.WAITING.value,
                        "spec": planned.spec.model_dump_json(),
                    }
                    for i, (planned, segment) in enumerate(zip(plan.targets, numbers, strict=True), 1)
                ]
                connection.execute(insert(TARGET), rows)
            told = [say(say_plan(plan, len(names)))]
            told += [tell_segment(no, name, {TargetState.WAITING: numbers.count(no)}) for no, name in names.items()]
            figures = plan.model_dump(exclude={"targets"})
            values: dict[str, Any] = {"state": RunState.QUEUED.value, "waiting": len(plan.targets), **figures}
            if not plan.targets:
                values |= as_ended(RunState.COMPLETED, now)
            change_run(connection, run, now, told, **values)
            return True

    def fail(self, run_id: str, message: str) -> None:
        """End a run that could not be planned."""
        with write(self.engine) as connection:
            run = lock_run(connection, run_id)
            if run is not None and run["state"] == RunState.PLANNING:
                now = clock_ms(connection)
                fail_plan(connection, run, now, message)

    def advance(self) -> None:
        """Bring the next runs that have not come to their end one step further, each in its turn."""
        with read(self.engine) as connection:
            unsettled = select(RUN.c.n, RUN.c.id).where(~RUN.c.settled, RUN.c.n > self._last)
            rows = connection.execute(unsettled.order_by(RUN.c.n).limit(RUNS_MAX)).all()
        for row in rows:
            self._advance(row.id)
        # The leader has to beat in between: of very many, some wait for the next pass.
        self._last = rows[-1].n if len(rows) == RUNS_MAX else 0

    def _advance(self, run_id: str) -> None:
        orphans: list[str] = []
        with write(self.engine) as connection:
            run = lock_run(connection, run_id)
            if run is None or run["settled"]:
                return
            if run["state"] == RunState.QUEUED and run["waits_for"] is not None:
                self._follow(connection, run)
            elif run["state"] == RunState.PLANNING:
                _see_planner(connection, run)
            else:
                orphans = self._step(connection, run)
        if orphans:
            by = Actor(name=run["canceled_by"], scopes=SCHEDULER.actor.scopes, source=SCHEDULER.actor.source)
            control.cancel(self.engine, orphans, Stamp(actor=by, reason=run["cancel_reason"]))

    def _follow(self, connection: Connection, run: RowMapping) -> None:
        """Plan a run once the one before it has ended."""
        before = connection.execute(select(RUN.c.settled).where(RUN.c.n == run["waits_for"])).scalar_one_or_none()
        if before is False:
            return
        start_planning(connection, Gate(connection, self.dispatcher), self.registry, [dict(run)])
        told = [say("The run before it has ended.")]
        change_run(connection, run, clock_ms(connection), told, state=RunState.PLANNING.value, waits_for=None)

    def _step(self, connection: Connection, run: RowMapping) -> list[str]:
        """Settle targets that have ended and start the next; the jobs that a canceled run still has to cancel."""
        now = clock_ms(connection)
        ended = self._settle(connection, run, now)
        canceled = run["state"] == RunState.CANCELED
        running = run["running"] - len(ended)
        started: list[Moved] = []
        if not canceled:
            spec = ScheduleSpec.model_validate_json(run["spec"])
            started = self._start(connection, run, min(START_MAX, spec.parallelism - running), now)
        if ended or started:
            count_targets(connection, run, now, [*ended, *started])
        states = states_of(connection, run["n"])
        if not any(states.get(state) for state in (TargetState.WAITING, TargetState.RUNNING)):
            self._finish(connection, run, states, now)
            return []
        return _cancelable(connection, run["n"]) if canceled else []

    def _settle(self, connection: Connection, run: RowMapping, now: int) -> list[Moved]:
        ended = [row for row in connection.execute(_PROGRESS, {"run": run["n"]}).mappings() if not row["live"]]
        moved = []
        for row in ended:
            state = TargetState.FAILED if row["failed"] else TargetState.COMPLETED
            if row["canceled"] and not row["failed"]:
                state = TargetState.CANCELED
            deltas = _deltas_of(connection, row["dag_id"]) if state is TargetState.COMPLETED else Deltas()
            connection.execute(
                update(TARGET)
                .where(TARGET.c.run_n == run["n"], TARGET.c.no == row["no"])
                .values(state=state.value, finished_at=now, error=row["error"][:ERROR_MAX], **deltas.model_dump())
            )
            if state is TargetState.COMPLETED and row["content"]:
                _remember(connection, run["schedule_id"], row["target"], row["content"], now)
            moved.append(Moved(row["no"], row["segment"], row["target"], state, row["error"], now - row["started_at"]))
        return moved

    def _start(self, connection: Connection, run: RowMapping, most: int, now: int) -> list[Moved]:
        """Start the next targets; which, and where each is now."""
        if most < 1:
            return []
        of_run = select(TARGET.c.no, TARGET.c.segment, TARGET.c.target, TARGET.c.spec).where(
            TARGET.c.run_n == run["n"], TARGET.c.state == TargetState.WAITING.value
        )
        gate = Gate(connection, self.dispatcher)
        done: list[Moved] = []
        for row in connection.execute(of_run.order_by(TARGET.c.no).limit(most)).mappings().all():
            values: dict[str, Any] = {"state": TargetState.RUNNING.value, "started_at": now}
            try:
                spec = DagSpec.model_validate_json(row["spec"])
                nodes = check_nodes(self.registry, spec.nodes, known=frozenset())
                values["dag_id"], _ = store(
                    connection, gate, spec.title, nodes, tenant=run["tenant"], stamp=SCHEDULER, run_n=run["n"]
                )
            except InvalidInput as error:
                # The job type is gone since it was planned, or takes other payloads: the others go on.
                values = {"state": TargetState.FAILED.value, "finished_at": now, "error": error.message[:ERROR_MAX]}
            connection.execute(
                update(TARGET).where(TARGET.c.run_n == run["n"], TARGET.c.no == row["no"]).values(**values)
            )
            state, why = TargetState(values["state"]), values.get("error", "")
            done.append(Moved(row["no"], row["segment"], row["target"], state, why))
        gate.open()
        return done

    def _finish(self, connection: Connection, run: RowMapping, states: dict[TargetState, int], now: int) -> None:
        if run["state"] == RunState.CANCELED:
            change_run(connection, run, now, [say("Nothing of it runs any more.")], settled=True)
            return
        state, code, words = verdict(states)
        level = logging.ERROR if code else logging.INFO
        told = [say(words or f"All {sum(states.values()):,} targets completed.", level)]
        change_run(connection, run, now, told, **as_ended(state, now), **as_error(code, words))


def _see_planner(connection: Connection, run: RowMapping) -> None:
    """End a run whose planner ended without a plan: canceled, or out of attempts."""
    wanted = select(JOB.c.state, JOB.c.error_message).where(JOB.c.id == run["planner_job_id"])
    job = connection.execute(wanted).one_or_none()
    if job is not None and job.state in ENDED and job.state != JobState.SUCCEEDED:
        now = clock_ms(connection)
        why = f"The job that plans it ended as {job.state.replace('_', ' ')}. {job.error_message}".strip()
        fail_plan(connection, run, now, why)


def _deltas_of(connection: Connection, dag_id: str) -> Deltas:
    """What the comparison of a scan found; of other DAGs, and without a baseline, nothing."""
    results = connection.execute(
        select(VALUE.c.body)
        .join(JOB, JOB.c.n == VALUE.c.job_n)
        .where(JOB.c.dag_id == dag_id, JOB.c.node_key == "compare", VALUE.c.which == "result")
    ).scalars()
    for body in results:
        value = json.loads(body)
        if all(isinstance(value.get(name), int) for name in ("added", "removed", "changed")):
            return Deltas(compared=1, added=value["added"], removed=value["removed"], changed=value["changed"])
    return Deltas()


def _remember(connection: Connection, schedule_id: str, target: str, content: str, now: int) -> None:
    connection.execute(_REMEMBER, {"schedule_id": schedule_id, "target": target, "content": content, "at": now})


def _cancelable(connection: Connection, n: int) -> list[str]:
    """The jobs of running targets of which a cancel was not asked yet."""
    return list(
        connection.execute(
            select(JOB.c.id)
            .join(TARGET, TARGET.c.dag_id == JOB.c.dag_id)
            .where(TARGET.c.run_n == n, TARGET.c.state == TargetState.RUNNING.value)
            .where(JOB.c.cancel_requested_at.is_(None), JOB.c.state.not_in([state.value for state in ENDED]))
            .limit(CANCEL_MAX)
        ).scalars()
    )
