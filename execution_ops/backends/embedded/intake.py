"""How a worker takes jobs from its queues, and how it stops to and begins again while it lives.

DBOS reads once, at its launch, which queues a process listens to, and the limits that it can change
later hold for all workers of a queue. So DBOS itself is told to listen to none, and its own loop that
takes from one queue runs in threads of ours: what ends and starts anew is the loop, nothing of DBOS.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from dbos._dbos import _get_dbos_instance
from dbos._queue import queue_worker_thread
from sqlalchemy.exc import DBAPIError

logger = logging.getLogger(__name__)

# How soon a queue is looked for again whose row was gone, or could not be read.
LOOK_AGAIN_S = 1.0


class Intake:
    """The loops of one process, one a queue; DBOS must be launched. Not for two threads at once."""

    def __init__(self, queues: Sequence[str]) -> None:
        self._queues = tuple(queues)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Take from the queues, if that is not done already."""
        if self._threads:
            return
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=_follow, args=(name, self._stop), name=f"queue-{name}", daemon=True)
            for name in self._queues
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Take nothing more. What a loop had just taken is on its way to run when this returns."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads = []


def _follow(name: str, stop: threading.Event) -> None:
    dbos = _get_dbos_instance()
    while not stop.is_set():
        try:
            queue = dbos._sys_db.get_queue(name)
        except DBAPIError as error:
            logger.warning("the queue %s can't be read: %s", name, error.orig)
        else:
            if queue is not None:
                # Returns when asked to stop, or when the queue's row is gone.
                queue_worker_thread(stop, dbos, queue)
        stop.wait(LOOK_AGAIN_S)
