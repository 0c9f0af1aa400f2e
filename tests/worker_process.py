"""`python -m tests.worker_process CONCURRENCY`: a worker with the tests' job types, until SIGTERM."""

from __future__ import annotations

import sys
import threading

from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.worker import Worker
from execution_ops.services.own_jobs import LEDGER
from execution_ops.settings import Settings
from execution_ops.supervisor import on_signals
from tests import letters, schedule_bench  # noqa: F401  (add what drives plans and plans runs)
from tests.jobs import REGISTRY


def main(concurrency: int) -> None:
    """Work until a signal comes."""
    settings = Settings()
    leave = threading.Event()
    on_signals(leave.set)
    backend = EmbeddedBackend(settings, REGISTRY)
    LEDGER.bind(backend)
    worker = Worker(backend, settings, registry=REGISTRY, concurrency=concurrency, on_stopped=leave.set)
    worker.start()
    leave.wait()
    worker.stop(5)
    backend.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
