"""What the address of the page of analyzers says, and what the page reads for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.analyzers import ECOSYSTEMS, AnalyzerList
from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.scan_cache import DAYS_MAX, CacheFigures, CachePreview
from execution_ops.domain.scanner_settings import AnalyzerDefaults
from execution_ops.services.analyzers import AnalyzerDetail
from execution_ops.services.container import services
from execution_ops.state.filtered import query_pairs

_NUMBER_MAX = 2**31 - 1


@dataclass(frozen=True)
class Address:
    """What the address says: an open analyzer, the draft of the defaults, or what a clear would be about."""

    analyzer: str = ""
    editing: bool = False
    seen: int = 0
    without: frozenset[str] = frozenset()
    clearing: bool = False
    of: str = ""
    older_days: int = 0

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        pairs = query_pairs(query)
        given = dict(pairs)
        if given.get("of", "") and given["of"] not in ECOSYSTEMS:
            raise InvalidInput("There is no such analyzer.")
        return cls(
            analyzer=given.get("analyzer", ""),
            editing=given.get("edit") == "1",
            seen=_number(given.get("seen", "0"), _NUMBER_MAX),
            without=frozenset(value for name, value in pairs if name == "without"),
            clearing=given.get("clear") == "1",
            of=given.get("of", ""),
            older_days=_number(given.get("older", "0"), DAYS_MAX),
        )

    def draft(self, without: frozenset[str]) -> str:
        """The address with another draft."""
        pairs = [("edit", "1"), ("seen", str(self.seen)), *(("without", name) for name in sorted(without))]
        return routes.analyzers(pairs)


@dataclass(frozen=True)
class Loaded:
    """What the page reads."""

    found: AnalyzerList
    detail: AnalyzerDetail | None
    versions: list[AnalyzerDefaults]
    cache: CacheFigures
    preview: CachePreview | None


def _number(text: str, highest: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= highest):
        raise InvalidInput(f"A number in this address is from 0 to {highest:,}.")
    return int(text)


def load(actor: Actor, address: Address) -> Loaded:
    """Read it all; blocking."""
    analyzers, cache = services().analyzers, services().scan_cache
    try:
        detail = analyzers.get(actor, address.analyzer) if address.analyzer else None
    except NotFound:
        detail = None  # The drawer says that it is not there; the page stays.
    return Loaded(
        found=analyzers.list(actor),
        detail=detail,
        versions=analyzers.defaults_versions(actor) if address.editing else [],
        cache=cache.figures(actor),
        preview=cache.preview(actor, analyzer=address.of, older_days=address.older_days) if address.clearing else None,
    )
