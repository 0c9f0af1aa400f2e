"""What a dry run says of an entry, from what is stored and from what this program can run."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, func, select

from execution_ops.backends.embedded.letters import LETTER, VALUE, payload_digest
from execution_ops.backends.embedded.submit import check_payload
from execution_ops.backends.embedded.texts import safe_text
from execution_ops.backends.embedded.transitions import JOB
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.job_types import Registry
from execution_ops.domain.replays import PlanKind, Verdict, judge
from execution_ops.domain.states import RETRYABLE, DeadLetterState, JobState

_AHEAD_BYTES = 65_536


def superseded(connection: Connection, entries: Sequence[RowMapping]) -> set[int]:
    """The numbers of those entries that are not what their job's last death left, so they can't be open.

    Its job runs, has succeeded or died again since: two open entries of one job would replay it twice.
    """
    ids = [entry["job_id"] for entry in entries]
    last = select(func.max(LETTER.c.n)).where(LETTER.c.job_id.in_(ids)).group_by(LETTER.c.job_id)
    newest = set(connection.execute(last).scalars())
    moved = select(JOB.c.id).where(JOB.c.id.in_(ids), JOB.c.state.not_in([state.value for state in RETRYABLE]))
    started = set(connection.execute(moved).scalars())
    return {entry["n"] for entry in entries if entry["n"] not in newest or entry["job_id"] in started}


class Judge:
    """Judges entries in one transaction."""

    def __init__(self, connection: Connection, registry: Registry) -> None:
        self._connection = connection
        self._registry = registry
        self._bodies: dict[int, str] = {}

    def jobs_of(self, entries: Sequence[RowMapping]) -> dict[str, RowMapping]:
        """The jobs of many entries by id, with their payloads read ahead: all but the long ones at once."""
        ids = [entry["job_id"] for entry in entries]
        found = {job["id"]: job for job in self._connection.execute(select(JOB).where(JOB.c.id.in_(ids))).mappings()}
        payloads = select(VALUE.c.job_n, VALUE.c.body).where(
            VALUE.c.job_n.in_([job["n"] for job in found.values()]),
            VALUE.c.which == "payload",
            VALUE.c.size <= _AHEAD_BYTES,
        )
        self._bodies = {row.job_n: row.body for row in self._connection.execute(payloads)}
        return found

    def replay(
        self, entry: RowMapping, job: RowMapping | None, actor: Actor, *, quarantine: bool = True
    ) -> tuple[Verdict, str]:
        """Whether the entry can be replayed in the name of the actor, and in words what is wrong with its payload, or
        which permission is missing.

        `quarantine` False lets a quarantined entry pass: whoever replays it alone was warned.
        """
        state = DeadLetterState(entry["state"])
        if not quarantine and state is DeadLetterState.QUARANTINED:
            state = DeadLetterState.PENDING
        kind = self._registry.get(entry["job_type"])
        body = self._payload(job)
        same = body is not None and payload_digest(body) == entry["payload_sha256"]
        problem = ""
        if kind is not None and same and body is not None:
            try:
                check_payload(kind, json.loads(body))
            except InvalidInput as error:
                # It quotes the payload, which may hold what no database takes.
                problem = safe_text(error.message)
        verdict = judge(
            PlanKind.REPLAY,
            state,
            JobState(job["state"]) if job is not None else None,
            registered=kind is not None,
            same_payload=same,
            payload_problem=problem,
        )
        if verdict is Verdict.ELIGIBLE and (
            off := self._registry.why_not_again(actor, entry["job_type"], entry["tenant"])
        ):
            return Verdict.FORBIDDEN, off
        return verdict, problem if verdict is Verdict.PAYLOAD_INVALID else ""

    def _payload(self, job: RowMapping | None) -> str | None:
        if job is None:
            return None
        if job["n"] in self._bodies:
            return self._bodies[job["n"]]
        body = self._connection.execute(
            select(VALUE.c.body).where(VALUE.c.job_n == job["n"], VALUE.c.which == "payload")
        ).scalar()
        return None if body is None else str(body)
