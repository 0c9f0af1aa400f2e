"""Since when nothing blocks: what the leader saw at its looks, each a few seconds after the one before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, bindparam, select, text

from execution_ops.backends.embedded.clear_spell_tables import ClearSpell
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import read, write
from execution_ops.domain.times import from_ms

# What was between two looks further apart nobody has seen.
GAP_MAX_MS = 60_000
_NAME = "all"
_SPELL = ClearSpell.__table__  # type: ignore[attr-defined]
_FOUND = select(_SPELL.c.since, _SPELL.c.noted_at).where(_SPELL.c.name == _NAME)
_NOTE = text(
    "INSERT INTO clear_spell (name, since, noted_at) VALUES (:name, :since, :now) "
    "ON CONFLICT (name) DO UPDATE SET since = excluded.since, noted_at = excluded.noted_at"
).bindparams(bindparam("name", _NAME))


class ClearSpells:
    """The half of `WorkerBackend` that tells how long nothing has blocked."""

    def __init__(self, engine: Engine) -> None:
        self._spells = engine

    def note_blocked(self, blocked: bool) -> None:
        """Note whether anything blocks now; see WorkerBackend."""
        with write(self._spells) as connection:
            now = clock_ms(connection)
            known = connection.execute(_FOUND).one_or_none()
            goes_on = known is not None and known.since is not None and _is_near(known.noted_at, now)
            since = known.since if known is not None and goes_on else now
            connection.execute(_NOTE, {"since": None if blocked else since, "now": now})

    def clear_since(self) -> datetime | None:
        """Since when nothing blocks; see WorkerBackend."""
        with read(self._spells) as connection:
            known = connection.execute(_FOUND).one_or_none()
            if known is None or known.since is None or not _is_near(known.noted_at, clock_ms(connection)):
                return None
        return from_ms(known.since)


def _is_near(noted_at: int, now: int) -> bool:
    # Either way: a clock that was put back says nothing about what was in between.
    return abs(now - noted_at) <= GAP_MAX_MS
