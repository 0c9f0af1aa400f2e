"""Which method of the backend carries out which verb on jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from execution_ops.backends.base import JobBackend
from execution_ops.domain.errors import Conflict
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.domain.jobs import Outcome
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp


class Carrier(NamedTuple):
    """What does the verb; `cannot` says in words why this engine can't, empty if it can."""

    act: Callable[[Sequence[str], Stamp], list[Outcome]]
    cannot: str


def carrier(backend: JobBackend, verb: Verb) -> Carrier:
    """The method that carries out the verb. Conflict for a verb without one: no other stands in."""
    able = backend.capabilities
    known = {
        CANCEL.name: Carrier(backend.cancel, able.cancel),
        RETRY.name: Carrier(backend.retry, able.retry),
    }
    if verb.name not in known:
        raise Conflict(f"Nothing here carries out {verb.label!r} on jobs.", code="NOT_SUPPORTED")
    return known[verb.name]
