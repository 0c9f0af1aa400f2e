"""Replay plans and their entries as the console reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, Engine, RowMapping

from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import Query, one_of
from execution_ops.backends.embedded.rows import fetch
from execution_ops.domain.audit import SubjectKind, Touched, one_tenant
from execution_ops.domain.paging import Cursor, Towards, decode_cursor, encode_cursor
from execution_ops.domain.query_values import Sort
from execution_ops.domain.replays import (
    ItemCounts,
    ItemPage,
    ItemStatus,
    PlanKind,
    PlanPage,
    ReplayItem,
    ReplayPlan,
    Verdict,
)
from execution_ops.domain.states import ENDED, JobState, ReplayState
from execution_ops.domain.times import from_ms

_OUTCOMES = (ItemStatus.SUCCEEDED, ItemStatus.DIED_SAME, ItemStatus.DIED_NEW, ItemStatus.CANCELED)
# Of a plan whose maker saw more tenants than the viewer does, the viewer learns nothing.
_PLANS = (
    "SELECT p.*, (SELECT j.state FROM job AS j WHERE j.id = p.driver_job_id) AS driver_state FROM replay_plan AS p "
)


def plan_row(connection: Connection, plan_id: str, tenants: frozenset[str] | None) -> ReplayPlan | None:
    """One plan, None if there is none that the viewer may see."""
    found = fetch(connection, Query(f"{_PLANS} WHERE p.id = :id", {"id": plan_id}))
    return _plan(found[0]) if found and sees_plan(tenants, found[0]) else None


def tenants_of(plan: RowMapping) -> frozenset[str] | None:
    """What the maker of the plan may see; each entry is checked against it once more."""
    made_for = json.loads(plan["tenants"])
    return None if made_for is None else frozenset(made_for)


def plan_touched(plan: RowMapping) -> Touched:
    """The plan for the audit: what is done to its entries is done by it, and stands on its timeline."""
    whose = one_tenant(tenants_of(plan) or ())
    return Touched(SubjectKind.REPLAY_PLAN, (plan["id"],), whose, scope=plan["filter"])


def list_plans(engine: Engine, *, tenants: frozenset[str] | None, cursor: str | None, limit: int) -> PlanPage:
    """Plans, newest first, see `ReplayBackend.list_plans`."""
    came_by = decode_cursor(cursor, Sort.NEWEST) if cursor else None
    rows: list[RowMapping] = []
    at = (came_by.created_at, came_by.n) if came_by else None
    with read(engine) as connection:
        # Plans that the viewer may not see are few or nearly all: read on until the page is full.
        while len(rows) <= limit:
            part = _page(connection, at, limit + 1)
            rows += [row for row in part if sees_plan(tenants, row)]
            if len(part) <= limit:
                break
            at = (part[-1]["created_at"], part[-1]["n"])
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = encode_cursor(Cursor(Sort.NEWEST, Towards.OLDER, shown[-1]["created_at"], shown[-1]["n"]))
    return PlanPage(plans=tuple(_plan(row) for row in shown), next_cursor=following)


_OF_LETTER = ", ".join(
    f"coalesce(d.{name}, '') AS {name}"
    for name in ("job_id", "job_type", "label", "tenant", "error_type", "error_message")
)


def plan_items(
    engine: Engine,
    plan_id: str,
    *,
    tenants: frozenset[str] | None,
    statuses: Sequence[ItemStatus],
    verdicts: Sequence[Verdict],
    after: int,
    limit: int,
) -> ItemPage | None:
    """Entries of a plan in their order, see `ReplayBackend.plan_items`."""
    closed = {
        name: tuple(value.value for value in values)
        for name, values in (("status", statuses), ("verdict", verdicts))
        if values
    }
    where, params = one_of(closed, "i.")
    sql = (
        # A plan outlives the entries that were settled long ago.
        f"SELECT i.*, coalesce(d.id, '') AS letter_id, {_OF_LETTER} "
        "FROM replay_item AS i LEFT JOIN dead_letter AS d ON d.n = i.letter_n "
        f"WHERE i.plan_n = :plan AND i.no > :after AND {where} ORDER BY i.no LIMIT :limit"
    )
    with read(engine) as connection:
        found = fetch(connection, Query("SELECT * FROM replay_plan WHERE id = :id", {"id": plan_id}))
        if not found or not sees_plan(tenants, found[0]):
            return None
        values = {**params, "plan": found[0]["n"], "after": after, "limit": limit + 1}
        rows = fetch(connection, Query(sql, values))
    items = tuple(_item(row) for row in rows[:limit])
    return ItemPage(items=items, next_no=items[-1].no if len(rows) > limit else None)


def count_items(connection: Connection, plan_n: int) -> ItemCounts:
    """The figures of a plan, counted on its index."""
    sql = "SELECT status, verdict, count(*) AS items FROM replay_item WHERE plan_n = :n GROUP BY status, verdict"
    rows = fetch(connection, Query(sql, {"n": plan_n}))
    by_status: dict[ItemStatus, int] = {}
    by_verdict: dict[Verdict, int] = {}
    for row in rows:
        status, verdict = ItemStatus(row["status"]), Verdict(row["verdict"])
        by_status[status] = by_status.get(status, 0) + row["items"]
        by_verdict[verdict] = by_verdict.get(verdict, 0) + row["items"]
    return ItemCounts(by_status=by_status, by_verdict=by_verdict)


def count_outcomes(connection: Connection, plan_n: int) -> dict[ItemStatus, int]:
    """What came of what a plan sent, counted on its index; the rest its driver keeps count of."""
    closed, params = one_of({"status": tuple(status.value for status in _OUTCOMES)})
    sql = f"SELECT status, count(*) AS items FROM replay_item WHERE plan_n = :n AND {closed} GROUP BY status"
    rows = fetch(connection, Query(sql, {**params, "n": plan_n}))
    return {ItemStatus(row["status"]): row["items"] for row in rows}


def with_outcomes(counts: ItemCounts, outcomes: dict[ItemStatus, int]) -> ItemCounts:
    """The figures with these outcomes of what was sent."""
    if not outcomes:
        return counts
    kept = {status: items for status, items in counts.by_status.items() if status not in (*_OUTCOMES, ItemStatus.SENT)}
    known = sum(counts.by_status.get(status, 0) for status in (*_OUTCOMES, ItemStatus.SENT))
    going = known - sum(outcomes.values())
    by_status = kept | outcomes
    if going:
        by_status[ItemStatus.SENT] = going
    return counts.model_copy(update={"by_status": by_status})


def read_counts(text: str) -> ItemCounts:
    """The figures as a plan keeps them."""
    found = json.loads(text)
    return ItemCounts.model_validate(found) if found else ItemCounts(by_status={}, by_verdict={})


def _page(connection: Connection, at: tuple[int, int] | None, limit: int) -> list[RowMapping]:
    beyond = "WHERE (p.created_at, p.n) < (:at, :n) " if at else ""
    params = {"limit": limit, **({"at": at[0], "n": at[1]} if at else {})}
    return fetch(connection, Query(f"{_PLANS} {beyond}ORDER BY p.created_at DESC, p.n DESC LIMIT :limit", params))


def sees_plan(tenants: frozenset[str] | None, row: RowMapping) -> bool:
    """Whether who sees these tenants sees the plan."""
    if tenants is None:
        return True
    made_for = json.loads(row["tenants"])
    return made_for is not None and set(made_for) <= tenants


def _plan(row: RowMapping) -> ReplayPlan:
    counts, state = read_counts(row["counts"]), ReplayState(row["state"])
    ended = row["driver_state"] is not None and JobState(row["driver_state"]) in ENDED
    unfinished = not row["prepared"] if state is ReplayState.DRAFT else counts.left > 0
    return ReplayPlan(
        id=row["id"],
        kind=PlanKind(row["kind"]),
        description=row["description"],
        filter=row["filter"],
        tenant=row["tenant"],
        state=state,
        prepared=bool(row["prepared"]),
        starts=bool(row["starts"]),
        expected=row["expected"],
        total=row["total"],
        counts=counts,
        rate=row["rate"],
        actor=row["actor"],
        reason=row["reason"],
        ticket=row["ticket"],
        created_at=from_ms(row["created_at"]),
        started_at=None if row["started_at"] is None else from_ms(row["started_at"]),
        ended_at=None if row["ended_at"] is None else from_ms(row["ended_at"]),
        changed_at=from_ms(row["changed_at"]),
        changed_by=row["changed_by"],
        note=row["note"],
        driver_job_id=row["driver_job_id"],
        driver_failed=ended and unfinished and state in (ReplayState.DRAFT, ReplayState.RUNNING),
        side_effects=tuple(json.loads(row["side_effects"])),
        undoes=row["undoes"],
    )


def _item(row: RowMapping) -> ReplayItem:
    return ReplayItem(
        no=row["no"],
        letter_id=row["letter_id"],
        job_id=row["job_id"],
        job_type=row["job_type"],
        label=row["label"],
        tenant=row["tenant"],
        error_type=row["error_type"],
        error_message=row["error_message"],
        status=ItemStatus(row["status"]),
        verdict=Verdict(row["verdict"]),
        detail=row["detail"],
        sent_at=None if row["sent_at"] is None else from_ms(row["sent_at"]),
    )
