"""The port's part on finding things by their ids."""

from __future__ import annotations

from typing import Protocol

from execution_ops.domain.lookup import Found


class LookupBackend(Protocol):
    """Things by the beginning of their id."""

    def find(self, prefix: str, *, tenants: frozenset[str] | None, limit: int) -> list[Found]:
        """At most `limit` things of each kind whose id begins so (letters of any case), the newest first.

        Of a worker its name counts as well. Who sees some tenants only gets what is theirs among the newest
        that begin so; a longer prefix finds the rest. The cost does not grow with the number of rows.
        """
