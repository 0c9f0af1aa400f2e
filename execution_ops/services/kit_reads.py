"""What can be read of offline kits: how they stand, what is known of each, and the work of jobs on them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.audit import EVERYONE, SubjectKind, Touched
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import Baseline
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from execution_ops.domain.ids import check_id
from execution_ops.domain.kit_records import (
    QUARANTINE_DAYS,
    QUARANTINE_MAX,
    REACH,
    VERIFY_TYPE,
    Kit,
    KitActivation,
    KitPlace,
    KitReads,
    KitRun,
    check_kit_verb,
    why_untrusted,
)
from execution_ops.domain.kits import AgeLevel, kit_age
from execution_ops.domain.scanner_settings import TrustUse
from execution_ops.domain.scanner_verbs import (
    KIT_EXPORT,
)
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import ENDED, BaselineState, JobState, KitState
from execution_ops.domain.verbs import EXPORT, Stamp
from execution_ops.domain.words import counted
from execution_ops.scanner.kit_bundle import verification_log
from execution_ops.scanner.kit_store import KitStore
from execution_ops.services.kit_export import key_place
from execution_ops.services.kit_orders import (
    KitSource,
    VerifyPayload,
)
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX, check_range, sign
from execution_ops.settings import Settings

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
        count = counted(self.quarantined, "kit")
        kept = f"kept are the newest and {describe_bytes(self.quarantine_max)} of older ones"
        return f"{count}, {describe_bytes(self.quarantined_bytes)}; {kept}, each for {self.quarantine_days} days"


# Named here: inside the class `list` is its method.
Rows = list[Kit]
Baselines = list[Baseline]
Runs = list[KitRun]
History = list[KitActivation]


class KitReader:
    """The part of the service that changes nothing."""

    def __init__(self, backend: Backend, settings: Settings) -> None:
        self._backend = backend
        self._settings = settings
        self._store = KitStore(backend.kit_root)
        self._redact = Redactor(settings.redact_keys)

    # reading

    def list(
        self, actor: Actor, *, removed: bool = False, cursor: str | None = None, limit: int = LIMIT_DEFAULT
    ) -> KitPage:
        """Kits, the last received first; `removed` ones are left out unless wanted."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        before = _before(cursor)
        rows = self._backend.kits(removed=removed, before=before, limit=limit + 1)
        return KitPage(
            rows=tuple(map(self._redact.kit, rows[:limit])), after=str(rows[limit - 1].n) if len(rows) > limit else None
        )

    def get(self, actor: Actor, kit_id: str) -> KitReads:
        """One kit with its verification and its activations."""
        require(actor, Scope.READ)
        found = self._backend.get_kit(check_id(kit_id))
        if found is None:
            raise NotFound(f"There is no kit {kit_id}.")
        activations = tuple(map(self._redact.kit_activation, found.activations))
        told = {"kit": self._redact.kit(found.kit), "activations": activations, "untrusted": self._untrusted(found.kit)}
        return found.model_copy(update=told)

    def _untrusted(self, kit: Kit) -> str:
        trust = self._backend.scanner_settings().settings.trust
        return why_untrusted(kit, trust) if kit.signer_fingerprint else ""

    def status(self, actor: Actor) -> KitStatus:
        """How the kits stand now."""
        require(actor, Scope.READ)
        settings, place = self._backend.scanner_settings().settings, self._backend.kit_place()
        locked = self._backend.quarantined_kits()
        made = place.active.created_at if place.active else None
        age = kit_age(made, datetime.now(UTC), settings.staleness) if made else None
        return KitStatus(
            place=self._redact.kit_place(place),
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
        found: list[Baseline] = []
        for state in (BaselineState.PROMOTED, BaselineState.CANDIDATE):
            where = BaselineFilter(state=(state,))
            page = self._backend.baselines(where, tenants=actor.tenants, cursor=None, limit=EXPORTABLE_MAX)
            found += page.rows
        return found[:EXPORTABLE_MAX]

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
        return [self._redact.kit_activation(one) for one in self._backend.kit_activations(limit=limit)]

    def log(self, actor: Actor, kit_id: str) -> str:
        """The verification that a kit was kept or refused after, as text."""
        return verification_log(self.get(actor, kit_id).report.checks)

    def file(self, actor: Actor, kit_id: str, stamp: Stamp) -> tuple[Kit, Path]:
        """The kit as one file; who took it is in the audit. Conflict for one in quarantine: it leaves by a verb only.

        Forbidden for who sees some tenants only: a kit holds baselines of any.
        """
        if actor.tenants is not None:
            raise Forbidden(REACH)
        self._check_files()
        kit = self.get(actor, kit_id).kit
        if kit.state is KitState.QUARANTINED:
            raise Conflict("A kit in quarantine is not handed out. Release it, so that it is verified again.")
        path = self._store.kit_file(kit.id)
        if not kit.has_files or not path.is_file():
            raise NotFound("The files of this kit are not here any more.")
        touched = Touched(SubjectKind.KIT, (kit.id,), EVERYONE)
        self._backend.witness(EXPORT.name, f"kit {kit.id} {kit.version}".strip(), sign(EXPORT, actor, stamp), touched)
        return kit, path

    @property
    def why_no_files(self) -> str:
        """Why files of kits neither come nor go here, in words; "" where they do."""
        return self._backend.capabilities.files

    def _check_files(self) -> None:
        if off := self.why_no_files:
            raise Conflict(off, code="NOT_SUPPORTED")

    def _ended(self, actor: Actor, run: KitRun) -> KitRun:
        """A run whose job died or was canceled has no word of its own on that: the job has."""
        if run.ended_at is not None:
            return self._redact.kit_run(run)
        job = self._backend.get_job(run.job_id, tenants=actor.tenants)
        if job is None or job.row.state not in ENDED or job.row.state is JobState.SUCCEEDED:
            return run
        why = job.row.error_message or f"The job is {job.row.state.value.replace('_', ' ')}."
        return self._redact.kit_run(run.model_copy(update={"ended_at": job.row.finished_at, "failure": why}))


def _before(cursor: str | None) -> int | None:
    if not cursor:
        return None
    if not cursor.isdecimal() or len(cursor) > 15:
        raise InvalidInput("This is not a cursor of the list of kits.", code="BAD_CURSOR")
    return int(cursor)
