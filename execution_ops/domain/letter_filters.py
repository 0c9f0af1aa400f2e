"""The filter of the dead letters: one object for list, counts, bulk scope, export, API and CLI."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from execution_ops.domain.error_categories import RETRYABLE, Category
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import check_id, check_id_prefix
from execution_ops.domain.list_filter import ListFilter
from execution_ops.domain.query_values import (
    Sort,
    by_key,
    distinct,
    either,
    last,
    one_of_words,
    read_moment,
    read_pairs,
    read_sort,
    resolve_window,
    say_moment,
)
from execution_ops.domain.states import DeadLetterState

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
YES, NO = "yes", "no"


class DeadLetterFilter(ListFilter):
    """Which entries. Values of one field are alternatives; different fields all have to match.

    `after` and `before` bound the death (`after` inclusive, `before` exclusive), each an ISO 8601
    instant or an age like `24h`. `group` are fingerprints of error groups. `retryable` is `yes`, `no` or
    "" for both; it follows from the category. `id` is an entry's id or its beginning, `job` a job's
    id, `plan` the replay plan that took the entry.
    """

    state: tuple[DeadLetterState, ...] = ()
    group: tuple[str, ...] = ()
    job_type: tuple[str, ...] = ()
    tenant: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    category: tuple[Category, ...] = ()
    error_type: tuple[str, ...] = ()
    retryable: str = ""
    after: str = ""
    before: str = ""
    id: str = ""
    job: str = ""
    plan: str = ""
    sort: Sort = Sort.NEWEST

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> DeadLetterFilter:
        """Read a query string (or its pairs). Unknown keys are ignored: they are the page's own.

        Raises InvalidInput, in words, for a value that no entry could have.
        """
        many = by_key(read_pairs(query))
        retryable = last(many, "retryable")
        if retryable not in ("", YES, NO):
            raise InvalidInput("retryable is yes or no.")
        return cls(
            state=one_of_words(DeadLetterState, many.get("state", ()), "state"),
            group=distinct(_fingerprint(value) for value in many.get("group", ())),
            job_type=distinct(many.get("job_type", ())),
            tenant=distinct(many.get("tenant", ())),
            queue=distinct(many.get("queue", ())),
            category=one_of_words(Category, many.get("category", ()), "category"),
            retryable=retryable,
            error_type=distinct(many.get("error_type", ())),
            after=read_moment(last(many, "after")),
            before=read_moment(last(many, "before")),
            id=check_id_prefix(last(many, "id")) if "id" in many else "",
            job=check_id(last(many, "job")) if "job" in many else "",
            plan=check_id(last(many, "plan")) if "plan" in many else "",
            sort=read_sort(last(many, "sort")),
        )

    def describe(self) -> str:
        """The filter as a sentence: "pending dead letters of tenant acme since 24 h ago"."""
        words = [either(state.value for state in self.state)] if self.state else []
        if self.retryable:
            words.append("retryable" if self.retryable == YES else "not retryable")
        words += [either(category.value.replace("_", " ") for category in self.category)] if self.category else []
        words += [either(self.job_type)] if self.job_type else []
        text = " ".join([*words, "dead letters"])
        if self.group:
            text += f" of error group {either(digest[:6] for digest in self.group)}"
        if self.error_type:
            text += f" with the error {either(self.error_type)}"
        if self.queue:
            text += f" in queue {either(self.queue)}"
        if self.tenant:
            text += f" of tenant {either(self.tenant)}"
        if self.after:
            text += f" since {say_moment(self.after)}"
        if self.before:
            text += f" before {say_moment(self.before)}"
        if self.id:
            text += f" with an id from {self.id}"
        if self.job:
            text += f" of the job {self.job[-8:]}"
        if self.plan:
            text += f" taken by the replay plan {self.plan[-8:]}"
        return text if self != DeadLetterFilter(sort=self.sort) else "all dead letters"

    def window(self, now: datetime) -> tuple[datetime, datetime | None]:
        """The bounds of the death at the given moment; relative ages are taken from it."""
        return resolve_window(self.after, self.before, now)

    def categories(self) -> tuple[Category, ...] | None:
        """The categories that match, from `category` and `retryable` together; None for any."""
        if not self.category and not self.retryable:
            return None
        wanted = self.category or tuple(Category)
        return tuple(entry for entry in wanted if not self.retryable or (entry in RETRYABLE) == (self.retryable == YES))


def _fingerprint(value: str) -> str:
    if not _FINGERPRINT.fullmatch(value):
        raise InvalidInput("An error group is named by the 16 hexadecimal digits of its fingerprint.")
    return value
