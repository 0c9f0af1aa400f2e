"""What of a graph is shown: the part of the DAG page's address behind the `?`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

_KEY_MAX = 100
_OPEN_MAX = 20
_PAGE_MAX = 10_000


@dataclass(frozen=True)
class GraphQuery:
    """How a DAG is looked at. What nobody could mean is read as the default.

    `node` is the selected job's id or fan-out's key, `opened` are the keys of open fan-outs,
    `large` draws a graph that is normally asked about first, `page` counts table pages from 1. `done` shows what
    was done to the DAG, in the place that a selected box takes otherwise.
    """

    table: bool = False
    node: str = ""
    failed_only: bool = False
    critical: bool = True
    large: bool = False
    opened: frozenset[str] = frozenset()
    page: int = 1
    done: bool = False

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> GraphQuery:
        """Read a query string or its pairs; of a repeated key the last counts, `open` adds up."""
        pairs = parse_qsl(query.lstrip("?")) if isinstance(query, str) else list(query)
        last = {key: value for key, value in pairs if len(value) <= _KEY_MAX}
        opened = [value for key, value in pairs if key == "open" and len(value) <= _KEY_MAX]
        page = last.get("page", "")
        return cls(
            table=last.get("view") == "table",
            node=last.get("node", ""),
            failed_only=last.get("failed") == "1",
            critical=last.get("critical") != "0",
            large=last.get("large") == "1",
            opened=frozenset(opened[:_OPEN_MAX]),
            page=min(int(page), _PAGE_MAX) if page.isascii() and page.isdigit() and int(page) else 1,
            # A click on a box keeps the rest of the address.
            done=last.get("done") == "1" and not last.get("node"),
        )

    def to_query(self) -> str:
        """The query string with its `?`, without what is default; "?" alone if all is."""
        pairs = [
            ("view", "table" if self.table else ""),
            ("failed", "1" if self.failed_only else ""),
            ("critical", "" if self.critical else "0"),
            ("large", "1" if self.large else ""),
            *(("open", key) for key in sorted(self.opened)),
            ("page", str(self.page) if self.page > 1 else ""),
            ("node", self.node),
            ("done", "1" if self.done else ""),
        ]
        return "?" + urlencode([(key, value) for key, value in pairs if value])

    def but(self, **changes: Any) -> str:
        """The query of the same view with some fields changed."""
        return replace(self, **changes).to_query()
