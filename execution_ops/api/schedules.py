"""Schedules over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from execution_ops import routes
from execution_ops.api.deps import ActorDep, Change, ChangeDep, ServicesDep
from execution_ops.api.operations import changes, reads
from execution_ops.api.parameters import Instant, Whole
from execution_ops.api.replies import Answer
from execution_ops.domain.outlook import Coming, MissedFiring
from execution_ops.domain.runs import Plan, Run, Trigger
from execution_ops.domain.schedule_filters import ScheduleFilter
from execution_ops.domain.schedule_verbs import (
    SCHEDULE_CREATE,
    SCHEDULE_DELETE,
    SCHEDULE_EDIT,
    SCHEDULE_PAUSE,
    SCHEDULE_RESUME,
    SCHEDULE_RUN,
)
from execution_ops.domain.schedules import (
    TARGETS_MAX,
    Mode,
    Overlap,
    ScheduleSpec,
    ScheduleVersion,
)
from execution_ops.domain.verb import Verb
from execution_ops.routes import Rest
from execution_ops.services.queries import filter_from
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX
from execution_ops.services.schedules import RulePreview, ScheduleRow

router = APIRouter(tags=["schedules"])


class SpecBody(BaseModel):
    """What a schedule runs, and when. `{target}` in the strings of `payload` becomes the target."""

    model_config = ConfigDict(extra="forbid")

    name: str
    description: str = ""
    owner: str = ""
    job_type: str
    payload: dict[str, Any] = Field(default_factory=dict)
    targets: tuple[str, ...] = Field(default=(), max_length=TARGETS_MAX)
    cron: str
    zone: str = "UTC"
    mode: Mode = Mode.CONTENT_REFRESH
    overlap: Overlap = Overlap.SKIP
    catch_up_s: Whole = 3600
    max_jobs: Whole = 1_000
    parallelism: Whole = 4

    def spec(self) -> ScheduleSpec:
        """The spec; the service checks it."""
        return ScheduleSpec(**{name: getattr(self, name) for name in ScheduleSpec.model_fields})


class ScheduleRequest(SpecBody):
    """A new schedule of a tenant, the caller's own if none is named."""

    tenant: str = ""
    paused: StrictBool = False


class ScheduleChange(SpecBody):
    """A whole new spec. `revision` is the one that the caller saw: 409 if somebody changed the schedule since."""

    revision: Whole


class SeenSchedule(BaseModel):
    """Which revision the caller saw; null or left out: whatever it is."""

    model_config = ConfigDict(extra="forbid")

    revision: Whole | None = None


class RunRequest(BaseModel):
    """What starts the run: a program (`api`), or somebody at another console (`manual`)."""

    model_config = ConfigDict(extra="forbid")

    trigger: Literal["api", "manual"] = "api"


class ScheduleList(BaseModel):
    """Schedules by name."""

    items: tuple[ScheduleRow, ...]
    next_cursor: str | None


class MissedList(BaseModel):
    """Due times that brought no run."""

    items: tuple[MissedFiring, ...]


class VersionList(BaseModel):
    """The specs of a schedule, the newest first."""

    items: tuple[ScheduleVersion, ...]


@router.get(Rest.SCHEDULES, **reads(where=ScheduleFilter))
def list_schedules(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: str = "",
) -> ScheduleList:
    """Schedules by name, with what came of their last due times. Filters: `tenant`, `state`, `job_type`, `missed`,
    `text`."""
    where = filter_from(request.url.query, ScheduleFilter, also=("limit", "cursor"))
    page = services.schedules.page(actor, where, cursor=cursor or None, limit=limit)
    return ScheduleList(items=page.rows, next_cursor=page.after)


@router.get(Rest.SCHEDULES_PREVIEW, **reads())
def preview_schedule_rule(
    services: ServicesDep,
    actor: ActorDep,
    cron: str,
    zone: str = "UTC",
    count: Annotated[int, Query(ge=1, le=50)] = 10,
) -> RulePreview:
    """A rule in words and its next times, from the code that fires; with what a change of the clock leaves out."""
    return services.schedules.preview(actor, cron, zone, count=count)


@router.post(Rest.SCHEDULES_CANDIDATES, **reads(SCHEDULE_RUN.scope))
def preview_schedule_candidates(body: Annotated[SpecBody, Body()], services: ServicesDep, actor: ActorDep) -> Plan:
    """What a run of this spec would find now. Nothing is stored or started."""
    return services.schedules.candidates(actor, body.spec())


@router.post(Rest.SCHEDULES_CHECK, **reads())
def check_schedule(body: Annotated[SpecBody, Body()], services: ServicesDep, actor: ActorDep) -> ScheduleSpec:
    """The spec as it would be stored, or in words why it can't be. Nothing is stored."""
    return services.schedules.check(actor, body.spec())


@router.get(Rest.SCHEDULES_COMING, **reads())
def list_coming(
    services: ServicesDep, actor: ActorDep, limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT
) -> Coming:
    """The next due time of each enabled schedule, the soonest first."""
    return services.scheduler.coming(actor, limit=limit)


@router.get(Rest.SCHEDULES_MISSED, **reads())
def list_missed(
    services: ServicesDep,
    actor: ActorDep,
    since: Instant,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
) -> MissedList:
    """What schedules missed since then, the last due time first."""
    return MissedList(items=tuple(services.scheduler.missed_since(actor, since, limit=limit)))


@router.get(Rest.SCHEDULES_MISSED_LAST, **reads())
def list_missed_last(services: ServicesDep, actor: ActorDep) -> MissedList:
    """The enabled schedules whose last due time brought no run and was meant to, by name."""
    return MissedList(items=tuple(services.schedules.missed_last(actor)))


@router.post(
    Rest.SCHEDULES, status_code=201, response_model=ScheduleRow, **changes(SCHEDULE_CREATE, errors=("EXISTS",))
)
def create_schedule(body: Annotated[ScheduleRequest, Body()], change: ChangeDep) -> Response:
    """Make a schedule. 409 if its tenant has one of the name."""

    def act() -> Answer:
        made = change.services.schedules.create(
            change.actor, body.spec(), change.stamp, tenant=body.tenant, paused=body.paused
        )
        return Answer(201, made.model_dump(mode="json"), location=routes.api_schedule(made.schedule.id))

    return change.once([SCHEDULE_CREATE.name, body.model_dump(mode="json")], act)


@router.get(Rest.SCHEDULE, **reads())
def get_schedule(schedule_id: str, services: ServicesDep, actor: ActorDep) -> ScheduleRow:
    """One schedule, also a deleted one."""
    return services.schedules.get(actor, schedule_id)


@router.get(Rest.SCHEDULE_VERSIONS, **reads())
def list_schedule_versions(schedule_id: str, services: ServicesDep, actor: ActorDep) -> VersionList:
    """Its specs, with who made each, when and why."""
    return VersionList(items=tuple(services.schedules.versions(actor, schedule_id)))


@router.put(
    Rest.SCHEDULE,
    response_model=ScheduleRow,
    **changes(SCHEDULE_EDIT, errors=("CHANGED_MEANWHILE", "EXISTS", "NO_CHANGE")),
)
def edit_schedule(schedule_id: str, body: Annotated[ScheduleChange, Body()], change: ChangeDep) -> Response:
    """Give it its next version, which holds from the next due time on."""

    def act() -> Answer:
        edited = change.services.schedules.edit(
            change.actor, schedule_id, body.spec(), change.stamp, revision=body.revision
        )
        return Answer(200, edited.model_dump(mode="json"))

    return change.once([SCHEDULE_EDIT.name, schedule_id, body.model_dump(mode="json")], act)


@router.post(
    Rest.SCHEDULE_PAUSE,
    response_model=ScheduleRow,
    **changes(SCHEDULE_PAUSE, errors=("CHANGED_MEANWHILE", "NO_CHANGE")),
)
def pause_schedule(
    schedule_id: str,
    change: ChangeDep,
    body: Annotated[SeenSchedule | None, Body()] = None,
) -> Response:
    """It fires no more until it is resumed; needs a reason."""
    return _act(SCHEDULE_PAUSE, schedule_id, body, change)


@router.post(
    Rest.SCHEDULE_RESUME,
    response_model=ScheduleRow,
    **changes(SCHEDULE_RESUME, errors=("CHANGED_MEANWHILE", "NO_CHANGE")),
)
def resume_schedule(
    schedule_id: str,
    change: ChangeDep,
    body: Annotated[SeenSchedule | None, Body()] = None,
) -> Response:
    """It fires again from its next due time on."""
    return _act(SCHEDULE_RESUME, schedule_id, body, change)


@router.delete(Rest.SCHEDULE, response_model=ScheduleRow, **changes(SCHEDULE_DELETE, errors=("CHANGED_MEANWHILE",)))
def delete_schedule(
    schedule_id: str,
    change: ChangeDep,
    revision: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """It never fires again; its runs and versions are kept. Needs a reason."""
    body = SeenSchedule(revision=revision)
    return _act(SCHEDULE_DELETE, schedule_id, body, change)


@router.post(Rest.SCHEDULE_RUN, status_code=202, response_model=Run, **changes(SCHEDULE_RUN))
def run_schedule(schedule_id: str, change: ChangeDep, body: Annotated[RunRequest | None, Body()] = None) -> Response:
    """Start a run now, also of a paused schedule. The same Idempotency-Key gives the same run, for ever."""
    trigger = Trigger((body or RunRequest()).trigger)

    def act() -> Answer:
        run = change.services.schedules.run(change.actor, schedule_id, change.stamp, trigger=trigger)
        return Answer(202, run.model_dump(mode="json"), location=routes.api_run(run.id))

    return change.once([SCHEDULE_RUN.name, schedule_id, trigger.value], act)


def _act(verb: Verb, schedule_id: str, body: SeenSchedule | None, change: Change) -> Response:
    revision = None if body is None else body.revision

    def act() -> Answer:
        changed = change.services.schedules.act(change.actor, verb, schedule_id, change.stamp, revision=revision)
        return Answer(200, changed.model_dump(mode="json"))

    return change.once([verb.name, schedule_id, revision], act)
