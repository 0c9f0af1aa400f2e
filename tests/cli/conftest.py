"""The command line on top of a backend in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from execution_ops.cli import app
from execution_ops.services import container
from execution_ops.settings import Settings
from tests.doubles import MemoryBackend

Run = Callable[..., Any]


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def run(backend: MemoryBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    services = container.compose(Settings(data_dir=tmp_path, scan_roots=(tmp_path,)), backend)
    monkeypatch.setattr(container, "open_services", lambda _: services)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])
