"""The overview of the scheduler that the pictures show (`tests/shots.py`): a busy hour in which not all goes well."""

from __future__ import annotations

from collections.abc import Iterator

from execution_ops import routes
from execution_ops.domain.schedules import Overlap
from execution_ops.domain.times import now_ms
from tests.e2e.scheduled import OPERATOR, Station, station
from tests.e2e.servers import Console, await_condition
from tests.factories import add_jobs, job_values
from tests.unit.state.letter_samples import HOSTILE

HOUR_MS = 3_600_000
FILES = tuple(f"{part}/{name}" for part in ("core", "edge") for name in "abcdef")


def scheduler(console: Console) -> Iterator[tuple[str, str]]:
    """Let runs go on and due times be missed, and name the addresses to look at."""
    with station(console) as made:
        yield from _addresses(made)


def _addresses(made: Station) -> Iterator[tuple[str, str]]:
    sweep = made.schedule("registry-sweep", FILES, tenant="acme-hourly", cron="15 */6 * * *", parallelism=2)
    chain = made.schedule(
        "storefront-images", FILES, tenant="acme-hourly", cron="5 * * * *", zone="Europe/Berlin", overlap=Overlap.SKIP
    )
    queued = made.schedule(
        "mirror", FILES[:2], tenant="globex-nightly", cron="0 1 * * 1-5", overlap=Overlap.QUEUE_ONE, parallelism=1
    )
    made.schedule(HOSTILE * 3, FILES[:1], tenant="globex-nightly", cron="*/5 * * * *")
    off = made.schedule("archive", FILES[:1], tenant="globex-nightly", cron="0 * * * *")
    made.pause(off)
    running = made.start(sweep)
    made.until_running(running, 2)
    busy = made.start(chain)
    made.until_running(busy, 4)
    first = made.start(queued)
    made.until_running(first, 1)
    now = now_ms()
    made.come_due(queued, now - 1000)
    made.come_due(chain, now - 1000)
    made.come_due(off, now - 40 * HOUR_MS)
    add_jobs(
        made.engine,
        [
            job_values(queue="compare", job_type="scan.compare", state="scheduled", created_at=now - 14 * 60_000 + one)
            for one in range(318)
        ],
    )
    await_condition(lambda: len(made.services.scheduler.missed(OPERATOR).firings) >= 3, "Nothing was missed.")
    yield "scheduler", routes.scheduler()
    yield "scheduler-missed", routes.scheduler([("missed", "all")])
    for tenant in ("acme-hourly", "globex-nightly"):
        (made.folder(tenant) / "go").touch()
    made.until_ended(running)
