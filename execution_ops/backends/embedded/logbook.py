"""What a job logs and how far it is, on its way into the ledger.

Lines are buffered and written in small batches. A line that arrives when the buffer is full
writes the batch itself, so a job that logs faster than the database takes is slowed down.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, insert, select, update

from execution_ops.backends.embedded import run_feed
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.texts import safe_lines
from execution_ops.backends.embedded.transitions import ATTEMPT, JOB, announce, lock_job, table
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.run_events import RunEventKind
from execution_ops.domain.states import AttemptState
from execution_ops.domain.times import now_ms

LOG = table("job_log")
BATCH_LINES = 200
LINES_MAX = 100_000
CHARS_MAX = 32 * 1024 * 1024
NOTE_MAX = 200


class Line(NamedTuple):
    """One line on its way into the ledger."""

    at: int
    level: int
    text: str


class Logbook:
    """The log and the progress of one try. Thread-safe.

    After `close`, and once the try is not `running` any more, nothing is written.
    """

    def __init__(self, engine: Engine, job_id: str, number: int) -> None:
        self._engine = engine
        self._job_id = job_id
        self._number = number
        self._lock = threading.Lock()
        # Separate, so that a job can go on logging while a batch is being written.
        self._writing = threading.Lock()
        self._lines: list[Line] = []
        self._progress: tuple[int, int, str] | None = None
        self._taken = 0
        self._chars = 0
        self._dropped = 0
        self._closed = False

    def add(self, level: int, text: str) -> None:
        """Take the lines of a text."""
        now = now_ms()
        with self._lock:
            for line in safe_lines(text):
                self._take(Line(now, level, line))
            full = len(self._lines) >= BATCH_LINES
        if full:
            # The job is not at fault when the database is away: the lines wait for the next flush.
            with suppress(Unavailable):
                self.flush()

    def progress(self, done: int, total: int, note: str) -> None:
        """Take the newest progress; the older one that was not written yet is forgotten."""
        with self._lock:
            self._progress = (max(0, done), max(0, total), " ".join(safe_lines(note))[:NOTE_MAX])

    def flush(self) -> None:
        """Write what is there."""
        with self._writing:
            with self._lock:
                lines, progress = self._lines, self._progress
                self._lines, self._progress = [], None
                if self._closed or not (lines or progress):
                    return
            try:
                with write(self._engine) as connection:
                    self._store(connection, lines, progress)
            except Unavailable:
                with self._lock:
                    self._lines = lines + self._lines
                    self._progress = self._progress or progress
                raise

    def close(self, *, keep: bool) -> None:
        """Write the rest, unless `keep` is False: then the try does not count any more."""
        with self._lock:
            if self._dropped:
                words = f"{self._dropped:,} more lines dropped: a try keeps {LINES_MAX:,} lines."
                self._lines.append(Line(now_ms(), logging.WARNING, words))
                self._dropped = 0
        if keep:
            self.flush()
        with self._lock:
            self._closed = True

    def _take(self, line: Line) -> None:
        if self._closed:
            return
        if self._taken >= LINES_MAX or self._chars >= CHARS_MAX:
            self._dropped += 1
            return
        self._taken += 1
        self._chars += len(line.text)
        self._lines.append(line)

    def _store(self, connection: Connection, lines: list[Line], progress: tuple[int, int, str] | None) -> None:
        job = lock_job(connection, self._job_id)
        state = select(ATTEMPT.c.state).where(ATTEMPT.c.number == self._number)
        if job is None or (
            connection.execute(state.where(ATTEMPT.c.job_n == job["n"])).scalar_one_or_none() != AttemptState.RUNNING
        ):
            return
        if lines:
            last = select(func.coalesce(func.max(LOG.c.seq), 0)).where(LOG.c.job_n == job["n"])
            first = connection.execute(last).scalar_one() + 1
            connection.execute(
                insert(LOG),
                [
                    {"job_n": job["n"], "seq": seq, "attempt": self._number, **line._asdict()}
                    for seq, line in enumerate(lines, first)
                ],
            )
        if progress:
            done, total, note = progress
            connection.execute(
                update(JOB)
                .where(JOB.c.n == job["n"])
                .values(progress_done=done, progress_total=total, progress_note=note)
            )
        announce(connection, job, now_ms())
        if lines:
            told = [run_feed.Entry(RunEventKind.LOG, line.text, line.level, line.at) for line in lines]
            run_feed.append_of_job(connection, job, now_ms(), told)


class LogbookHandler(logging.Handler):
    """Feeds a job's logger into its logbook."""

    def __init__(self, logbook: Logbook) -> None:
        super().__init__()
        self._logbook = logbook
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record, with its traceback if it has one."""
        self._logbook.add(record.levelno, self.format(record))
