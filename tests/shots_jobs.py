"""Jobs, graphs and quotas that the pictures show (`tests/shots.py`), and every page that has no pictures of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.domain.states import ENDED, JobState
from tests.e2e.servers import Console, await_condition
from tests.shots import FOLDER, Camera, Picture
from tests.shots_dialogs import job_dialogs, select_and
from tests.unit.scanner import scan_samples

# What the README shows.
README_PICTURE = FOLDER / "readme-dag.png"
# Each of these areas has pictures of its own.
OTHER_AREAS = (
    *("dead_letter", "dead_letter_queue", "dead_letter_entry", "replays", "replay"),
    *("runs", "run_stream", "scheduler", "schedules", "workers", "audit"),
    *("analyzers", "performance", "scanner_settings", "baselines", "offline_kits", "scanner"),
)
GRAPH_BOX = "[data-graph-box]"


def jobs(camera: Camera, console: Console) -> Iterator[Picture]:
    """Let one scan succeed and one fail, hold a third, and name what to look at."""
    source = scan_samples.write(console.scan_root / "storefront", scan_samples.files())
    broken = console.scan_root / "nightly.tar.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00 this is no archive")
    readme_picture(camera, console, source)
    scan, failed = start_scan(console, source), start_scan(console, broken)
    await_state(console, scan["export"], ENDED)
    await_state(console, failed["inspect"], ENDED)
    paused, narrow = make_quotas(console)
    held = start_scan(console, source)
    for name, address in addresses(scan, failed):
        yield Picture(name, address)
    yield Picture("quotas-paused", routes.quota(paused))
    yield Picture("quotas-change", routes.quota(narrow))
    yield Picture("quotas-held-job", routes.job(held["inspect"]))
    yield from job_dialogs(console)
    yield Picture("dialog-scan", routes.jobengine(), _open_scan)
    yield Picture("dialog-retry", routes.jobs([("state", JobState.FAILED)]), select_and("Retry"))
    yield Picture("dialog-cancel", routes.jobs([("state", JobState.PENDING)]), select_and("Cancel"))


def start_scan(console: Console, source: Path) -> dict[str, str]:
    """The job ids of a new scan by node key."""
    answer = httpx.post(f"{console.url}{routes.api_scans()}", json={"path": str(source)})
    answer.raise_for_status()
    jobs: dict[str, str] = answer.json()["job_ids"]
    return jobs


def make_quotas(console: Console) -> tuple[str, str]:
    """A few quotas, one of them paused; the ids of that and of another."""
    made = []
    for limits in (
        {"tenant": "default", "job_type": "scan.inspect", "max_active": 2},
        {"tenant": "default", "job_type": "scan.catalog", "max_active": 8, "max_per_hour": 400, "burst": 10},
        {"tenant": "*", "job_type": "*", "max_active": 30, "max_per_hour": 5_000},
    ):
        answer = httpx.post(f"{console.url}{routes.api_quotas()}", json=limits)
        answer.raise_for_status()
        made.append(answer.json()["id"])
    reason = {"X-Stella-Operator-Reason": "the mirror answers 429, wait for its fix"}
    address = routes.Rest.QUOTA_PAUSE.format(quota_id=made[0])
    httpx.post(f"{console.url}{address}", headers=reason).raise_for_status()
    return made[0], made[1]


def await_state(console: Console, job_id: str, states: frozenset[JobState]) -> None:
    """Wait until a job is in one of the states."""

    def reached() -> bool:
        return httpx.get(f"{console.url}{routes.api_job(job_id)}").json()["row"]["state"] in states

    await_condition(reached, f"Job {job_id} did not get to {sorted(states)}.")


def addresses(scan: dict[str, str], failed: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every built page once, pages about one thing for each thing that is worth it."""
    things = {
        "job": {"ended": scan["merge"], "failed": failed["inspect"], "waiting": failed["merge"]},
        "job_dag": {"ended": scan["merge"], "failed": failed["inspect"]},
    }
    for route in routes.ROUTES:
        if route.name in OTHER_AREAS:
            continue
        if route.built and not route.dynamic:
            yield route.name, route.pattern
        elif route.built:
            for kind, job_id in things[route.name].items():
                yield f"{route.name}-{kind}", routes.href(route.name, job_id=job_id)
    yield "job_dag-table", routes.job_dag(scan["merge"], [("view", "table")])
    yield "job_dag-done", routes.job_dag(scan["merge"], [("done", "1")])
    yield "job_dag-selected", routes.job_dag(scan["merge"], [("node", scan["merge"])])
    yield "jobs-filtered", routes.jobs([("state", JobState.FAILED), ("tenant", "default")])
    yield "jobs-nothing", routes.jobs([("queue", "no-such-queue")])
    yield "jobs-bad", routes.jobs([("after", "yesterday")])
    yield "job-unknown", routes.job("019a0000-0000-7000-8000-000000000000")
    yield "quotas-new", routes.quotas([("new", "1")])
    yield "quotas-nothing", routes.quotas([("tenant", "no-such-tenant")])
    yield "quotas-bad", routes.quotas([("paused", "maybe")])


def _open_scan(page: Page) -> None:
    """The Scan dialog."""
    page.get_by_role("button", name="Scan", exact=False).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def halfway(page: Page) -> bool:
    """Whether some of the drawn jobs have ended, some run and some wait."""
    states = page.locator(GRAPH_BOX).evaluate_all("boxes => boxes.map(box => box.dataset.state)")
    return states.count("succeeded") >= 3 and "running" in states and states.count("pending") >= 1


def readme_picture(camera: Camera, console: Console, source: Path) -> None:
    """A scan half way through."""
    with camera.tab("light") as page:
        jobs = start_scan(console, source)
        # Its graph is whole once the source was looked at.
        await_state(console, jobs["inspect"], ENDED)
        camera.show(page, routes.job_dag(jobs["merge"]))
        await_condition(lambda: halfway(page), "The scan was never seen half way through.")
        camera.shoot(page, README_PICTURE)
        await_state(console, jobs["export"], ENDED)
