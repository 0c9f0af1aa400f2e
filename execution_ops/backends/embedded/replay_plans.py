"""Replay plans: made, started, held, resumed, aborted; and how they are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.gate import Gate
from execution_ops.backends.embedded.letters import ITEM, PLAN
from execution_ops.backends.embedded.replay_rows import plan_row, plan_touched
from execution_ops.backends.embedded.replay_scope import scope_of
from execution_ops.backends.embedded.submit import check_nodes, store
from execution_ops.backends.embedded.transitions import JOB, announce_topics
from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import DRIVER_TYPE, NodeSpec, Registry
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import ABORT_PLAN, HOLD_PLAN, PLAN_VERBS, RESUME_PLAN, SET_RATE, START_PLAN
from execution_ops.domain.replays import ItemStatus, PlanKind, ReplayPlan
from execution_ops.domain.states import ENDED, JobState, ReplayState
from execution_ops.domain.tenants import home_tenant
from execution_ops.domain.times import from_ms, iso, now_ms
from execution_ops.domain.topics import REPLAYS, plan_topic
from execution_ops.domain.verbs import Stamp

DRIVER_KEY = "replay"
_VERBS = {verb.name: verb for verb in PLAN_VERBS}
_BECOMES = {
    START_PLAN.name: ReplayState.RUNNING,
    HOLD_PLAN.name: ReplayState.HELD,
    RESUME_PLAN.name: ReplayState.RUNNING,
    ABORT_PLAN.name: ReplayState.ABORTED,
}


@dataclass(frozen=True)
class Plans:
    """What is done to plans on one database. `registry` knows the type of the jobs that drive them."""

    engine: Engine
    dispatcher: Dispatcher
    registry: Registry

    def create(
        self,
        kind: PlanKind,
        *,
        where: DeadLetterFilter | None,
        ids: Sequence[str],
        description: str,
        rate: float | None,
        starts: bool,
        undoes: str,
        stamp: Stamp,
    ) -> ReplayPlan:
        """Store a plan and start its driver, see `ReplayBackend.create_plan`."""
        key = _key(stamp)
        with read(self.engine) as connection:
            known = _known(connection, stamp, key)
        if known is not None:
            # Asked again when the first plan has done its work, nothing would match any more.
            return self.get(known, tenants=None)
        now = now_ms()
        scope, expected = scope_of(self.engine, kind, where, ids=ids, undoes=undoes, stamp=stamp, now=now)
        plan_id = new_id()
        values: dict[str, Any] = {
            "id": plan_id,
            "kind": kind.value,
            "description": description,
            "filter": where.to_query() if where is not None else "",
            "scope": json.dumps(scope),
            "tenant": home_tenant(stamp.actor, where.tenant if where is not None else ()),
            "state": ReplayState.DRAFT.value,
            "starts": starts,
            "expected": expected,
            "rate": rate,
            "actor": stamp.actor.name,
            "source": stamp.actor.source,
            "tenants": _tenants(stamp),
            "reason": stamp.reason,
            "ticket": stamp.ticket,
            "correlation_id": stamp.correlation_id,
            "idempotency_key": key,
            "created_at": now,
            "changed_at": now,
            "changed_by": stamp.actor.name,
            "undoes": undoes,
        }
        try:
            with write(self.engine) as connection:
                connection.execute(insert(PLAN).values(**values))
                plan = lock_plan(connection, plan_id)
                self._drive(connection, plan, stamp)
                self._created(connection, plan, stamp)
        except IntegrityError:
            # Somebody else made a plan with the same key between our look and our commit.
            with read(self.engine) as connection:
                known = _known(connection, stamp, key)
            if known is None:
                raise
            return self.get(known, tenants=None)
        return self.get(plan_id, tenants=None)

    def _created(self, connection: Connection, plan: RowMapping, stamp: Stamp) -> None:
        record(
            connection,
            f"plan {plan['kind']}",
            stamp,
            touched=plan_touched(plan),
            subject=f"plan {plan['id']}: {plan['description']}",
            count=plan["expected"],
            after=plan["scope"][:2000],
            inverse=ABORT_PLAN.name,
        )
        _announce(connection, plan["id"], now_ms())

    def act(self, plan_id: str, verb: str, stamp: Stamp) -> ReplayPlan:
        """Start, hold, resume or abort, see `ReplayBackend.act_on_plan`."""
        with write(self.engine) as connection:
            plan = lock_plan(connection, plan_id)
            if not self._is_done(connection, plan, verb):
                self._change(connection, plan, verb, stamp)
        return self.get(plan_id, tenants=None)

    def set_rate(self, plan_id: str, rate: float | None, stamp: Stamp) -> ReplayPlan:
        """Another rate from now on."""
        with write(self.engine) as connection:
            plan = lock_plan(connection, plan_id)
            if ReplayState(plan["state"]) not in SET_RATE.applies_to:
                raise Conflict(f"{SET_RATE.refusal} {_said(plan)}")
            _update(connection, plan, stamp, rate=rate)
            record(
                connection,
                SET_RATE.name,
                stamp,
                touched=plan_touched(plan),
                subject=f"plan {plan_id}",
                count=1,
                before=json.dumps(plan["rate"]),
                after=json.dumps(rate),
                inverse=SET_RATE.name,
            )
        return self.get(plan_id, tenants=None)

    def get(self, plan_id: str, *, tenants: frozenset[str] | None) -> ReplayPlan:
        """One plan; NotFound if there is none that the viewer may see."""
        with read(self.engine) as connection:
            found = plan_row(connection, plan_id, tenants)
        if found is None:
            raise NotFound(f"There is no replay plan {plan_id}.")
        return found

    def start_prepared(self, connection: Connection, plan: RowMapping, stamp: Stamp) -> None:
        """The dry run of a locked plan that starts by itself is done: it runs, with the driver that it has."""
        _update(connection, plan, stamp, state=ReplayState.RUNNING.value, started_at=now_ms())

    def _is_done(self, connection: Connection, plan: RowMapping, verb: str) -> bool:
        """Whether the plan is already as the verb would make it; Conflict if it can't be."""
        state, becomes = ReplayState(plan["state"]), _BECOMES[verb]
        if verb == START_PLAN.name and state is ReplayState.COMPLETED:
            return True
        if state is becomes:
            return not (becomes is ReplayState.RUNNING and driver_failed(connection, plan))
        if state not in _VERBS[verb].applies_to:
            raise Conflict(f"{_VERBS[verb].refusal} {_said(plan)}")
        return False

    def _change(self, connection: Connection, plan: RowMapping, verb: str, stamp: Stamp) -> None:
        now, state = now_ms(), _BECOMES[verb]
        waits = verb == START_PLAN.name and not plan["prepared"]
        values: dict[str, Any] = {"state": state.value}
        if waits:
            # It starts by itself as soon as the dry run is done.
            values = {"starts": True}
        elif verb == START_PLAN.name:
            values["started_at"] = now
        elif state is ReplayState.ABORTED:
            values["ended_at"] = now
        _update(connection, plan, stamp, **values)
        if (state is ReplayState.RUNNING and not waits) or (waits and driver_failed(connection, plan)):
            self._drive(connection, plan, stamp)
        inverse = _VERBS[verb].inverse or ""
        record(
            connection,
            verb,
            stamp,
            touched=plan_touched(plan),
            subject=f"plan {plan['id']}",
            count=1,
            before=plan["state"],
            inverse=inverse,
        )

    def _drive(self, connection: Connection, plan: RowMapping, stamp: Stamp) -> None:
        """Start a new driver; the one before sends nothing more."""
        round_ = plan["rounds"] + 1
        payload = {"plan_id": plan["id"], "round": round_}
        node = NodeSpec(key=DRIVER_KEY, job_type=DRIVER_TYPE, payload=payload, label=plan["kind"])
        nodes = check_nodes(self.registry, [node], known=frozenset())
        bare = stamp.model_copy(update={"idempotency_key": ""})
        gate = Gate(connection, self.dispatcher)
        _, ids = store(connection, gate, f"{plan['kind']} plan", nodes, tenant=plan["tenant"], stamp=bare)
        gate.open()
        connection.execute(
            update(PLAN).where(PLAN.c.n == plan["n"]).values(rounds=round_, driver_job_id=ids[DRIVER_KEY])
        )


def lock_plan(connection: Connection, plan_id: str) -> RowMapping:
    """The plan's row, ours until this transaction ends; NotFound if there is none."""
    found = connection.execute(select(PLAN).where(PLAN.c.id == plan_id).with_for_update(key_share=True))
    plan = found.mappings().one_or_none()
    if plan is None:
        raise NotFound(f"There is no replay plan {plan_id}.")
    return plan


def driver_failed(connection: Connection, plan: RowMapping) -> bool:
    """Whether the job that drives the plan ended although there is work left for it."""
    state = connection.execute(select(JOB.c.state).where(JOB.c.id == plan["driver_job_id"])).scalar()
    if state is None or JobState(state) not in ENDED:
        return False
    if plan["state"] == ReplayState.DRAFT:
        return not plan["prepared"]
    left = select(ITEM.c.no).where(ITEM.c.plan_n == plan["n"], ITEM.c.status == ItemStatus.ELIGIBLE.value).limit(1)
    return plan["state"] == ReplayState.RUNNING and connection.execute(left).first() is not None


def _update(connection: Connection, plan: RowMapping, stamp: Stamp, **values: Any) -> None:
    now = now_ms()
    changed = {"changed_at": now, "changed_by": stamp.actor.name, "note": stamp.reason, **values}
    connection.execute(update(PLAN).where(PLAN.c.n == plan["n"]).values(**changed))
    _announce(connection, plan["id"], now)


def _announce(connection: Connection, plan_id: str, now: int) -> None:
    announce_topics(connection, [REPLAYS, plan_topic(plan_id)], now)


def _known(connection: Connection, stamp: Stamp, key: str) -> str | None:
    if not key:
        return None
    same = select(PLAN.c.id).where(PLAN.c.actor == stamp.actor.name, PLAN.c.idempotency_key == key)
    return connection.execute(same).scalar()


def _key(stamp: Stamp) -> str:
    """The idempotency key as a plan keeps it: it belongs to the tenants that it was sent for."""
    if not stamp.idempotency_key:
        return ""
    return hashlib.sha256(f"{_tenants(stamp)}\0{stamp.idempotency_key}".encode()).hexdigest()


def _tenants(stamp: Stamp) -> str:
    return json.dumps(None if stamp.actor.tenants is None else sorted(stamp.actor.tenants))


def _said(plan: RowMapping) -> str:
    return f"It is {plan['state']}: {plan['changed_by']} changed it last, at {iso(from_ms(plan['changed_at']))}."
