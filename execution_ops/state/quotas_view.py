"""What the page of quotas shows, prepared from rows: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.quotas import (
    ANY,
    LIMIT_NAMES,
    WAITING_MAX,
    Limits,
    QuotaRow,
    describe_limits,
    describe_scope,
)
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.texts import common
from execution_ops.texts import quotas as words

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class QuotaLine:
    """One row. Times are ISO 8601 or empty; `share` is how much of the rate is used, in percent."""

    id: str
    href: str
    tenant: str
    job_type: str
    governs: str
    state: str
    note: str
    paused: bool
    reason: str
    paused_by: str
    paused_at: str
    active: int
    max_active: int | None
    active_limit: str
    active_href: str
    started: str
    started_limit: str
    share: int | None
    tokens: str
    next_at: str
    waiting: str
    waits: bool
    waiting_href: str
    at_limit: bool
    off: str


def quota_line(row: QuotaRow, others: Sequence[QuotaRow], keep: Pairs, off: str = "") -> QuotaLine:
    """A row as the table draws it; `keep` is the filter that opening it leaves in place, `off` why
    the viewer can't change it."""
    limits = row.limits
    exact = not any(_takes_out(row, other) for other in others)
    return QuotaLine(
        id=row.id,
        href=routes.quotas([*keep, ("quota", row.id)]),
        tenant=words.ANY_TENANT if row.tenant == ANY else row.tenant,
        job_type=words.ANY_TYPE if row.job_type == ANY else row.job_type,
        governs=describe_scope(row, others),
        state=row.state.value,
        note="overridden" if row.override is not None else words.AT_ITS_LIMIT if row.at_limit else "",
        paused=row.paused_at is not None,
        reason=visible(row.pause_reason),
        paused_by=visible(row.paused_by),
        paused_at=iso(row.paused_at) if row.paused_at else "",
        active=row.active,
        max_active=limits.max_active,
        active_limit=f"/ {limits.max_active:,}" if limits.max_active else words.OF_NO_LIMIT,
        # A list can't leave out what other quotas govern: then the figure opens none.
        active_href=routes.jobs(_running(row)) if exact else "",
        started=f"{row.started:,}",
        started_limit=f"/ {limits.max_per_hour:,}" if limits.max_per_hour else words.OF_NO_LIMIT,
        share=min(100, 100 * row.started // limits.max_per_hour) if limits.max_per_hour else None,
        tokens="" if row.tokens_left is None else words.tokens_left(row.tokens_left),
        next_at=iso(row.next_token_at) if row.next_token_at else "",
        waiting=say_waiting(row.waiting),
        waits=row.waiting > 0,
        waiting_href=routes.jobs([("quota", row.id)]),
        at_limit=row.at_limit,
        off=off,
    )


def say_waiting(count: int) -> str:
    """A count of held jobs, which is bounded."""
    return f"{count:,}" if count <= WAITING_MAX else f"{WAITING_MAX:,}+"


def limit_texts(limits: Limits) -> dict[str, str]:
    """The limits as a form shows them; "" is no limit."""
    return {name: "" if (value := getattr(limits, name)) is None else str(value) for name in LIMIT_NAMES}


def now_texts(limits: Limits) -> dict[str, str]:
    """The limits as they are read."""
    return {name: common.NO_LIMIT if (value := getattr(limits, name)) is None else f"{value:,}" for name in LIMIT_NAMES}


def say_override(row: QuotaRow) -> str:
    """What an override stands in place of; empty without one."""
    return "" if row.override is None else words.configured(describe_limits(row.configured))


def _running(row: QuotaRow) -> list[tuple[str, str]]:
    scope = [(name, value) for name in ("job_type", "tenant") if (value := getattr(row, name)) != ANY]
    return [("state", "running"), *scope]


def _takes_out(row: QuotaRow, other: QuotaRow) -> bool:
    """Whether a more specific quota governs some of what this one would."""
    if (other.tenant, other.job_type) == (row.tenant, row.job_type):
        return False
    inside = row.tenant in (ANY, other.tenant) and row.job_type in (ANY, other.job_type)
    # Of a tenant's and a type's quota the tenant's governs what is both.
    crossing = row.tenant == ANY and row.job_type != ANY and other.tenant != ANY and other.job_type == ANY
    return inside or crossing
