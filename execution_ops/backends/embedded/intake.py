"""How a worker takes jobs from its queues, and how it stops to and begins again while it lives.

DBOS reads once, at its launch, which queues a process listens to, and the limits that it can change
later hold for all workers of a queue. So DBOS itself is told to listen to none, and its own loop that
takes from one queue runs in threads of ours: what ends and starts anew is the loop, nothing of DBOS.

Such a loop asks three things of the database at each of its turns, also of a queue in which nothing
waits. So one look of ours asks for all queues at once in which of them something does, and only these
have a loop.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from dbos import DBOS
from dbos._dbos import _get_dbos_instance
from dbos._queue import queue_worker_thread
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from execution_ops.backends.embedded import dbos_tables
from execution_ops.backends.embedded.engines import read

logger = logging.getLogger(__name__)


class Intake:
    """The queues of one process, closed at first; DBOS must be launched. Safe to use from several threads."""

    def __init__(self, engine: Engine, queues: Sequence[str]) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._is_open = False
        self._loops = {name: _Loop(name) for name in queues}

    def open(self) -> None:
        """Take from the queues from the next `look` on."""
        with self._lock:
            self._is_open = True

    def close(self) -> None:
        """Take nothing more. What a loop had just taken is on its way to run when this returns."""
        with self._lock:
            self._is_open = False
            for loop in self._loops.values():
                loop.turn(False)
            for loop in self._loops.values():
                loop.join()

    def look(self) -> None:
        """See in which queues something waits, and take from these. Raises Unavailable."""
        with self._lock:
            if not self._is_open:
                return
            with read(self._engine) as connection:
                busy = dbos_tables.queues_with_work(connection, tuple(self._loops))
            for name, loop in self._loops.items():
                loop.turn(name in busy)


class _Loop:
    """DBOS's loop for one queue, in a thread for as long as something waits there."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._ending = _Ending()
        self._thread: threading.Thread | None = None

    def turn(self, on: bool) -> None:
        """Start the loop, or let it end after what it does just now."""
        if not on:
            self._ending.set()
        elif self._thread is None or not self._thread.is_alive():
            self._ending = _Ending()
            name = f"take-{self._queue}"
            self._thread = threading.Thread(target=_take, args=(self._queue, self._ending), name=name, daemon=True)
            self._thread.start()

    def join(self) -> None:
        """Wait until the loop has ended."""
        if self._thread is not None:
            self._thread.join()


class _Ending(threading.Event):
    """Tells DBOS's loop to end. The loop waits before it takes, but not the first time: work was just seen."""

    def __init__(self) -> None:
        super().__init__()
        self._waited = False

    def wait(self, timeout: float | None = None) -> bool:
        waited, self._waited = self._waited, True
        return super().wait(timeout if waited else 0)


def _take(name: str, ending: threading.Event) -> None:
    dbos: DBOS = _get_dbos_instance()
    try:
        queue = dbos._sys_db.get_queue(name)
    except DBAPIError as error:
        logger.warning("the queue %s can't be read: %s", name, error.orig)
    else:
        # None when its row was just removed.
        if queue is not None:
            queue_worker_thread(ending, dbos, queue)
