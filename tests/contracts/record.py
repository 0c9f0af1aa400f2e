"""Records the contract of our own API anew, against a live server: `python -m tests.contracts.record`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from execution_ops.api.app import create_api
from execution_ops.backends.gateway.backend import GatewayBackend
from execution_ops.backends.gateway.files import FileCache
from execution_ops.backends.gateway.profile import OURS
from execution_ops.backends.gateway.transport import Transport
from execution_ops.domain.quotas import Limits
from execution_ops.domain.runs import Trigger
from execution_ops.domain.schedules import ScheduleSpec
from tests import schedule_bench
from tests.contracts.calls import CALLS
from tests.contracts.exchanges import ROOT, Record
from tests.databases import migrated
from tests.execution import STAMP, Bench
from tests.remote import Server, services_on

SOURCE = "recorded against a live server by tests/contracts/record.py"


def record() -> None:
    """Ask everything once, and write down what went over the wire."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'ledger.db'}"
        migrated(url)
        bench = Bench(url, folder, schedule_bench.REGISTRY)
        quota = bench.backend.create_quota("acme", "test.number", Limits(max_active=5), STAMP)
        spec = ScheduleSpec(name="nightly", job_type="test.echo", cron="@daily")
        schedule = bench.backend.create_schedule("acme", spec, STAMP, paused=True)
        run = bench.backend.run_schedule(schedule.id, Trigger.MANUAL, STAMP)
        ids = {"job": bench.one("test.echo"), "quota": quota.id, "run": run.id}
        services = services_on(bench.settings, bench.beneath, bench.registry)
        server = Server(create_api(lambda: services))
        wire = Record()
        gateway = GatewayBackend(Transport(server.start(), OURS, transport=wire), FileCache(folder / "files"), wait_s=0)
        try:
            (ROOT / OURS.name / "ids.json").write_text(f"{json.dumps(ids, indent=2, sort_keys=True)}\n")
            for name, call in CALLS.items():
                call(gateway, ids)
                wire.write(OURS.name, name, SOURCE)
        finally:
            gateway.close()
            server.stop()
            bench.close()


if __name__ == "__main__":
    record()
