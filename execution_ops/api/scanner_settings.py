"""The scanner's settings and trust roots over HTTP. Every change takes Idempotency-Key,
X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from execution_ops import routes
from execution_ops.api.deps import ActorDep, Change, ChangeDep, ServicesDep
from execution_ops.api.operations import changes, reads
from execution_ops.api.parameters import Whole
from execution_ops.api.replies import KNOWN, Answer
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.jobs import Submission
from execution_ops.domain.scanner_settings import SettingsValues, SettingsVersion, TrustKey, TrustUse
from execution_ops.domain.scanner_verbs import (
    DETERMINISM_CHECK,
    SETTINGS_EDIT,
    SETTINGS_ROLLBACK,
    TRUST_ADD,
    TRUST_DISABLE,
    TRUST_ENABLE,
)
from execution_ops.domain.settings_forms import is_about_several, problems_of, unnamed
from execution_ops.domain.verb import Verb
from execution_ops.routes import Rest
from execution_ops.services.determinism import Determined
from execution_ops.services.scanner_settings import (
    VERSIONS_DEFAULT,
    VERSIONS_MAX,
    KeyFacts,
    SettingsPreview,
    VersionRow,
)

router = APIRouter(tags=["scanner"])
# JSON has one kind of number.
_KINDS = {int: float}


def _of_other_kinds(given: Any, kept: Any, at: str = "") -> Iterator[str]:
    """The names of what was understood although it was written as something else, as a form would write it."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for name in given:
            yield from _of_other_kinds(given[name], kept[name], f"{at}.{name}" if at else name)
    elif _KINDS.get(type(given), type(given)) is not _KINDS.get(type(kept), type(kept)):
        yield at


def _in_words(value: Any, read: ValidatorFunctionWrapHandler) -> SettingsValues:
    """Each problem at its field with the range that it allows, as the form tells it."""
    try:
        values: SettingsValues = read(value)
    except ValidationError as error:
        told = " ".join(f"{name}: {words}" for name, words in problems_of(error).items())
        if is_about_several(error):
            raise InvalidInput(told, field="settings") from None
        raise PydanticCustomError("settings", "{told}", {"told": told}) from None
    if others := list(_of_other_kinds(value, values.model_dump(mode="json"))):
        told = f"Of another type than the contract says: {', '.join(others)}."
        raise PydanticCustomError("settings", "{told}", {"told": told})
    if left_out := unnamed(values):
        told = f"Name every setting: {', '.join(left_out)} would go back to the default."
        raise InvalidInput(told, field="settings")
    return values


class DraftBody(BaseModel):
    """All settings but the trust roots. `seen` is the version that the caller saw: 409 if somebody saved since."""

    model_config = ConfigDict(extra="forbid")

    settings: Annotated[SettingsValues, WrapValidator(_in_words)]
    seen: Whole


class RollbackBody(BaseModel):
    """The version to go back to, 0 for the defaults. `seen`: as for a save; left out, whatever holds."""

    model_config = ConfigDict(extra="forbid")

    version: Whole
    seen: Whole | None = None


class PemBody(BaseModel):
    """A public key as PEM."""

    model_config = ConfigDict(extra="forbid")

    pem: str


class KeyBody(PemBody):
    """A public key to trust, with the name it goes by and what it is trusted for."""

    name: str
    use: TrustUse


class CheckBody(BaseModel):
    """The source to scan twice: a directory, archive or image tarball below the scan roots."""

    model_config = ConfigDict(extra="forbid")

    path: str


class VersionRows(BaseModel):
    """Versions, the newest first, each with what it changed of the one before."""

    items: tuple[VersionRow, ...]


class TrustKeys(BaseModel):
    """The trust roots, those that are disabled too, in the order in which they were added."""

    items: tuple[TrustKey, ...] = Field(default=())


@router.get(Rest.SCANNER_SETTINGS, **reads())
def get_scanner_settings(services: ServicesDep, actor: ActorDep) -> SettingsVersion:
    """What holds now for scans that are started; version 0 are the defaults."""
    return services.scanner_settings.get(actor)


@router.put(
    Rest.SCANNER_SETTINGS, response_model=SettingsVersion, **changes(SETTINGS_EDIT, errors=("CHANGED", "NO_CHANGE"))
)
def save_scanner_settings(body: Annotated[DraftBody, Body()], change: ChangeDep) -> Response:
    """Make them the next version; needs a reason. 409 CHANGED if somebody saved since `seen`."""

    def act() -> Answer:
        saved = change.services.scanner_settings.save(change.actor, body.settings, change.stamp, seen=body.seen)
        return Answer(200, saved.model_dump(mode="json"))

    return change.once([SETTINGS_EDIT.name, body.model_dump(mode="json")], act)


@router.post(Rest.SCANNER_SETTINGS_PREVIEW, **reads())
def preview_scanner_settings(
    body: Annotated[DraftBody, Body()], services: ServicesDep, actor: ActorDep
) -> SettingsPreview:
    """What saving them would change, and what others saved since `seen`. Nothing is stored."""
    return services.scanner_settings.preview(actor, body.settings, seen=body.seen)


@router.get(Rest.SCANNER_SETTINGS_VERSIONS, **reads())
def list_scanner_settings_versions(
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=VERSIONS_MAX)] = VERSIONS_DEFAULT,
) -> VersionRows:
    """What was saved: by whom, when, why, and what it changed."""
    return VersionRows(items=tuple(services.scanner_settings.versions(actor, limit=limit)))


@router.get(Rest.SCANNER_SETTINGS_VERSION, **reads())
def get_scanner_settings_version(
    version: Annotated[int, Path(ge=0, le=2**31 - 1)], services: ServicesDep, actor: ActorDep
) -> VersionRow:
    """One version."""
    return services.scanner_settings.version(actor, version)


@router.post(
    Rest.SCANNER_SETTINGS_ROLLBACK,
    response_model=SettingsVersion,
    **changes(SETTINGS_ROLLBACK, errors=("CHANGED", "NO_CHANGE")),
)
def roll_back_scanner_settings(body: Annotated[RollbackBody, Body()], change: ChangeDep) -> Response:
    """Save what an earlier version says as the next one; needs a reason. The trust roots stay."""

    def act() -> Answer:
        saved = change.services.scanner_settings.roll_back(change.actor, body.version, change.stamp, seen=body.seen)
        return Answer(200, saved.model_dump(mode="json"))

    return change.once([SETTINGS_ROLLBACK.name, body.model_dump(mode="json")], act)


@router.get(Rest.SCANNER_SETTINGS_TRUST, **reads())
def list_trust_keys(services: ServicesDep, actor: ActorDep) -> TrustKeys:
    """The keys that signatures of kits and checkpoints of logs are checked with."""
    return TrustKeys(items=services.scanner_settings.get(actor).settings.trust)


@router.post(Rest.TRUST_READ, **reads())
def read_trust_key(body: Annotated[PemBody, Body()], services: ServicesDep, actor: ActorDep) -> KeyFacts:
    """Fingerprint and algorithm of a public key, before it is added. Nothing is stored."""
    return services.scanner_settings.read_key(actor, body.pem)


@router.post(
    Rest.SCANNER_SETTINGS_TRUST,
    status_code=201,
    response_model=TrustKey,
    **changes(TRUST_ADD, errors=("DUPLICATE", "TOO_MANY")),
)
def add_trust_key(body: Annotated[KeyBody, Body()], change: ChangeDep) -> Response:
    """Trust a public key (Ed25519 or ECDSA P-256); needs ops:admin and a reason."""

    def act() -> Answer:
        added = change.services.scanner_settings.add_key(change.actor, body.pem, body.name, body.use, change.stamp)
        return Answer(201, added.model_dump(mode="json"))

    return change.once([TRUST_ADD.name, body.model_dump(mode="json")], act)


@router.post(Rest.TRUST_DISABLE, response_model=TrustKey, **changes(TRUST_DISABLE, errors=("NO_CHANGE",)))
def disable_trust_key(fingerprint: str, change: ChangeDep) -> Response:
    """Trust it no more; needs ops:admin and a reason. Kits that were imported stay."""
    return _act(TRUST_DISABLE, fingerprint, change)


@router.post(Rest.TRUST_ENABLE, response_model=TrustKey, **changes(TRUST_ENABLE, errors=("NO_CHANGE",)))
def enable_trust_key(fingerprint: str, change: ChangeDep) -> Response:
    """Trust it again; needs ops:admin and a reason."""
    return _act(TRUST_ENABLE, fingerprint, change)


@router.get(Rest.DETERMINISM_CHECKS, **reads())
def list_determinism_checks(services: ServicesDep, actor: ActorDep) -> Determined:
    """The last determinism checks, the newest first, and how many of them gave the same twice."""
    return services.determinism.last(actor)


@router.post(
    Rest.DETERMINISM_CHECKS, status_code=201, response_model=Submission, responses=KNOWN, **changes(DETERMINISM_CHECK)
)
def start_determinism_check(body: Annotated[CheckBody, Body()], change: ChangeDep) -> Response:
    """Scan a source twice in full, without the cache, and compare. Its job fails where the results differ."""

    def act() -> Answer:
        started = change.services.determinism.start(change.actor, body.path, stamp=change.stamp)
        location = routes.api_scan(started.dag_id)
        return Answer(201 if started.created else 200, started.model_dump(mode="json"), location=location)

    return change.once([DETERMINISM_CHECK.name, body.path], act)


def _act(verb: Verb, fingerprint: str, change: Change) -> Response:
    def act() -> Answer:
        done = change.services.scanner_settings.act_on_key(change.actor, verb, fingerprint, change.stamp)
        return Answer(200, done.model_dump(mode="json"))

    return change.once([verb.name, fingerprint], act)
