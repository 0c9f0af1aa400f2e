"""Bulk verbs as background work: a job that walks a frozen filter and acts in small batches."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import JobBackend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.errors import Conflict
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.job_types import BULK_TYPE, DagSpec, JobContext, JobFailed, JobResult, NodeSpec, job_type
from execution_ops.domain.job_verbs import JOB_VERBS
from execution_ops.domain.jobs import JobRow, Outcome
from execution_ops.domain.query_values import Sort
from execution_ops.domain.redaction import DEFAULT_KEYS, MASK, hides
from execution_ops.domain.states import JobState
from execution_ops.domain.tenants import home_tenant
from execution_ops.domain.times import iso
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.carriers import carrier
from execution_ops.services.own_jobs import LEDGER, failing_in_words

QUEUE = "ops"
NODE_KEY = "bulk"
BATCH = 100
# A writer that never pauses starves the others of SQLite's write lock for seconds.
BATCH_PAUSE_S = 0.02


class BulkPayload(BaseModel):
    """The frozen scope: the filter (bounded by the moment of asking) and on whose behalf."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verb: str
    filter: str
    description: str
    actor: Actor
    reason: str
    ticket: str
    correlation_id: str


def told(where: JobFilter, redact_keys: Sequence[str]) -> JobFilter:
    """The filter as it may be written down: without the values that `redact_keys` hide."""
    payload = tuple((key, MASK if hides(key, redact_keys) else value) for key, value in where.payload)
    return where.model_copy(update={"payload": payload})


def bulk_spec(
    verb: Verb, where: JobFilter, stamp: Stamp, now: datetime, redact_keys: Sequence[str] = DEFAULT_KEYS
) -> tuple[DagSpec, str]:
    """The DAG of one job that does `verb` to all that match now, and the tenant that owns it.

    Its title names the filter without the values that `redact_keys` hide. Conflict if the filter
    names only states that the verb does not apply to.
    """
    states = tuple(state for state in where.state or JobState if state in verb.applies_to)
    if not states:
        raise Conflict(verb.refusal)
    start, end = where.window(now)
    frozen = where.model_copy(
        update={
            "after": iso(start) if where.after else "",
            "before": iso(min(end, now) if end else now),
            "sort": Sort.NEWEST,
            # The walk then never meets what the verb would refuse anyway.
            "state": states,
        }
    )
    description = f"{verb.label} {told(where, redact_keys).describe()}"
    payload = BulkPayload(
        verb=verb.name,
        filter=frozen.to_query(),
        description=description,
        actor=stamp.actor,
        reason=stamp.reason,
        ticket=stamp.ticket,
        correlation_id=stamp.correlation_id,
    )
    node = NodeSpec(key=NODE_KEY, job_type=BULK_TYPE, payload=payload.model_dump(mode="json"), label=verb.name)
    return DagSpec(title=description, nodes=(node,)), home_tenant(stamp.actor, where.tenant)


@job_type(BULK_TYPE, queue=QUEUE, payload=BulkPayload, max_attempts=5, timeout_s=6 * 3600)
def run_bulk(job: JobContext, payload: BulkPayload) -> JobResult:
    """Does a verb to all jobs that match a filter."""
    verb = next((verb for verb in JOB_VERBS if verb.name == payload.verb), None)
    if verb is None:
        raise JobFailed(f"Jobs know no verb {payload.verb!r} in this worker's version.", permanent=True)
    with failing_in_words():
        require(payload.actor, verb.scope)
        require(payload.actor, Scope.READ)
        walk = _Walk(LEDGER.get(), job, verb, payload)
    return walk.run()


class _Walk:
    """One pass over the matches."""

    def __init__(self, backend: JobBackend, job: JobContext, verb: Verb, payload: BulkPayload) -> None:
        self._backend = backend
        self._job = job
        self._verb = verb
        self._act = carrier(backend, verb).act
        self._where = JobFilter.from_query(payload.filter)
        self._tenants = payload.actor.tenants
        self._stamp = Stamp(
            actor=payload.actor, reason=payload.reason, ticket=payload.ticket, correlation_id=payload.correlation_id
        )
        self.done = 0
        self.already = 0
        self.refused: Counter[str] = Counter()

    def run(self) -> JobResult:
        total = self._total()
        self._job.log.info("%s: about %d jobs", self._verb.label, total)
        for ids in self._batches():
            self._job.checkpoint()
            self._tally(self._act(ids, self._stamp))
            seen = self.done + self.already + self.refused.total()
            self._job.progress(seen, max(total, seen), f"{self.done} done, {self.refused.total()} refused")
            time.sleep(BATCH_PAUSE_S)
        for reason, count in self.refused.most_common(20):
            self._job.log.warning("%d refused: %s", count, reason)
        self._job.log.info("%d done, %d refused", self.done, self.refused.total())
        by_reason = dict(self.refused.most_common(50))
        return JobResult(
            value={
                "done": self.done,
                "already": self.already,
                "refused": self.refused.total(),
                "by_reason": by_reason,
            }
        )

    def _total(self) -> int:
        counts = self._backend.count_jobs(self._where, tenants=self._tenants)
        return sum(counts.by_state.get(state, 0) for state in self._where.state or JobState)

    def _batches(self) -> Iterator[list[str]]:
        for rows in self._backend.iterate_jobs(self._where, tenants=self._tenants, batch=BATCH):
            ids = [row.id for row in rows if self._is_due(row)]
            if ids:
                yield ids

    def _is_due(self, row: JobRow) -> bool:
        """False for this job itself, and for what an earlier try of this very job has done already."""
        if row.id == self._job.job_id:
            return False
        if self._job.attempt > 1 and self._was_done(row):
            self.already += 1
            return False
        return True

    def _was_done(self, row: JobRow) -> bool:
        """Whether the same actor did this since the scope was frozen: a retried job may have failed again."""
        detail = self._backend.get_job(row.id, tenants=self._tenants)
        frozen_at = self._where.before
        return detail is not None and any(
            event.actor == self._stamp.actor.name and iso(event.at) >= frozen_at for event in detail.events
        )

    def _tally(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.done:
                self.done += 1
            else:
                self.refused[outcome.why] += 1
