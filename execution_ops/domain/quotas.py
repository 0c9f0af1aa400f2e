"""Quotas: limits of what one tenant's jobs of one type may do at once and in an hour.

A quota is one shared pool for all that it governs: a quota of `*` does not give every tenant its own
limits. Of several that fit a job only the most specific one governs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, computed_field

from execution_ops.domain.access import Actor
from execution_ops.domain.errors import Forbidden, InvalidInput
from execution_ops.domain.job_types import OWN_TYPES
from execution_ops.domain.tenants import could_be_tenant
from execution_ops.domain.times import Instant

ANY = "*"
LIMIT_MAX = 10**9
QUOTAS_MAX = 2_000
# A longer backlog is told as "10,000+": it is counted for every row of the page.
WAITING_MAX = 10_000
_JOB_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_WHOLE = re.compile(r"-?[0-9]{1,30}")


class QuotaState(StrEnum):
    """Whether a quota lets anything start."""

    ACTIVE = "active"
    PAUSED = "paused"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Limits(_Frozen):
    """How much at most; None is no limit.

    `max_active` jobs run at once, `max_per_hour` start in any 3,600 s, `burst` of these at once: the
    others follow evenly.
    """

    max_active: int | None = None
    max_per_hour: int | None = None
    burst: int | None = None


NO_LIMITS = Limits()
LIMIT_NAMES = {"max_active": "Max active", "max_per_hour": "Max per hour", "burst": "Burst"}


class Quota(_Frozen):
    """The limits of (tenant, job type), `*` for any.

    `configured` is what was set, `override` what holds for now in its place. `revision` grows with
    each change, so that two operators at the same quota notice each other.
    """

    id: str
    tenant: str
    job_type: str
    configured: Limits
    override: Limits | None = None
    paused_at: Instant | None = None
    paused_by: str = ""
    pause_reason: str = ""
    created_at: Instant
    changed_at: Instant
    changed_by: str
    revision: int = 1

    @computed_field  # type: ignore[prop-decorator]
    @property
    def limits(self) -> Limits:
        """What holds now."""
        return self.configured if self.override is None else self.override

    @computed_field  # type: ignore[prop-decorator]
    @property
    def state(self) -> QuotaState:
        """Whether anything may start."""
        return QuotaState.ACTIVE if self.paused_at is None else QuotaState.PAUSED

    @property
    def name(self) -> str:
        """The quota as people call it: "acme / scan.catalog"."""
        return quota_name(self.tenant, self.job_type)


class QuotaRow(Quota):
    """A quota with its figures at the moment `as_of`.

    `active` jobs run, `started` started in the last hour. `tokens_left` may start now as far as the
    rate goes, None without one; `next_token_at` is when there is one more. `waiting` jobs are held
    back, counted up to `WAITING_MAX` + 1.
    """

    active: int
    started: int
    tokens_left: int | None
    next_token_at: Instant | None
    waiting: int
    at_limit: bool
    as_of: Instant


class Scoped(Protocol):
    """What has a tenant and a job type, either of them `*`."""

    @property
    def tenant(self) -> str:
        """A tenant or `*`."""

    @property
    def job_type(self) -> str:
        """A job type or `*`."""


S = TypeVar("S", bound=Scoped)


def rank(scope: Scoped) -> int:
    """How specific a quota is, 0 most: both named, the tenant, the type, neither."""
    return (2 if scope.tenant == ANY else 0) + (1 if scope.job_type == ANY else 0)


class Scopes(Generic[S]):
    """Quotas by what they govern."""

    def __init__(self, scopes: Iterable[S]) -> None:
        self._by_scope = {(scope.tenant, scope.job_type): scope for scope in scopes}

    def governing(self, tenant: str, job_type: str) -> S | None:
        """The one that governs jobs of this tenant and type; None if none does.

        The console's own jobs have none: who has paused all jobs must still be able to cancel them.
        """
        if job_type in OWN_TYPES:
            return None
        for scope in ((tenant, job_type), (tenant, ANY), (ANY, job_type), (ANY, ANY)):
            if scope in self._by_scope:
                return self._by_scope[scope]
        return None


def quota_name(tenant: str, job_type: str) -> str:
    """A scope as people call it."""
    return f"{'any tenant' if tenant == ANY else tenant} / {'any type' if job_type == ANY else job_type}"


def describe_scope(quota: Scoped, others: Iterable[Scoped]) -> str:
    """What the quota governs, in words, with what more specific quotas take out of it."""
    whose = "of all tenants" if quota.tenant == ANY else f"of {quota.tenant}"
    text = f"{'All jobs' if quota.job_type == ANY else f'{quota.job_type} jobs'} {whose}, in one pool"
    inner = sum(rank(other) < rank(quota) and _overlap(quota, other) for other in others)
    if inner:
        text += f", but not those of {inner} more specific {'quota' if inner == 1 else 'quotas'}"
    return f"{text}."


def describe_limits(limits: Limits) -> str:
    """Limits in words: "8 at once, 400 an hour, 10 in a burst"."""
    parts = [
        f"{limits.max_active:,} at once" if limits.max_active else "",
        f"{limits.max_per_hour:,} an hour" if limits.max_per_hour else "",
        f"{limits.burst:,} in a burst" if limits.burst else "",
    ]
    return ", ".join(part for part in parts if part) or "no limit"


def check_scope(actor: Actor, tenant: str, job_type: str) -> None:
    """Raise InvalidInput for names that no job could have, Forbidden for a tenant out of the actor's reach."""
    if tenant != ANY and not could_be_tenant(tenant):
        raise InvalidInput("A tenant is named by up to 63 letters, digits, dots, dashes and underscores, or * for any.")
    if job_type != ANY and not _JOB_TYPE.fullmatch(job_type):
        raise InvalidInput(
            "A job type is named by up to 100 letters, digits, dots, dashes and underscores, or * for any."
        )
    if job_type in OWN_TYPES:
        raise InvalidInput(f"{job_type} jobs are the console's own: no quota holds them.")
    check_reach(actor, tenant)


def check_reach(actor: Actor, tenant: str) -> None:
    """Raise Forbidden unless the actor may change quotas of the tenant; `*` touches every tenant."""
    if tenant == ANY and actor.tenants is not None:
        raise Forbidden("A quota of any tenant is changed only by who may act for all tenants.")
    if tenant != ANY and not actor.sees(tenant):
        raise Forbidden(f"{actor.name} may not act for the tenant {tenant}.")


def sees(tenants: frozenset[str] | None, quota: Scoped) -> bool:
    """Whether who sees these tenants (None: all) sees the quota; one of any tenant governs theirs too."""
    return tenants is None or quota.tenant == ANY or quota.tenant in tenants


def parse_limit(name: str, value: object) -> int | None:
    """A limit from a number, a text as typed ("" is no limit) or None; InvalidInput names what is wrong."""
    label = LIMIT_NAMES[name]
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and _WHOLE.fullmatch(text):
        text = int(text)
    if isinstance(text, bool) or not isinstance(text, int):
        raise InvalidInput(f"{label} is a whole number, or empty for no limit.")
    if text < 0:
        raise InvalidInput(f"{label} can't be negative.")
    if text == 0:
        raise InvalidInput(f"{label} is at least 1. To let nothing start, pause the quota.")
    if text > LIMIT_MAX:
        raise InvalidInput(f"{label} is at most {LIMIT_MAX:,}.")
    return text


def parse_limits(max_active: object, max_per_hour: object, burst: object) -> Limits:
    """The limits, each as `parse_limit` takes it; InvalidInput if they do not fit together."""
    limits = Limits(
        max_active=parse_limit("max_active", max_active),
        max_per_hour=parse_limit("max_per_hour", max_per_hour),
        burst=parse_limit("burst", burst),
    )
    if limits.burst is not None and limits.max_per_hour is None:
        raise InvalidInput("Burst needs a max per hour: it says how many of these may start at once.")
    if limits.burst is not None and limits.max_per_hour is not None and limits.burst > limits.max_per_hour:
        raise InvalidInput("Burst is at most the max per hour.")
    return limits


def _overlap(one: Scoped, other: Scoped) -> bool:
    """Whether a job could fit both."""
    return all(ANY in (a, b) or a == b for a, b in ((one.tenant, other.tenant), (one.job_type, other.job_type)))
