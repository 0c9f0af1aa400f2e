"""The filter of the audit: one object for list, export, API and CLI."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from execution_ops.domain.audit import SubjectKind
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
from execution_ops.domain.verbs import VERBS


class AuditFilter(ListFilter):
    """Which events. Values of one field are alternatives; different fields all have to match.

    `after` and `before` bound when it was done (`after` inclusive, `before` exclusive), each an ISO 8601 instant or
    an age like `24h`. `id` is a thing that it was done to, of any kind unless `kind` says which. `text` are words of
    the reason, which all have to be there. A verb may be one that this version does not know any more.
    """

    actor: tuple[str, ...] = ()
    verb: tuple[str, ...] = ()
    kind: tuple[SubjectKind, ...] = ()
    tenant: tuple[str, ...] = ()
    id: str = ""
    after: str = ""
    before: str = ""
    ticket: str = ""
    text: str = ""
    correlation: str = ""
    sort: Sort = Sort.NEWEST

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> AuditFilter:
        """Read a query string (or its pairs). Unknown keys are ignored: they are the page's own.

        Raises InvalidInput, in words, for a value that no event could have.
        """
        many = by_key(read_pairs(query))
        return cls(
            actor=distinct(many.get("actor", ())),
            verb=distinct(many.get("verb", ())),
            kind=one_of_words(SubjectKind, many.get("kind", ()), "kind of thing"),
            tenant=distinct(many.get("tenant", ())),
            id=last(many, "id"),
            after=read_moment(last(many, "after")),
            before=read_moment(last(many, "before")),
            ticket=last(many, "ticket"),
            text=last(many, "text"),
            correlation=last(many, "correlation"),
            sort=read_sort(last(many, "sort")),
        )

    @property
    def state(self) -> tuple[str, ...]:
        """Events have no states."""
        return ()

    def describe(self) -> str:
        """The filter as a sentence: "what alice did to a quota since 24 h ago"."""
        if self == AuditFilter(sort=self.sort):
            return "everything that was done"
        text = f"what {either(self.actor)} did" if self.actor else "what was done"
        if self.kind:
            text += f" to a {either(kind.word for kind in self.kind)}"
        if self.id:
            text += f" with the id {self.id}"
        if self.verb:
            text += f" with the verb {either(verb_label(name).lower() for name in self.verb)}"
        if self.tenant:
            text += f" for tenant {either(self.tenant)}"
        if self.ticket:
            text += f" for the ticket {self.ticket}"
        if self.text:
            text += f" with {self.text!r} in the reason"
        if self.correlation:
            text += f" with the correlation id {self.correlation}"
        if self.after:
            text += f" since {say_moment(self.after)}"
        if self.before:
            text += f" before {say_moment(self.before)}"
        return text

    def window(self, now: datetime) -> tuple[datetime, datetime | None]:
        """The bounds of when it was done at the given moment; relative ages are taken from it."""
        return resolve_window(self.after, self.before, now)


_OTHERS = {"complete": "Complete", "plan replay": "Plan a replay", "plan resolve": "Plan to resolve"}
_OTHERS["plan reopen"] = "Plan to reopen"


def verb_label(name: str) -> str:
    """What a verb is called where it stands alone: "Pause", or its own name if this version does not know it."""
    known = VERBS.get(name)
    return known.label if known else _OTHERS.get(name, name.replace("_", " ").capitalize())
