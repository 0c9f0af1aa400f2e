"""Queries typed by people and programs, read strictly."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter

_QUERY_MAX = 8192
_PAIRS_MAX = 200
# Of an address copied from the list: what the page shows beside its jobs, which narrows nothing.
_PAGE_KEYS = frozenset({"bulk", "scan"})
_FILTER_KEYS = frozenset(JobFilter.model_fields) - {"payload"}


def filter_from(query: str, *, also: Iterable[str] = ()) -> JobFilter:
    """The filter of a query string. A parameter that means nothing here is refused.

    Ignoring a misspelled one, or one whose value got lost, would widen the scope, and a bulk verb
    would hit what nobody meant.
    """
    if len(query) > _QUERY_MAX:
        raise InvalidInput(f"A query has at most {_QUERY_MAX} characters.")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_PAIRS_MAX)
    except ValueError:
        raise InvalidInput(f"A query has at most {_PAIRS_MAX} parameters.") from None
    extra = _PAGE_KEYS | set(also)
    for key, value in pairs:
        if key in extra or key.startswith("payload."):
            continue
        if key not in _FILTER_KEYS:
            raise InvalidInput(f"There is no parameter {key[:60]!r} here.", code="UNKNOWN_PARAMETER")
        if not value.strip():
            raise InvalidInput(f"The parameter {key} has no value: leave it out, or give it one.")
    return JobFilter.from_query([pair for pair in pairs if pair[0] not in extra])
