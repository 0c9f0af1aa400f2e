"""What the filters of all lists share: how they are spelled in an address."""

from __future__ import annotations

from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.query_values import Sort


class ListFilter(BaseModel):
    """Which rows of a list. Values of one field are alternatives; different fields all have to match.

    A field is a tuple of alternatives, a text ("" for any), a flag (None for either), or the sort; its name is its key
    in the query, and of alternatives that are (key, value), `name.key`. What reads the query back is the filter's own
    `from_query`.
    """

    model_config = ConfigDict(frozen=True)

    def to_pairs(self) -> list[tuple[str, str]]:
        """The filter as query pairs in the order of its fields, without what is default."""
        return [pair for name, value in self for pair in _spelled(name, value)]

    def to_query(self) -> str:
        """The query string (without `?`) that `from_query` reads back to an equal filter."""
        return urlencode(self.to_pairs())

    def active(self) -> int:
        """How many conditions hide rows: what "3 filters hide 412 jobs" counts."""
        return sum(1 for key, _ in self.to_pairs() if key != "sort")


def _spelled(name: str, value: object) -> list[tuple[str, str]]:
    match value:
        case tuple():
            return [(f"{name}.{one[0]}", one[1]) if isinstance(one, tuple) else (name, str(one)) for one in value]
        case bool():
            return [(name, "yes" if value else "no")]
        # Before the texts: an order is one, and equal to its name.
        case Sort():
            return [(name, str(value))] if value is not Sort.NEWEST else []
        case None | "":
            return []
        case _:
            return [(name, str(value))]
