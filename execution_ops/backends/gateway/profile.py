"""How a remote spells the contract: where its parts are, what headers, pages, states and errors look like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.capabilities import FIRST, CapabilityDocument
from execution_ops.domain.errors import Conflict
from execution_ops.domain.job_verbs import SCAN
from execution_ops.domain.scanner_verbs import SCANNER_VERBS
from execution_ops.domain.schedule_verbs import SCHEDULE_VERBS
from execution_ops.domain.worker_verbs import WORKER_VERBS
from execution_ops.routes.rest import API, DEADLETTER_API, JOBENGINE_API, SCHEDULER_API

NOTHING = "The remote system has nothing of this kind."
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


class Spelling(StrEnum):
    """How the fields of JSON are written."""

    SNAKE = "snake_case"
    CAMEL = "camelCase"


class Headers(BaseModel):
    """What the headers are called."""

    model_config = ConfigDict(frozen=True)

    tenant: str = "X-Stella-Tenant"
    trace: str = "X-Stella-Trace-Id"
    reason: str = "X-Stella-Operator-Reason"
    ticket: str = "X-Stella-Operator-Ticket"
    operator: str = "X-Stella-Operator"
    key: str = "Idempotency-Key"


class Profile(BaseModel):
    """One way to spell it. Ours needs no translation, and everything else is told as a difference to it.

    `prefixes` are ours by what stands in their place, the longest first; `actions` is what parts a verb from what it
    is done to. `cursor` is the parameter that asks for a page, `next_cursor` the field that names the next one.
    `states` are the remote's words by ours. `areas`, if any, are the addresses that the remote has at all; `offers` is
    what it can do where it serves no document that says so.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    prefixes: Mapping[str, str] = Field(default_factory=dict)
    actions: str = ":"
    headers: Headers = Headers()
    cursor: str = "cursor"
    next_cursor: str = "next_cursor"
    spelling: Spelling = Spelling.SNAKE
    states: Mapping[str, str] = Field(default_factory=dict)
    areas: tuple[str, ...] = ()
    capabilities: str = f"{API}/capabilities"
    offers: CapabilityDocument = FIRST

    def path(self, path: str) -> str:
        """The remote's address for one of ours. Conflict, in words, for what it does not have."""
        if self.areas and not path.startswith(self.areas):
            raise Conflict(NOTHING, code="NOT_SUPPORTED")
        for ours, theirs in self.prefixes.items():
            if path == ours or path.startswith((f"{ours}/", f"{ours}:")):
                path = f"{theirs}{path[len(ours) :]}"
                break
        return path if self.actions == ":" else re.sub(r":(?=[a-z]+$)", self.actions, path)

    def query(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """The remote's parameters for ours."""
        return [(self._parameter(name), self._word(value) if name == "state" else value) for name, value in pairs]

    def sent(self, value: Any) -> Any:
        """The remote's JSON for ours."""
        if self.spelling is Spelling.SNAKE:
            return value
        return _renamed(value, _camel)

    def received(self, value: Any) -> Any:
        """Our JSON for the remote's: the names of fields, the words for states, and how a page says what follows."""
        if self.spelling is Spelling.SNAKE and not self.states and self.next_cursor == "next_cursor":
            return value
        return self._ours(value)

    def _ours(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._ours(item) for item in value]
        if not isinstance(value, dict):
            return value
        words = {theirs: ours for ours, theirs in self.states.items()}
        found: dict[str, Any] = {}
        for name, item in value.items():
            key = "next_cursor" if name == self.next_cursor else self._field(name)
            found[key] = words.get(item, item) if key in _STATE_FIELDS and isinstance(item, str) else self._ours(item)
            if key == "by_state" and isinstance(item, dict):
                found[key] = {words.get(state, state): count for state, count in item.items()}
        return found

    def _field(self, name: str) -> str:
        return _HUMP.sub(r"_\1", name).lower() if self.spelling is Spelling.CAMEL else name

    def _parameter(self, name: str) -> str:
        if name == "cursor":
            return self.cursor
        return _camel(name) if self.spelling is Spelling.CAMEL else name

    def _word(self, state: str) -> str:
        return self.states.get(state, state)


# The fields whose values are words for states.
_STATE_FIELDS = frozenset({"state", "status", "run_state"})

OURS = Profile(name="execution-ops")
# What is done outside of the areas of a gateway in the style of Stella Ops.
_NOT_PUBLIC = (SCAN, *SCHEDULE_VERBS, *WORKER_VERBS, *SCANNER_VERBS)

# What is public of a gateway in the style of Stella Ops: `reference` in CONTRIBUTING says where each part is from.
STELLA = Profile(
    name="stella",
    prefixes={
        DEADLETTER_API: "/jobengine/deadletter",
        JOBENGINE_API: "/jobengine",
    },
    actions="/",
    cursor="continuationToken",
    next_cursor="continuationToken",
    spelling=Spelling.CAMEL,
    states={"canceled": "cancelled"},
    areas=(f"{JOBENGINE_API}/quotas", f"{JOBENGINE_API}/jobs", DEADLETTER_API, f"{SCHEDULER_API}/runs"),
    capabilities="",
    offers=CapabilityDocument(contract="0.2", unable={verb.name: NOTHING for verb in _NOT_PUBLIC}),
)

PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (OURS, STELLA)}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _renamed(value: Any, rename: Any) -> Any:
    if isinstance(value, list):
        return [_renamed(item, rename) for item in value]
    if isinstance(value, dict):
        return {rename(name): _renamed(item, rename) for name, item in value.items()}
    return value
