"""What schedules will do and what they did not: their next due times, and those that brought no run."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.schedules import Missed
from execution_ops.domain.times import Instant


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ComingFiring(_Frozen):
    """The next due time of an enabled schedule; one that is past waits for a worker of the `queue`."""

    schedule_id: str
    name: str
    tenant: str
    queue: str
    cron: str
    zone: str
    due_at: Instant


class Coming(_Frozen):
    """The next due times in their order; `schedules` says whether there is any schedule, enabled or not."""

    firings: tuple[ComingFiring, ...] = ()
    schedules: bool = False


class MissedFiring(_Frozen):
    """A due time that brought no run; `times` due times from `due_at` on were missed for the same reason."""

    schedule_id: str
    name: str
    tenant: str
    due_at: Instant
    missed: Missed
    times: int = 1
