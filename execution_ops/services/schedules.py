"""What can be done with schedules: authorise, validate, act through the backend, redact what comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.cron import Cron
from execution_ops.domain.cron_words import in_words
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.firings import upcoming
from execution_ops.domain.ids import check_id
from execution_ops.domain.outlook import MissedFiring
from execution_ops.domain.redaction import DEFAULT_KEYS, MASK
from execution_ops.domain.runs import FiredAt, Plan, Run, Trigger
from execution_ops.domain.schedule_filters import ScheduleFilter, page_of, was_missed
from execution_ops.domain.schedule_verbs import (
    SCHEDULE_CREATE,
    SCHEDULE_DELETE,
    SCHEDULE_EDIT,
    SCHEDULE_PAUSE,
    SCHEDULE_RESUME,
    SCHEDULE_RUN,
)
from execution_ops.domain.schedules import Schedule, ScheduleSpec, ScheduleState, ScheduleVersion
from execution_ops.domain.tenants import check_tenant
from execution_ops.domain.times import Instant
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.zones import zone
from execution_ops.scanner.plan import INSPECT
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import check_range, sign
from execution_ops.services.run_targets import find_targets

STRIP = 20
PAGE_MAX = 500
UPCOMING_MAX = 50
ALL = ScheduleFilter()
ACTS = (SCHEDULE_PAUSE, SCHEDULE_RESUME, SCHEDULE_DELETE)


class ScheduleRow(BaseModel):
    """A schedule with what came of its last due times, the newest first."""

    model_config = ConfigDict(frozen=True)

    schedule: Schedule
    words: str
    last: tuple[FiredAt, ...]


class ScheduleFigures(BaseModel):
    """How all schedules stand that the viewer sees. `missed` counts those whose last due time was missed;
    the next one to fire is `next_name`, "" if none is enabled."""

    model_config = ConfigDict(frozen=True)

    schedules: int = 0
    enabled: int = 0
    paused: int = 0
    missed: int = 0
    next_name: str = ""
    next_at: Instant | None = None


class SchedulePage(BaseModel):
    """One page of the schedules that match; cursors are None at the ends. `figures` are of all schedules."""

    model_config = ConfigDict(frozen=True)

    rows: tuple[ScheduleRow, ...]
    before: str | None
    after: str | None
    total: int
    figures: ScheduleFigures


class Preview(BaseModel):
    """One coming time of a rule: the instant, the wall time in the rule's zone (without an offset), and what is
    unusual about it. One that does not `fires` is left out by a change of the clock."""

    model_config = ConfigDict(frozen=True)

    at: Instant
    wall: str
    fires: bool
    note: str


class RulePreview(BaseModel):
    """A rule in words, and what comes next of it."""

    model_config = ConfigDict(frozen=True)

    words: str
    zone: str
    times: tuple[Preview, ...]


# Named here: inside the class `list` is its method.
Rows = list[ScheduleRow]
Versions = list[ScheduleVersion]
Missing = list[MissedFiring]


class ScheduleService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: Backend, roots: Sequence[Path], *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._roots = tuple(roots)
        self._redact = Redactor(redact_keys)

    # reading

    def list(self, actor: Actor, where: ScheduleFilter = ALL) -> Rows:
        """The schedules that match, by name, with what came of their last due times."""
        require(actor, Scope.READ)
        found = self._backend.schedules(tenants=actor.tenants)
        latest = {} if where.missed is None else self._latest(found)
        return self._rows([one for one in found if where.matches(one, latest.get(one.id))])

    def page(self, actor: Actor, where: ScheduleFilter, *, cursor: str | None, limit: int) -> SchedulePage:
        """A part of the list, and how all schedules stand. InvalidInput for a bad cursor."""
        require(actor, Scope.READ)
        check_range("limit", limit, PAGE_MAX)
        found = self._backend.schedules(tenants=actor.tenants)
        latest = self._latest(found)
        places = page_of((one for one in found if where.matches(one, latest.get(one.id))), cursor, limit)
        return SchedulePage(
            rows=tuple(self._rows(places.rows)),
            before=places.before,
            after=places.after,
            total=places.total,
            figures=_figures(found, latest),
        )

    def missed_last(self, actor: Actor) -> Missing:
        """The enabled schedules whose last due time brought no run and was meant to, by name."""
        require(actor, Scope.READ)
        return self._backend.missed_last(tenants=actor.tenants)

    def get(self, actor: Actor, schedule_id: str) -> ScheduleRow:
        """One schedule; NotFound also for one of a tenant that the actor may not see."""
        require(actor, Scope.READ)
        schedule = self._find(actor, schedule_id)
        return self._row(schedule, self._backend.firings([schedule.id], limit=STRIP).get(schedule.id, []))

    def versions(self, actor: Actor, schedule_id: str) -> Versions:
        """The specs of a schedule, the newest first."""
        require(actor, Scope.READ)
        found = self._backend.schedule_versions(check_id(schedule_id), tenants=actor.tenants)
        if found is None:
            raise NotFound(f"There is no schedule {schedule_id}.")
        return [one.model_copy(update={"spec": self._spec(one.spec)}) for one in found]

    def preview(self, actor: Actor, cron: str, zone_name: str = "UTC", *, count: int = 10) -> RulePreview:
        """A rule in words and its next times, from the code that fires. InvalidInput for what is no rule or zone."""
        require(actor, Scope.READ)
        check_range("count", count, UPCOMING_MAX)
        rule, place = Cron.parse(cron), zone(zone_name)
        times = tuple(
            Preview(at=found.at, wall=found.wall.isoformat(sep=" "), fires=found.fires, note=found.note)
            for found in upcoming(rule, place, datetime.now(UTC), count)
        )
        return RulePreview(words=in_words(rule), zone=zone_name, times=times)

    def check(self, actor: Actor, spec: ScheduleSpec) -> ScheduleSpec:
        """The spec as it would be stored; InvalidInput, in words, if it can't be."""
        require(actor, Scope.READ)
        return self._checked(spec)

    def candidates(self, actor: Actor, spec: ScheduleSpec, *, schedule_id: str = "") -> Plan:
        """What a run would find now, as far as this process sees the scan roots. Nothing is started."""
        actor = require(actor, SCHEDULE_RUN.scope)
        if schedule_id:
            # What a schedule saw is for those only who see the schedule.
            spec = self._unmasked(spec, self._find(actor, schedule_id).spec)
        if off := self._backend.capabilities.files:
            raise Conflict(off, code="NOT_SUPPORTED")
        spec = self._checked(spec)
        try:
            return find_targets(
                self._roots, spec, known=lambda targets: self._backend.known_content(schedule_id, targets)
            )
        except OSError as error:
            raise InvalidInput(f"The targets can't be read here: {error.strerror}.") from error

    # writing

    def create(
        self, actor: Actor, spec: ScheduleSpec, stamp: Stamp, *, tenant: str = "", paused: bool = False
    ) -> ScheduleRow:
        """Make a schedule. Conflict if its tenant has one of the name."""
        actor = require(actor, SCHEDULE_CREATE.scope)
        signed = sign(SCHEDULE_CREATE, actor, stamp)
        owned = spec if spec.owner.strip() else spec.model_copy(update={"owner": actor.name})
        made = self._backend.create_schedule(check_tenant(actor, tenant), self._checked(owned), signed, paused=paused)
        return self._row(made, [])

    def edit(
        self, actor: Actor, schedule_id: str, spec: ScheduleSpec, stamp: Stamp, *, revision: int | None = None
    ) -> ScheduleRow:
        """Make the spec its next version. Conflict if it was changed since `revision`, or nothing changes."""
        actor = require(actor, SCHEDULE_EDIT.scope)
        signed = sign(SCHEDULE_EDIT, actor, stamp)
        spec = self._unmasked(spec, self._find(actor, schedule_id).spec)
        self._backend.edit_schedule(schedule_id, self._checked(spec), signed, revision=revision)
        return self.get(actor, schedule_id)

    def act(
        self, actor: Actor, verb: Verb, schedule_id: str, stamp: Stamp, *, revision: int | None = None
    ) -> ScheduleRow:
        """Pause, resume or delete a schedule; as it is then."""
        actor = require(actor, verb.scope)
        if verb not in ACTS:
            raise InvalidInput(f"{verb.label} is not done to a schedule like this.")
        changed = self._backend.act_on_schedule(
            check_id(schedule_id), verb, sign(verb, actor, stamp), revision=revision
        )
        return self._row(changed, self._backend.firings([changed.id], limit=STRIP).get(changed.id, []))

    def run(self, actor: Actor, schedule_id: str, stamp: Stamp, *, trigger: Trigger = Trigger.MANUAL) -> Run:
        """Start a run now, also of a paused schedule."""
        actor = require(actor, SCHEDULE_RUN.scope)
        self._find(actor, schedule_id)
        run = self._backend.run_schedule(schedule_id, trigger, sign(SCHEDULE_RUN, actor, stamp))
        return self._redact.run(run)

    def _find(self, actor: Actor, schedule_id: str) -> Schedule:
        schedule = self._backend.get_schedule(check_id(schedule_id), tenants=actor.tenants)
        if schedule is None:
            raise NotFound(f"There is no schedule {schedule_id}.")
        return schedule

    def _checked(self, spec: ScheduleSpec) -> ScheduleSpec:
        if spec.job_type == INSPECT and not spec.targets:
            raise InvalidInput("Name at least one target: a scan without one has nothing to look at.", field="targets")
        if spec.job_type == INSPECT and spec.payload:
            raise InvalidInput("A scan takes its targets and no payload.", field="payload")
        return self._backend.check_schedule(spec)

    def _unmasked(self, spec: ScheduleSpec, known: ScheduleSpec) -> ScheduleSpec:
        """The spec, its payload taken back from the known one if it is what was shown of that: without secrets."""
        if spec.payload != self._redact.values(known.payload):
            if MASK in json.dumps(spec.payload):
                raise InvalidInput(
                    f"The payload has {MASK} in place of a secret: write the secret, or leave all as it was shown.",
                    field="payload",
                )
            return spec
        return spec.model_copy(update={"payload": known.payload})

    def _latest(self, schedules: Sequence[Schedule]) -> dict[str, FiredAt]:
        """What came of the last due time of each schedule that had one."""
        fired = self._backend.firings([one.id for one in schedules], limit=1)
        return {schedule_id: found[0] for schedule_id, found in fired.items()}

    def _rows(self, schedules: Sequence[Schedule]) -> Rows:
        fired = self._backend.firings([one.id for one in schedules], limit=STRIP)
        return [self._row(one, fired.get(one.id, [])) for one in schedules]

    def _row(self, schedule: Schedule, fired: Sequence[FiredAt]) -> ScheduleRow:
        shown = schedule.model_copy(
            update={"spec": self._spec(schedule.spec), "pause_reason": self._redact.text(schedule.pause_reason)}
        )
        return ScheduleRow(schedule=shown, words=in_words(Cron.parse(schedule.spec.cron)), last=tuple(fired))

    def _spec(self, spec: ScheduleSpec) -> ScheduleSpec:
        return spec.model_copy(update={"payload": self._redact.values(spec.payload)})


def _figures(schedules: Sequence[Schedule], latest: Mapping[str, FiredAt]) -> ScheduleFigures:
    enabled = [one for one in schedules if one.state is ScheduleState.ENABLED]
    coming = min((one for one in enabled if one.next_at), key=lambda one: (one.next_at, one.id), default=None)
    return ScheduleFigures(
        schedules=len(schedules),
        enabled=len(enabled),
        paused=len(schedules) - len(enabled),
        missed=sum(was_missed(latest.get(one.id)) for one in schedules),
        next_name=coming.spec.name if coming else "",
        next_at=coming.next_at if coming else None,
    )
