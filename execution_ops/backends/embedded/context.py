"""What a running handler is given: the JobContext of one try."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import IO

from sqlalchemy import Engine, select

from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.backends.embedded.attempts import ARTIFACT, Begun
from execution_ops.backends.embedded.baseline_rows import promoted
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.kits import active_syft
from execution_ops.backends.embedded.logbook import Logbook, LogbookHandler
from execution_ops.backends.embedded.scan_memory import LedgerMemory
from execution_ops.backends.embedded.submit import VALUE
from execution_ops.backends.embedded.texts import LINE_MAX
from execution_ops.backends.embedded.transitions import EDGE, JOB
from execution_ops.domain.baselines import PromotedBaseline
from execution_ops.domain.job_types import Artifact, JobCanceled, JobFailed, JobResult, JobTimedOut
from execution_ops.domain.kit_records import KIT_FOLDER
from execution_ops.domain.scan_memory import ScanMemory
from execution_ops.guardian import Guardian, end_group
from execution_ops.settings import PREFIX, Settings

STDERR_JOIN_S = 5.0


class Stop(Enum):
    """Why a try has to stop."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    # The try does not count any more: its worker was declared lost, or leaves.
    FENCE = "fence"


class Context:
    """Implements JobContext. `stop` may be called from any thread, at any time."""

    def __init__(
        self, engine: Engine, settings: Settings, store: ArtifactStore, guardian: Guardian, begun: Begun
    ) -> None:
        job = begun.job
        self.job_id: str = job["id"]
        self.dag_id: str = job["dag_id"]
        self.node_key: str = job["node_key"]
        self.tenant: str = job["tenant"]
        self.attempt = begun.number
        self.n: int = job["n"]
        self.scan_roots = settings.roots()
        self.memory: ScanMemory = LedgerMemory(engine, store, job, begun.number)
        self.work_dir = work_dir(settings, self.job_id, begun.number)
        self.logbook = Logbook(engine, self.job_id, begun.number)
        # Not in logging's registry: it goes away with the job.
        self.log = logging.Logger(f"job.{self.job_id}", logging.DEBUG)
        self.log.addHandler(LogbookHandler(self.logbook))
        self.stopped: Stop | None = None
        self.wake = threading.Event()
        self._engine = engine
        self._syft = settings.syft
        self._kit_root = settings.data_dir.resolve() / KIT_FOLDER
        self._store = store
        self._guardian = guardian
        self._lock = threading.Lock()
        self._groups: set[int] = set()

    @cached_property
    def syft(self) -> str:
        """The Syft command of the settings, else that of the active kit; "" for the one that is installed.

        Read once: a kit that is activated meanwhile must not change the Syft of a job that runs.
        """
        return self._syft or active_syft(self._engine, self._kit_root)

    def stop(self, why: Stop) -> None:
        """Ask the handler to stop and kill the programs that it runs. The first reason stays, but
        a fence overrules it."""
        with self._lock:
            if self.stopped is None or why is Stop.FENCE:
                self.stopped = why
            groups = list(self._groups)
        for group in groups:
            end_group(group, signal.SIGKILL)
        if why is not Stop.CANCEL:
            self.wake.set()

    def checkpoint(self) -> None:
        """Raise JobCanceled or JobTimedOut if the job must stop now."""
        if self.stopped is Stop.TIMEOUT:
            raise JobTimedOut("The time of this job is over.")
        if self.stopped is not None:
            raise JobCanceled("This job was asked to stop.")

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Show how far the job is; written with the log, a few times a second."""
        self.logbook.progress(done, total, note)

    def run(self, command: Sequence[str], *, stdout: Path, env: Mapping[str, str] | None = None) -> int:
        """Run a program to its end; see JobContext."""
        self.checkpoint()
        with stdout.open("wb") as output:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                env=_environment(env),
                cwd=self.work_dir,
                start_new_session=True,
            )
        self._guardian.watch(process.pid)
        with self._lock:
            self._groups.add(process.pid)
            stopped = self.stopped
        if stopped is not None:
            end_group(process.pid, signal.SIGKILL)
        assert process.stderr is not None
        reader = threading.Thread(target=self._log_stderr, args=(process.stderr,), daemon=True)
        reader.start()
        try:
            code = process.wait()
        finally:
            with self._lock:
                self._groups.discard(process.pid)
            # What the program left behind in its group would outlive the job.
            end_group(process.pid, signal.SIGKILL)
            self._guardian.release(process.pid)
        reader.join(STDERR_JOIN_S)
        self.checkpoint()
        return code

    def parents(self) -> Mapping[str, JobResult]:
        """The results of this node's parents, by node key."""
        with read(self._engine) as connection:
            rows = connection.execute(
                select(JOB.c.n, JOB.c.node_key, VALUE.c.body)
                .join(EDGE, EDGE.c.parent_n == JOB.c.n)
                .join(VALUE, (VALUE.c.job_n == JOB.c.n) & (VALUE.c.which == "result"))
                .where(EDGE.c.child_n == self.n)
                .order_by(JOB.c.n)
            ).all()
            stored = connection.execute(
                select(ARTIFACT)
                .where(ARTIFACT.c.job_n.in_([row.n for row in rows]))
                .order_by(ARTIFACT.c.job_n, ARTIFACT.c.name)
            ).mappings()
            files: dict[int, list[Artifact]] = {}
            for file in stored:
                files.setdefault(file["job_n"], []).append(Artifact.model_validate(dict(file)))
        return {
            row.node_key: JobResult(value=json.loads(row.body), artifacts=tuple(files.get(row.n, ()))) for row in rows
        }

    def keep(self, path: Path, *, name: str, media_type: str) -> Artifact:
        """Move a file from `work_dir` into the artifact store."""
        if not path.resolve().is_relative_to(self.work_dir):
            raise ValueError(f"{path} is not in the work directory of the job")
        return self._store.keep(path, name=name, media_type=media_type)

    def open_artifact(self, sha256: str) -> Path:
        """The path of a stored artifact, for reading."""
        path = self._store.path(sha256)
        if path is None:
            raise JobFailed(
                f"The artifact {sha256[:12]}… is not in the data directory of this worker. "
                "Workers that share a database need one data directory.",
                permanent=True,
            )
        return path

    def promoted_baseline(self, source: str) -> PromotedBaseline | None:
        """What scans of this source compare with."""
        with read(self._engine) as connection:
            row = promoted(connection, self.tenant, source)
        return None if row is None else PromotedBaseline(id=row["id"], label=row["label"], parts=row["parts"])

    def _log_stderr(self, stream: IO[bytes]) -> None:
        with stream:
            # Bounded reads: a program that never ends its line must not fill the memory.
            while line := stream.readline(4 * LINE_MAX):
                self.log.info("%s", line.decode("utf-8", "replace"))


def work_dir(settings: Settings, job_id: str, number: int) -> Path:
    """The private directory of a try."""
    return settings.data_dir.resolve() / "work" / f"{job_id}-{number}"


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    # Our own settings can hold a database password; no program of a job needs them.
    own = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    return own | dict(extra or {})
