"""What people type into the form of a schedule: read to a spec, or told what is wrong at each field."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from execution_ops.domain.cron import Cron
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.schedules import (
    CATCH_UP_MAX_S,
    JOBS_MAX,
    PARALLELISM_MAX,
    Mode,
    Overlap,
    ScheduleSpec,
    check_spec,
    check_target,
)
from execution_ops.domain.zones import zone

# The fields of the form that are fields of the spec, too, under another name or unit.
CATCH_UP = "catch_up"
FIELDS = (
    *("name", "description", "owner", "tenant", "job_type", "payload", "targets", "cron", "zone"),
    *("mode", "overlap", CATCH_UP, "max_jobs", "parallelism"),
)
TYPED_MAX = 1_000_000
_S = TypeVar("_S", bound=StrEnum)
_T = TypeVar("_T")


def form_texts(spec: ScheduleSpec, tenant: str = "") -> dict[str, str]:
    """A spec as its form shows it."""
    return {
        "name": spec.name,
        "description": spec.description,
        "owner": spec.owner,
        "tenant": tenant,
        "job_type": spec.job_type,
        "payload": json.dumps(spec.payload, ensure_ascii=False, indent=2) if spec.payload else "",
        "targets": "\n".join(spec.targets),
        "cron": spec.cron,
        "zone": spec.zone,
        "mode": spec.mode.value,
        "overlap": spec.overlap.value,
        CATCH_UP: f"{spec.catch_up_s / 60:.10g}",
        "max_jobs": str(spec.max_jobs),
        "parallelism": str(spec.parallelism),
    }


def read_form(texts: Mapping[str, str]) -> tuple[ScheduleSpec | None, dict[str, str]]:
    """The spec that the texts describe, or None and what is wrong, in words, by field."""
    problems: dict[str, str] = {}
    nothing: dict[str, Any] = {}
    nowhere: tuple[str, ...] = ()

    def read(name: str, reader: Callable[[str], _T], default: _T) -> _T:
        try:
            return reader(texts[name])
        except OpsError as error:
            problems[name] = error.message
            return default

    spec = ScheduleSpec(
        name=read("name", _name, ""),
        description=texts["description"],
        owner=texts["owner"],
        job_type=read("job_type", _job_type, ""),
        payload=read("payload", _payload, nothing),
        targets=read("targets", _targets, nowhere),
        cron=read("cron", _cron, ""),
        zone=read("zone", _zone, "UTC"),
        mode=read("mode", lambda text: _one_of(Mode, text), Mode.CONTENT_REFRESH),
        overlap=read("overlap", lambda text: _one_of(Overlap, text), Overlap.SKIP),
        catch_up_s=read(CATCH_UP, _seconds, 0),
        max_jobs=read("max_jobs", lambda text: _whole(text, JOBS_MAX), 1),
        parallelism=read("parallelism", lambda text: _whole(text, PARALLELISM_MAX), 1),
    )
    if problems:
        return None, problems
    try:
        return check_spec(spec), {}
    except InvalidInput as error:
        # Every field that check_spec names is one of the form, or was read within its bounds above.
        return None, {error.field: error.message}


def _name(text: str) -> str:
    if not text.strip():
        raise InvalidInput("Give it a name.")
    return text


def _job_type(text: str) -> str:
    if not text.strip():
        raise InvalidInput("Say which type of job it starts.")
    return text.strip()


def _cron(text: str) -> str:
    Cron.parse(text)
    return text.strip()


def _zone(text: str) -> str:
    zone(text.strip())
    return text.strip()


def _payload(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"This is not JSON: {error.msg}, line {error.lineno}, column {error.colno}.") from None
    except (ValueError, RecursionError):
        raise InvalidInput("This JSON is too deep, or has a number that is too long.") from None
    if not isinstance(value, dict):
        raise InvalidInput('A payload is a JSON object, like {"path": "{target}"}.')
    return value


def _targets(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            check_target(line.strip())
        except InvalidInput as error:
            raise InvalidInput(f"Line {number}: {error.message}") from None
        found.append(line.strip())
    return tuple(found)


def _one_of(kind: type[_S], text: str) -> _S:
    if text not in {one.value for one in kind}:
        raise InvalidInput("Choose one of these.")
    return kind(text)


def _seconds(text: str) -> int:
    wrong = InvalidInput(f"From 0 to {CATCH_UP_MAX_S // 60:,} minutes.")
    try:
        seconds = round(float(text.replace(",", ".")) * 60)
    except (ValueError, OverflowError):
        raise wrong from None
    if not 0 <= seconds <= CATCH_UP_MAX_S:
        raise wrong
    return seconds


def _whole(text: str, greatest: int) -> int:
    plain = text.strip().replace(",", "")
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10 and 1 <= int(plain) <= greatest):
        raise InvalidInput(f"A whole number from 1 to {greatest:,}.")
    return int(plain)
