"""How the stories about runs make schedules and start runs of them: by the services, on the console's ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from execution_ops import job_types
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.engines import write
from execution_ops.domain.access import local_operator
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import PLANNER_TYPE, Registry
from execution_ops.domain.job_types import REGISTRY as EVERY_TYPE
from execution_ops.domain.runs import Run
from execution_ops.domain.schedule_verbs import SCHEDULE_PAUSE
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.domain.states import ENDED_RUNS, RunState, TargetState
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import Services, compose
from execution_ops.settings import PREFIX, Settings
from tests.e2e import failing_jobs
from tests.e2e.servers import Console, await_condition

OPERATOR = local_operator()
# Once a year: in a story runs start when it says so.
YEARLY = "0 3 1 1 *"


@dataclass(frozen=True)
class Station:
    """Services on the ledger of a console, and the place of its targets."""

    services: Services
    engine: Engine
    root: Path
    log: Path

    def schedule(self, name: str, files: Sequence[str], *, tenant: str, **values: Any) -> str:
        """A schedule that looks at these files, below a folder for each part of their names; its id.

        They wait for the file `go` beside its folder, and the bad ones fail until there is `cure`.
        """
        folder = self.folder(tenant)
        for file in files:
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file, encoding="utf-8")
        targets = tuple(f"{folder}/{part}/*" for part in dict.fromkeys(file.partition("/")[0] for file in files))
        payload = {"target": "{target}", "go": str(folder / "go"), "cure": str(folder / "cure")}
        given = {"job_type": failing_jobs.LOOK_TYPE, "cron": YEARLY, "targets": targets, "payload": payload, **values}
        row = self.services.schedules.create(OPERATOR, ScheduleSpec(name=name, **given), self.stamp(), tenant=tenant)
        return row.schedule.id

    def folder(self, tenant: str) -> Path:
        """Where the targets of a tenant's schedules are."""
        return self.root / tenant

    def start(self, schedule_id: str) -> str:
        """Start a run; its id."""
        return self.services.schedules.run(OPERATOR, schedule_id, self.stamp()).id

    def pause(self, schedule_id: str) -> None:
        """Pause a schedule."""
        self.services.schedules.act(OPERATOR, SCHEDULE_PAUSE, schedule_id, self.stamp())

    def come_due(self, schedule_id: str, at_ms: int) -> None:
        """Make this the next due time of a schedule; one that is past is decided within a second."""
        with write(self.engine) as connection:
            connection.execute(
                text("UPDATE schedule SET next_at = :at WHERE id = :id"), {"at": at_ms, "id": schedule_id}
            )

    def cancel(self, run_id: str) -> None:
        """Cancel a run."""
        self.services.runs.cancel(OPERATOR, run_id, self.stamp())

    def run(self, run_id: str) -> Run:
        """The run as it stands."""
        return self.services.runs.get(OPERATOR, run_id).run

    def until_ended(self, run_id: str) -> RunState:
        """Wait until the run has ended; how."""
        await_condition(lambda: self.run(run_id).state in ENDED_RUNS, f"The run {run_id} did not end.\n", self.log)
        return self.run(run_id).state

    def until_running(self, run_id: str, count: int) -> None:
        """Wait until so many of its targets run."""
        await_condition(
            lambda: self.run(run_id).counts.of(TargetState.RUNNING) == count,
            f"{count} targets of the run {run_id} never ran.\n",
            self.log,
        )

    def stamp(self) -> Stamp:
        """A new request of the operator."""
        return Stamp(actor=OPERATOR, reason="a story", idempotency_key=new_id())


@contextmanager
def station(console: Console) -> Iterator[Station]:
    """Open the console's ledger beside it."""
    job_types.load()
    registry = Registry()
    planner = EVERY_TYPE.get(PLANNER_TYPE)
    assert planner is not None
    registry.add(planner)
    failing_jobs.register(registry)
    database = console.environment.get(f"{PREFIX}DATABASE_URL", "")
    settings = Settings(data_dir=console.data_dir, scan_roots=str(console.scan_root), database_url=database)
    backend = EmbeddedBackend(settings, registry)
    services = compose(settings, backend)
    try:
        yield Station(services, backend.engine, console.scan_root, console.data_dir.parent / "worker.log")
    finally:
        services.close()
