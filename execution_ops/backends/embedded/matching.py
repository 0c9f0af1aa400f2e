"""A filter as the database sees it: closed sets of values, milliseconds, tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

from execution_ops.backends.embedded.tables import DIMENSIONS
from execution_ops.backends.embedded.tokens import pair_token, query_words, word_token
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.states import JobState
from execution_ops.domain.times import to_ms

STATES = tuple(state.value for state in JobState)
# More branches than this cost more to plan and merge than a bounded search does.
BRANCHES_MAX = 200
_FIRST_ID = "00000000-0000-0000-0000-000000000000"
_LAST_ID = _FIRST_ID.replace("0", "f")


@dataclass(frozen=True)
class Match:
    """Which jobs. An empty `states` is any state; a dimension that is absent is any value.

    `ended` is the least time of the end, 0 for none. `ids` bounds the id on both sides, inclusive.
    `quota` is the id of the quota that holds the jobs back. `tokens` all have to be in the inverted index.
    """

    states: tuple[str, ...] = ()
    dimensions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    after: int = 0
    before: int | None = None
    ended: int = 0
    ids: tuple[str, str] | None = None
    dag: str = ""
    worker: str = ""
    quota: str = ""
    tokens: tuple[int, ...] = ()

    def is_stretched(self) -> bool:
        """Whether the matches of states and dimensions lie in few ordered stretches of an index."""
        return bool(self.states or self.dimensions) and self.branches() <= BRANCHES_MAX

    def searches(self) -> bool:
        """Whether more is asked for than the indexes of the list answer on their own."""
        return bool(
            self.ended
            or self.ids
            or self.dag
            or self.worker
            or self.quota
            or self.tokens
            or self.branches() > BRANCHES_MAX
        )

    @property
    def window(self) -> tuple[int, int | None]:
        """The bounds of `created_at`."""
        return self.after, self.before

    def branches(self) -> int:
        """How many ordered stretches of an index hold all matches."""
        if not self.states and not self.dimensions:
            return 1
        count = len(self.states) or len(STATES)
        for values in self.dimensions.values():
            count *= len(values)
        return count

    def keys(self, states: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The value of each dimension and of the state, for every stretch of the index."""
        return list(product(*self.dimensions.values(), states))


def resolve(where: JobFilter, tenants: frozenset[str] | None, now: datetime) -> Match | None:
    """What the filter asks of the database at this moment; None if no job can match.

    Raises InvalidInput for an error search without a word in it.
    """
    dimensions: dict[str, tuple[str, ...]] = {}
    for name in DIMENSIONS:
        values = allowed(where.tenant, tenants) if name == "tenant" else (getattr(where, name) or None)
        if values is not None:
            dimensions[name] = values
    ids = id_range(where.id) if where.id else None
    if not all(dimensions.values()) or (where.id and ids is None):
        return None
    after, before = where.window(now)
    ended = where.ended_from(now)
    return Match(
        states=tuple(state.value for state in where.state),
        dimensions=dimensions,
        after=max(0, to_ms(after)),
        before=to_ms(before) if before else None,
        ended=max(1, to_ms(ended)) if ended else 0,
        ids=ids,
        dag=where.dag,
        worker=where.worker,
        quota=where.quota,
        tokens=_tokens(where),
    )


def id_range(prefix: str) -> tuple[str, str] | None:
    """The least and the greatest id with this prefix; None if no id can begin so.

    Both have the whole length, so every collation of a database orders them like bytes.
    """
    if any((char == "-") != (pattern == "-") for char, pattern in zip(prefix, _FIRST_ID, strict=False)):
        return None
    return prefix + _FIRST_ID[len(prefix) :], prefix + _LAST_ID[len(prefix) :]


def allowed(wanted: tuple[str, ...], tenants: frozenset[str] | None) -> tuple[str, ...] | None:
    """The tenants that are both wanted and seen, None for all."""
    if tenants is None:
        return wanted or None
    return tuple(sorted(tenants & set(wanted))) if wanted else tuple(sorted(tenants))


def _tokens(where: JobFilter) -> tuple[int, ...]:
    words = query_words(where.error)
    if where.error and not words:
        raise InvalidInput("A search in errors needs at least one word of letters or digits.")
    pairs = {pair_token(key, value) for key, value in where.payload}
    return tuple(sorted(pairs | {word_token(word) for word in words}))
