"""What can be done with jobs: authorise, validate, act through the backend, redact what comes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from execution_ops.backends.base import Backend, Capabilities
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.audit import SubjectKind, Touched, own_tenant
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.exports import ExportFormat, write
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import check_id
from execution_ops.domain.job_types import REGISTRY, Artifact, DagSpec, NodeSpec, Registry
from execution_ops.domain.job_verbs import CANCEL, JOB_VERBS, RETRY, REVEAL, SUBMIT
from execution_ops.domain.jobs import (
    Counts,
    Dag,
    Health,
    JobDetail,
    JobRow,
    LogLevel,
    LogSlice,
    Outcome,
    Page,
    Submission,
)
from execution_ops.domain.json_tree import TreeRow, parse_tree
from execution_ops.domain.quotas import Scopes
from execution_ops.domain.rates import Rates, Window
from execution_ops.domain.redaction import DEFAULT_KEYS, hides
from execution_ops.domain.states import JobState
from execution_ops.domain.tenants import check_tenant
from execution_ops.domain.text import is_unicode
from execution_ops.domain.times import iso
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import EXPORT, Stamp
from execution_ops.domain.waiting import Waiting, why_waiting
from execution_ops.services.bulk import bulk_spec, told
from execution_ops.services.carriers import carrier
from execution_ops.services.exports import Chunks, exported
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import (
    IDS_MAX,
    LIMIT_DEFAULT,
    LIMIT_MAX,
    LOG_LIMIT_MAX,
    check_range,
    check_search,
    sign,
)

TITLE_MAX = 200
NODES_MAX = 10_000
# The node of a DAG that is one submitted job.
SUBMITTED_KEY = "job"
VALUES = ("payload", "result")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LOG_BATCH = 2000
# Named here: inside the class `list` is its method.
Outcomes = list[Outcome]
Facets = dict[str, list[str]]


class JobService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(
        self, backend: Backend, *, redact_keys: Sequence[str] = DEFAULT_KEYS, registry: Registry = REGISTRY
    ) -> None:
        self._backend = backend
        self._registry = registry
        self._keys = tuple(redact_keys)
        self._redact = Redactor(self._keys)

    @property
    def capabilities(self) -> Capabilities:
        """What the engine behind can do."""
        return self._backend.capabilities

    # reading

    def list(self, actor: Actor, where: JobFilter, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT) -> Page:
        """One page of the jobs that match, without payloads."""
        actor = self._check_filter(actor, where)
        check_range("limit", limit, LIMIT_MAX)
        page = self._backend.list_jobs(where, tenants=actor.tenants, cursor=cursor, limit=limit)
        return page.model_copy(update={"rows": self._redact.rows(page.rows)})

    def counts(self, actor: Actor, where: JobFilter) -> Counts:
        """Counts by state for the filter without its own states."""
        actor = self._check_filter(actor, where)
        return self._backend.count_jobs(where, tenants=actor.tenants)

    def get(self, actor: Actor, job_id: str) -> JobDetail:
        """One job; NotFound also for a job of a tenant that the actor may not see."""
        require(actor, Scope.READ)
        detail = self._backend.get_job(check_id(job_id), tenants=actor.tenants)
        if detail is None:
            raise NotFound(f"There is no job {job_id}.")
        return self._redact.detail(detail)

    def value(self, actor: Actor, job_id: str, which: str, *, reveal: bool = False) -> str:
        """The JSON text of `payload` or `result`; secrets hidden unless revealed.

        To reveal needs ops:reveal, and each look is in the audit before anything is shown.
        """
        require(actor, Scope.READ)
        if which not in VALUES:
            raise InvalidInput("A job has the values payload and result.")
        if reveal:
            actor = require(actor, Scope.REVEAL)
        signed = sign(REVEAL, actor, Stamp(actor=actor)) if reveal else None
        text = self._backend.get_value(check_id(job_id), which, tenants=actor.tenants, reveal=signed)
        if text is None:
            self.get(actor, job_id)
            raise NotFound(f"This job has no {which} yet.", code="NO_VALUE")
        if signed is None:
            return self._redact.json(text)
        touched = Touched(SubjectKind.JOB, (job_id,), self.get(actor, job_id).row.tenant)
        self._backend.witness(REVEAL.name, f"{job_id} {which}", signed, touched)
        return text

    def value_tree(
        self, actor: Actor, job_id: str, which: str, expanded: Mapping[str, int], *, reveal: bool = False
    ) -> tuple[TreeRow, ...]:
        """The visible lines of a value; `expanded` maps open JSON Pointers to children on view."""
        return tuple(parse_tree(self.value(actor, job_id, which, reveal=reveal)).rows(expanded))

    def log(
        self,
        actor: Actor,
        job_id: str,
        *,
        after: int = 0,
        skip: int = 0,
        limit: int = LIMIT_MAX,
        level: LogLevel | None = None,
        text: str = "",
        last: bool = False,
    ) -> LogSlice:
        """A window of the job's log (see JobBackend.get_log)."""
        require(actor, Scope.READ)
        check_range("limit", limit, LOG_LIMIT_MAX)
        check_search(after, skip, text)
        found = self._backend.get_log(
            check_id(job_id),
            tenants=actor.tenants,
            after=after,
            skip=skip,
            limit=limit,
            level=level,
            text=text,
            last=last,
        )
        if found is None:
            raise NotFound(f"There is no job {job_id}.")
        return self._redact.log(found)

    def log_text(self, actor: Actor, job_id: str) -> Iterator[bytes]:
        """The whole log as text, in chunks; raises before the first chunk, not within."""
        first = self.log(actor, job_id, limit=_LOG_BATCH)
        return self._log_chunks(actor, job_id, first)

    def _log_chunks(self, actor: Actor, job_id: str, part: LogSlice) -> Iterator[bytes]:
        while part.lines:
            yield "".join(
                f"{iso(line.at)} {line.level.value:<7} [{line.attempt}] {line.text}\n" for line in part.lines
            ).encode(errors="backslashreplace")
            part = self.log(actor, job_id, after=part.lines[-1].seq, limit=_LOG_BATCH)

    def dag(self, actor: Actor, dag_id: str) -> Dag:
        """The whole DAG."""
        require(actor, Scope.READ)
        dag = self._backend.get_dag(check_id(dag_id), tenants=actor.tenants)
        if dag is None:
            raise NotFound(f"There is no DAG {dag_id}.")
        return self._redact.dag(dag)

    def dag_of_job(self, actor: Actor, job_id: str) -> Dag:
        """The DAG that the job belongs to."""
        return self.dag(actor, self.get(actor, job_id).row.dag_id)

    def health(self, actor: Actor) -> Health:
        """Queues and workers now. Pages and requests ask the hub, which asks this once a second."""
        require(actor, Scope.READ)
        return self._backend.health(tenants=actor.tenants)

    def rates(self, actor: Actor, window: Window) -> Rates:
        """How many jobs arrived and ended, by queue. Pages and requests ask the summary service, which samples it."""
        require(actor, Scope.READ)
        return self._backend.rates(window, tenants=actor.tenants)

    def why_not_again(self, actor: Actor, job_type: str, tenant: str = "") -> str:
        """Why the actor may not retry jobs of this type, in words, whatever their state; "" if they may."""
        require(actor, Scope.READ)
        off = why_off(RETRY, actor, tenant)
        return off or self._registry.why_not_again(actor, job_type, tenant)

    def facets(self, actor: Actor) -> Facets:
        """Known values of `job_type`, `queue` and `tenant`, to suggest in filters."""
        require(actor, Scope.READ)
        return self._backend.facets(tenants=actor.tenants)

    def why_waiting(self, actor: Actor, detail: JobDetail, health: Health | None = None) -> Waiting:
        """Why the job isn't running; pass the health that is already at hand to save a query."""
        require(actor, Scope.READ)
        now, row = datetime.now(UTC), detail.row
        if row.state is not JobState.SCHEDULED:
            return why_waiting(detail, health, now)
        if health is None:
            health = self.health(actor)
        quota = Scopes(self._backend.quotas(tenants=actor.tenants)).governing(row.tenant, row.job_type)
        waiting = why_waiting(detail, health, now, quota=quota)
        # The reason of a pause is an operator's text.
        return waiting.model_copy(update={"sentence": self._redact.text(waiting.sentence)})

    def export(self, actor: Actor, where: JobFilter, form: ExportFormat, stamp: Stamp) -> Chunks:
        """All matches, redacted, as a stream of chunks; the audit tells of it, see `exported`."""
        actor = self._check_filter(actor, where)
        scope = told(where, self._keys).to_query()
        touched = Touched(SubjectKind.JOB, tenant=own_tenant(actor), scope=scope)
        signed, subject = sign(EXPORT, actor, stamp), f"jobs {form.value}: {scope or 'all'}"
        batches = map(self._redact.rows, self._backend.iterate_jobs(where, tenants=actor.tenants, stamp=signed))
        return exported(self._backend, subject, touched, signed, batches, lambda rows: write(rows, form, JobRow))

    def artifact(self, actor: Actor, job_id: str, sha256: str) -> tuple[Artifact, Path]:
        """A stored file of this job, and its description. Who took it is in the audit, if its type says so."""
        require(actor, Scope.READ)
        if not _SHA256.fullmatch(sha256):
            raise InvalidInput("An artifact is named by the 64 hexadecimal digits of its SHA-256.")
        detail = self.get(actor, job_id)
        known = next((item for item in detail.artifacts if item.sha256 == sha256), None)
        path = self._backend.artifact(sha256, tenants=actor.tenants, job_id=job_id) if known else None
        if known is None or path is None or not path.is_file():
            raise NotFound("This job has no such file, or it is no longer stored.")
        entry = self._registry.get(detail.row.job_type)
        if entry is not None and entry.witnessed:
            touched = Touched(SubjectKind.JOB, (job_id,), detail.row.tenant)
            signed = sign(EXPORT, actor, Stamp(actor=actor))
            self._backend.witness(EXPORT.name, f"{known.name} of job {job_id}", signed, touched)
        return known, path

    # writing

    def cancel(self, actor: Actor, ids: Sequence[str], stamp: Stamp) -> Outcomes:
        """Cancel waiting jobs, ask running ones to stop; one Outcome an id, in the order given."""
        return self._carry_out(CANCEL, actor, ids, stamp)

    def retry(self, actor: Actor, ids: Sequence[str], stamp: Stamp) -> Outcomes:
        """Start failed, timed out or canceled jobs again; one Outcome an id."""
        return self._carry_out(RETRY, actor, ids, stamp)

    def act(self, actor: Actor, verb: str, ids: Sequence[str], stamp: Stamp) -> Outcomes:
        """Do the verb of that name (one of JOB_VERBS); one Outcome an id."""
        return self._carry_out(job_verb(verb), actor, ids, stamp)

    def bulk(self, actor: Actor, verb: str, where: JobFilter, stamp: Stamp) -> Submission:
        """Do the verb to every job that matches now, as background work that is a job itself."""
        entry = job_verb(verb)
        actor = require(actor, entry.scope)
        self._able(entry)
        actor = self._check_filter(actor, where)
        stamp = sign(entry, actor, stamp)
        spec, tenant = bulk_spec(entry, where, stamp, datetime.now(UTC), self._keys)
        return self._backend.submit(spec, tenant=tenant, stamp=stamp)

    def submit(self, actor: Actor, work: NodeSpec, *, tenant: str = "", stamp: Stamp) -> Submission:
        """Start one job. InvalidInput for an unknown type, or a payload that its model refuses.

        The console's own types are refused: their payloads say on whose behalf they act.
        """
        spec = DagSpec(title=f"{work.job_type} {work.label}".strip(), nodes=(work,))
        return self.submit_dag(actor, spec, tenant=tenant, stamp=stamp)

    def submit_dag(self, actor: Actor, spec: DagSpec, *, tenant: str = "", stamp: Stamp) -> Submission:
        """Start jobs that wait for each other, whole or not at all; types and payloads as for one job."""
        actor = require(actor, SUBMIT.scope)
        name = check_tenant(actor, tenant)
        for node in spec.nodes:
            self._check_node(node)
        if not is_unicode(spec.title) or "\0" in spec.title:
            raise InvalidInput("A title has only whole characters.")
        return self._backend.submit(spec, tenant=name, stamp=sign(SUBMIT, actor, stamp))

    def _check_node(self, node: NodeSpec) -> None:
        entry = self._registry.get(node.job_type)
        if entry is None:
            known = ", ".join(entry.name for entry in self._registry.all() if not entry.is_own) or "none"
            raise InvalidInput(f"There is no job type {node.job_type[:100]!r} here. Known are: {known}.")
        if entry.is_own:
            raise InvalidInput(f"Jobs of the type {entry.name} are started by the console's own verbs only.")
        if not is_unicode(node.label):
            raise InvalidInput("A label has only whole characters.")

    def _check_filter(self, actor: Actor, where: JobFilter) -> Actor:
        """The actor, within the tenants that may be searched so: nobody finds a hidden value by asking which jobs have
        it."""
        require(actor, Scope.READ)
        hidden = any(hides(key, self._keys) for key, _ in where.payload)
        return require(actor, Scope.REVEAL) if hidden else actor

    def _carry_out(self, verb: Verb, actor: Actor, ids: Sequence[str], stamp: Stamp) -> Outcomes:
        actor = require(actor, verb.scope)
        act = self._able(verb)
        unique = list(dict.fromkeys(check_id(job_id) for job_id in ids))
        check_range("ids", len(unique), IDS_MAX)
        return act(unique, sign(verb, actor, stamp))

    def _able(self, verb: Verb) -> Callable[[Sequence[str], Stamp], Outcomes]:
        found = carrier(self._backend, verb)
        if found.cannot:
            raise Conflict(found.cannot, code="NOT_SUPPORTED")
        return found.act


def job_verb(name: str) -> Verb:
    """The verb on jobs of that name; InvalidInput if there is none."""
    verb = next((verb for verb in JOB_VERBS if verb.name == name), None)
    if verb is None:
        raise InvalidInput(f"Jobs know the verbs {', '.join(verb.name for verb in JOB_VERBS)}.")
    return verb
