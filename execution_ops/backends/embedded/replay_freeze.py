"""Freezing a replay plan: its entries are found once, numbered, and judged; what died later is not in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from execution_ops.backends.embedded import letter_reads
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.keyset import Span
from execution_ops.backends.embedded.letter_control import said_change
from execution_ops.backends.embedded.letter_matching import resolve_letters
from execution_ops.backends.embedded.letters import ITEM, LETTER, PLAN
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.replay_judge import Judge, superseded
from execution_ops.backends.embedded.replay_plans import Plans, lock_plan
from execution_ops.backends.embedded.replay_rows import count_items, tenants_of
from execution_ops.backends.embedded.transitions import announce_topics
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.paging import Towards
from execution_ops.domain.replays import ItemStatus, PlanKind, Prepared, Verdict, judge
from execution_ops.domain.states import DeadLetterState, ReplayState
from execution_ops.domain.times import from_ms, now_ms
from execution_ops.domain.topics import REPLAYS, plan_topic
from execution_ops.domain.verbs import Stamp

# All but the texts of the error, which may be long.
_COLUMNS = [column for column in LETTER.c if column.name not in ("error_stack", "error_message", "dag_title")]

_ENTRIES = select(*_COLUMNS).where(one_of(LETTER.c.n, "numbers")).order_by(LETTER.c.n)
_LOCK_ENTRIES = _ENTRIES.with_for_update()


@dataclass(frozen=True)
class ReplayFreezer:
    """Freezes and judges; may be called again after a crash at any point."""

    plans: Plans

    @property
    def engine(self) -> Engine:
        """The ledger."""
        return self.plans.engine

    def prepare(self, plan_id: str, *, batch: int) -> Prepared:
        """Freeze and judge the next entries of a draft, see `ReplayBackend.prepare_plan`."""
        with write(self.engine) as connection:
            plan = lock_plan(connection, plan_id)
            if plan["prepared"] or plan["state"] != ReplayState.DRAFT:
                return Prepared(frozen=plan["total"], finished=True)
            entries, position = self._next(connection, plan, batch)
            verdicts = self._judged(connection, plan, entries)
            total = plan["total"] + len(entries)
            self._freeze(connection, plan, entries, verdicts)
            values: dict[str, Any] = {"total": total, "position": json.dumps(position)}
            if position is None:
                values |= {"prepared": True, "counts": count_items(connection, plan["n"]).model_dump_json()}
            values["side_effects"] = self._side_effects(plan, entries)
            connection.execute(update(PLAN).where(PLAN.c.n == plan["n"]).values(**values))
            if position is None and plan["starts"]:
                self.plans.start_prepared(connection, plan, stamp_of(plan))
            announce_topics(connection, [REPLAYS, plan_topic(plan_id)], now_ms())
            return Prepared(frozen=total, finished=position is None)

    def _next(self, connection: Connection, plan: RowMapping, batch: int) -> tuple[list[RowMapping], list[int] | None]:
        """The next entries to freeze, and where to go on; None when these are the last."""
        scope, start = json.loads(plan["scope"]), json.loads(plan["position"] or "[]")
        tenants = tenants_of(plan)
        if "filter" in scope:
            where = DeadLetterFilter.from_query(scope["filter"])
            match = resolve_letters(where, tenants, from_ms(now_ms()))
            if match is None:
                return [], None
            span = Span(Towards.NEWER, *match.window, (start[0], start[1]) if start else None)
            rows, following = letter_reads.following(connection, match, span, batch)
            found = entries_by_number(connection, [row["n"] for row in rows])
            place = following.position if following is not None else None
            return [found[row["n"]] for row in rows], None if place is None else list(place)
        done = start[0] if start else 0
        if "undoes" in scope:
            query = (
                select(LETTER)
                .join(ITEM, ITEM.c.letter_n == LETTER.c.n)
                .join(PLAN, PLAN.c.n == ITEM.c.plan_n)
                .where(PLAN.c.id == scope["undoes"], ITEM.c.status == ItemStatus.DONE.value, ITEM.c.no > done)
                .add_columns(ITEM.c.no.label("undone_no"), (ITEM.c.revision + 1).label("left_at"))
                .order_by(ITEM.c.no)
                .limit(batch)
            )
            rows = list(connection.execute(query).mappings())
            return rows, [rows[-1]["undone_no"]] if len(rows) == batch else None
        part = scope["ids"][done : done + batch]
        rows = list(connection.execute(select(LETTER).where(LETTER.c.id.in_(part)).order_by(LETTER.c.n)).mappings())
        seen = [row for row in rows if tenants is None or row["tenant"] in tenants]
        return seen, [done + batch] if done + batch < len(scope["ids"]) else None

    def _judged(
        self, connection: Connection, plan: RowMapping, entries: Sequence[RowMapping]
    ) -> list[tuple[Verdict, str]]:
        """The verdict on each entry, and in words what it is about."""
        kind = PlanKind(plan["kind"])
        if kind is PlanKind.REPLAY:
            judges = Judge(connection, self.plans.registry)
            jobs = judges.jobs_of(entries)
            # A plan goes on when who made it has left, so it acts with the permission of its verb and no other.
            actor = stamp_of(plan).actor
            found = [judges.replay(entry, jobs.get(entry["job_id"]), actor) for entry in entries]
        else:
            old = superseded(connection, entries) if kind is PlanKind.REOPEN else set()
            found = [(self._judged_state(kind, entry, old), "") for entry in entries]
        return [
            (verdict, said_change(entry) if verdict in (Verdict.NOT_OPEN, Verdict.CHANGED) else detail)
            for entry, (verdict, detail) in zip(entries, found, strict=True)
        ]

    def _judged_state(self, kind: PlanKind, entry: RowMapping, old: set[int]) -> Verdict:
        verdict = judge(
            kind, DeadLetterState(entry["state"]), None, registered=True, same_payload=True, payload_problem=""
        )
        if verdict is not Verdict.ELIGIBLE:
            return verdict
        if entry["n"] in old:
            return Verdict.SUPERSEDED
        # Who takes a plan back takes back what the plan did, not what somebody did since.
        return Verdict.CHANGED if entry.get("left_at", entry["revision"]) != entry["revision"] else verdict

    def _freeze(
        self,
        connection: Connection,
        plan: RowMapping,
        entries: Sequence[RowMapping],
        verdicts: Sequence[tuple[Verdict, str]],
    ) -> None:
        rows = [
            {
                "plan_n": plan["n"],
                "no": plan["total"] + i + 1,
                "letter_n": entry["n"],
                "revision": entry["revision"],
                "status": (ItemStatus.ELIGIBLE if verdict is Verdict.ELIGIBLE else ItemStatus.INELIGIBLE).value,
                "verdict": verdict.value,
                "detail": detail,
            }
            for i, (entry, (verdict, detail)) in enumerate(zip(entries, verdicts, strict=True))
        ]
        if rows:
            connection.execute(insert(ITEM), rows)

    def _side_effects(self, plan: RowMapping, entries: Sequence[RowMapping]) -> str:
        known: list[str] = json.loads(plan["side_effects"])
        if plan["kind"] == PlanKind.REPLAY.value:
            for name in sorted({entry["job_type"] for entry in entries}):
                entry = self.plans.registry.get(name)
                if entry is not None and entry.side_effects:
                    known.append(f"{name}: {entry.side_effects}")
        return json.dumps(list(dict.fromkeys(known)))


def entries_by_number(connection: Connection, numbers: Sequence[int], *, lock: bool = False) -> dict[int, RowMapping]:
    """These entries by their number, locked if wanted."""
    rows = connection.execute(_LOCK_ENTRIES if lock else _ENTRIES, {"numbers": numbers}).mappings()
    return {row["n"]: row for row in rows}


def stamp_of(plan: RowMapping) -> Stamp:
    """The stamp of who made the plan, for what is done in their name."""
    actor = Actor(
        name=plan["actor"], scopes=frozenset({Scope.OPERATE}), tenants=tenants_of(plan), source=plan["source"]
    )
    return Stamp(actor=actor, reason=plan["reason"], ticket=plan["ticket"], correlation_id=plan["correlation_id"])
