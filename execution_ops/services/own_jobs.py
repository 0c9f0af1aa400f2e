"""What the handlers of the console's own jobs share: what they act through, for whom, and how they fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import OpsError, Unavailable
from execution_ops.domain.job_types import JobFailed
from execution_ops.domain.verbs import Stamp

T = TypeVar("T")


class Bound(Generic[T]):
    """What the handlers of a process act through; the worker binds it once, at its start."""

    def __init__(self) -> None:
        self._tools: T | None = None

    def bind(self, tools: T) -> None:
        """Give the handlers of this process what they act through."""
        self._tools = tools

    def get(self) -> T:
        """What was bound; JobFailed in a process that runs jobs without being one of the console's workers."""
        if self._tools is None:
            raise JobFailed("This worker was started without access to the ledger.", permanent=True)
        return self._tools


class Asked(BaseModel):
    """Who asked, and why: the job acts in their name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    actor: Actor
    reason: str
    ticket: str
    correlation_id: str

    @classmethod
    def by(cls, stamp: Stamp) -> Asked:
        """From a signed stamp."""
        return cls(actor=stamp.actor, reason=stamp.reason, ticket=stamp.ticket, correlation_id=stamp.correlation_id)

    def stamp(self) -> Stamp:
        """The stamp of what the job changes."""
        return Stamp(actor=self.actor, reason=self.reason, ticket=self.ticket, correlation_id=self.correlation_id)


@contextmanager
def failing_in_words() -> Iterator[None]:
    """Turn what a backend refuses into the failure of the job; an outage ends the attempt, and another goes on."""
    try:
        yield
    except Unavailable:
        raise
    except OpsError as error:
        raise JobFailed(error.message, permanent=True) from error


# The ledger that this worker's jobs act on.
LEDGER: Bound[Backend] = Bound()
