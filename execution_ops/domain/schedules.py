"""Schedules: what is to run on which targets, and when; the versions of that; and what came of each due time."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, computed_field

from execution_ops.domain.errors import Conflict, InvalidInput
from execution_ops.domain.job_types import JobType
from execution_ops.domain.schedule_verbs import SCHEDULE_PAUSE, SCHEDULE_RESUME
from execution_ops.domain.text import is_unicode
from execution_ops.domain.times import Instant, iso
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp

NAME_MAX = 100
TEXT_MAX = 2_000
TARGETS_MAX = 200
TARGET_MAX = 4_096
JOBS_MAX = 10_000
PARALLELISM_MAX = 100
DAY_S = 24 * 3600
CATCH_UP_MAX_S = 7 * DAY_S
SCHEDULES_MAX = 20_000
# So late still counts as on time: a leader that changes, or a database that hangs, must not cost a firing.
GRACE_S = 60
# What a string of a payload template is replaced by.
TARGET_MARK = "{target}"
_JOB_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class ScheduleState(StrEnum):
    """Whether a schedule fires."""

    ENABLED = "enabled"
    PAUSED = "paused"


class Mode(StrEnum):
    """What a run does to a target that was run before.

    `content-refresh` runs every target. `analysis-only` leaves out targets of which nothing changed since
    their last run of this schedule that succeeded, as far as the file system tells (size and times).
    """

    ANALYSIS_ONLY = "analysis-only"
    CONTENT_REFRESH = "content-refresh"


class Overlap(StrEnum):
    """What happens at a due time while an earlier run of the schedule has not ended.

    `skip`: this firing is missed. `queue_one`: its run waits for the earlier one; while one waits already,
    the firing is missed. `allow`: both run.
    """

    SKIP = "skip"
    QUEUE_ONE = "queue_one"
    ALLOW = "allow"


class Missed(StrEnum):
    """Why a due time brought no run."""

    PAUSED = "paused"
    OVERLAP = "overlap"
    NO_WORKER = "no_worker"
    SYSTEM_DOWN = "system_down"


SAYS_MISSED: Mapping[Missed, str] = {
    Missed.PAUSED: "the schedule was paused",
    Missed.OVERLAP: "the run before it had not ended",
    Missed.NO_WORKER: "no worker served the queue in time",
    Missed.SYSTEM_DOWN: "the system was down, and it came back after the catch-up window",
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ScheduleSpec(_Frozen):
    """What an edit changes, and a version keeps.

    `payload` is a template: `{target}` in its strings becomes the target. `targets` are absolute paths or
    globs under the scan roots of the workers. `catch_up_s` is how late a firing may still happen, at least
    `GRACE_S`. At most `max_jobs` targets run in one run, `parallelism` of them at once.
    """

    name: str
    description: str = ""
    owner: str = ""
    job_type: str
    payload: dict[str, Any] = {}
    targets: tuple[str, ...] = ()
    cron: str
    zone: str = "UTC"
    mode: Mode = Mode.CONTENT_REFRESH
    overlap: Overlap = Overlap.SKIP
    catch_up_s: int = 3600
    max_jobs: int = 1_000
    parallelism: int = 4


class Schedule(_Frozen):
    """A schedule as it stands. `version` counts its specs, `revision` all its changes.

    `next_at` is the next due time, also of a paused one; None if the rule never fires again.
    """

    id: str
    tenant: str
    spec: ScheduleSpec
    version: int = 1
    revision: int = 1
    paused_at: Instant | None = None
    paused_by: str = ""
    pause_reason: str = ""
    created_at: Instant
    changed_at: Instant
    changed_by: str
    deleted_at: Instant | None = None
    next_at: Instant | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def state(self) -> ScheduleState:
        """Whether it fires."""
        return ScheduleState.ENABLED if self.paused_at is None else ScheduleState.PAUSED


class ScheduleVersion(_Frozen):
    """One spec of a schedule, with who made it, when and why."""

    version: int
    spec: ScheduleSpec
    at: Instant
    by: str
    reason: str = ""


class Difference(_Frozen):
    """One field that two specs differ in, as people read it."""

    field: str
    before: str
    after: str


def check_spec(spec: ScheduleSpec) -> ScheduleSpec:
    """The spec with its texts trimmed; InvalidInput, in words, for what no schedule can have.

    The rule and the zone are for `cron` to check; the job type and its payload for who has the registry
    (`check_for_schedules`).
    """
    spec = spec.model_copy(update={name: getattr(spec, name).strip() for name in ("name", "description", "owner")})
    for name, least, most in (("name", 1, NAME_MAX), ("owner", 0, NAME_MAX), ("description", 0, TEXT_MAX)):
        _check_text(name, getattr(spec, name), least, most)
    if not _JOB_TYPE.fullmatch(spec.job_type):
        raise InvalidInput(
            "A job type is named by up to 100 letters, digits, dots, dashes and underscores.", field="job_type"
        )
    if len(spec.targets) > TARGETS_MAX:
        raise InvalidInput(f"targets: at most {TARGETS_MAX}. A glob names many.", field="targets")
    for target in spec.targets:
        check_target(target)
    for name, value, least, greatest in (
        ("catch_up_s", spec.catch_up_s, 0, CATCH_UP_MAX_S),
        ("max_jobs", spec.max_jobs, 1, JOBS_MAX),
        ("parallelism", spec.parallelism, 1, PARALLELISM_MAX),
    ):
        if not least <= value <= greatest:
            raise InvalidInput(f"{name}: from {least:,} to {greatest:,}.", field=name)
    return spec


def check_for_schedules(entry: JobType) -> None:
    """InvalidInput for a type that no schedule may start."""
    if not entry.for_schedules:
        raise InvalidInput(f"{entry.name} jobs are the console's own: no schedule starts them.", field="job_type")


def check_target(target: str) -> None:
    """Raise InvalidInput for what can be no path and no glob under a scan root."""
    if not target.strip() or len(target.encode(errors="replace")) > TARGET_MAX:
        raise InvalidInput(f"A target is a path of 1 to {TARGET_MAX:,} bytes.")
    if not is_unicode(target) or "\0" in target:
        raise InvalidInput("A target is text, without the character NUL and without half characters.")
    if not posixpath.isabs(target):
        raise InvalidInput("Give the absolute path of a target, one that begins with /.")
    if ".." in target.split("/"):
        raise InvalidInput("A target has no .. in its path: name the place itself.")


def fill(template: Any, target: str) -> Any:
    """The payload of a template for one target."""
    if isinstance(template, str):
        return template.replace(TARGET_MARK, target)
    if isinstance(template, Mapping):
        return {key: fill(value, target) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill(value, target) for value in template]
    return template


def differences(before: ScheduleSpec, after: ScheduleSpec) -> list[Difference]:
    """What changed from one spec to the other, field by field."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [
        Difference(field=name, before=_said(old[name]), after=_said(new[name]))
        for name in new
        if old[name] != new[name]
    ]


def check_revision(schedule: Schedule, seen: int | None) -> None:
    """Raise Conflict, naming who and when, if the schedule was changed since the caller saw it. None: no matter."""
    if seen is not None and seen != schedule.revision:
        raise Conflict(
            f"{schedule.changed_by} changed this schedule at {iso(schedule.changed_at)}, after you had opened it. "
            "Nothing of yours was done: look at it again, then repeat what is still wanted.",
            code="CHANGED_MEANWHILE",
        )


def paused_or_resumed(schedule: Schedule, verb: Verb, stamp: Stamp, now: datetime) -> Schedule:
    """The schedule after SCHEDULE_PAUSE or SCHEDULE_RESUME; Conflict where there is nothing to do."""
    if verb is SCHEDULE_PAUSE:
        if schedule.paused_at is not None:
            raise Conflict(f"{schedule.paused_by} paused this schedule at {iso(schedule.paused_at)} already.")
        update = {"paused_at": now, "paused_by": stamp.actor.name, "pause_reason": stamp.reason}
    elif verb is SCHEDULE_RESUME:
        if schedule.paused_at is None:
            raise Conflict("This schedule is not paused.")
        update = {"paused_at": None, "paused_by": "", "pause_reason": ""}
    else:
        raise InvalidInput(f"{verb.label} neither pauses nor resumes a schedule.")
    return touched(schedule.model_copy(update=update), stamp, now)


def touched(schedule: Schedule, stamp: Stamp, now: datetime) -> Schedule:
    """The schedule as its next revision."""
    told = {"changed_at": now, "changed_by": stamp.actor.name, "revision": schedule.revision + 1}
    return schedule.model_copy(update=told)


def _check_text(name: str, value: str, least: int, most: int) -> None:
    if not least <= len(value) <= most:
        raise InvalidInput(f"{name}: {least} to {most:,} characters.", field=name)
    if not is_unicode(value) or "\0" in value:
        raise InvalidInput(f"{name}: text without the character NUL and without half characters.", field=name)


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return (
        json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
        if isinstance(value, dict) and value
        else str(value)
    )
