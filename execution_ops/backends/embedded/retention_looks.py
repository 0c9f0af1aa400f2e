"""What all that removes by age has in common: it looks at the oldest in batches, judges, and removes what may go."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import Connection, RowMapping

from execution_ops.domain.retention import Keep, Kind

Position = tuple[int, int]


@dataclass
class Look:
    """What one look found: the rows that may go, how many stay though they are old, and where the next look begins,
    None at the end."""

    going: list[RowMapping] = field(default_factory=list)
    stays: Counter[Keep] = field(default_factory=Counter)
    position: Position | None = None


L = TypeVar("L", bound=Look)


class Sweep(ABC, Generic[L]):
    """One way through what is old, from (0, 0) on. Instants are in ms."""

    kind: Kind

    @abstractmethod
    def look(self, connection: Connection, before: int, now: int, position: Position, limit: int) -> L:
        """What comes after the position: about `limit` rows, of which some may go."""

    @abstractmethod
    def remove(self, connection: Connection, look: L, before: int, now: int) -> int:
        """Remove what was found and may still go, in the caller's transaction; how many."""

    @abstractmethod
    def tell(self, connection: Connection, look: L, now: int) -> None:
        """Let the pages that may show some of it read anew."""

    def prepare(self, connection: Connection, look: L) -> None:
        """Read what `remove` needs and what does not change any more, outside of its transaction."""
        return


def judged(rows: Sequence[RowMapping], kept: Sequence[Keep | None]) -> Look:
    """A look at these rows, with why each stays."""
    look = Look()
    for row, why in zip(rows, kept, strict=True):
        if why is None:
            look.going.append(row)
        elif why is not Keep.YOUNG:
            look.stays[why] += 1
    return look
