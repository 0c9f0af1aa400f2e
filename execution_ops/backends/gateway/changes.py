"""The change feed of a remote: followed as it comes, or asked for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.gateway.remote import Remote, pairs_of
from execution_ops.backends.gateway.tail import Tail
from execution_ops.domain.capabilities import CHANGES
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.jobs import Change
from execution_ops.routes import Rest


class _Slice(BaseModel):
    model_config = ConfigDict(frozen=True)

    last: int
    items: tuple[Change, ...] = ()
    trimmed: bool = False


class Feed(Remote):
    """See `JobBackend`."""

    # What follows the feed; None where each call asks for what is there by now.
    tail: Tail | None = None

    def last_change(self) -> int:
        """The newest number of the feed; see JobBackend."""
        self._needs(CHANGES)
        return self._http.get(_Slice, Rest.CHANGES).last

    def changes_after(self, seq: int, limit: int = 1000) -> tuple[list[Change], bool]:
        """Changes after a number; see JobBackend. With a tail it waits for the next one, or a sign of life."""
        self._needs(CHANGES)
        if self.tail is not None:
            try:
                return self.tail.after(seq, limit)
            except Unavailable as error:
                # A remote that serves no more streams still answers questions.
                if error.code != "TOO_MANY_STREAMS":
                    raise
        pairs = [("after", str(seq)), *pairs_of(limit=limit)]
        found = self._http.get(_Slice, Rest.CHANGES, pairs)
        return list(found.items), found.trimmed
