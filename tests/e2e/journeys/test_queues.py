"""Journeys that begin with jobs that wait: for a worker, for a quota, for a worker that is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.domain.states import JobState
from execution_ops.settings import PREFIX
from tests.e2e import failing_jobs, waiting_jobs
from tests.e2e.failing_jobs import QUEUE, TYPE
from tests.e2e.fleet import await_job, await_worker, start_waiting
from tests.e2e.journeys.operator import Operator
from tests.e2e.servers import Console, await_answer, new_console, running

WEB = "import tests.e2e.waiting_jobs as jobs; jobs.register(); import tests.e2e.failing_jobs as jobs; jobs.web()"
WHY = "the mirror answers 429"


@pytest.fixture
def idle(build: Path, tmp_path: Path) -> Iterator[Console]:
    """A console without a worker; one that is gone is soon missed there. It knows both types of the stories."""
    console = new_console(tmp_path)
    console.environment.update({f"{PREFIX}HEARTBEAT_INTERVAL": "0.5", f"{PREFIX}LOST_AFTER": "10"})
    with running(console, WEB, "web") as web:
        await_answer(web, f"{console.url}{routes.HEALTH}", tmp_path / "web.log")
        yield console


def submit(console: Console, count: int) -> list[str]:
    """Jobs that succeed as soon as a worker takes them; their ids."""
    cure = console.data_dir.parent / "cure"
    cure.touch()
    ids = []
    for number in range(count):
        body = {"job_type": TYPE, "payload": {"error": f"never seen {number}", "cure": str(cure)}}
        answer = httpx.post(f"{console.url}{routes.api_jobs()}", json=body, headers={"X-Stella-Tenant": "acme"})
        answer.raise_for_status()
        ids += answer.json()["job_ids"].values()
    return ids


def test_from_the_queue_that_is_stuck_to_its_last_job(page: Page, idle: Console, asked: list[str]) -> None:
    """2. Jobs wait and nothing moves: no worker. The page says how one is started, and that is done."""
    submit(idle, 3)
    operator = Operator(page, idle)
    operator.begins()
    operator.reads(f"No worker serves the queue {QUEUE}", "3 jobs wait", "Start a worker")
    operator.follows("3 jobs wait", f"{routes.jobs()}?state=scheduled&queue={QUEUE}")
    operator.opens(TYPE, routes.job("*"))
    operator.reads(f"No worker that is online serves the queue {QUEUE}. Start one: execution-ops worker")
    operator.follows("Open the workers of its queue", f"{routes.workers()}?queue={QUEUE}")
    operator.reads("No worker here", "execution-ops worker")
    # As `execution-ops worker`, with the job types of the tests.
    with running(idle, failing_jobs.WORKER, "worker"):
        operator.reads("online")
        operator.navigates("Jobs & Queues", routes.jobs_queues())
        operator.reads("nothing blocks")
        operator.counts("Done, last hour", "3", f"{routes.jobs()}?state=succeeded…")
        operator.walks_back()


@pytest.mark.long
def test_from_the_job_that_waits_to_the_quota_that_was_paused(operator: Operator, console: Console) -> None:
    """3. Why does it wait? Somebody paused its quota, and said why. That is over: it goes on."""
    pause_quota(console)
    submit(console, 1)
    operator.begins()
    operator.reads(f"The quota acme / {TYPE} is paused")
    operator.follows("1 job waits", f"{routes.jobs()}?quota=*")
    operator.opens(TYPE, routes.job("*"))
    operator.badge("scheduled")
    operator.reads("paused its quota", WHY)
    operator.follows("Open its quota", routes.quota("*"))
    operator.sees(re.compile("acme"))
    operator.reads(WHY)
    operator.presses("Resume")
    operator.answers(re.compile("^Resume acme"), re.compile("^Resume"))
    operator.closes(routes.quotas())
    operator.navigates("Jobs", routes.jobs())
    operator.opens(TYPE, routes.job("*"))
    operator.badge("succeeded")
    operator.walks_back()


def pause_quota(console: Console) -> None:
    """Limit the jobs of one tenant, and pause them."""
    limits = {"tenant": "acme", "job_type": TYPE, "max_active": 2}
    answer = httpx.post(f"{console.url}{routes.api_quotas()}", json=limits)
    answer.raise_for_status()
    address = routes.Rest.QUOTA_PAUSE.format(quota_id=answer.json()["id"])
    httpx.post(f"{console.url}{address}", headers={"X-Stella-Operator-Reason": WHY}).raise_for_status()


@contextmanager
def lost_worker(console: Console, go: Path) -> Iterator[None]:
    """A worker takes a job and is killed while it runs; the next one may take it up."""
    with running(console, waiting_jobs.worker_code("night-1"), "night-1") as first:
        await_worker(console, "night-1", "online")
        job = start_waiting(console, go)
        await_job(console, job, JobState.RUNNING)
        first.kill()
        yield


@pytest.mark.long
def test_from_the_worker_that_is_gone_to_its_job_elsewhere(page: Page, idle: Console, asked: list[str]) -> None:
    """6. A worker was killed in the middle of a job: the job was taken up by another, and the page tells how."""
    go = idle.data_dir.parent / "go"
    with lost_worker(idle, go), running(idle, waiting_jobs.worker_code("night-2"), "night-2"):
        operator = Operator(page, idle)
        operator.begins()
        operator.navigates("Workers", routes.workers())
        operator.reads("Gone in the last 24 hours")
        row = page.get_by_role("table", name="Workers that are gone").get_by_role("row").filter(has_text="night-1")
        expect(row).to_contain_text("lost")
        operator.follows(waiting_jobs.TYPE, routes.job("*"))
        operator.badge("running")
        operator.reads("its worker was lost", re.compile("worker .+ died"))
        attempts = page.get_by_role("table", name="Attempts").get_by_role("row")
        expect(attempts).to_have_count(3)
        expect(attempts.nth(1)).to_contain_text("running")
        expect(attempts.nth(2)).to_contain_text("lost")
        go.touch()
        operator.badge("succeeded")
        operator.reads("It succeeded on attempt 2 of 2.")
        operator.walks_back()
