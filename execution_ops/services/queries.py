"""Queries typed by people and programs, read strictly."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel

from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.bench_filters import BenchFilter
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.fleet_filters import WorkerFilter
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.overview_filters import OverviewFilter
from execution_ops.domain.quota_filters import QuotaFilter
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.schedule_filters import ScheduleFilter

_QUERY_MAX = 8192
_PAIRS_MAX = 200
# Of an address copied from the list: what the page shows beside its rows, which narrows nothing.
_PAGE_KEYS: dict[type[BaseModel], frozenset[str]] = {JobFilter: frozenset({"bulk", "scan"})}
# A field whose name ends with a dot begins a family of parameters.
_FIELDS: dict[type[BaseModel], frozenset[str]] = {
    AuditFilter: frozenset(AuditFilter.model_fields),
    BaselineFilter: frozenset(BaselineFilter.model_fields),
    JobFilter: frozenset(JobFilter.model_fields) - {"payload"} | {"payload."},
    DeadLetterFilter: frozenset(DeadLetterFilter.model_fields),
    QuotaFilter: frozenset(QuotaFilter.model_fields),
    RunFilter: frozenset(RunFilter.model_fields),
    ScheduleFilter: frozenset(ScheduleFilter.model_fields),
    WorkerFilter: frozenset(WorkerFilter.model_fields),
    BenchFilter: frozenset(BenchFilter.model_fields),
    # Its other fields belong to tabs of a page.
    OverviewFilter: frozenset({"tenant", "queue", "window"}),
}
F = TypeVar(
    "F",
    AuditFilter,
    BaselineFilter,
    BenchFilter,
    DeadLetterFilter,
    JobFilter,
    OverviewFilter,
    QuotaFilter,
    RunFilter,
    ScheduleFilter,
    WorkerFilter,
)


def filter_from(query: str, kind: type[F], *, also: Iterable[str] = (), only: Collection[str] | None = None) -> F:
    """The filter of that kind in a query string. A parameter that means nothing here is refused.

    Ignoring a misspelled one, or one whose value got lost, would widen the scope, and a bulk verb
    would hit what nobody meant. `also` are parameters beside the filter; `only` are the fields of
    the filter that count, where not all do.
    """
    pairs = _pairs(query)
    extra = _PAGE_KEYS.get(kind, frozenset()) | set(also)
    fields = _FIELDS[kind] if only is None else only
    for key, value in pairs:
        if key in extra:
            continue
        family = f"{key.partition('.')[0]}." if "." in key else ""
        if key not in fields and family not in fields:
            raise _unknown(key, fields if only is not None else ())
        # Of a family any value can be meant, also the empty one.
        if not family and not value.strip():
            raise InvalidInput(f"The parameter {key} has no value: leave it out, or give it one.")
    return kind.from_query([pair for pair in pairs if pair[0] not in extra])


def fields_of(kind: type[BaseModel]) -> frozenset[str]:
    """The parameters of that filter; a name that ends with a dot begins a family of them."""
    return _FIELDS[kind]


def check_parameters(query: str, known: Collection[str]) -> None:
    """Refuse a query with a parameter that is not among `known`."""
    for key, _ in _pairs(query):
        if key not in known:
            raise _unknown(key)


def _pairs(query: str) -> list[tuple[str, str]]:
    """The pairs of a query string; InvalidInput for one that is out of all proportion."""
    if len(query) > _QUERY_MAX:
        raise InvalidInput(f"A query has at most {_QUERY_MAX} characters.")
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_PAIRS_MAX)
    except ValueError:
        raise InvalidInput(f"A query has at most {_PAIRS_MAX} parameters.") from None


def _unknown(key: str, known: Collection[str] = ()) -> InvalidInput:
    hint = f" Known are {', '.join(sorted(known))}." if known else ""
    return InvalidInput(f"There is no parameter {key[:60]!r} here.{hint}", code="UNKNOWN_PARAMETER")
