"""Work that runs beside the reader, in order. Hashing and writing large pieces release the interpreter's lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import TracebackType
from typing import Self

Work = Callable[[], object]
_WAITING_MAX = 4


class Lane:
    """A thread that does what it is handed, one after the other. At most four pieces of work wait.

    Without `beside` there is no thread, and work is done as it is handed over: threads pay for large pieces only.

    The first error ends it: it is raised where the next work is handed over, or at the end of the block. A block
    that ends with an error drops what waits.
    """

    def __init__(self, name: str, *, beside: bool) -> None:
        self._beside = beside
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._room = threading.Semaphore(_WAITING_MAX)
        self._error: BaseException | None = None
        self._dropped = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def do(self, work: Work) -> None:
        """Hand over a piece of work; waits while too much is waiting."""
        if not self._beside:
            work()
            return
        self._room.acquire()
        if self._error is not None:
            raise self._error
        self._queue.put(work)

    def __enter__(self) -> Self:
        if self._beside:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self._beside:
            return
        self._dropped = error is not None
        self._queue.put(None)
        self._thread.join()
        if error is None and self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            if self._error is None and not self._dropped:
                try:
                    work()
                except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for it
                    self._error = error
            self._room.release()
