"""A console on a ledger for the pages of offline kits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from execution_ops import job_types
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.domain.job_types import REGISTRY
from execution_ops.services import container
from execution_ops.settings import Settings
from tests.kits import Site


@pytest.fixture
def site(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A console that knows the jobs on kits, behind all pages."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "execution_ops.db")
    settings = Settings(data_dir=data, scan_roots=(tmp_path,))
    job_types.load()
    backend = EmbeddedBackend(settings, REGISTRY)
    monkeypatch.setattr(container, "_shared", container.compose(settings, backend))
    yield Site(backend, settings)
    backend.close()
