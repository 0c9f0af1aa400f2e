"""A fleet of workers that only beat, and the counting that their leader does: what goes on beside the console."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Engine, delete

from execution_ops.backends.embedded import counters, fleet_control
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.fleet_control import WORKER
from execution_ops.backends.embedded.letter_counters import fold_letters

BEAT_EVERY_S = 5.0
FOLD_EVERY_S = 1.0
QUEUES_EACH = 4
SLOTS = 4


@contextmanager
def fleet(engine: Engine, workers: int, queues: Sequence[str]) -> Iterator[None]:
    """So many workers online, each with some of the queues, so that all are served; they leave at the end."""
    names = [f"bench-{i:03d}" for i in range(workers)]
    _remove(engine, names)
    for i, name in enumerate(names):
        taken = tuple(queues[(i * QUEUES_EACH + k) % len(queues)] for k in range(QUEUES_EACH))
        fleet_control.register(engine, name, name=name, queues=taken, concurrency=SLOTS)
    beats = iter(_forever(names))
    over = threading.Event()

    def repeat(action: Callable[[], object], every_s: float) -> None:
        while not over.wait(every_s):
            action()

    def fold() -> None:
        counters.fold(engine)
        fold_letters(engine)

    threads = [
        # Each beats on its own, as processes do.
        threading.Thread(
            target=repeat,
            args=(lambda: fleet_control.beat(engine, next(beats), memory=None, cpu=None), BEAT_EVERY_S / workers),
        ),
        threading.Thread(target=repeat, args=(fold, FOLD_EVERY_S)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
        _remove(engine, names)


def _remove(engine: Engine, names: Sequence[str]) -> None:
    """Those of a run that was cut off as well."""
    with write(engine) as connection:
        connection.execute(delete(WORKER).where(WORKER.c.id.in_(names)))


def _forever(names: Sequence[str]) -> Iterator[str]:
    while True:
        yield from names
