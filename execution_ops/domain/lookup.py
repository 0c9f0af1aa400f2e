"""Things found by the beginning of their id."""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.times import Instant

PREFIX_MIN = 4
# The longest id is a worker's: its host, its process, four random bytes.
PREFIX_MAX = 80
FOUND_MAX = 5
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Thing(StrEnum):
    """What has an id that people look up, in the order in which it is shown."""

    JOB = "job"
    RUN = "run"
    ENTRY = "entry"
    PLAN = "plan"
    SCHEDULE = "schedule"
    WORKER = "worker"


class Found(BaseModel):
    """One thing. `name` says what it is, `note` more of it; `tenant` is empty for a worker, which has none."""

    model_config = ConfigDict(frozen=True)

    kind: Thing
    id: str
    name: str
    note: str = ""
    tenant: str = ""
    state: str
    created_at: Instant


class Lookup(BaseModel):
    """What begins with `id`: at most FOUND_MAX of each kind, the newest first; `more` are the kinds with others."""

    model_config = ConfigDict(frozen=True)

    id: str
    items: tuple[Found, ...]
    more: tuple[Thing, ...] = ()


def check_prefix(text: str) -> str:
    """The beginning of an id, without blanks around it; InvalidInput if none could begin so, or it is too short."""
    prefix = text.strip()
    if len(prefix) < PREFIX_MIN:
        raise InvalidInput(f"Give at least {PREFIX_MIN} characters of the id.", field="id")
    if len(prefix) > PREFIX_MAX or not _PREFIX.fullmatch(prefix):
        raise InvalidInput(
            f"An id has letters, digits, dots, dashes and underscores, {PREFIX_MAX} at most.", field="id"
        )
    return prefix
