"""How the row of a run is changed and told: under its lock, last of all in the transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update

from execution_ops.backends.embedded.run_feed import Entry, append, say, tell_deltas, tell_state
from execution_ops.backends.embedded.run_rows import DELTAS, RUN, TARGET
from execution_ops.backends.embedded.run_story import Moved, say_target, segments_now
from execution_ops.backends.embedded.transitions import announce_topics
from execution_ops.domain.runs import Deltas
from execution_ops.domain.states import RunState, TargetState
from execution_ops.domain.topics import RUNS, SCHEDULES, run_topic

ERROR_MAX = 500


def lock_run(connection: Connection, run_id: str) -> RowMapping | None:
    """The run's row, ours until this transaction ends; None if there is none."""
    found = connection.execute(select(RUN).where(RUN.c.id == run_id).with_for_update(key_share=True))
    return found.mappings().one_or_none()


def count_targets(connection: Connection, run: RowMapping, now: int, moved: Sequence[Moved]) -> None:
    """Bring the figures of a run up to what its targets say, and tell what has changed."""
    states = states_of(connection, run["n"])
    sums = (
        connection.execute(
            select(*[func.coalesce(func.sum(TARGET.c[name]), 0).label(name) for name in DELTAS]).where(
                TARGET.c.run_n == run["n"]
            )
        )
        .mappings()
        .one()
    )
    values: dict[str, Any] = {state.value: states.get(state, 0) for state in TargetState} | dict(sums)
    if run["started_at"] is None:
        values |= {"state": RunState.RUNNING.value, "started_at": now}
    told = [say_target(one) for one in moved]
    told += segments_now(connection, run["n"], sorted({one.segment for one in moved}))
    if any(values[name] != run[name] for name in DELTAS):
        told.append(tell_deltas(Deltas(**{name: values[name] for name in DELTAS})))
    change_run(connection, run, now, told, **values)


def fail_plan(connection: Connection, run: RowMapping, now: int, why: str) -> None:
    """End a run for which no targets were found, and tell why."""
    told = [say(f"The plan failed: {why}", logging.ERROR)]
    change_run(connection, run, now, told, **as_ended(RunState.ERROR, now), **as_error("ERR_RUN_PLAN", why))


def states_of(connection: Connection, n: int) -> dict[TargetState, int]:
    """How many targets of the run are in each state, without those that none is in."""
    found = connection.execute(
        select(TARGET.c.state, func.count()).where(TARGET.c.run_n == n).group_by(TARGET.c.state)
    ).all()
    return {TargetState(state): count for state, count in found}


def change_run(connection: Connection, run: RowMapping, now: int, told: Sequence[Entry], **values: Any) -> None:
    """Change the run and tell it, last of all in the transaction; its feed is closed with it."""
    connection.execute(update(RUN).where(RUN.c.n == run["n"]).values(**values))
    # Schedules are shown with how their last runs stand.
    moved = values.get("state", run["state"]) != run["state"]
    announce_topics(connection, [RUNS, run_topic(run["id"]), *([SCHEDULES] if moved else [])], now)
    if moved:
        state = tell_state(RunState(values["state"]), values.get("error_code", ""), values.get("error", ""))
        told = [*told, state]
    append(connection, run["n"], run["id"], now, told, close=values.get("settled", False))


def as_ended(state: RunState, now: int) -> dict[str, Any]:
    """The values of a run that is over: nothing of it is left to do."""
    return {"state": state.value, "finished_at": now, "settled": True}


def as_error(code: str, words: str) -> dict[str, Any]:
    """The values of a run that went wrong; the words are cut to what is stored."""
    return {"error_code": code, "error": words[:ERROR_MAX]}
