"""Pictures of every page of a console that has run real scans, for people to look at.

    python -m tests.shots [--readme]

Each built page, the page for unknown addresses, the dialogs and the empty system, in a light, a
dark and a narrow window, into `.shots/`. `--readme` also takes the picture that the README shows.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from execution_ops import routes
from execution_ops.domain.states import ENDED, JobState
from execution_ops.frontend import ROOT
from tests.e2e.failing_jobs import WEB, WORKER
from tests.e2e.opening import show
from tests.e2e.servers import Console, await_answer, await_condition, chromium, new_console, running
from tests.shots_carried import carried
from tests.shots_letters import letters
from tests.shots_runs import runs
from tests.shots_scanner import scanner
from tests.shots_scheduler import scheduler
from tests.unit.scanner import scan_samples

FOLDER = ROOT / ".shots"
README_PICTURE = ROOT / "docs" / "dag.png"
DESKTOP = {"width": 1440, "height": 900}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
}
WINDOWS_MAX = 4
# Taken by `shots_letters`, `shots_runs`, `shots_scheduler`, `shots_scanner` and `shots_carried`, each once there is
# something to see.
OWN_PICTURES = (
    *("dead_letter", "dead_letter_queue", "dead_letter_entry", "replays", "replay"),
    *("runs", "run_stream", "scheduler"),
    *("analyzers", "performance", "scanner_settings"),
    *("baselines", "offline_kits", "scanner"),
)
NOWHERE = f"{routes.OPERATIONS}/jobengin/job"
GRAPH_BOX = "[data-graph-box]"
Opener = Callable[[Page], None]


class Camera:
    """Takes pictures of addresses of one console."""

    def __init__(self, browser: Browser, console: Console) -> None:
        self._browser = browser
        self._url = console.url
        self.taken: list[Path] = []

    def take(self, name: str, address: str, opener: Opener | None = None) -> None:
        """One picture for each look; `opener` opens what is to be seen, in front of the page."""
        for look in LOOKS:
            with self.tab(look) as page:
                self.show(page, address)
                if opener:
                    opener(page)
                self.walk(page, f"{name}-{look}")

    @contextmanager
    def tab(self, look: str) -> Iterator[Page]:
        """A tab of a new profile."""
        profile = self._browser.new_context(**LOOKS[look])
        try:
            yield profile.new_page()
        finally:
            profile.close()

    def show(self, page: Page, address: str) -> None:
        """Open an address and wait until its content is there."""
        show(page, f"{self._url}{address}")
        page.wait_for_function("document.fonts.status === 'loaded'")

    def walk(self, page: Page, name: str) -> None:
        """Pictures of the page from its top to its end, one window at a time, as people see it."""
        top, number = -1.0, 1
        while number <= WINDOWS_MAX and (found := page.evaluate("scrollY")) > top:
            self.shoot(page, FOLDER / (f"{name}.png" if number == 1 else f"{name}-{number}.png"))
            top, number = found, number + 1
            page.evaluate("scrollBy({top: innerHeight * 0.8, behavior: 'instant'})")

    def shoot(self, page: Page, path: Path) -> None:
        """One picture of the window, without motion."""
        page.screenshot(path=path, animations="disabled")
        self.taken.append(path)


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
        if route.name in OWN_PICTURES:
            continue
        if route.built and not route.dynamic:
            yield route.name, route.pattern
        elif route.built:
            for kind, job_id in things[route.name].items():
                yield f"{route.name}-{kind}", routes.href(route.name, job_id=job_id)
    yield "job_dag-table", routes.job_dag(scan["merge"], [("view", "table")])
    yield "job_dag-selected", routes.job_dag(scan["merge"], [("node", scan["merge"])])
    yield "jobs-filtered", routes.jobs([("state", JobState.FAILED), ("tenant", "default")])
    yield "jobs-nothing", routes.jobs([("queue", "no-such-queue")])
    yield "jobs-bad", routes.jobs([("after", "yesterday")])
    yield "job-unknown", routes.job("019a0000-0000-7000-8000-000000000000")
    yield "quotas-new", routes.quotas([("new", "1")])
    yield "quotas-nothing", routes.quotas([("tenant", "no-such-tenant")])
    yield "quotas-bad", routes.quotas([("paused", "maybe")])
    yield "not_found", NOWHERE


def open_scan(page: Page) -> None:
    """The Scan dialog."""
    page.get_by_role("button", name="Scan", exact=False).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def select_and(verb: str) -> Opener:
    """What picks the first row that is shown and asks for a verb."""

    def opener(page: Page) -> None:
        page.locator("tbody input[type=checkbox]").first.click()
        page.get_by_role("button", name=verb).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()

    return opener


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
        README_PICTURE.parent.mkdir(exist_ok=True)
        camera.shoot(page, README_PICTURE)
        await_state(console, jobs["export"], ENDED)


def photograph(browser: Browser, console: Console, *, readme: bool) -> Sequence[Path]:
    """All pictures of one console that starts empty."""
    source = scan_samples.write(console.scan_root / "storefront", scan_samples.files())
    broken = console.scan_root / "nightly.tar.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00 this is no archive")
    camera = Camera(browser, console)
    log = console.data_dir.parent
    with running(console, WEB, "web") as web:
        await_answer(web, f"{console.url}{routes.HEALTH}", log / "web.log")
        camera.take("empty-jobengine", routes.jobengine())
        camera.take("empty-jobs", routes.jobs())
        camera.take("empty-quotas", routes.quotas())
        camera.take("empty-dead_letter", routes.dead_letter())
        camera.take("empty-dead_letter_queue", routes.dead_letter_queue())
        camera.take("empty-replays", routes.replays())
        camera.take("empty-runs", routes.runs())
        camera.take("empty-scheduler", routes.scheduler())
        with running(console, WORKER, "worker") as worker:
            await_answer(worker, f"{console.url}{routes.READY}", log / "worker.log")
            if readme:
                readme_picture(camera, console, source)
            scan, failed = start_scan(console, source), start_scan(console, broken)
            await_state(console, scan["export"], ENDED)
            await_state(console, failed["inspect"], ENDED)
            paused, narrow = make_quotas(console)
            held = start_scan(console, source)
            for name, address in addresses(scan, failed):
                camera.take(name, address)
            camera.take("quotas-paused", routes.quota(paused))
            camera.take("quotas-change", routes.quota(narrow))
            camera.take("quotas-held-job", routes.job(held["inspect"]))
            for name, address in letters(console):
                camera.take(name, address)
            for name, address in runs(console):
                camera.take(name, address)
            for name, address in scheduler(console):
                camera.take(name, address)
            for picture in (*scanner(console), *carried(console)):
                camera.take(*picture)
            camera.take("dialog-replay", routes.dead_letter_queue([("state", "pending")]), select_and("Replay"))
            camera.take("dialog-resolve", routes.dead_letter_queue([("state", "pending")]), select_and("Resolve"))
            camera.take("dialog-scan", routes.jobengine(), open_scan)
            camera.take("dialog-retry", routes.jobs([("state", JobState.FAILED)]), select_and("Retry"))
            camera.take("dialog-cancel", routes.jobs([("state", JobState.PENDING)]), select_and("Cancel"))
    return camera.taken


def main() -> None:
    """Start a console on a temporary directory, take the pictures, name them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readme", action="store_true", help=f"also take {README_PICTURE.relative_to(ROOT)}")
    arguments = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        console = new_console(Path(folder))
        for path in photograph(browser, console, readme=arguments.readme):
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
