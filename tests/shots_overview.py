"""Pictures of Jobs & Queues in all that it can show, for people to look at.

    python -m tests.shots_overview

The empty system, one with much going on, each tab, a filter that hides all, an address that is refused, and a
hundred things that block, into `.shots/overview-*.png`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.domain.overview_filters import Tab
from execution_ops.settings import Settings
from tests.e2e.servers import WEB, Console, await_answer, chromium, new_console, running
from tests.execution import Bench
from tests.overview_samples import fill, strand
from tests.shots import FOLDER, Camera


def filled(page: Page) -> None:
    """Wait until the figures are those of now: they follow the first rows."""
    expect(page.locator("[data-row]").first).to_be_visible()
    expect(page.locator("dl.ledger .num").first).to_be_visible()


def photograph(camera: Camera, console: Console, bench: Bench) -> None:
    """All pictures of one console without a worker of its own."""
    camera.take("overview-empty", routes.jobs_queues())
    fill(bench)
    for tab in Tab:
        camera.take(f"overview-{tab.value}", routes.jobs_queues([("tab", tab.value)]))
    camera.take(
        "overview-filtered", routes.jobs_queues([("tab", "jobs"), ("tenant", "acme"), ("jobs.state", "failed")])
    )
    camera.take("overview-hidden", routes.jobs_queues([("tab", "jobs"), ("tenant", "nobody")]))
    camera.take("overview-refused", routes.jobs_queues([("tab", "nowhere")]))
    camera.take("overview-summary", routes.jobengine(), filled)
    strand(bench, 99)
    camera.take("overview-many", routes.jobs_queues(), filled)
    camera.take("overview-many-all", routes.jobs_queues([("blocks", "all")]), filled)


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        console = new_console(Path(folder))
        with running(console, WEB, "web") as process:
            await_answer(process, f"{console.url}{routes.HEALTH}", Path(folder) / "web.log")
            bench = Bench(Settings(data_dir=console.data_dir).url(), Path(folder))
            camera = Camera(browser, console)
            photograph(camera, console, bench)
            bench.close()
    print("\n".join(str(path) for path in camera.taken))


if __name__ == "__main__":
    main()
