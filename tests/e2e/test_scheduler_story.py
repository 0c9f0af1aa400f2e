"""The whole story of a schedule, from its making over a drained worker to the retry of a canceled run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from tests.e2e.fleet import await_worker
from tests.e2e.opening import show
from tests.e2e.servers import WEB, Console, await_answer, new_console, running

pytestmark = pytest.mark.long

NAME = "scanner-1"
WORKER = (
    f"import sys; sys.argv[1:] = ['worker', '--name', {NAME!r}, '--concurrency', '1']; "
    "from execution_ops.cli import app; app()"
)


@pytest.fixture
def yard(build: Path, tmp_path: Path) -> Iterator[Console]:
    """A console with one worker, and two directories to scan."""
    console = new_console(tmp_path)
    for name in ("shop", "billing"):
        folder = console.scan_root / name
        folder.mkdir()
        (folder / "requirements.txt").write_text("requests==2.32.3\n", encoding="utf-8")
    with running(console, WEB, "web") as web:
        await_answer(web, f"{console.url}{routes.HEALTH}", tmp_path / "web.log")
        with running(console, WORKER, "worker"):
            await_worker(console, NAME, "online")
            yield console


def drawer(page: Page) -> Locator:
    """The open drawer."""
    return page.locator("dialog.drawer[open]")


def answer(page: Page, verb: str, reason: str = "") -> None:
    """Answer the question before a verb."""
    question = page.get_by_role("dialog", name=re.compile(f"^{verb}"))
    if reason:
        question.get_by_label("Reason").fill(reason)
    question.get_by_role("button", name=re.compile(f"^({verb}|Start)")).click()


def state(page: Page, name: str) -> Locator:
    """The state beside the title, if it is this one."""
    return page.locator(f".head [data-state={name}]")


def make_schedule(page: Page, console: Console) -> None:
    """A schedule that scans both directories every minute, one after the other."""
    show(page, console.url + routes.schedules())
    page.get_by_role("button", name=re.compile("New schedule|Make the first schedule")).first.click()
    form = drawer(page)
    form.get_by_label("Name").fill("both sources")
    form.get_by_label("Cron rule").fill("* * * * *")
    expect(form.get_by_text("Every minute")).to_be_visible()
    form.get_by_label("Targets", exact=True).fill(f"{console.scan_root}/shop\n{console.scan_root}/billing")
    form.get_by_label("Content refresh").check()
    form.get_by_label("At once").fill("1")
    form.get_by_role("button", name="Make the schedule").click()
    expect(page.get_by_text("Made the schedule both sources.")).to_be_visible()


@pytest.mark.timeout(400)
def test_a_schedule_from_its_making_to_the_retry_of_a_canceled_run(page: Page, yard: Console) -> None:
    make_schedule(page, yard)
    show(page, yard.url + routes.runs())
    page.locator("[data-row]").first.wait_for()
    page.locator("[data-row] [data-row-link]").first.click()
    expect(drawer(page)).to_contain_text("cron")
    drawer(page).get_by_role("link", name="Stream").last.click()
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f-]{36}/stream$"))
    expect(state(page, "running")).to_be_visible()

    fleet = page.context.new_page()
    show(fleet, yard.url + routes.workers())
    fleet.get_by_role("button", name="Drain", exact=True).click()
    answer(fleet, "Drain", "deploy of 1.4")
    await_worker(yard, NAME, "drained")
    expect(page.locator(".note.warn")).to_contain_text("worker of the queue scan is drained")
    expect(state(page, "running")).to_be_visible()
    fleet.get_by_role("button", name="Resume", exact=True).click()
    answer(fleet, "Resume")
    expect(state(page, "completed")).to_be_visible()
    expect(page.get_by_text("All 2 targets completed.")).to_be_visible()

    show(page, yard.url + routes.schedules())
    page.locator("[data-row] [data-row-link]").click()
    drawer(page).get_by_role("button", name="Pause").click()
    answer(page, "Pause", "enough of it")
    expect(drawer(page).get_by_text("Paused: enough of it")).to_be_visible()
    drawer(page).get_by_role("button", name="Run now").click()
    answer(page, "Run")
    show(page, yard.url + routes.runs([("trigger", "manual")]))
    page.locator("[data-row] [data-row-link]").first.click()
    drawer(page).get_by_role("link", name="Stream").last.click()
    page.get_by_role("button", name="Cancel").click()
    answer(page, "Cancel", "asked for by mistake")
    expect(state(page, "canceled")).to_be_visible()
    expect(page.locator(".note").first).to_contain_text("asked for by mistake")
    expect(page.locator(".run-connection")).to_contain_text("and last")
    canceled = page.url
    page.get_by_role("button", name="Retry", exact=True).click()
    answer(page, "Retry")
    expect(page).not_to_have_url(canceled)
    expect(state(page, "completed")).to_be_visible()
