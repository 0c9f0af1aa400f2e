"""Queries typed by people and programs, read strictly."""

from __future__ import annotations

from collections.abc import Iterable, Set
from urllib.parse import parse_qsl

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.quota_filters import QuotaFilter

_QUERY_MAX = 8192
_PAIRS_MAX = 200
# Of an address copied from the list: what the page shows beside its jobs, which narrows nothing.
_PAGE_KEYS = frozenset({"bulk", "scan"})
_FILTER_KEYS = frozenset(JobFilter.model_fields) - {"payload"}
_QUOTA_KEYS = frozenset(QuotaFilter.model_fields)


def filter_from(query: str, *, also: Iterable[str] = ()) -> JobFilter:
    """The filter of a query string. A parameter that means nothing here is refused.

    Ignoring a misspelled one, or one whose value got lost, would widen the scope, and a bulk verb
    would hit what nobody meant.
    """
    pairs = _known_pairs(query, _FILTER_KEYS, _PAGE_KEYS | set(also), families=("payload.",))
    return JobFilter.from_query(pairs)


def quota_filter_from(query: str, *, also: Iterable[str] = ()) -> QuotaFilter:
    """The filter of quotas of a query string, read as strictly."""
    return QuotaFilter.from_query(_known_pairs(query, _QUOTA_KEYS, frozenset(also)))


def _known_pairs(
    query: str, known: frozenset[str], extra: Set[str], *, families: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """The pairs of the filter, without the `extra` ones; InvalidInput for one that means nothing."""
    if len(query) > _QUERY_MAX:
        raise InvalidInput(f"A query has at most {_QUERY_MAX} characters.")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_PAIRS_MAX)
    except ValueError:
        raise InvalidInput(f"A query has at most {_PAIRS_MAX} parameters.") from None
    for key, value in pairs:
        if key in extra or (families and key.startswith(families)):
            continue
        if key not in known:
            raise InvalidInput(f"There is no parameter {key[:60]!r} here.", code="UNKNOWN_PARAMETER")
        if not value.strip():
            raise InvalidInput(f"The parameter {key} has no value: leave it out, or give it one.")
    return [pair for pair in pairs if pair[0] not in extra]
