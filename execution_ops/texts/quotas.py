"""Quotas."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from execution_ops.domain.times import describe_instant
from execution_ops.domain.words import capitalised

# pages/quotas.py
LET_NOTHING_START: Final = "let nothing start"
AT_THEIR_LIMIT: Final = "At their limit"
JOBS_HELD_BY_QUOTAS: Final = "jobs held by quotas"
QUOTAS_FILTER: Final = "Filter by tenant, type, paused, at limit"
TENANT_JOB_TYPE: Final = "Tenant / job type"
ACTIVE_LIMIT: Final = "Active / limit"
STARTED_LAST_HOUR: Final = "Started, last hour"
TOKENS_LEFT: Final = "Tokens left"
NO_RATE: Final = "no rate"
NO_QUOTA_YET: Final = "No quota yet"
NO_QUOTA_YET_WHY: Final = (
    "Jobs start as soon as a worker has room. A quota limits how many jobs of a tenant or a type run at once, and"
    " how many start in an hour. The same from a terminal:"
)
MAKE_THE_FIRST_QUOTA: Final = "Make the first quota"
CREATE_COMMAND: Final = "execution-ops quotas create TENANT TYPE --max-active 5"
EXPORT_A_SNAPSHOT_OF_THE_QUOTAS: Final = "Export a snapshot of the quotas that match"

BY_NAME: Final = "By name, 50 per page, {age}"
NEXT_AT: Final = "next {at}"
WAITING_WORD: Final = "waiting"


def count_running(count: object) -> str:
    """How many jobs of the quota run."""
    return f"{count} running"


def count_waiting(count: object) -> str:
    """How many jobs it holds back."""
    return f"{count} waiting"


# pages/quota_drawer.py
GO_BACK_TO_THE_LIST: Final = "Go back to the list: another quota may govern its jobs now."
APPLY: Final = "Apply"
NEW_QUOTA: Final = "New quota"
NEW_QUOTA_SUB: Final = "Limits for all jobs of a tenant, a type, or both."
MAKE_THE_QUOTA: Final = "Make the quota"
WHAT_YOU_TYPED_IS_STILL_HERE: Final = "What you typed is still here, but it can't be applied to what you have not seen."
OVERRIDDEN_FOR_NOW: Final = "Overridden for now."
RESET_TO_THE_CONFIGURED_VALUES: Final = "Reset to the configured values"
NOW: Final = "Now"
NEW: Final = "New"
EMPTY_IS_NO_LIMIT: Final = "Empty is no limit. Burst needs a max per hour."
WHAT_THE_NEW_VALUES_ARE: Final = "What the new values are"
TENANT_HELP: Final = "* for any tenant: one pool that they all share."
JOB_TYPE_HELP: Final = "* for any type. Of several quotas that fit, the most specific one governs."
LIMITS_HELP: Final = "Empty is no limit. Burst needs a max per hour: the starts beyond it come evenly."
PAUSE_INSTEAD: Final = "Pause instead"
PAUSE_WITH_REASON: Final = "Pause with reason"
DELETE: Final = "Delete"
DELETE_THE_QUOTA: Final = "Delete the quota"

HOLDS_AT_ONCE: Final = "Holds at once. Written to the audit log."
UNITS: Final = {"max_active": "jobs at once", "max_per_hour": "starts in an hour", "burst": "of these at once"}


# state/quota_drawer.py


def running_jobs_finish(count: int) -> str:
    """What a pause does not stop."""
    return "1 running job finishes" if count == 1 else f"{count:,} running jobs finish"


# state/quotas.py


def quotas_summary(text: str) -> str:
    return f"{capitalised(text)}. The most specific quota governs a job; each is one pool for all it governs."


# state/quotas_view.py
ANY_TENANT: Final = "any tenant"
ANY_TYPE: Final = "any type"
AT_ITS_LIMIT: Final = "at its limit"
OF_NO_LIMIT: Final = "/ no limit"


def tokens_left(tokens_left: int) -> str:
    return f"{tokens_left:,} left"


def configured(configured: object) -> str:
    return f"Configured are {configured}."


# state/quota_drawer.py
THIS_QUOTA_IS_NOT_THERE: Final = "This quota is not there"
QUOTA_IS_DELETED: Final = "The quota is deleted. Its jobs go to the next one that fits them."


def last_change(changed_at: datetime, changed_by: object, revision: object) -> str:
    return f"Last change {describe_instant(changed_at)} by {changed_by}, revision {revision}"


def pause_stops(running: object, waiting: object) -> str:
    return f"Nothing new starts, {running}, {waiting} wait."


def changed_meanwhile(changed_by: object) -> str:
    return f"{changed_by} changed this quota while you had it open."


def made_the_quota(name: object, limits: object) -> str:
    return f"Made the quota {name}: {limits}."


def limits_are(name: str, limits: str, *, for_now: bool) -> str:
    """What was set."""
    return f"{name}: {limits}{' for now' if for_now else ''}."
