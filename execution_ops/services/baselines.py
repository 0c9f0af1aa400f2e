"""What can be done with baselines: authorise, validate, act through the backend, redact what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.audit import SubjectKind, Touched, one_tenant
from execution_ops.domain.baseline_choice import Suggestion, suggest
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import (
    COMPARE_TYPE,
    PROMOTE_TYPE,
    Baseline,
    BaselinePage,
    BaselineSource,
    NewBaseline,
    Promotion,
    check_label,
    describe_side,
    missing,
    name_of,
)
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound, OpsError
from execution_ops.domain.ids import check_id
from execution_ops.domain.job_types import Artifact, DagSpec, NodeSpec
from execution_ops.domain.jobs import JobDetail, Submission
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.sbom_diff import Comparison, DiffCounts, DiffFilter
from execution_ops.domain.sbom_exports import DiffFormat, write_diff
from execution_ops.domain.sbom_parts import MEDIA_TYPE as PARTS_TYPE
from execution_ops.domain.scanner_verbs import (
    BASELINE_COMPARE,
    BASELINE_PROMOTE,
    BASELINE_REMOVE,
    BASELINE_ROLLBACK,
    BASELINE_SAVE,
)
from execution_ops.domain.states import BaselineState
from execution_ops.domain.tenants import CONSOLE_TENANT
from execution_ops.domain.text import is_unicode
from execution_ops.domain.verbs import EXPORT, Stamp
from execution_ops.scanner.plan import COMPARE, MERGE
from execution_ops.scanner.plan import EXPORT as EXPORT_JOB
from execution_ops.services.baseline_answers import ComparisonPage, OfSource, ScanStand
from execution_ops.services.baseline_jobs import NODE_KEY, ComparePayload, PromotePayload
from execution_ops.services.comparisons import Comparisons
from execution_ops.services.exports import Chunks, exported
from execution_ops.services.own_jobs import Asked
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX, check_range, sign
from execution_ops.services.scan_results import ScanResults

ROWS_MAX = 100
LOG_MAX = 200
SOURCES_MAX = 500
OF_SOURCE_MAX = 1_000
TEXT_MAX = 200
# The jobs of a scan that have its whole result before them.
_WITH_RESULT = frozenset({MERGE, COMPARE, EXPORT_JOB})


class BaselineService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: Backend, *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._redact = Redactor(redact_keys)
        self._scans = ScanResults(backend)
        self._comparisons = Comparisons()

    # reading

    def list(
        self, actor: Actor, where: BaselineFilter, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT
    ) -> BaselinePage:
        """One page of the baselines that match, by when they were saved."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        page = self._backend.baselines(where, tenants=actor.tenants, cursor=cursor, limit=limit)
        return page.model_copy(update={"rows": tuple(map(self._redact.baseline, page.rows))})

    def get(self, actor: Actor, baseline_id: str) -> Baseline:
        """One baseline; NotFound also for one of a tenant that the actor may not see."""
        return self._redact.baseline(self._get(actor, baseline_id))

    def sources(self, actor: Actor) -> Sequence[BaselineSource]:
        """The sources that have baselines, by name, each with its promoted one."""
        require(actor, Scope.READ)
        found = self._backend.baseline_sources(tenants=actor.tenants, limit=SOURCES_MAX)
        return [
            one.model_copy(update={"promoted": self._redact.baseline(one.promoted)}) if one.promoted else one
            for one in found
        ]

    def promoted(self, actor: Actor, baseline: Baseline) -> Baseline | None:
        """What scans of the source of this baseline compare with."""
        require(actor, Scope.READ)
        found = self._backend.promoted_baseline(baseline.tenant, baseline.source)
        return None if found is None or not actor.sees(found.tenant) else self._redact.baseline(found)

    def history(self, actor: Actor, baseline_id: str) -> Sequence[Promotion]:
        """The promotions of the source of this baseline, the newest first."""
        one = self._get(actor, baseline_id)
        return [
            self._redact.promotion(entry) for entry in self._backend.promotions(one.tenant, one.source, limit=LOG_MAX)
        ]

    def of_source(self, actor: Actor, tenant: str, source: str, *, sha256: str = "", limit: int) -> OfSource:
        """What there is of exactly this source; nothing for who may not see the tenant."""
        require(actor, Scope.READ)
        check_range("limit", limit, OF_SOURCE_MAX)
        if not actor.sees(tenant):
            return OfSource()
        promoted = self._backend.promoted_baseline(tenant, source)
        found = self._backend.find_baseline(tenant, source, sha256) if sha256 else None
        items = self._backend.baselines_of(tenant, source, limit=limit)
        log = self._backend.promotions(tenant, source, limit=min(limit, LOG_MAX))
        return OfSource(
            items=tuple(map(self._redact.baseline, items)),
            promoted=None if promoted is None else self._redact.baseline(promoted),
            promotions=tuple(map(self._redact.promotion, log)),
            found=None if found is None else self._redact.baseline(found),
        )

    def parts(self, actor: Actor, baseline_id: str) -> tuple[Artifact, Path]:
        """The file of its packages: what names and versions the document has."""
        one = self._get(actor, baseline_id)
        path = self._backend.baseline_file(one.parts)
        if path is None:
            raise NotFound("The packages of this baseline are not stored any more.", code="NO_DOCUMENT")
        size = path.stat().st_size
        return Artifact(name=f"{name_of(one)}.parts", sha256=one.parts, size=size, media_type=PARTS_TYPE), path

    def suggestion(self, actor: Actor, baseline_id: str) -> Suggestion:
        """What to compare this baseline with, and why."""
        one = self._get(actor, baseline_id)
        of_source = self._backend.baselines_of(one.tenant, one.source, limit=OF_SOURCE_MAX)
        return suggest(self._redact.baseline(one), [self._redact.baseline(other) for other in of_source])

    def of_job(self, actor: Actor, job_id: str) -> Baseline | None:
        """The baseline that keeps what the scan of this job found; None if it was not saved."""
        found = self._scans.of_job(actor, job_id)
        known = self._backend.find_baseline(found.tenant, found.source, found.document.sha256)
        return None if known is None else self._redact.baseline(known)

    def stand(self, actor: Actor, detail: JobDetail) -> ScanStand | None:
        """How the result of the scan of this job stands; None for a job that neither has nor compares it."""
        if detail.row.job_type not in _WITH_RESULT:
            return None
        try:
            saved = self.of_job(actor, detail.row.id)
        except OpsError as error:
            return ScanStand(cannot=error.message)
        compared_id, label = self._scans.compared_with(actor, detail.row.dag_id)
        return ScanStand(saved=saved, compared_id=compared_id, compared_label=self._redact.text(label))

    def compare(
        self, actor: Actor, left: str, right: str, where: DiffFilter, *, start: int = 0, limit: int = ROWS_MAX
    ) -> ComparisonPage:
        """A page of what changed from one baseline to another."""
        check_range("limit", limit, ROWS_MAX)
        if not 0 <= start < 2**31:
            raise InvalidInput("start counts rows from 0.")
        before, after = self._get(actor, left), self._get(actor, right)
        found = self._compared(before, after)
        rows = _checked(where).choose(found.rows)
        return ComparisonPage(
            left=self._redact.baseline(before),
            right=self._redact.baseline(after),
            counts=found.counts,
            ecosystems=found.ecosystems,
            rows=tuple(rows[start : start + limit]),
            start=start,
            matching=len(rows),
        )

    def counts(self, actor: Actor, left: str, right: str) -> DiffCounts:
        """How many packages changed from one baseline to another."""
        return self._compared(self._get(actor, left), self._get(actor, right)).counts

    def document(self, actor: Actor, baseline_id: str, stamp: Stamp) -> tuple[Artifact, Path]:
        """The description and the path of the stored CycloneDX document. Who takes it is in the audit."""
        actor = require(actor, EXPORT.scope)
        one = self._get(actor, baseline_id)
        path = self._backend.baseline_file(one.sha256)
        if path is None:
            raise NotFound("The document of this baseline is not stored any more.", code="NO_DOCUMENT")
        self._backend.witness(EXPORT.name, f"baseline {one.id}", sign(EXPORT, actor, stamp), _touched(one))
        name = f"{name_of(one)}.cdx.json"
        return Artifact(name=name, sha256=one.sha256, size=one.size, media_type=DiffFormat.CYCLONEDX.media_type), path

    def export(
        self, actor: Actor, left: str, right: str, where: DiffFilter, form: DiffFormat, stamp: Stamp
    ) -> tuple[str, Chunks]:
        """What changed as a file of that format: its name and its chunks; the audit tells of it, see `exported`."""
        actor = require(actor, EXPORT.scope)
        before, after = self._get(actor, left), self._get(actor, right)
        found = self._compared(before, after)
        rows = _checked(where).choose(found.rows)
        signed = sign(EXPORT, actor, stamp)
        sides = {side: describe_side(self._redact.baseline(one)) for side, one in (("left", before), ("right", after))}
        chunks = exported(
            self._backend,
            f"baselines {left} {right} {form.value}",
            _touched(before, after),
            signed,
            [rows],
            lambda parts: write_diff([row for part in parts for row in part], found.counts, sides, form),
        )
        return f"{name_of(before)}-to-{name_of(after)}.{form.ending}", chunks

    # writing

    def save(self, actor: Actor, job_id: str, stamp: Stamp, *, label: str = "") -> Baseline:
        """Keep what the scan of this job found as a candidate. The same result of a source is kept once."""
        actor = require(actor, BASELINE_SAVE.scope)
        found = self._scans.of_job(actor, job_id)
        new = NewBaseline(
            tenant=found.tenant,
            source=found.source,
            label=check_label(label),
            sha256=found.document.sha256,
            size=found.document.size,
            components=found.components,
            job_id=found.merge_id,
            dag_id=found.dag_id,
            green=found.green,
        )
        return self._redact.baseline(self._backend.keep_baseline(new, sign(BASELINE_SAVE, actor, stamp)))

    def keep_comparison(self, actor: Actor, left: str, right: str, stamp: Stamp) -> Submission:
        """Start the job that compares two baselines and keeps what changed as files."""
        actor = require(actor, BASELINE_COMPARE.scope)
        before, after = self._get(actor, left), self._get(actor, right)
        signed = sign(BASELINE_COMPARE, actor, stamp)
        payload = ComparePayload(left=before.id, right=after.id, asked=Asked.by(signed))
        # Of two tenants, the readers of one must not see what the other has.
        tenant = before.tenant if before.tenant == after.tenant else CONSOLE_TENANT
        return self._submit(tenant, f"Compare {name_of(before)} with {name_of(after)}", COMPARE_TYPE, payload, signed)

    def promote(self, actor: Actor, baseline_id: str, stamp: Stamp, *, held: str | None = None) -> Submission:
        """Start the job that lets scans of its source compare with it from then on.

        `held` is the baseline that was promoted when the difference was shown, empty for none: if another one is by
        then, it is not promoted. Without it that is the one that is promoted now. Conflict if it is promoted already.
        """
        actor = require(actor, BASELINE_PROMOTE.scope)
        one = self._get(actor, baseline_id)
        if one.state is BaselineState.PROMOTED:
            raise Conflict(BASELINE_PROMOTE.refusal)
        if held is None:
            now = self._backend.promoted_baseline(one.tenant, one.source)
            held = "" if now is None else now.id
        signed = sign(BASELINE_PROMOTE, actor, stamp)
        payload = PromotePayload(baseline=one.id, held=check_id(held) if held else "", asked=Asked.by(signed))
        return self._submit(one.tenant, f"Promote {name_of(one)}", PROMOTE_TYPE, payload, signed)

    def rollback(self, actor: Actor, baseline_id: str, stamp: Stamp) -> Baseline:
        """Promote again what was promoted before this one; that one."""
        actor = require(actor, BASELINE_ROLLBACK.scope)
        signed = sign(BASELINE_ROLLBACK, actor, stamp)
        return self._redact.baseline(self._backend.rollback_baseline(check_id(baseline_id), signed))

    def remove(self, actor: Actor, baseline_id: str, stamp: Stamp) -> Baseline:
        """Delete a candidate; what it was."""
        actor = require(actor, BASELINE_REMOVE.scope)
        signed = sign(BASELINE_REMOVE, actor, stamp)
        return self._redact.baseline(self._backend.remove_baseline(check_id(baseline_id), signed))

    def _get(self, actor: Actor, baseline_id: str) -> Baseline:
        require(actor, Scope.READ)
        found = self._backend.get_baseline(check_id(baseline_id), tenants=actor.tenants)
        if found is None:
            raise missing(baseline_id)
        return found

    def _compared(self, before: Baseline, after: Baseline) -> Comparison:
        return self._comparisons.of(self._backend, before, after)

    def _submit(self, tenant: str, title: str, job_type: str, payload: BaseModel, stamp: Stamp) -> Submission:
        node = NodeSpec(key=NODE_KEY, job_type=job_type, payload=payload.model_dump(mode="json"))
        return self._backend.submit(DagSpec(title=title, nodes=(node,)), tenant=tenant, stamp=stamp)


def _checked(where: DiffFilter) -> DiffFilter:
    if len(where.text) > TEXT_MAX or not is_unicode(where.text) or "\0" in where.text:
        raise InvalidInput(f"A search has at most {TEXT_MAX} whole characters, and no NUL.")
    return where


def _touched(*baselines: Baseline) -> Touched:
    """These baselines for the audit."""
    whose = one_tenant(one.tenant for one in baselines)
    return Touched(SubjectKind.BASELINE, tuple(dict.fromkeys(one.id for one in baselines)), whose)
