"""The page of workers: one is drained with a job on it, resumed and stopped; warnings, hostile names, a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.domain.states import JobState
from tests.e2e import opening
from tests.e2e.axe import assert_accessible
from tests.e2e.fleet import ask, await_job, await_worker, start_waiting, workers
from tests.e2e.servers import Console, await_answer, new_console, running
from tests.e2e.waiting_jobs import QUEUE, WEB, worker_code

pytestmark = pytest.mark.long

Start = Callable[..., "Popen[bytes]"]
HOSTILE = "<img src=x onerror=document.title='pwned'>"


@pytest.fixture
def yard(build: Path, tmp_path: Path) -> Iterator[Console]:
    """A console without a worker, with a job type that waits."""
    console = new_console(tmp_path)
    with running(console, WEB, "web") as process:
        await_answer(process, f"{console.url}{routes.HEALTH}", tmp_path / "web.log")
        yield console


@pytest.fixture
def start(yard: Console) -> Iterator[Start]:
    """Starts a worker of that name and waits until it is online."""
    with ExitStack() as stack:

        def begin(name: str, queues: str = QUEUE, **options: Any) -> Popen[bytes]:
            process = stack.enter_context(running(yard, worker_code(name, queues, **options), "worker"))
            await_worker(yard, name, "online")
            return process

        yield begin


@pytest.fixture
def go(tmp_path: Path) -> Iterator[Path]:
    """The file that lets the waiting jobs end."""
    path = tmp_path / "go"
    yield path
    path.touch()


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    """Open the page of these pairs and wait until it is there."""
    opening.show(page, console.url + routes.workers(pairs))


def row(page: Page, name: str) -> Locator:
    """The row of a worker."""
    return page.locator("[data-row]").filter(has=page.get_by_text(name, exact=True))


def cell(page: Page, name: str, label: str) -> Locator:
    """One figure of a row."""
    return row(page, name).locator(f'td[data-label="{label}"]')


def confirm(page: Page, verb: str, reason: str = "") -> None:
    """Answer the open question."""
    question = page.get_by_role("dialog", name=re.compile(f"^{verb}"))
    if reason:
        expect(question.get_by_role("button", name=re.compile(f"^{verb}"))).to_have_attribute("aria-disabled", "true")
        question.get_by_label("Reason").fill(reason)
    question.get_by_role("button", name=re.compile(f"^{verb}")).click()


def test_a_worker_is_drained_resumed_and_stopped_from_the_page(
    page: Page, yard: Console, start: Start, go: Path
) -> None:
    show(page, yard)
    expect(page.get_by_role("heading", name="No worker here")).to_be_visible()
    process = start("night")
    job = start_waiting(yard, go)
    await_job(yard, job, JobState.RUNNING)
    expect(page.get_by_text("1 worker online; 1 of 2 slots in use.")).to_be_visible()
    expect(cell(page, "night", "Running now").get_by_role("link")).to_have_attribute("href", routes.job(job))
    # With every slot in use, what comes later can't be taken before the worker has heard of its drain.
    await_job(yard, start_waiting(yard, go), JobState.RUNNING)
    expect(page.get_by_text("1 worker online; 2 of 2 slots in use.")).to_be_visible()

    row(page, "night").get_by_role("button", name="Drain").click()
    expect(page.get_by_role("dialog")).to_contain_text("2 jobs now running")
    expect(page.get_by_role("dialog")).to_contain_text("no other worker takes jobs there")
    confirm(page, "Drain", "deploy of 1.4")
    expect(cell(page, "night", "State")).to_contain_text("draining")
    expect(page.get_by_text("“deploy of 1.4”")).to_be_visible()
    expect(page.get_by_text("It finishes 2 jobs and takes nothing new.")).to_be_visible()
    warned = page.get_by_role("region", name="Warnings")
    expect(warned).to_contain_text(f"All workers of the queue {QUEUE} are draining or drained")

    later = start_waiting(yard, go)
    opening.show(page, yard.url + routes.job(later))
    expect(page.get_by_text(f"The worker of the queue {QUEUE} is draining and takes nothing new.")).to_be_visible()
    page.get_by_role("link", name="Open the workers of its queue").click()
    expect(page).to_have_url(yard.url + routes.workers([("queue", QUEUE)]))

    go.touch()
    expect(cell(page, "night", "State")).to_contain_text("drained")
    await_job(yard, job, JobState.SUCCEEDED)
    await_job(yard, later, JobState.SCHEDULED)
    page.get_by_role("button", name="Resume", exact=True).click()
    confirm(page, "Resume")
    expect(cell(page, "night", "State")).to_contain_text("online")
    await_job(yard, later, JobState.SUCCEEDED)

    row(page, "night").get_by_role("button", name="Stop").click()
    confirm(page, "Stop", "it is old")
    expect(page.get_by_role("heading", name="Gone in the last 24 hours")).to_be_visible()
    expect(cell(page, "night", "State")).to_contain_text("ended")
    assert process.wait(20) == 0
    expect(page.get_by_text("No worker runs, so nothing starts.")).to_be_visible()


def test_the_drawer_tells_what_a_worker_is_does_and_did_and_what_was_done_to_it(
    page: Page, yard: Console, start: Start, go: Path
) -> None:
    process = start("night", f"{QUEUE},scan")
    job = start_waiting(yard, go)
    await_job(yard, job, JobState.RUNNING)
    queue = ("queue", QUEUE)
    show(page, yard, queue)
    row(page, "night").get_by_role("link", name="night", exact=True).click()
    worker = workers(yard)["night"]
    opened = yard.url + routes.workers([queue, ("worker", worker["id"])])
    expect(page).to_have_url(opened)
    drawer = page.get_by_role("dialog", name="night", exact=True)
    expect(drawer).to_contain_text(f"{worker['host']} · pid {worker['pid']} · {worker['version']}")
    expect(drawer).to_contain_text(worker["id"])
    expect(drawer).to_contain_text("It takes jobs.")
    expect(drawer.get_by_role("link", name="scan", exact=True)).to_have_attribute(
        "href", routes.jobs([("queue", "scan")])
    )
    running = drawer.locator("section").filter(has=page.get_by_role("heading", name="Running now"))
    expect(running.get_by_role("link")).to_have_attribute("href", routes.job(job))
    expect(drawer).to_contain_text("No job has ended on it yet.")
    expect(drawer.get_by_role("heading", name="What was done")).to_have_count(0)
    assert_accessible(page)

    drawer.get_by_role("button", name="Drain").click()
    confirm(page, "Drain", "deploy of 1.4")
    expect(drawer).to_contain_text("It finishes 1 job and takes nothing new.")
    done = drawer.locator("section").filter(has=page.get_by_role("heading", name="What was done"))
    expect(done.get_by_role("listitem")).to_have_count(1)
    expect(done).to_contain_text("“deploy of 1.4”")
    go.touch()
    expect(drawer).to_contain_text("It runs nothing and takes nothing until it is resumed.")
    last = drawer.locator("section").filter(has=page.get_by_role("heading", name="Its last jobs"))
    expect(last.get_by_role("listitem")).to_contain_text("succeeded")
    expect(last.get_by_role("link", name="All its jobs")).to_have_attribute(
        "href", routes.jobs([("worker", worker["id"])])
    )
    drawer.get_by_role("button", name="Resume").click()
    confirm(page, "Resume")
    expect(drawer).to_contain_text("It takes jobs.")
    expect(done.get_by_role("listitem")).to_have_count(2)
    done.get_by_role("link", name="All of it in the audit").click()
    expect(page).to_have_url(yard.url + routes.audit([("kind", "worker"), ("id", worker["id"])]))
    page.locator("[data-row] [data-row-link]").first.click()
    page.get_by_role("dialog").get_by_role("link", name=re.compile("night")).click()
    expect(page).to_have_url(yard.url + routes.worker(worker["id"]))

    process.terminate()
    await_worker(yard, "night", "drained", ended=True)
    expect(drawer).to_contain_text("It ended by itself, with nothing left to do.")
    expect(drawer.get_by_role("button", name="Drain")).to_have_count(0)
    drawer.get_by_role("button", name="Close").last.click()
    expect(page).to_have_url(yard.url + routes.workers())
    show(page, yard, queue, ("worker", "nobody"))
    expect(page.get_by_role("dialog", name="This worker is not there")).to_contain_text(
        "it ended more than 30 days ago"
    )
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page).to_have_url(yard.url + routes.workers([queue]))


def test_the_workers_of_one_version_are_drained_from_the_warning(page: Page, yard: Console, start: Start) -> None:
    start("new")
    start("old", version="0.0.1")
    show(page, yard)
    page.get_by_role("link", name="Show those of 0.0.1").click()
    expect(page).to_have_url(yard.url + routes.workers([("version", "0.0.1")]))
    expect(page.locator("[data-row]")).to_have_count(1)
    page.get_by_role("button", name="Drain the 1 that match").click()
    confirm(page, "Drain", "deploy")
    expect(cell(page, "old", "State")).to_contain_text("drained")
    page.go_back()
    expect(cell(page, "new", "State")).to_contain_text("online")
    show(page, yard, ("host", "nowhere"))
    expect(page.get_by_text("1 filter hides 2 workers")).to_be_visible()
    show(page, yard, ("state", "asleep"))
    expect(page.get_by_role("alert")).to_contain_text("There is no state of a worker 'asleep'")


def test_a_queue_without_a_worker_and_a_lost_worker_are_told(page: Page, yard: Console, start: Start, go: Path) -> None:
    victim = start("victim", "scan")
    start_waiting(yard, go)
    show(page, yard)
    warned = page.get_by_role("region", name="Warnings")
    expect(warned).to_contain_text(f"No worker serves the queue {QUEUE}. 1 job waits in it.")
    start("witness", "scan")
    victim.kill()
    expect(cell(page, "victim", "State")).to_contain_text("lost")
    warned.get_by_role("link", name="Open the waiting jobs").click()
    expect(page).to_have_url(yard.url + routes.jobs([("state", "scheduled"), ("queue", QUEUE)]))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible_and_hostile_names_do_nothing(
    page: Page, yard: Console, start: Start, go: Path, theme: Any
) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    show(page, yard)
    assert_accessible(page)
    start(HOSTILE, f"{QUEUE},<b>q</b>", version="<i>9</i>")
    start("ending", "scan").terminate()
    await_worker(yard, "ending", "drained", ended=True)
    job = start_waiting(yard, go)
    await_job(yard, job, JobState.RUNNING)
    ask(yard, "drain", HOSTILE)
    expect(cell(page, HOSTILE, "State")).to_contain_text("draining")
    expect(page.get_by_text("<b>q</b>").first).to_be_visible()
    assert_accessible(page)
    row(page, HOSTILE).get_by_role("button", name="Stop").click()
    expect(page.get_by_role("dialog", name=f"Stop {HOSTILE}?")).to_be_visible()
    assert_accessible(page)
    assert page.locator("main img").count() == 0
    assert "pwned" not in page.title()


def test_a_phone_shows_every_control(page: Page, yard: Console, start: Start, go: Path) -> None:
    start("a-name-that-is-as-long-as-a-name-of-a-worker-can-be-at-the-most")
    start("night")
    ask(yard, "drain", "night")
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, yard)
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0
    expect(page.get_by_role("button", name="Resume", exact=True)).to_be_visible()
    row(page, "night").get_by_role("checkbox", name="Show all figures").click()
    expect(row(page, "night").get_by_role("button", name="Stop")).to_be_visible()
    assert page.evaluate(sideways) == 0
    assert_accessible(page)
