"""What a running handler is given."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from execution_ops.backends.embedded import context as contexts
from execution_ops.backends.embedded.context import Context
from execution_ops.settings import Settings


def begun_context(settings: Settings) -> Context:
    """The context of a try, without a ledger."""
    nothing: Any = None
    job = {"id": "job", "dag_id": "dag", "node_key": "scan", "tenant": "acme", "n": 1}
    begun: Any = SimpleNamespace(job=job, number=1)
    return Context(nothing, settings, nothing, nothing, begun)


def test_a_kit_that_is_activated_meanwhile_changes_the_syft_of_later_jobs_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["/kits/one/syft", "/kits/two/syft"])
    monkeypatch.setattr(contexts, "active_syft", lambda *_: next(answers))
    settings = Settings(data_dir=tmp_path)
    first = begun_context(settings)
    assert [first.syft, first.syft] == ["/kits/one/syft"] * 2
    assert begun_context(settings).syft == "/kits/two/syft"


def test_the_syft_of_the_settings_comes_first(tmp_path: Path) -> None:
    assert begun_context(Settings(data_dir=tmp_path, syft="own-syft")).syft == "own-syft"
