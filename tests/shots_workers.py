"""Pictures of the page of workers in all that it can show, for people to look at.

Real worker processes: some at work, one drained, one of another version, one with a hostile name, one
killed.
"""

from __future__ import annotations

from contextlib import ExitStack

from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.domain.states import JobState
from tests.e2e.fleet import ask, await_job, await_worker, start_waiting, workers
from tests.e2e.servers import Console, await_answer, running
from tests.e2e.waiting_jobs import QUEUE, WEB, worker_code
from tests.shots import Camera

HOSTILE = '<img src=x onerror=alert(1)> "a" & a name as long as can be'


def ask_drain(page: Page) -> None:
    """The question before all are drained."""
    page.get_by_role("button", name="Drain all").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def ask_stop(page: Page) -> None:
    """The question before one is stopped."""
    row = page.locator("[data-row]").first
    if not row.get_by_role("button", name="Stop").is_visible():
        row.get_by_role("checkbox", name="Show all figures").click()
    row.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def photograph(camera: Camera, console: Console, stack: ExitStack) -> None:
    """All pictures of one console that starts without a worker."""
    log = console.data_dir.parent
    web = stack.enter_context(running(console, WEB, "web"))
    await_answer(web, f"{console.url}{routes.HEALTH}", log / "web.log")
    camera.take("workers-empty", routes.workers())
    go = log / "go"
    jobs = [start_waiting(console, go) for _ in range(8)]
    for name, code in (
        ("builder-1", worker_code("builder-1", f"{QUEUE},scan", concurrency=6)),
        ("builder-2", worker_code("builder-2", QUEUE, version="0.0.9")),
        ("night", worker_code("night", "scan")),
        ("hostile", worker_code(HOSTILE[:64].strip(), "<b>scan</b>")),
        ("victim", worker_code("victim", "scan")),
    ):
        process = stack.enter_context(running(console, code, name))
        if name == "victim":
            await_worker(console, name, "online")
            process.kill()
    for job in jobs[:6]:
        await_job(console, job, JobState.RUNNING)
    for name in ("builder-1", "builder-2", "night", HOSTILE[:64].strip()):
        await_worker(console, name, "online")
    await_worker(console, "victim", "lost", ended=True)
    ask(console, "drain", "builder-2")
    ask(console, "drain", "night")
    await_worker(console, "night", "drained")
    await_worker(console, "builder-2", "draining")
    camera.take("workers", routes.workers())
    camera.take("workers-filtered", routes.workers([("version", "0.0.9")]))
    camera.take("workers-nothing", routes.workers([("host", "none")]))
    known = workers(console)
    for name in ("builder-1", "night", "victim", HOSTILE[:64].strip()):
        camera.take(f"worker-{name.split()[0].strip('<')}", routes.worker(known[name]["id"]))
    camera.take("worker-nowhere", routes.worker("nobody"))
    camera.take("workers-bad", routes.workers([("state", "asleep")]))
    camera.take("workers-drain", routes.workers(), ask_drain)
    camera.take("workers-stop", routes.workers([("queue", "stories")]), ask_stop)
    ask(console, "drain", "builder-1")
    last = start_waiting(console, go)
    camera.take("workers-why", routes.job(last))
    camera.take("workers-drained", routes.workers())
    go.touch()
