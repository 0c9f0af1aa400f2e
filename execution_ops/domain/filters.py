"""The filter of the job list: one object for list, counts, bulk scope, export, API and CLI."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import check_id, check_id_prefix
from execution_ops.domain.list_filter import ListFilter
from execution_ops.domain.query_values import (
    Sort,
    by_key,
    distinct,
    either,
    last,
    read_moment,
    read_pairs,
    read_sort,
    resolve_moment,
    resolve_window,
    say_moment,
)
from execution_ops.domain.states import JobState, parse_job_state

_PAYLOAD_KEY = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,7}")


class JobFilter(ListFilter):
    """Which jobs. Values of one field are alternatives; different fields all have to match.

    `after` and `before` are an ISO 8601 instant or an age like `24h`; they bound `created_at`
    (`after` inclusive, `before` exclusive). `ended_after` bounds the job's end in the same way, and
    matches only jobs that have ended. `id` is an id or its beginning. `error` are words
    that all occur in the last error. `quota` is the id of the quota that holds the jobs back. `payload`
    are exact `key:value` pairs, keys joined by dots.
    """

    state: tuple[JobState, ...] = ()
    job_type: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    tenant: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    ended_after: str = ""
    id: str = ""
    dag: str = ""
    worker: str = ""
    quota: str = ""
    error: str = ""
    payload: tuple[tuple[str, str], ...] = ()
    sort: Sort = Sort.NEWEST

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> JobFilter:
        """Read a query string (or its pairs). Unknown keys are ignored: they are the page's own.

        Raises InvalidInput, in words, for a value that no job could have.
        """
        pairs = read_pairs(query)
        payload = [
            (_check_payload_key(key.removeprefix("payload.")), value)
            for key, value in pairs
            if key.startswith("payload.")
        ]
        many = by_key(pairs)
        return cls(
            state=_states(many.get("state", ())),
            job_type=distinct(many.get("job_type", ())),
            queue=distinct(many.get("queue", ())),
            tenant=distinct(many.get("tenant", ())),
            after=read_moment(last(many, "after")),
            before=read_moment(last(many, "before")),
            ended_after=read_moment(last(many, "ended_after")),
            id=check_id_prefix(last(many, "id")) if "id" in many else "",
            dag=check_id(last(many, "dag")) if "dag" in many else "",
            worker=last(many, "worker"),
            quota=check_id(last(many, "quota")) if "quota" in many else "",
            error=" ".join(last(many, "error").split()),
            payload=distinct(payload),
            sort=read_sort(last(many, "sort")),
        )

    def describe(self) -> str:
        """The filter as a sentence: "failed scan.catalog jobs of tenant acme since 24 h ago"."""
        words = [either(state.value.replace("_", " ") for state in self.state)] if self.state else []
        words += [either(self.job_type)] if self.job_type else []
        text = " ".join([*words, "jobs"])
        if self.queue:
            text += f" in queue {either(self.queue)}"
        if self.tenant:
            text += f" of tenant {either(self.tenant)}"
        if self.worker:
            text += f" on worker {self.worker}"
        if self.after:
            text += f" since {say_moment(self.after)}"
        if self.before:
            text += f" before {say_moment(self.before)}"
        if self.ended_after:
            text += f" that ended since {say_moment(self.ended_after)}"
        if self.id:
            text += f" with an id from {self.id}"
        if self.dag:
            text += f" of the DAG {self.dag[:8]}"
        if self.quota:
            text += f" held back by the quota {self.quota[-8:]}"
        if self.error:
            text += f" with “{self.error}” in the error"
        for key, value in self.payload:
            text += f" with {key} = {value or '“”'}"
        return text if words or self != JobFilter(sort=self.sort) else "all jobs"

    def is_counted(self) -> bool:
        """Whether it asks for nothing but states, types, queues and tenants: counters know how many jobs these have."""
        counted = {"state": (), "job_type": (), "queue": (), "tenant": (), "sort": Sort.NEWEST}
        return self.model_copy(update=counted) == JobFilter()

    def without(self, key: str, value: str) -> JobFilter:
        """The same filter without one of its conditions, as `to_pairs` spells it."""
        return JobFilter.from_query([pair for pair in self.to_pairs() if pair != (key, value)])

    def window(self, now: datetime) -> tuple[datetime, datetime | None]:
        """The bounds of `created_at` at the given moment; relative ages are taken from it."""
        return resolve_window(self.after, self.before, now)

    def ended_from(self, now: datetime) -> datetime | None:
        """The bound of the job's end at the given moment."""
        return resolve_moment(self.ended_after, now) if self.ended_after else None


def _states(values: Iterable[str]) -> tuple[JobState, ...]:
    try:
        found = {parse_job_state(value) for value in values}
    except ValueError as error:
        known = ", ".join(state.value for state in JobState)
        raise InvalidInput(f"There is no such state; known are {known}.") from error
    return tuple(state for state in JobState if state in found)


def _check_payload_key(key: str) -> str:
    if not _PAYLOAD_KEY.fullmatch(key):
        raise InvalidInput("A payload key is words joined by dots, like payload.image.tag.")
    return key
