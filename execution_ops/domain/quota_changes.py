"""What each verb makes of a quota: pure, so that every edge refuses the same things in the same words."""

from __future__ import annotations

from datetime import datetime

from execution_ops.domain.errors import Conflict, InvalidInput
from execution_ops.domain.quota_verbs import QUOTA_EDIT, QUOTA_OVERRIDE, QUOTA_PAUSE, QUOTA_RESET, QUOTA_RESUME
from execution_ops.domain.quotas import Limits, Quota
from execution_ops.domain.times import iso
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp


def check_revision(quota: Quota, seen: int | None) -> None:
    """Raise Conflict, naming who and when, if the quota was changed since the caller saw it. None: no matter."""
    if seen is not None and seen != quota.revision:
        raise Conflict(
            f"{quota.changed_by} changed this quota at {iso(quota.changed_at)}, after you had opened it. "
            "Nothing of yours was done: look at it again, then repeat what is still wanted.",
            code="CHANGED_MEANWHILE",
        )


def changed(quota: Quota, verb: Verb, limits: Limits | None, stamp: Stamp, now: datetime) -> Quota:
    """The quota after the verb, as its next revision. Conflict where there is nothing to do.

    Editing ends an override: what is set now is meant to hold.
    """
    after = quota.model_copy(update=_update(quota, verb, limits, stamp, now))
    if verb in (QUOTA_EDIT, QUOTA_OVERRIDE) and after == quota:
        raise Conflict("These are the values that hold already: nothing was changed.", code="NO_CHANGE")
    told = {"changed_at": now, "changed_by": stamp.actor.name, "revision": quota.revision + 1}
    return after.model_copy(update=told)


def _update(quota: Quota, verb: Verb, limits: Limits | None, stamp: Stamp, now: datetime) -> dict[str, object]:
    if verb in (QUOTA_EDIT, QUOTA_OVERRIDE):
        if limits is None:
            raise InvalidInput(f"{verb.label}: name the limits.")
        return {"configured": limits, "override": None} if verb is QUOTA_EDIT else {"override": limits}
    if verb is QUOTA_RESET:
        if quota.override is None:
            raise Conflict("Nothing overrides this quota: its configured values hold already.")
        return {"override": None}
    if verb is QUOTA_PAUSE:
        if quota.paused_at is not None:
            raise Conflict(f"{quota.paused_by} paused this quota at {iso(quota.paused_at)} already.")
        return {"paused_at": now, "paused_by": stamp.actor.name, "pause_reason": stamp.reason}
    if verb is QUOTA_RESUME:
        if quota.paused_at is None:
            raise Conflict("This quota is not paused.")
        return {"paused_at": None, "paused_by": "", "pause_reason": ""}
    raise InvalidInput(f"{verb.label} does not change a quota.")
