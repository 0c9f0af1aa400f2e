"""What a replay plan is made of: the dead letters that it freezes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, func, select

from execution_ops.backends.embedded import letter_reads
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.letters import ITEM, LETTER, PLAN
from execution_ops.domain.errors import Conflict
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.query_values import Sort
from execution_ops.domain.replays import ItemStatus, PlanKind
from execution_ops.domain.states import OPEN_LETTERS, DeadLetterState
from execution_ops.domain.times import from_ms, iso
from execution_ops.domain.verbs import Stamp

# What a bulk verb may find; of quarantined ones the dry run says that it leaves them alone.
_SCOPES: dict[PlanKind, frozenset[DeadLetterState]] = {
    PlanKind.REPLAY: OPEN_LETTERS,
    PlanKind.RESOLVE: OPEN_LETTERS,
    PlanKind.REOPEN: frozenset({DeadLetterState.RESOLVED}),
}


def scope_of(
    engine: Engine,
    kind: PlanKind,
    where: DeadLetterFilter | None,
    *,
    ids: Sequence[str],
    undoes: str,
    stamp: Stamp,
    now: int,
) -> tuple[dict[str, Any], int]:
    """What is to be frozen, and about how many that are. Conflict if it is nothing."""
    if where is None:
        scope = {"undoes": undoes} if undoes else {"ids": list(ids)}
        found = _undoable(engine, undoes) if undoes else _known_ids(engine, ids, stamp)
        if not found:
            why = "that plan has changed no entry" if undoes else "there are no such dead letters"
            raise Conflict(f"Nothing matches: {why}.", code="NOTHING_MATCHES")
        return scope, found
    states = tuple(state for state in where.state or DeadLetterState if state in _SCOPES[kind])
    if not states:
        raise Conflict(f"Nothing to do: {kind.value} takes only {_either(_SCOPES[kind])} dead letters.")
    start, end = where.window(from_ms(now))
    frozen = where.model_copy(
        update={
            "after": iso(start) if where.after else "",
            "before": iso(min(end, from_ms(now + 1)) if end else from_ms(now + 1)),
            "state": states,
            "sort": Sort.OLDEST,
        }
    )
    counted = letter_reads.count_letters(engine, frozen, tenants=stamp.actor.tenants)
    expected = sum(counted.by_state.get(state, 0) for state in states)
    if expected == 0 and not _any(engine, frozen, stamp):
        raise Conflict(f"Nothing matches: there are no {frozen.describe()}.", code="NOTHING_MATCHES")
    return {"filter": frozen.to_query()}, expected


def _known_ids(engine: Engine, ids: Sequence[str], stamp: Stamp) -> int:
    with read(engine) as connection:
        tenants = connection.execute(select(LETTER.c.tenant).where(LETTER.c.id.in_(ids))).scalars()
        return sum(stamp.actor.sees(tenant) for tenant in tenants)


def _undoable(engine: Engine, plan_id: str) -> int:
    """How many entries a plan closed for good."""
    done = (
        select(func.count())
        .select_from(ITEM.join(PLAN, PLAN.c.n == ITEM.c.plan_n))
        .where(PLAN.c.id == plan_id, ITEM.c.status == ItemStatus.DONE.value)
    )
    with read(engine) as connection:
        return int(connection.execute(done).scalar_one())


def _any(engine: Engine, where: DeadLetterFilter, stamp: Stamp) -> bool:
    batches = letter_reads.iterate_letters(engine, where, tenants=stamp.actor.tenants, batch=1)
    return next(batches, None) is not None


def _either(states: frozenset[DeadLetterState]) -> str:
    return " or ".join(sorted(state.value for state in states))
