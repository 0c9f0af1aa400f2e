"""Determinism checks: one source scanned twice in full, and how the last checks ended."""

from __future__ import annotations

import json
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.errors import NotFound
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.jobs import JobRow, LogLevel, Submission
from execution_ops.domain.scan_options import options_of
from execution_ops.domain.scanner_verbs import DETERMINISM_CHECK
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.tenants import check_tenant
from execution_ops.domain.times import Instant
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.words import counted
from execution_ops.scanner.determinism import SHOWN_MAX
from execution_ops.scanner.determinism_job import ResultsDiffer
from execution_ops.scanner.plan import DETERMINISM, determinism_spec
from execution_ops.services.jobs import JobService
from execution_ops.services.requests import sign

CHECKS = 10
# What a comparison writes at most: its places, how many more there are, and why it failed.
LOG_LINES = SHOWN_MAX + 10


class Verdict(StrEnum):
    """How a check ended. `stuck`: one of its scans did not succeed, so there is nothing to compare yet."""

    RUNNING = "running"
    IDENTICAL = "identical"
    DIFFERS = "differs"
    STUCK = "stuck"
    FAILED = "failed"


class Check(BaseModel):
    """One check. `words` says what came of it, or what it waits for.

    `places` says where the results differ: at most SHOWN_MAX places, and then how many more there are. `job_id` is the
    job to look at: the comparison, or the one that holds it up.
    """

    model_config = ConfigDict(frozen=True)

    job_id: str
    dag_id: str
    source: str
    verdict: Verdict
    words: str
    places: tuple[str, ...] = ()
    started_at: Instant
    finished_at: Instant | None


class Determined(BaseModel):
    """The last checks, the newest first; of those that compared, how many found the same twice."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Check, ...]
    identical: int
    total: int


class DeterminismService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: Backend, jobs: JobService) -> None:
        self._backend = backend
        self._jobs = jobs

    def start(self, actor: Actor, path: str, *, tenant: str = "", stamp: Stamp) -> Submission:
        """Scan a source below the scan roots twice, with what holds now, and compare. Both scans run Syft.

        InvalidInput if it can be no path; whether it may be scanned is for the worker to say.
        """
        actor = require(actor, DETERMINISM_CHECK.scope)
        name = check_tenant(actor, tenant)
        options = options_of(self._backend.scanner_settings(), self._backend.analyzer_defaults())
        signed = sign(DETERMINISM_CHECK, actor, stamp)
        return self._backend.submit(determinism_spec(path, options), tenant=name, stamp=signed)

    def last(self, actor: Actor) -> Determined:
        """The last checks that the actor may see."""
        require(actor, Scope.READ)
        rows = self._jobs.list(actor, JobFilter(job_type=(DETERMINISM,)), limit=CHECKS).rows
        checks = tuple(self._check(actor, row) for row in rows)
        compared = [one for one in checks if one.verdict in {Verdict.IDENTICAL, Verdict.DIFFERS}]
        same = sum(one.verdict is Verdict.IDENTICAL for one in compared)
        return Determined(items=checks, identical=same, total=len(compared))

    def _check(self, actor: Actor, row: JobRow) -> Check:
        verdict, words, job_id = self._verdict(actor, row)
        return Check(
            job_id=job_id,
            dag_id=row.dag_id,
            source=str(json.loads(self._jobs.value(actor, row.id, "payload"))["source"]),
            verdict=verdict,
            words=words,
            places=self._places(actor, row) if verdict is Verdict.DIFFERS else (),
            started_at=row.created_at,
            finished_at=row.finished_at,
        )

    def _places(self, actor: Actor, row: JobRow) -> tuple[str, ...]:
        # The comparison writes each place as a warning; what an earlier try wrote is the same once more.
        lines = self._jobs.log(actor, row.id, level=LogLevel.WARNING, limit=LOG_LINES, last=True).lines
        own = (one.text for one in lines if one.level is LogLevel.WARNING and one.attempt == row.attempts)
        return tuple(own)[: SHOWN_MAX + 1]

    def _verdict(self, actor: Actor, row: JobRow) -> tuple[Verdict, str, str]:
        if row.state is JobState.SUCCEEDED:
            try:
                value = json.loads(self._jobs.value(actor, row.id, "result"))
            except NotFound:
                return Verdict.FAILED, "Its result is not there any more.", row.id
            components = counted(value["components"], "component")
            said = f"All {value['total']:,} steps are identical, with {components}."
            return Verdict.IDENTICAL, said, row.id
        if row.state in ENDED:
            differs = row.error_type == ResultsDiffer.__name__
            said = row.error_message or f"The comparison is {row.state.value.replace('_', ' ')}."
            return (Verdict.DIFFERS if differs else Verdict.FAILED), said, row.id
        holding = [
            node.row
            for node in self._jobs.dag(actor, row.dag_id).nodes
            if node.row.state in ENDED and node.row.state is not JobState.SUCCEEDED
        ]
        if holding:
            state = holding[0].state.value.replace("_", " ")
            return Verdict.STUCK, f"{holding[0].node_key} is {state}: there is nothing to compare yet.", holding[0].id
        return Verdict.RUNNING, "Under way.", row.id
