"""Parts of removed things that nobody can see any more: long logs, events of runs, files. They go by and by.

A row of `leftover` is written in the transaction that removes what they belonged to, so none is forgotten, whenever
the process is killed.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select, text

from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.transitions import table

LEFTOVER = table("leftover")
_PARTS = {
    "log": text("DELETE FROM job_log WHERE job_n = :n AND seq <= :last"),
    "events": text("DELETE FROM run_event WHERE run_n = :n AND seq <= :last"),
}
_FIRST = {
    "log": text("SELECT min(seq) FROM job_log WHERE job_n = :n"),
    "events": text("SELECT min(seq) FROM run_event WHERE run_n = :n"),
}
_OF_JOBS = text("SELECT 1 FROM job_artifact WHERE sha256 = :digest LIMIT 1")
_OF_OTHERS = text(
    "SELECT 1 FROM scan_cache WHERE sha256 = :digest UNION ALL "
    "SELECT 1 FROM baseline WHERE deleted_at IS NULL AND (sha256 = :digest OR parts = :digest) LIMIT 1"
)


def leave(connection: Connection, what: str, keys: Iterable[str | int]) -> None:
    """Remember parts of what this transaction removes. One that is remembered already stays so."""
    rows = [{"what": what, "key": str(key)} for key in keys]
    if not rows:
        return
    known = select(LEFTOVER.c.key).where(LEFTOVER.c.what == what, LEFTOVER.c.key.in_([row["key"] for row in rows]))
    there = set(connection.execute(known).scalars())
    if new := [row for row in rows if row["key"] not in there]:
        connection.execute(insert(LEFTOVER), new)


def count_leftovers(connection: Connection) -> int:
    """How many there are."""
    return int(connection.execute(select(func.count()).select_from(LEFTOVER)).scalar_one())


class Cleaner:
    """Clears leftovers away, one after the other."""

    def __init__(self, engine: Engine, store: ArtifactStore) -> None:
        self._engine = engine
        self._store = store

    def look(self, after: int) -> RowMapping | None:
        """The next leftover, None if there are no more."""
        with read(self._engine) as connection:
            query = select(LEFTOVER).where(LEFTOVER.c.n > after).order_by(LEFTOVER.c.n).limit(1)
            return connection.execute(query).mappings().one_or_none()

    def clear(self, left: RowMapping, rows: int) -> bool:
        """Clear at most so many rows of it away; False if there is more of it to clear at once."""
        if left["what"] == "file":
            self._clear_file(left)
            return True
        with write(self._engine) as connection:
            first = connection.execute(_FIRST[left["what"]], {"n": int(left["key"])}).scalar()
            if first is None:
                _done(connection, left)
                return True
            connection.execute(_PARTS[left["what"]], {"n": int(left["key"]), "last": first + rows - 1})
        return False

    def _clear_file(self, left: RowMapping) -> None:
        digest = left["key"]
        with read(self._engine) as connection:
            of_jobs = connection.execute(_OF_JOBS, {"digest": digest}).first()
            # Neither the cache nor a baseline says when it is done with a file: it is asked again in the next round.
            if not of_jobs and connection.execute(_OF_OTHERS, {"digest": digest}).first():
                return
        # That of another job is remembered again when that job goes. None: somebody has just stored the same content,
        # or took it from the cache, and may not have said so yet.
        if not of_jobs and (aside := self._store.set_aside(digest)) is not None:
            with read(self._engine) as connection:
                wanted = any(connection.execute(query, {"digest": digest}).first() for query in (_OF_JOBS, _OF_OTHERS))
            if wanted:
                self._store.put_back(digest)
            else:
                aside.unlink(missing_ok=True)
        elif not of_jobs:
            return
        with write(self._engine) as connection:
            _done(connection, left)


def _done(connection: Connection, left: RowMapping) -> None:
    connection.execute(delete(LEFTOVER).where(LEFTOVER.c.n == left["n"]))
