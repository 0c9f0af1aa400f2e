"""The job page: one job, its attempts and timeline, and the verbs on it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import AuditEvent, SubjectKey, SubjectKind
from execution_ops.domain.ids import check_id
from execution_ops.domain.jobs import JobDetail
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.topics import dag_topic, job_topic
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import VERBS, why_not
from execution_ops.domain.waiting import Waiting, name_of
from execution_ops.services.baseline_answers import ScanStand
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import TRAIL_MAX, TimelineView
from execution_ops.state.job_baseline import JobBaseline
from execution_ops.state.job_values import JobValues
from execution_ops.state.job_view import (
    AttemptView,
    RelativeView,
    TrackPart,
    attempt_views,
    more_words,
    relative_views,
    timeline_views,
    track,
)
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import common
from execution_ops.texts import jobs as words


@dataclass(frozen=True)
class ArtifactView:
    """A file of the job."""

    name: str
    size: str
    sha256: str
    url: str


@dataclass(frozen=True)
class Opened:
    """What the page reads in one go."""

    detail: JobDetail
    waiting: Waiting
    scan: ScanStand | None
    done: Sequence[AuditEvent]


def read_job(actor: Actor, job_id: str) -> Opened:
    """The job, why it is not running, and how the result of its scan stands; blocking."""
    jobs = services().jobs
    detail = jobs.get(actor, job_id)
    done = services().audit.of(actor, SubjectKey(SubjectKind.JOB, job_id), limit=TRAIL_MAX)
    return Opened(detail, jobs.why_waiting(actor, detail), services().baselines.stand(actor, detail), done)


class JobPage(VerbQuestion, JobBaseline, rx.State):
    """One job as its page shows it; times are ISO 8601 texts, ready for the time island."""

    id: str = ""
    name: str = ""
    job_type: str = ""
    label: str = ""
    state: str = ""
    canceling: bool = False
    ended: bool = False
    queue: str = ""
    tenant: str = ""
    worker: str = ""
    worker_id: str = ""
    attempts_text: str = ""
    timeout_text: str = ""
    priority: int = 0
    created_at: str = ""
    started_at: str = ""
    finished_at: str = ""
    duration_ms: int | None = None
    progress_done: int = 0
    progress_total: int = 0
    progress_note: str = ""
    waiting: str = ""
    waiting_href: str = ""
    waiting_link: str = ""
    cancel_off: str = LOADING
    retry_off: str = LOADING
    payload_size: str = ""
    result_size: str = ""
    dag_title: str = ""
    dag_size: int = 0
    attempts: rx.Field[list[AttemptView]] = rx.field(default_factory=list)
    timeline: rx.Field[list[TimelineView]] = rx.field(default_factory=list)
    parts: rx.Field[list[TrackPart]] = rx.field(default_factory=list)
    parents: rx.Field[list[RelativeView]] = rx.field(default_factory=list)
    children: rx.Field[list[RelativeView]] = rx.field(default_factory=list)
    parents_more: str = ""
    children_more: str = ""
    artifacts: rx.Field[list[ArtifactView]] = rx.field(default_factory=list)

    _result_bytes: int = 0
    _dag: tuple[str, str] = ("", "")

    # addresses

    @rx.var
    def queue_href(self) -> str:
        """The list of the queue's jobs."""
        return routes.jobs([("queue", self.queue)])

    @rx.var
    def tenant_href(self) -> str:
        """The list of the tenant's jobs."""
        return routes.jobs([("tenant", self.tenant)])

    @rx.var
    def worker_href(self) -> str:
        """The worker."""
        return routes.worker(self.worker_id) if self.worker_id else ""

    @rx.var
    def letters_href(self) -> str:
        """The deaths of this job."""
        return routes.dead_letter_queue([("job", self.id)]) if self.id else ""

    @rx.var
    def dag_href(self) -> str:
        """The graph, with this job selected."""
        return routes.job_dag(self.id, [("node", self.id)]) if self.id else ""

    # LivePage

    def _ask(self) -> Ask:
        job_id = check_id(self.job_id)  # type: ignore[attr-defined]
        actor = actor_of(self)
        # Parents and children are shown too. The DAG's id is known from the first reading on.
        known, dag_id = self._dag
        topic = dag_topic(dag_id) if known == job_id else job_topic(job_id)
        key: Hashable = ("job", job_id, viewer_key(actor))

        async def waiting() -> Waiting | None:
            service = services()
            _, opened = await service.hub.page(key, topic, lambda: read_job(actor, job_id))
            if opened.detail.row.state is not JobState.SCHEDULED:
                return None
            health = await service.summary.health(actor)
            return await asyncio.to_thread(service.jobs.why_waiting, actor, opened.detail, health)

        return Ask(topic, key, lambda: read_job(actor, job_id), waiting)

    def _show_beside(self, beside: Any) -> None:
        # A worker that comes or goes is no change of the job.
        if beside is not None:
            self._show_waiting(beside)

    async def _show(self, answer: Any) -> None:
        detail, row = answer.detail, answer.detail.row
        self.id, self.name, self.job_type, self.label = row.id, name_of(row), row.job_type, row.label
        self.state, self.canceling, self.ended = row.state.value, row.canceling, row.state in ENDED
        self.queue, self.tenant = row.queue, row.tenant
        self.worker, self.worker_id = visible(row.worker), row.worker_id
        self.attempts_text = f"{row.attempts} of {row.max_attempts}"
        self.timeout_text = words.per_attempt(detail.timeout_ms)
        self.priority = row.priority
        self.created_at = iso(row.created_at)
        self.started_at = iso(row.started_at) if row.started_at else ""
        self.finished_at = iso(row.finished_at) if row.finished_at else ""
        self.duration_ms = row.duration_ms
        self.progress_done, self.progress_total = row.progress_done, row.progress_total
        self.progress_note = row.progress_note
        self._dag = (row.id, row.dag_id)
        self._show_waiting(answer.waiting)
        self.payload_size = describe_bytes(detail.payload_bytes)
        self.result_size = describe_bytes(detail.result_bytes) if detail.result_bytes else common.NONE_YET
        self.dag_title, self.dag_size = detail.dag_title, detail.dag_size
        self.attempts, self.timeline = attempt_views(detail), timeline_views(detail.events, answer.done)
        self.parts = track(detail, datetime.now(UTC))
        self.parents, self.children = relative_views(detail.parents), relative_views(detail.children)
        self.parents_more = more_words(detail.parents_total - len(detail.parents))
        self.children_more = more_words(detail.children_total - len(detail.children))
        self.artifacts = _artifact_views(detail)
        self._show_verbs(row.state, row.tenant)
        self._show_scan(row.id, answer.scan)
        if detail.result_bytes != self._result_bytes:
            self._result_bytes = detail.result_bytes
            await (await self.get_state(JobValues))._read_result()

    def _show_waiting(self, waiting: Waiting) -> None:
        self.waiting = waiting.sentence
        self.waiting_href, self.waiting_link = _in_the_way(waiting)

    def _show_verbs(self, state: JobState, tenant: str) -> None:
        actor = actor_of(self)
        self.cancel_off = why_not(VERBS["cancel"], actor, [state], tenant)
        again_off = services().jobs.why_not_again(actor, self.job_type, tenant)
        self.retry_off = again_off or why_not(VERBS["retry"], actor, [state], tenant)
        if self.canceling:
            self.cancel_off = words.ITS_CANCEL_WAS_ASKED_FOR_ALREADY

    # VerbQuestion

    def _subjects(self) -> list[str]:
        return [self.id]

    def _phrase(self, verb: Verb) -> None:
        if not self.id:
            self.asking = ""

    async def _done(self, verb: Verb) -> None:
        await self._refresh(anew=True)


def _artifact_views(detail: JobDetail) -> list[ArtifactView]:
    return [
        ArtifactView(
            name=item.name,
            size=describe_bytes(item.size),
            sha256=item.sha256,
            url=routes.api_artifact(detail.row.id, item.sha256),
        )
        for item in detail.artifacts
    ]


def _in_the_way(waiting: Waiting) -> tuple[str, str]:
    """Where the page leads of what a job waits for, and what the link says; empty for nothing."""
    if waiting.quota_id:
        return routes.quota(waiting.quota_id), words.OPEN_ITS_QUOTA
    if waiting.queue:
        return routes.workers([("queue", waiting.queue)]), words.OPEN_THE_WORKERS_OF_ITS_QUEUE
    if waiting.blocking_job_id:
        return routes.job(waiting.blocking_job_id), words.OPEN_WHAT_IT_WAITS_FOR
    return "", ""
