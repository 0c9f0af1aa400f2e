"""The change feed of a remote: asked for, and waited for there, so that a poll costs neither side much."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.gateway.remote import Remote, pairs_of
from execution_ops.domain.capabilities import CHANGES
from execution_ops.domain.jobs import Change
from execution_ops.routes import Rest


class _Slice(BaseModel):
    model_config = ConfigDict(frozen=True)

    last: int
    items: tuple[Change, ...] = ()
    trimmed: bool = False


class Feed(Remote):
    """See `JobBackend`. `wait_s` is how long the remote may wait for a change before it answers that there is none."""

    wait_s = 0.0

    def last_change(self) -> int:
        """The newest number of the feed; see JobBackend."""
        self._needs(CHANGES)
        return self._http.get(_Slice, Rest.CHANGES).last

    def changes_after(self, seq: int, limit: int = 1000) -> tuple[list[Change], bool]:
        """Changes after a number; see JobBackend."""
        self._needs(CHANGES)
        pairs = [("after", str(seq)), *pairs_of(limit=limit, wait=self.wait_s or None)]
        found = self._http.get(_Slice, Rest.CHANGES, pairs)
        return list(found.items), found.trimmed
