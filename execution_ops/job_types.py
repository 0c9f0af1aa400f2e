"""Brings all job types of this process together: the built-in ones and those of other packages."""

from __future__ import annotations

import importlib

from execution_ops.backends.base import Backend
from execution_ops.domain.job_types import REGISTRY
from execution_ops.services import bulk, replay_job, run_planner

# Importing a module registers its handlers.
BUILT_IN = (
    "execution_ops.services.bulk",
    "execution_ops.services.replay_job",
    "execution_ops.services.run_planner",
    "execution_ops.scanner.jobs",
    "execution_ops.scanner.determinism_job",
    "execution_ops.scanner.analyzer_jobs",
)


def load() -> None:
    """Register every job type; whoever submits or runs jobs calls it once."""
    for module in BUILT_IN:
        importlib.import_module(module)
    REGISTRY.load_entry_points()


def bind(backend: Backend) -> None:
    """Give the handlers that act on other jobs the backend to do it with; a worker calls it."""
    bulk.register(backend)
    replay_job.register(backend)
    run_planner.register(backend)
