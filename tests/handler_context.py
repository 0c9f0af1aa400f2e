"""What a handler is given, for tests of handlers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import JobCanceled, JobResult


@dataclass
class HandlerContext:
    """What a handler is given; `cancel_after` cancels at that checkpoint."""

    job_id: str = field(default_factory=new_id)
    attempt: int = 1
    cancel_after: int = 10_000
    steps: list[tuple[int, int]] = field(default_factory=list)
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("test"))
    checks: int = 0
    dag_id: str = ""
    node_key: str = ""
    tenant: str = "default"
    work_dir: Path = Path()
    scan_roots: tuple[Path, ...] = ()
    syft: str = ""
    memory: Any = None

    def checkpoint(self) -> None:
        self.checks += 1
        if self.checks > self.cancel_after:
            raise JobCanceled

    def progress(self, done: int, total: int, note: str = "") -> None:
        self.steps.append((done, total))

    def run(self, *_: Any, **__: Any) -> int:
        raise NotImplementedError

    def parents(self) -> Mapping[str, JobResult]:
        return {}

    def keep(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def open_artifact(self, sha256: str) -> Path:
        raise NotImplementedError

    def promoted_baseline(self, source: str) -> None:
        raise NotImplementedError
