"""Offline kits over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from execution_ops.api.deps import ActorDep, ChangeDep, ServicesDep, StampDep
from execution_ops.api.download import attachment
from execution_ops.api.operations import TAR, TEXT, changes, reads
from execution_ops.api.replies import Answer
from execution_ops.api.uploads import receive
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.jobs import Submission
from execution_ops.domain.kit_records import Kit, KitActivation, KitReads, KitRun
from execution_ops.domain.kits import Channel
from execution_ops.domain.scanner_verbs import (
    KIT_ACTIVATE,
    KIT_EXPORT,
    KIT_IMPORT,
    KIT_RELEASE,
    KIT_REMOVE,
    KIT_ROLLBACK,
    KIT_VERIFY,
)
from execution_ops.routes import Rest
from execution_ops.scanner.kit_store import Upload
from execution_ops.services.kit_orders import BASELINES_MAX, KitRecipe, KitSource
from execution_ops.services.kit_reads import KitStatus
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX

router = APIRouter(tags=["kits"])
LimitQuery = Annotated[int, Query(ge=1, le=LIMIT_MAX)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SourceRequest(_Body):
    """An upload, a path below the scan roots of the workers, or a kit that is here: one of the three."""

    upload: str = ""
    path: str = ""
    kit: str = ""

    def source(self) -> KitSource:
        """The source; the service checks it."""
        if sum(map(bool, (self.upload, self.path, self.kit))) != 1:
            raise InvalidInput("Name an upload, a path or a kit: one of the three.")
        return KitSource(upload=self.upload, path=self.path, kit=self.kit)


class ExportRequest(_Body):
    """What the kit is to hold: baselines by id, the default analyzers (`settings`), the Syft in use."""

    version: str
    channel: Channel = Channel.STABLE
    baselines: tuple[str, ...] = Field(default=(), max_length=BASELINES_MAX)
    settings: StrictBool = True
    syft: StrictBool = False


class ActivateRequest(_Body):
    """`force` takes a version lower than the active one; its baselines become those of `tenant`."""

    force: StrictBool = False
    tenant: str = ""


class RollbackRequest(_Body):
    """`seen` is the kit that the caller saw active: 409 if another one is by now."""

    seen: str = ""


class KitList(BaseModel):
    """Kits, the last received first."""

    items: tuple[Kit, ...]
    next_cursor: str | None


class RunList(BaseModel):
    """The work of jobs on kits, the newest first."""

    items: tuple[KitRun, ...]


class ActivationList(BaseModel):
    """What was activated, the newest first."""

    items: tuple[KitActivation, ...]


@router.get(Rest.KITS, **reads())
def list_kits(
    services: ServicesDep, actor: ActorDep, limit: LimitQuery = LIMIT_DEFAULT, cursor: str = "", removed: bool = False
) -> KitList:
    """Kits, the last received first; with `removed` also those that only a record is left of."""
    page = services.kits.list(actor, removed=removed, cursor=cursor or None, limit=limit)
    return KitList(items=page.rows, next_cursor=page.after)


@router.get(Rest.KITS_STATUS, **reads())
def get_kit_status(services: ServicesDep, actor: ActorDep) -> KitStatus:
    """The active kit and its age, where a roll-back leads, and what quarantine holds."""
    return services.kits.status(actor)


@router.get(Rest.KITS_ACTIVATIONS, **reads())
def list_kit_activations(services: ServicesDep, actor: ActorDep, limit: LimitQuery = LIMIT_DEFAULT) -> ActivationList:
    """What was activated, when, by whom and why; with what was rolled back."""
    return ActivationList(items=tuple(services.kits.history(actor, limit=limit)))


@router.get(Rest.KITS_RUNS, **reads())
def list_kit_runs(services: ServicesDep, actor: ActorDep, limit: LimitQuery = LIMIT_DEFAULT) -> RunList:
    """Verifications and imports, the newest first."""
    return RunList(items=tuple(services.kits.runs(actor, limit=limit)))


@router.get(Rest.KITS_RUN, **reads())
def get_kit_run(job_id: str, services: ServicesDep, actor: ActorDep) -> KitRun:
    """The verification of one job, as far as it is."""
    return services.kits.run(actor, job_id)


@router.put(
    Rest.KITS_UPLOAD,
    operation_id="put_kit_upload",
    status_code=201,
    response_model=Upload,
    **changes(KIT_VERIFY, upload=TAR, errors=("CUT_OFF", "EMPTY", "TOO_MANY", "DISK_FULL")),
)
@router.post(
    Rest.KITS_UPLOAD,
    status_code=201,
    response_model=Upload,
    **changes(KIT_VERIFY, upload=TAR, errors=("CUT_OFF", "EMPTY", "TOO_MANY", "DISK_FULL")),
)
async def upload_kit(request: Request, change: ChangeDep, name: Annotated[str, Query(max_length=1000)] = "") -> Upload:
    """Take a kit (a tar) as the body, streamed to the disk. It waits a day to be verified or imported."""
    return await receive(request, change.services.kits.receive(change.actor, name), change.services.settings)


@router.post(Rest.KITS_VERIFY, status_code=202, response_model=Submission, **changes(KIT_VERIFY))
def verify_kit(body: Annotated[SourceRequest, Body()], change: ChangeDep) -> Response:
    """Start a verification, which changes nothing. Its job's result is the report."""
    source = body.source()
    start = partial(change.services.kits.verify, change.actor, source, change.stamp)
    return change.start([KIT_VERIFY.name, body.model_dump()], start)


@router.post(Rest.KITS_IMPORT, status_code=202, response_model=Submission, **changes(KIT_IMPORT))
def import_kit(body: Annotated[SourceRequest, Body()], change: ChangeDep) -> Response:
    """Start an import. A kit that fails goes to quarantine."""
    source = body.source()
    start = partial(change.services.kits.import_kit, change.actor, source, change.stamp)
    return change.start([KIT_IMPORT.name, body.model_dump()], start)


@router.post(
    Rest.KITS_EXPORT,
    status_code=202,
    response_model=Submission,
    **changes(KIT_EXPORT, errors=("NO_KEY", "NO_DOCUMENT", "TWO_PROMOTED")),
)
def export_kit(body: Annotated[ExportRequest, Body()], change: ChangeDep) -> Response:
    """Start to build and sign a kit, which is then a file of the job."""
    start = partial(change.services.kits.export, change.actor, KitRecipe(**dict(body)), change.stamp)
    return change.start([KIT_EXPORT.name, body.model_dump(mode="json")], start)


@router.post(Rest.KITS_ROLLBACK, response_model=Kit, **changes(KIT_ROLLBACK, errors=("CHANGED",)))
def roll_back_kit(change: ChangeDep, body: Annotated[RollbackRequest | None, Body()] = None) -> Response:
    """Make the kit before active again; needs a reason."""
    seen = body.seen if body else ""

    def act() -> Answer:
        return Answer(
            200, change.services.kits.roll_back(change.actor, change.stamp, seen=seen).model_dump(mode="json")
        )

    return change.once([KIT_ROLLBACK.name, seen], act)


@router.get(Rest.KIT, **reads())
def get_kit(kit_id: str, services: ServicesDep, actor: ActorDep) -> KitReads:
    """One kit with its verification and its activations, also a removed one."""
    return services.kits.get(actor, kit_id)


@router.get(Rest.KIT_LOG, response_class=PlainTextResponse, **reads(files=(TEXT,)))
def get_kit_log(kit_id: str, services: ServicesDep, actor: ActorDep) -> PlainTextResponse:
    """Its verification as text, as a download."""
    return PlainTextResponse(services.kits.log(actor, kit_id), headers=attachment(f"{kit_id}-verification.log"))


@router.get(Rest.KIT_FILE, response_class=FileResponse, **reads(files=(TAR,), errors=("CONFLICT",)))
def get_kit_file(kit_id: str, services: ServicesDep, actor: ActorDep, stamp: StampDep) -> FileResponse:
    """The kit itself, as a download; the audit knows of it. 409 for one in quarantine."""
    kit, path = services.kits.file(actor, kit_id, stamp)
    headers = attachment(f"offline-kit-{kit.version}.tar")
    return FileResponse(path, media_type="application/x-tar", headers=headers)


@router.post(
    Rest.KIT_ACTIVATE, status_code=202, response_model=Submission, **changes(KIT_ACTIVATE, errors=("LOWER_VERSION",))
)
def activate_kit(kit_id: str, change: ChangeDep, body: Annotated[ActivateRequest | None, Body()] = None) -> Response:
    """Start an activation; needs a reason. 409 with LOWER_VERSION for a lower version without `force`."""
    asked = body or ActivateRequest()
    start = partial(
        change.services.kits.activate, change.actor, kit_id, change.stamp, force=asked.force, tenant=asked.tenant
    )
    return change.start([KIT_ACTIVATE.name, kit_id, asked.model_dump()], start)


@router.post(Rest.KIT_RELEASE, status_code=202, response_model=Submission, **changes(KIT_RELEASE))
def release_kit(kit_id: str, change: ChangeDep) -> Response:
    """Verify a kit in quarantine again, and import it if it passes now; needs a reason."""
    start = partial(change.services.kits.release, change.actor, kit_id, change.stamp)
    return change.start([KIT_RELEASE.name, kit_id], start)


@router.post(Rest.KIT_REMOVE, response_model=Kit, **changes(KIT_REMOVE))
def remove_kit(kit_id: str, change: ChangeDep) -> Response:
    """Delete its files; record and log stay. Needs a reason."""

    def act() -> Answer:
        return Answer(200, change.services.kits.remove(change.actor, kit_id, change.stamp).model_dump(mode="json"))

    return change.once([KIT_REMOVE.name, kit_id], act)
