"""Which dead letters, runs and events of the audit are old enough to go, and how they go."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, delete, func, select, text

from execution_ops.backends.embedded.audit import AUDIT, SUBJECT
from execution_ops.backends.embedded.leftovers import leave
from execution_ops.backends.embedded.letter_counters import uncount_letters
from execution_ops.backends.embedded.letters import GROUP, LETTER
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.retention_jobs import in_open_plans
from execution_ops.backends.embedded.retention_looks import Look, Position, Sweep, judged
from execution_ops.backends.embedded.run_rows import RUN
from execution_ops.backends.embedded.tokens import query_words, reason_token
from execution_ops.backends.embedded.transitions import announce_topics
from execution_ops.domain import topics
from execution_ops.domain.retention import Keep, Kind, LetterFacts, RunFacts, event_stays, letter_stays, run_stays
from execution_ops.domain.states import DeadLetterState

_EMPTY_GROUPS = select(GROUP.c.fingerprint).where(
    one_of(GROUP.c.fingerprint, "prints"),
    ~select(LETTER.c.n).where(LETTER.c.fingerprint == GROUP.c.fingerprint).exists(),
)
_FIRINGS = text(
    "DELETE FROM firing WHERE (schedule_n, due_at) IN (SELECT s.n, r.due_at FROM run AS r "
    "JOIN schedule AS s ON s.id = r.schedule_id WHERE r.n = :n AND r.due_at IS NOT NULL) AND run_n = :n"
)
_WORD = text("DELETE FROM audit_word WHERE token = :token AND created_at = :created_at AND n = :n")
# Old due times that were missed, but for the last one of each schedule, which tells whether it is late.
MISSED = text(
    "DELETE FROM firing WHERE run_n IS NULL AND at < :before AND schedule_n = :schedule AND due_at < ("
    "SELECT max(due_at) FROM firing WHERE schedule_n = :schedule) AND due_at IN ("
    "SELECT due_at FROM firing WHERE schedule_n = :schedule AND run_n IS NULL AND at < :before "
    "ORDER BY due_at LIMIT :limit)"
)


class LetterSweep(Sweep[Look]):
    """Goes through the dead letters that are settled, by their death. `state` is one of the settled ones."""

    kind = Kind.DEAD_LETTERS

    def __init__(self, state: DeadLetterState) -> None:
        self._state = state.value

    def look(self, connection: Connection, before: int, now: int, position: Position, limit: int) -> Look:
        """The next entries after the position."""
        after = text("(created_at, n) > (:at, :n)").bindparams(at=position[0], n=position[1])
        query = select(LETTER).where(LETTER.c.state == self._state, LETTER.c.created_at < before, after)
        rows = connection.execute(query.order_by(LETTER.c.created_at, LETTER.c.n).limit(limit)).mappings().all()
        look = judged(rows, self._judge(connection, rows, before))
        look.position = (rows[-1]["created_at"], rows[-1]["n"]) if len(rows) == limit else None
        return look

    def remove(self, connection: Connection, look: Look, before: int, now: int) -> int:
        """Remove those that may still go, and their groups if nothing is left in them; how many."""
        locked = select(LETTER).where(one_of(LETTER.c.n, "ns")).order_by(LETTER.c.n).with_for_update()
        rows = connection.execute(locked, {"ns": [row["n"] for row in look.going]}).mappings().all()
        going = judged(rows, self._judge(connection, rows, before)).going
        connection.execute(delete(LETTER).where(one_of(LETTER.c.n, "ns")), {"ns": [row["n"] for row in going]})
        uncount_letters(
            connection, ((row["fingerprint"], row["tenant"], row["job_type"], row["state"]) for row in going)
        )
        prints = {"prints": sorted({row["fingerprint"] for row in going})}
        # Who adds an entry holds its group: once we hold it, all that are there can be seen.
        locked = select(GROUP.c.fingerprint).where(one_of(GROUP.c.fingerprint, "prints")).order_by(GROUP.c.fingerprint)
        connection.execute(locked.with_for_update(), prints)
        empty = list(connection.execute(_EMPTY_GROUPS, prints).scalars())
        connection.execute(delete(GROUP).where(one_of(GROUP.c.fingerprint, "prints")), {"prints": empty})
        return len(going)

    def tell(self, connection: Connection, look: Look, now: int) -> None:
        """Let the pages of dead letters read anew."""
        announce_topics(connection, [topics.LETTERS], now)

    def _judge(self, connection: Connection, rows: Sequence[RowMapping], before: int) -> list[Keep | None]:
        planned = in_open_plans(connection, [row["n"] for row in rows])
        newest = connection.execute(select(func.max(LETTER.c.n))).scalar()
        return [
            letter_stays(
                LetterFacts(DeadLetterState(row["state"]), row["created_at"], row["changed_at"], row["n"] in planned),
                before,
                newest=row["n"] == newest,
            )
            for row in rows
        ]


class RunSweep(Sweep[Look]):
    """Goes through the runs by their number."""

    kind = Kind.RUNS

    def look(self, connection: Connection, before: int, now: int, position: Position, limit: int) -> Look:
        """The next runs after the position; `created_at` grows with the number, but for clocks that differ."""
        query = select(RUN).where(RUN.c.n > position[1]).order_by(RUN.c.n).limit(limit)
        rows = connection.execute(query).mappings().all()
        look = judged(rows, self._judge(connection, rows, before))
        last = rows[-1] if rows else None
        more = len(rows) == limit and last is not None and last["created_at"] < before
        look.position = (0, last["n"]) if more and last is not None else None
        return look

    def remove(self, connection: Connection, look: Look, before: int, now: int) -> int:
        """Remove those that may still go, with their targets and firings; their events go by and by. How many."""
        locked = select(RUN).where(one_of(RUN.c.n, "ns")).order_by(RUN.c.n).with_for_update()
        rows = connection.execute(locked, {"ns": [row["n"] for row in look.going]}).mappings().all()
        going = judged(rows, self._judge(connection, rows, before)).going
        numbers = [row["n"] for row in going]
        leave(connection, "events", numbers)
        if numbers:
            connection.execute(_FIRINGS, [{"n": n} for n in numbers])
        connection.execute(delete(RUN).where(one_of(RUN.c.n, "ns")), {"ns": numbers})
        return len(going)

    def tell(self, connection: Connection, look: Look, now: int) -> None:
        """Let the pages of runs read anew."""
        announce_topics(connection, [topics.RUNS], now)

    def _judge(self, connection: Connection, rows: Sequence[RowMapping], before: int) -> list[Keep | None]:
        waited = select(RUN.c.waits_for).where(~RUN.c.settled, RUN.c.waits_for.is_not(None))
        awaited = set(connection.execute(waited).scalars())
        newest = connection.execute(select(func.max(RUN.c.n))).scalar()
        return [
            run_stays(
                RunFacts(
                    (row["finished_at"] or row["created_at"]) if row["settled"] else None,
                    awaited=row["n"] in awaited,
                    newest=row["n"] == newest,
                ),
                before,
            )
            for row in rows
        ]


class AuditSweep(Sweep[Look]):
    """Goes through the audit by the numbers of its events."""

    kind = Kind.AUDIT

    def look(self, connection: Connection, before: int, now: int, position: Position, limit: int) -> Look:
        """The next events after the position."""
        query = select(AUDIT.c.n, AUDIT.c.created_at, AUDIT.c.reason).where(AUDIT.c.n > position[1])
        rows = connection.execute(query.order_by(AUDIT.c.n).limit(limit)).mappings().all()
        newest = connection.execute(select(func.max(AUDIT.c.n))).scalar()
        kept = [event_stays(row["created_at"], before, now, newest=row["n"] == newest) for row in rows]
        look = judged(rows, kept)
        more = len(rows) == limit and rows[-1]["created_at"] < before
        look.position = (0, rows[-1]["n"]) if more else None
        return look

    def remove(self, connection: Connection, look: Look, before: int, now: int) -> int:
        """Remove them with what they are found by; how many. Events never change, so they need no second look."""
        params = {"ns": [row["n"] for row in look.going]}
        words = [
            {"token": reason_token(word), "created_at": row["created_at"], "n": row["n"]}
            for row in look.going
            for word in query_words(row["reason"])
        ]
        if words:
            connection.execute(_WORD, words)
        connection.execute(delete(SUBJECT).where(one_of(SUBJECT.c.n, "ns")), params)
        return connection.execute(delete(AUDIT).where(one_of(AUDIT.c.n, "ns")), params).rowcount

    def tell(self, connection: Connection, look: Look, now: int) -> None:
        """Let the page of the audit read anew."""
        announce_topics(connection, [topics.AUDIT], now)
