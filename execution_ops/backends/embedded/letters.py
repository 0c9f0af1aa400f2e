"""The life of a dead letter: a job dies, its entry is replayed, resolved or reopened. Each step stands in the
transaction of what it tells.

Locks on PostgreSQL follow those of the jobs: DAGs, jobs, then entries by their number, then items of plans.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, insert, select, text, update

from execution_ops.backends.embedded.letter_counters import LetterMove, count_letters
from execution_ops.backends.embedded.transitions import DAG, announce_topics, table
from execution_ops.domain.dead_letters import open_state
from execution_ops.domain.error_categories import categorise
from execution_ops.domain.fingerprints import Fingerprint, fingerprint
from execution_ops.domain.ids import new_id
from execution_ops.domain.replays import ItemStatus
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.topics import LETTERS
from execution_ops.domain.verbs import Stamp

LETTER = table("dead_letter")
GROUP = table("letter_group")
PLAN = table("replay_plan")
ITEM = table("replay_item")
VALUE = table("job_value")
WORKER = table("worker")
_MAKE_GROUP = text(
    "INSERT INTO letter_group (fingerprint, error_type, template, frame, category, first_at) "
    "VALUES (:fingerprint, :error_type, :template, :frame, :category, :first_at) ON CONFLICT (fingerprint) DO NOTHING"
)


class Death(NamedTuple):
    """What a job died of."""

    error_type: str
    error_message: str
    error_stack: str = ""


def bury(connection: Connection, job: RowMapping, death: Death, now: int) -> str:
    """A locked job has died for good: keep a snapshot of it; the id of the entry."""
    before = _earlier(connection, job)
    category = categorise(death.error_type, death.error_message)
    mark = fingerprint(death.error_type, death.error_message, death.error_stack, category.value)
    if before is not None and _settle(connection, before, DeadLetterState.REPLAYED, now):
        same = before["fingerprint"] == mark.digest
        _close_item(connection, before, ItemStatus.DIED_SAME if same else ItemStatus.DIED_NEW, now)
    # Also when it was resolved in between: the same job was started again, and died again.
    redeaths = 0 if before is None else before["redeaths"] + 1
    state = open_state(redeaths)
    _found_group(connection, mark, death.error_type, category.value, now)
    letter_id = new_id()
    connection.execute(
        insert(LETTER).values(
            id=letter_id,
            job_id=job["id"],
            node_key=job["node_key"],
            job_type=job["job_type"],
            label=job["label"],
            queue=job["queue"],
            tenant=job["tenant"],
            priority=job["priority"],
            state=state.value,
            created_at=now,
            attempts=job["attempts"],
            max_attempts=job["tries_from"] + job["max_attempts"],
            worker_id=job["worker_id"],
            error_type=death.error_type,
            error_message=death.error_message,
            error_stack=death.error_stack,
            fingerprint=mark.digest,
            category=category.value,
            redeaths=redeaths,
            **_surroundings(connection, job),
        )
    )
    move = LetterMove(mark.digest, job["tenant"], job["job_type"], None, state, died_at=now)
    count_letters(connection, [move])
    announce_topics(connection, [LETTERS], now)
    return letter_id


def replay_ended(connection: Connection, job: RowMapping, now: int, *, canceled: bool = False) -> None:
    """A job that may have been replayed has succeeded, or was canceled: its entry says so.

    A canceled replay leaves the entry open as it was: nobody has taken care of it.
    """
    entry = _earlier(connection, job)
    if entry is not None and _settle(connection, entry, None if canceled else DeadLetterState.REPLAYED, now):
        _close_item(connection, entry, ItemStatus.CANCELED if canceled else ItemStatus.SUCCEEDED, now)
        announce_topics(connection, [LETTERS], now)


def newest_entry(connection: Connection, job_id: str) -> RowMapping | None:
    """The newest entry of a locked job, locked as well; None if it never died."""
    found = connection.execute(
        select(LETTER).where(LETTER.c.job_id == job_id).order_by(LETTER.c.n.desc()).limit(1).with_for_update()
    )
    return found.mappings().one_or_none()


def lock_entries(connection: Connection, job_ids: Sequence[str]) -> None:
    """Lock what there is of these locked jobs, in the order in which everybody locks entries."""
    of_jobs = select(LETTER.c.n).where(LETTER.c.job_id.in_(job_ids)).order_by(LETTER.c.n)
    connection.execute(of_jobs.with_for_update())


def begin_replay(connection: Connection, job: RowMapping, stamp: Stamp, now: int) -> str:
    """A locked job that may have died starts again: its open entry is being replayed. Why it may not, else empty."""
    entry = newest_entry(connection, job["id"])
    if entry is not None and entry["state"] == DeadLetterState.QUARANTINED:
        # Who retries many jobs sees no warning for this one.
        return "Its dead letter is in quarantine, as it died again too often. Only replaying that one takes it."
    if entry is not None and entry["state"] == DeadLetterState.PENDING:
        change(
            connection,
            [entry],
            DeadLetterState.REPLAYING,
            now,
            stamp=stamp,
            attempt_from=job["attempts"],
            plan_n=None,
            item_no=None,
        )
        announce_topics(connection, [LETTERS], now)
    return ""


def change(
    connection: Connection,
    entries: Iterable[RowMapping],
    state: DeadLetterState,
    now: int,
    *,
    stamp: Stamp | None = None,
    **values: Any,
) -> None:
    """Bring locked entries into a state, each with its counters; `values` are further columns.

    Does not announce it: who changes many does that once.
    """
    rows = list(entries)
    if stamp is not None:
        values |= {"changed_at": now, "changed_by": stamp.actor.name, "note": stamp.reason}
    numbers = [entry["n"] for entry in rows]
    connection.execute(
        update(LETTER)
        .where(LETTER.c.n.in_(numbers))
        .values(state=state.value, revision=LETTER.c.revision + 1, **values)
    )
    count_letters(
        connection,
        [
            LetterMove(entry["fingerprint"], entry["tenant"], entry["job_type"], DeadLetterState(entry["state"]), state)
            for entry in rows
        ],
    )


def _earlier(connection: Connection, job: RowMapping) -> RowMapping | None:
    """The entry of the job's last death, if it ever died; only that one can be open."""
    # Most jobs were dispatched once and never started again: those need no look.
    return newest_entry(connection, job["id"]) if job["dispatch"] > 1 else None


def _settle(connection: Connection, entry: RowMapping, state: DeadLetterState | None, now: int) -> bool:
    """End the replay of an entry in the state (None: as it was before it); False if it isn't being replayed."""
    if entry["state"] != DeadLetterState.REPLAYING:
        return False
    change(connection, [entry], open_state(entry["redeaths"]) if state is None else state, now)
    return True


def _close_item(connection: Connection, entry: RowMapping, status: ItemStatus, now: int) -> None:
    """The item of the plan that replayed an entry has come to its end."""
    if entry["plan_n"] is None:
        return
    item = update(ITEM).where(ITEM.c.plan_n == entry["plan_n"], ITEM.c.no == entry["item_no"])
    connection.execute(item.where(ITEM.c.status == ItemStatus.SENT.value).values(status=status.value))


def _found_group(connection: Connection, mark: Fingerprint, error_type: str, category: str, now: int) -> None:
    """Make the entry's error group if this is its first death."""
    # Held until the entry is there, so that a group is not removed as empty in between.
    known = (
        select(GROUP.c.category).where(GROUP.c.fingerprint == mark.digest).with_for_update(key_share=True, read=True)
    )
    if connection.execute(known).first():
        return
    connection.execute(
        _MAKE_GROUP,
        {
            "fingerprint": mark.digest,
            "error_type": error_type,
            "template": mark.template,
            "frame": mark.frame,
            "category": category,
            "first_at": now,
        },
    )


def _surroundings(connection: Connection, job: RowMapping) -> dict[str, Any]:
    """What the snapshot has of other tables: the DAG, the worker's version, the payload's digest."""
    dag = connection.execute(select(DAG.c.title, DAG.c.correlation_id).where(DAG.c.id == job["dag_id"])).one()
    version = connection.execute(select(WORKER.c.version).where(WORKER.c.id == job["worker_id"])).scalar()
    body = connection.execute(
        select(VALUE.c.body).where(VALUE.c.job_n == job["n"], VALUE.c.which == "payload")
    ).scalar_one()
    return {
        "dag_id": job["dag_id"],
        "dag_title": dag.title,
        "correlation_id": dag.correlation_id,
        "worker_version": version or "",
        "payload_sha256": payload_digest(body),
        "payload_bytes": len(body.encode()),
    }


def payload_digest(body: str) -> str:
    """The SHA-256 of a payload's JSON text."""
    return hashlib.sha256(body.encode()).hexdigest()
