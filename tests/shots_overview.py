"""Pictures of Jobs & Queues in all that it can show, for people to look at.

The empty system, one with much going on, each tab, a filter that hides all, an address that is refused, and a
hundred things that block.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.domain.overview_filters import Tab
from tests.execution import Bench
from tests.overview_samples import fill, strand
from tests.shots import Camera


def filled(page: Page) -> None:
    """Wait until the figures are those of now: they follow the first rows."""
    expect(page.locator("[data-row]").first).to_be_visible()
    expect(page.locator("dl.ledger .num").first).to_be_visible()


def photograph(camera: Camera, bench: Bench) -> None:
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
