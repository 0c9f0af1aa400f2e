"""A JobContext on a temporary directory, and a scheduler that runs a scan's DAG in one thread."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from execution_ops.domain.analyzers import SelfTest, SyftAnswer
from execution_ops.domain.job_types import REGISTRY, Artifact, DagSpec, JobResult, NodeSpec
from execution_ops.domain.scan_cache import CacheEntry
from execution_ops.scanner import analyzer_jobs, jobs

_ = jobs, analyzer_jobs  # importing them registers the job types


EPOCH = datetime(2026, 1, 23, 12, tzinfo=UTC)


class Captured(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.getMessage()}")


class Memory:
    """What is remembered, in lists."""

    def __init__(self) -> None:
        self.on = True
        self.entries: dict[str, CacheEntry] = {}
        self.asked: list[tuple[SyftAnswer | None, str]] = []
        self.met: list[SyftAnswer] = []
        self.tests: list[SelfTest] = []

    def caches(self) -> bool:
        return self.on

    def cached(self, key: str) -> CacheEntry | None:
        return self.entries.get(key)

    def remember(self, entry: CacheEntry) -> None:
        self.entries[entry.key] = entry.model_copy(update={"job_id": "earlier", "created_at": EPOCH})

    def met_syft(self, answer: SyftAnswer) -> None:
        self.met.append(answer)

    def asked_syft(self, answer: SyftAnswer | None, problem: str) -> None:
        self.asked.append((answer, problem))

    def tested(self, test: SelfTest) -> None:
        self.tests.append(test)


class Context:
    """What a handler is given, with real processes and a real artifact store."""

    job_id = "job"
    dag_id = "dag"
    tenant = "default"
    attempt = 1

    def __init__(self, base: Path, roots: Sequence[Path], *, node_key: str = "inspect", syft: str = "syft") -> None:
        self.node_key = node_key
        self.scan_roots = tuple(roots)
        self.syft = syft
        self.store = base / "artifacts"
        self.store.mkdir(parents=True, exist_ok=True)
        self.work_dir = base / "work" / node_key.replace(":", "-")
        shutil.rmtree(self.work_dir, ignore_errors=True)
        self.work_dir.mkdir(parents=True)
        self.captured = Captured()
        self.log = logging.Logger(f"test.{node_key}")
        self.log.addHandler(self.captured)
        self.steps: list[tuple[int, int, str]] = []
        self.before: Mapping[str, JobResult] = {}
        self.commands: list[list[str]] = []
        self.stop: Exception | None = None
        self.memory = Memory()

    def checkpoint(self) -> None:
        if self.stop is not None:
            raise self.stop

    def progress(self, done: int, total: int, note: str = "") -> None:
        assert 0 <= done <= total
        self.steps.append((done, total, note))

    def run(self, command: Sequence[str], *, stdout: Path, env: Mapping[str, str] | None = None) -> int:
        self.commands.append(list(command))
        with stdout.open("wb") as out:
            done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, env=env, check=False, timeout=60)
        for line in done.stderr.decode(errors="replace").splitlines():
            self.log.warning("%s", line)
        return done.returncode

    def parents(self) -> Mapping[str, JobResult]:
        return self.before

    def keep(self, path: Path, *, name: str, media_type: str) -> Artifact:
        assert path.is_relative_to(self.work_dir)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        size = path.stat().st_size
        os.replace(path, self.store / digest)
        return Artifact(name=name, sha256=digest, size=size, media_type=media_type)

    def open_artifact(self, sha256: str) -> Path:
        return self.store / sha256


def run_node(context: Context, node: NodeSpec) -> JobResult:
    """One job, its payload through JSON and its model as an engine would."""
    known = REGISTRY.get(node.job_type)
    assert known is not None
    result = known.handler(context, known.payload.model_validate(node.payload))
    assert isinstance(result, JobResult)
    return JobResult.model_validate_json(result.model_dump_json())


def run_dag(spec: DagSpec, base: Path, roots: Sequence[Path]) -> tuple[dict[str, JobResult], dict[str, Context]]:
    """Run the whole DAG; results and contexts by node key."""
    results: dict[str, JobResult] = {}
    contexts: dict[str, Context] = {}
    waiting = {node.key: (node, set(node.after)) for node in spec.nodes}
    while waiting:
        key = next(key for key, (_, after) in waiting.items() if after <= results.keys())
        node, after = waiting.pop(key)
        context = Context(base, roots, node_key=key)
        context.before = {parent: results[parent] for parent in after}
        results[key] = run_node(context, node)
        contexts[key] = context
        for child in results[key].fan_out:
            waiting[child.key] = (child, {key})
            waiting[results[key].fan_in][1].add(child.key)
    return results, contexts
