"""Brings all job types of this process together: the built-in ones and those of other packages."""

from __future__ import annotations

import importlib

from execution_ops.backends.base import Backend
from execution_ops.domain.job_types import REGISTRY
from execution_ops.services import kit_work
from execution_ops.services.own_jobs import LEDGER
from execution_ops.settings import Settings

# Importing a module registers its handlers.
BUILT_IN = (
    "execution_ops.services.bulk",
    "execution_ops.services.replay_job",
    "execution_ops.services.run_planner",
    "execution_ops.services.kit_import",
    "execution_ops.services.kit_activate",
    "execution_ops.services.kit_export",
    "execution_ops.services.baseline_jobs",
    "execution_ops.services.bench_job",
    "execution_ops.scanner.jobs",
    "execution_ops.scanner.determinism_job",
    "execution_ops.scanner.analyzer_jobs",
)


def load() -> None:
    """Register every job type; whoever submits or runs jobs calls it once."""
    for module in BUILT_IN:
        importlib.import_module(module)
    REGISTRY.load_entry_points()


def bind(backend: Backend, settings: Settings) -> None:
    """Give the handlers that act on the ledger the backend to do it with; a worker calls it."""
    LEDGER.bind(backend)
    kit_work.register(backend, settings)
