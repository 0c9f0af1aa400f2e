"""What can be done with offline kits: authorise, validate, act through the backend or start the job that does it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import Baseline
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.ids import check_id
from execution_ops.domain.job_types import DagSpec, NodeSpec
from execution_ops.domain.jobs import Submission
from execution_ops.domain.kit_names import compare_versions
from execution_ops.domain.kit_records import (
    ACTIVATE_TYPE,
    EXPORT_TYPE,
    IMPORT_TYPE,
    QUARANTINE_DAYS,
    QUARANTINE_MAX,
    VERIFY_TYPE,
    Kit,
    KitActivation,
    KitPlace,
    KitReads,
    KitRun,
    check_kit_verb,
    is_lower,
    why_kit_off,
)
from execution_ops.domain.kits import AgeLevel, Check, KitReport, kit_age
from execution_ops.domain.scanner_settings import TrustUse
from execution_ops.domain.scanner_verbs import (
    KIT_ACTIVATE,
    KIT_EXPORT,
    KIT_IMPORT,
    KIT_RELEASE,
    KIT_REMOVE,
    KIT_ROLLBACK,
    KIT_VERIFY,
)
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import ENDED, BaselineState, JobState, KitState
from execution_ops.domain.tenants import check_tenant, home_tenant
from execution_ops.domain.text import visible
from execution_ops.domain.verbs import Stamp, Verb
from execution_ops.scanner.kit_bundle import verification_log
from execution_ops.scanner.kit_store import KitStore, Receiving
from execution_ops.scanner.kits.steps import Limits
from execution_ops.scanner.kits.verify import verify
from execution_ops.services.jobs import LIMIT_DEFAULT, LIMIT_MAX, check_range, sign
from execution_ops.services.kit_export import key_place
from execution_ops.services.kit_orders import (
    ActivatePayload,
    Asked,
    ExportPayload,
    ImportPayload,
    KitRecipe,
    KitSource,
    VerifyPayload,
    check_source,
)
from execution_ops.services.kit_work import drop_files
from execution_ops.settings import Settings

NAME_MAX = 200
EXPORTABLE_MAX = 200


class KitPage(BaseModel):
    """Kits, the last received first. `after` is the cursor of the next page, None at the end."""

    model_config = ConfigDict(frozen=True)

    rows: tuple[Kit, ...]
    after: str | None


class KitStatus(BaseModel):
    """How the kits stand: the active one with its age, where a roll-back leads, and what quarantine holds.

    `trust_roots` counts the keys that kits may be signed with; `key` says where exports take theirs from, "" if
    from nowhere.
    """

    model_config = ConfigDict(frozen=True)

    place: KitPlace
    age_level: AgeLevel | None
    age: str
    quarantined: int
    quarantined_bytes: int
    quarantine_max: int = QUARANTINE_MAX
    quarantine_days: int = QUARANTINE_DAYS
    trust_roots: int
    key: str

    @property
    def quarantine_words(self) -> str:
        """How full quarantine is, and what it keeps."""
        count = "1 kit" if self.quarantined == 1 else f"{self.quarantined:,} kits"
        most = describe_bytes(self.quarantine_max)
        return f"{count}, {describe_bytes(self.quarantined_bytes)} of {most}, each for {self.quarantine_days} days"


# Named here: inside the class `list` is its method.
Rows = list[Kit]
Baselines = list[Baseline]
Runs = list[KitRun]
History = list[KitActivation]


class KitService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: Backend, settings: Settings) -> None:
        self._backend = backend
        self._settings = settings
        self._store = KitStore(backend.kit_root)

    # reading

    def list(
        self, actor: Actor, *, removed: bool = False, cursor: str | None = None, limit: int = LIMIT_DEFAULT
    ) -> KitPage:
        """Kits, the last received first; `removed` ones are left out unless wanted."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        before = _before(cursor)
        rows = self._backend.kits(removed=removed, before=before, limit=limit + 1)
        return KitPage(rows=tuple(rows[:limit]), after=str(rows[limit - 1].n) if len(rows) > limit else None)

    def get(self, actor: Actor, kit_id: str) -> KitReads:
        """One kit with its verification and its activations."""
        require(actor, Scope.READ)
        found = self._backend.get_kit(check_id(kit_id))
        if found is None:
            raise NotFound(f"There is no kit {kit_id}.")
        return found

    def status(self, actor: Actor) -> KitStatus:
        """How the kits stand now."""
        require(actor, Scope.READ)
        settings, place = self._backend.scanner_settings().settings, self._backend.kit_place()
        locked = self._backend.quarantined_kits()
        made = place.active.created_at if place.active else None
        age = kit_age(made, datetime.now(UTC), settings.staleness) if made else None
        return KitStatus(
            place=place,
            age_level=age.level if age else None,
            age=age.words if age else "",
            quarantined=len(locked),
            quarantined_bytes=sum(kit.size for kit in locked),
            trust_roots=sum(key.enabled and key.use is TrustUse.KIT for key in settings.trust),
            key=key_place(self._settings),
        )

    def locked(self, actor: Actor) -> Rows:
        """The kits in quarantine that have their bundle, the last received first."""
        require(actor, Scope.READ)
        return self._backend.quarantined_kits()[::-1]

    def exportable(self, actor: Actor) -> Baselines:
        """Baselines that a kit could carry: the promoted ones first, then the newest."""
        check_kit_verb(actor, KIT_EXPORT)
        page = self._backend.baselines(BaselineFilter(), tenants=actor.tenants, cursor=None, limit=EXPORTABLE_MAX)
        return sorted(page.rows, key=lambda one: one.state is not BaselineState.PROMOTED)

    def source_of(self, actor: Actor, job_id: str) -> KitSource:
        """What a verification was about, to be imported now. NotFound if the job is none."""
        require(actor, Scope.READ)
        text = self._backend.get_value(check_id(job_id), "payload", tenants=actor.tenants)
        job = self._backend.get_job(job_id, tenants=actor.tenants)
        if text is None or job is None or job.row.job_type != VERIFY_TYPE:
            raise NotFound(f"The job {job_id} is no verification of a kit.")
        return VerifyPayload.model_validate_json(text).source

    def runs(self, actor: Actor, *, limit: int = 20) -> Runs:
        """The work of jobs on kits, the newest first."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        return [self._ended(actor, run) for run in self._backend.kit_runs(limit=limit)]

    def run(self, actor: Actor, job_id: str) -> KitRun:
        """The work of one job as far as it is."""
        require(actor, Scope.READ)
        found = self._backend.get_kit_run(check_id(job_id))
        if found is None:
            raise NotFound(f"No verification is known of the job {job_id}.")
        return self._ended(actor, found)

    def history(self, actor: Actor, *, limit: int = 20) -> History:
        """What was activated, the newest first."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        return self._backend.kit_activations(limit=limit)

    def log(self, actor: Actor, kit_id: str) -> str:
        """The verification that a kit was kept or refused after, as text."""
        return verification_log(self.get(actor, kit_id).report.checks)

    def file(self, actor: Actor, kit_id: str) -> tuple[Kit, Path]:
        """The kit as one file. Conflict for one in quarantine: it leaves that by a verb only."""
        kit = self.get(actor, kit_id).kit
        if kit.state is KitState.QUARANTINED:
            raise Conflict("A kit in quarantine is not handed out. Release it, so that it is verified again.")
        path = self._store.kit_file(kit.id)
        if not kit.has_files or not path.is_file():
            raise NotFound("The files of this kit are not here any more.")
        return kit, path

    def check(
        self,
        actor: Actor,
        path: Path,
        on_check: Callable[[Check], None],
        progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    ) -> KitReport:
        """Verify a kit in this process, against the trust roots of the ledger. Nothing is written anywhere."""
        check_kit_verb(actor, KIT_VERIFY)
        settings, active = self._backend.scanner_settings().settings, self._backend.kit_place().active
        return verify(
            path,
            trust=settings.trust,
            active_version=active.version if active else None,
            free_bytes=self._store.free_bytes,
            on_check=on_check,
            checkpoint=lambda: None,
            progress=progress,
            limits=Limits(unpacked=settings.limits.unpacked_max),
        )

    # writing

    def receive(self, actor: Actor, name: str) -> AbstractContextManager[Receiving]:
        """Take an upload; nothing of it stays unless it is finished. The name is what the operator calls the file."""
        check_kit_verb(actor, KIT_VERIFY)
        return self._store.receive(visible(name)[:NAME_MAX] or "kit", self._settings.kit_max_bytes)

    def verify(self, actor: Actor, source: KitSource, stamp: Stamp) -> Submission:
        """Start a verification that changes nothing."""
        check_kit_verb(actor, KIT_VERIFY)
        signed, words = sign(KIT_VERIFY, actor, stamp), self._words(source)
        payload = VerifyPayload(source=source, words=words, asked=Asked.by(signed))
        return self._submit(VERIFY_TYPE, f"Verify {words}", payload, signed)

    def import_kit(self, actor: Actor, source: KitSource, stamp: Stamp) -> Submission:
        """Start an import. InvalidInput for a kit that the console has already: that is released."""
        check_kit_verb(actor, KIT_IMPORT)
        if source.kit:
            raise InvalidInput("A kit that is here already is not imported. One in quarantine is released.")
        return self._import(KIT_IMPORT, actor, source, stamp)

    def release(self, actor: Actor, kit_id: str, stamp: Stamp) -> Submission:
        """Verify a kit in quarantine again, and import it if it passes now."""
        self._able(actor, KIT_RELEASE, kit_id)
        return self._import(KIT_RELEASE, actor, KitSource(kit=kit_id), stamp)

    def activate(self, actor: Actor, kit_id: str, stamp: Stamp, *, force: bool = False, tenant: str = "") -> Submission:
        """Start an activation. Conflict for a version lower than the active one without `force`."""
        kit = self._able(actor, KIT_ACTIVATE, kit_id)
        active = self._backend.kit_place().active
        if is_lower(kit, active) and not force:
            assert active is not None
            raise Conflict(
                f"{kit.version} is lower than the active {active.version}: to activate it takes force.",
                code="LOWER_VERSION",
            )
        signed = sign(KIT_ACTIVATE, actor, stamp)
        payload = ActivatePayload(
            kit_id=kit.id, force=force, tenant=check_tenant(actor, tenant), asked=Asked.by(signed)
        )
        return self._submit(ACTIVATE_TYPE, f"Activate kit {kit.version}", payload, signed)

    def export(self, actor: Actor, recipe: KitRecipe, stamp: Stamp) -> Submission:
        """Start to build a kit. InvalidInput for a version that no kit can have, or a kit of nothing."""
        check_kit_verb(actor, KIT_EXPORT)
        _check_version(recipe.version)
        if not (recipe.baselines or recipe.settings or recipe.syft):
            raise InvalidInput("Choose at least one baseline, the settings or Syft: a kit of nothing helps nobody.")
        for baseline_id in recipe.baselines:
            check_id(baseline_id)
        if len(set(recipe.baselines)) != len(recipe.baselines):
            raise InvalidInput("A baseline is chosen twice.", field="baselines")
        signed = sign(KIT_EXPORT, actor, stamp)
        payload = ExportPayload(recipe=recipe, asked=Asked.by(signed))
        return self._submit(EXPORT_TYPE, f"Export kit {recipe.version}", payload, signed)

    def roll_back(self, actor: Actor, stamp: Stamp, *, seen: str = "") -> Kit:
        """Make the kit before active again; that kit. Conflict if another one than `seen` is active."""
        check_kit_verb(actor, KIT_ROLLBACK)
        return self._backend.rollback_kit(sign(KIT_ROLLBACK, actor, stamp), seen=check_id(seen) if seen else "")

    def remove(self, actor: Actor, kit_id: str, stamp: Stamp) -> Kit:
        """Delete the files of a kit; its record and its log stay."""
        check_kit_verb(actor, KIT_REMOVE)
        signed = sign(KIT_REMOVE, actor, stamp)
        with self._store.exclusive():
            kit = self._backend.remove_kit(check_id(kit_id), signed)
            drop_files(self._backend, self._store)
        return kit

    # helpers

    def _able(self, actor: Actor, verb: Verb, kit_id: str) -> Kit:
        check_kit_verb(actor, verb)
        kit = self.get(actor, kit_id).kit
        if off := why_kit_off(actor, verb, kit):
            raise Conflict(off)
        return kit

    def _import(self, verb: Verb, actor: Actor, source: KitSource, stamp: Stamp) -> Submission:
        signed, words = sign(verb, actor, stamp), self._words(source)
        payload = ImportPayload(source=source, words=words, asked=Asked.by(signed))
        return self._submit(IMPORT_TYPE, f"{verb.label} {words}", payload, signed)

    def _words(self, source: KitSource) -> str:
        """Where a kit came from, for people. NotFound for an upload or a kit that is not there."""
        check_source(source)
        if source.upload:
            return self._store.upload(source.upload)[0].name
        if source.path:
            return visible(source.path)
        known = self._backend.get_kit(source.kit)
        if known is None:
            raise NotFound(f"There is no kit {source.kit}.")
        return known.kit.source

    def _submit(self, job_type: str, title: str, payload: BaseModel, stamp: Stamp) -> Submission:
        node = NodeSpec(key="kit", job_type=job_type, payload=payload.model_dump(mode="json"))
        spec = DagSpec(title=title, nodes=(node,))
        return self._backend.submit(spec, tenant=home_tenant(stamp.actor), stamp=stamp)

    def _ended(self, actor: Actor, run: KitRun) -> KitRun:
        """A run whose job died or was canceled has no word of its own on that: the job has."""
        if run.ended_at is not None:
            return run
        job = self._backend.get_job(run.job_id, tenants=actor.tenants)
        if job is None or job.row.state not in ENDED or job.row.state is JobState.SUCCEEDED:
            return run
        why = job.row.error_message or f"The job is {job.row.state.value.replace('_', ' ')}."
        return run.model_copy(update={"ended_at": job.row.finished_at, "failure": why})


def _before(cursor: str | None) -> int | None:
    if not cursor:
        return None
    if not cursor.isdecimal() or len(cursor) > 15:
        raise InvalidInput("This is not a cursor of the list of kits.", code="BAD_CURSOR")
    return int(cursor)


def _check_version(version: str) -> None:
    try:
        compare_versions(version, version)
    except ValueError:
        raise InvalidInput(
            "A version is up to eight numbers joined by dots, such as 2026.11.14, with a suffix such as -d3 if wanted.",
            field="version",
        ) from None
