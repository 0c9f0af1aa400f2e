"""How each dialog and drawer is opened that no other pictures show (`tests/shots.py`): questions before verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.domain.states import JobState
from execution_ops.routes import Rest
from tests.e2e.servers import Console
from tests.shots import Opener, Picture


def job_dialogs(console: Console) -> Iterator[Picture]:
    """The questions about jobs and quotas."""
    failed = _first(console, routes.api_jobs([("state", JobState.FAILED)]))["id"]
    waiting = _first(console, routes.api_jobs([("state", JobState.PENDING)]))["id"]
    merged = _first(console, routes.api_jobs([("job_type", "scan.merge"), ("state", JobState.SUCCEEDED)]))["id"]
    yield Picture("job-retry", routes.job(failed), press("Retry"))
    yield Picture("job-cancel", routes.job(waiting), press("Cancel"))
    yield Picture("job-save-baseline", routes.job(merged), press("Save as"))
    yield Picture("jobs-export", routes.jobs(), press("Export", dialog=False))
    yield Picture("jobs-columns", routes.jobs(), _columns)
    quotas = httpx.get(f"{console.url}{routes.api_quotas()}").json()["items"]
    paused, active = (next(one for one in quotas if bool(one["paused_at"]) is on) for on in (True, False))
    yield Picture("quota-pause", routes.quota(active["id"]), press("Pause"))
    yield Picture("quota-resume", routes.quota(paused["id"]), press("Resume"))
    yield Picture("quota-delete", routes.quota(active["id"]), press("Delete"))


def letter_dialogs(console: Console) -> Iterator[Picture]:
    """The questions about dead letters and plans."""
    letter = _first(console, routes.api_letters([("state", "pending")]))["id"]
    resolved = _first(console, routes.api_letters([("state", "resolved")]))["id"]
    yield Picture("entry-replay", routes.dead_letter_entry(letter), press("Replay"))
    yield Picture("entry-resolve", routes.dead_letter_entry(letter), press("Resolve"))
    yield Picture("entry-reopen", routes.dead_letter_entry(resolved), press("Reopen"))
    yield Picture("dead_letter-plan", routes.dead_letter(), press("Plan a replay"))
    plans = httpx.get(f"{console.url}{Rest.REPLAYS}").json()["items"]
    draft = next(one["id"] for one in plans if one["state"] == "draft")
    pending = routes.dead_letter_queue([("state", "pending")])
    yield Picture("dialog-replay", pending, select_and("Replay"))
    yield Picture("dialog-resolve", pending, select_and("Resolve"))
    yield Picture("replay-start", routes.replay(draft), press("Start"))
    yield Picture("replay-abort", routes.replay(draft), press("Abort"))


def schedule_dialogs(console: Console) -> Iterator[Picture]:
    """The questions about schedules and runs, and their drawers."""
    schedule = _first(console, routes.api_schedules([("state", "enabled")]))["schedule"]["id"]
    run = _first(console, routes.api_runs([("state", "error")]))["id"]
    yield Picture("schedules", routes.schedules())
    yield Picture("schedule", routes.schedule(schedule))
    yield Picture("schedule-new", routes.new_schedule())
    yield Picture("schedule-edit", routes.schedule(schedule), _edit)
    for verb in ("Run now", "Pause", "Delete"):
        yield Picture(f"schedule-{verb.split()[0].lower()}", routes.schedule(schedule), press(verb))
    yield Picture("run-retry", routes.run(run), press("Retry"))
    yield Picture("run-stream-retry-failed", routes.run_stream(run), press("Retry failed"))


def scanner_dialogs(console: Console) -> Iterator[Picture]:
    """The questions about kits, baselines and benchmarks."""
    kit = _first(console, routes.api_kits([("state", "verified")]))["id"]
    yield Picture("kit-remove", routes.offline_kit(kit), press("Remove"))
    candidate = _first(console, routes.api_baselines([("state", "candidate")]))["id"]
    yield Picture("baseline-promote", routes.baseline(candidate), press("Promote"))
    yield Picture("baseline-delete", routes.baseline(candidate), press("Delete"))
    result = _first(console, Rest.BENCHMARKS)["result"]["id"]
    yield Picture("performance-promote", routes.performance([("result", result)]), press("Promote|Make"))


def press(*names: str, dialog: bool = True) -> Opener:
    """What presses buttons one after the other, each in what was opened last; at the end a dialog is open."""

    def opener(page: Page) -> None:
        for name in names:
            before = page.locator("dialog[open]").count()
            button = _front(page).get_by_role("button", name=re.compile(f"^({name})"))
            button.first.click()
            if dialog:
                expect(page.locator("dialog[open]")).to_have_count(before + 1)

    return opener


def select_and(verb: str) -> Opener:
    """What picks the first row that is shown and asks for a verb."""

    def opener(page: Page) -> None:
        page.locator("tbody input[type=checkbox]").first.click()
        page.get_by_role("button", name=verb).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()

    return opener


def _front(page: Page) -> Locator:
    """What is in front: the dialog that was opened last, else the page."""
    opened = page.locator("dialog[open]")
    return opened.last if opened.count() else page.get_by_role("main")


def _edit(page: Page) -> None:
    """The form takes the place of the drawer that it was asked for in."""
    _front(page).get_by_role("button", name="Edit", exact=True).click()
    expect(page.locator("dialog[open] form input[name=name]")).not_to_have_value("")


def _columns(page: Page) -> None:
    """At a desk; cards show every figure when they open."""
    columns = page.get_by_role("button", name="Columns")
    if columns.is_visible():
        columns.click()
        expect(page.get_by_role("group", name="Columns")).to_be_visible()


def _first(console: Console, address: str) -> dict[str, Any]:
    answer = httpx.get(f"{console.url}{address}")
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()["items"][0]
    return found
