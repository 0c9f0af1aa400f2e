"""The filter of the list of quotas, and its pages: quotas are few, so they are filtered in memory."""

from __future__ import annotations

from collections.abc import Iterable

from execution_ops.domain.list_filter import ListFilter
from execution_ops.domain.named_pages import NamedPage, check_place, named_page
from execution_ops.domain.query_values import by_key, distinct, flag, read_pairs
from execution_ops.domain.quotas import ANY, QuotaRow


class QuotaFilter(ListFilter):
    """Which quotas. `paused` and `at_limit` None: no matter which.

    `tenant` and `job_type` are those of the quota itself, `*` included; values of one are alternatives.
    """

    tenant: tuple[str, ...] = ()
    job_type: tuple[str, ...] = ()
    paused: bool | None = None
    at_limit: bool | None = None

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> QuotaFilter:
        """Read a query string (or its pairs); unknown keys are the page's own. InvalidInput, in words."""
        found = by_key(read_pairs(query))
        return cls(
            tenant=distinct(found.get("tenant", ())),
            job_type=distinct(found.get("job_type", ())),
            paused=flag(found, "paused"),
            at_limit=flag(found, "at_limit"),
        )

    def describe(self) -> str:
        """The filter in words: "paused quotas of tenant acme for scan.catalog"."""
        words = {True: ["paused"], False: ["active"], None: []}[self.paused]
        text = " ".join([*words, "quotas"])
        if self.tenant:
            text += f" of tenant {' or '.join(map(_say, self.tenant))}"
        if self.job_type:
            text += f" for {' or '.join(map(_say, self.job_type))}"
        if self.at_limit is not None:
            text += " at their limit" if self.at_limit else " below their limit"
        return text if self.active() else "all quotas"

    def matches(self, row: QuotaRow) -> bool:
        """Whether the quota is one of these."""
        return (
            (not self.tenant or row.tenant in self.tenant)
            and (not self.job_type or row.job_type in self.job_type)
            and self.paused in (None, row.paused_at is not None)
            and self.at_limit in (None, row.at_limit)
        )


QuotaPage = NamedPage[QuotaRow]
_KINDS = (bool, str, bool, str)


def page_of(rows: Iterable[QuotaRow], where: QuotaFilter, cursor: str | None, limit: int) -> QuotaPage:
    """One page of the quotas that match; InvalidInput for a bad cursor."""
    return named_page((row for row in rows if where.matches(row)), _place, cursor, limit, kinds=_KINDS)


def check_cursor(cursor: str) -> str:
    """The cursor of a page ("" for the first one); InvalidInput if it is damaged."""
    return check_place(cursor, _KINDS)


def _place(row: QuotaRow) -> tuple[bool, str, bool, str]:
    # What holds for any comes after what is named.
    return row.tenant == ANY, row.tenant, row.job_type == ANY, row.job_type


def _say(value: str) -> str:
    return "any" if value == ANY else value
