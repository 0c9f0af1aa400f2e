"""A console whose remote misbehaves: it says so, goes on by itself, and loses no word that was typed into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.backends.embedded.engines import ledger_engine
from execution_ops.settings import PREFIX, Settings
from tests.e2e.moody import Moody
from tests.e2e.opening import show
from tests.e2e.servers import Console, new_console, serving
from tests.factories import add_jobs, job_values
from tests.gateway.hostile import Answer, Flood, answer, half, hang_up, silent

WHY = "disk of the scanner is full"
MOODS = {
    "half an answer": (half, "broke off its answer"),
    "no answer": (hang_up, "broke off its answer"),
    "silence": (silent, "did not answer in time"),
    "HTML": (answer(200, "<title>Log in</title>", kind="text/html"), "answered with text/html where JSON was expected"),
    "another version": (answer(200, {"rows": []}), "It may be of another version than this console"),
    "429": (answer(429, "{}", Retry_After="20"), "asks to come back in 20 s"),
    "500": (answer(500, "oops", kind="text/plain"), "failed (HTTP 500)"),
    "502": (answer(502, "<html>", kind="text/html"), "failed (HTTP 502)"),
    "503": (answer(503, "{}"), "failed (HTTP 503)"),
    "1 GB": (Flood(told=False), "was not read"),
}
# In the usual suite one that comes at once stands for all.
SHORT = ("502",)


@pytest.fixture(scope="module")
def remote(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console without a worker, whose jobs so wait for ever."""
    console = new_console(tmp_path_factory.mktemp("remote"))
    with serving(console):
        yield console


@pytest.fixture(scope="module")
def way(remote: Console) -> Iterator[Moody]:
    """The way to the remote."""
    with Moody(remote.url).serving() as way:
        yield way


@pytest.fixture(scope="module")
def front(build: Path, way: Moody, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """The console on it."""
    console = new_console(tmp_path_factory.mktemp("front"))
    console.environment[f"{PREFIX}BACKEND"] = way.url
    with serving(console):
        yield console


@pytest.fixture
def job_id(remote: Console) -> str:
    """A job at the remote that waits."""
    engine = ledger_engine(Settings(data_dir=remote.data_dir).url())
    (row,) = add_jobs(engine, [job_values(state="pending", job_type="stories.remote")])
    engine.dispose()
    return str(row["id"])


@pytest.mark.parametrize(
    ("bad", "words"),
    [pytest.param(*MOODS[name], id=name, marks=() if name in SHORT else pytest.mark.long) for name in MOODS],
)
def test_an_outage_is_said_and_what_was_typed_stays(
    page: Page, front: Console, way: Moody, job_id: str, bad: Answer, words: str
) -> None:
    show(page, front.url + routes.job(job_id))
    live, banner = page.locator(".topbar .live"), page.locator(".disc")
    expect(live).to_contain_text("Live")
    page.get_by_role("main").get_by_role("button", name="Cancel", exact=True).click()
    dialog = page.get_by_role("dialog", name="Cancel this job?")
    dialog.get_by_label("Reason").fill(WHY)
    confirm = dialog.get_by_role("button", name="Cancel 1 job")
    with way.mood(bad):
        confirm.click()
        expect(dialog.get_by_role("alert")).to_contain_text(words)
        expect(banner).to_contain_text("Stale since")
        # What comes in place of the stream of changes has the wrong kind before it is too long or cut.
        expect(banner).to_contain_text(re.compile(f"{re.escape(words)}|where text/event-stream was expected"))
        # The last that was known stays, and so does the question with what was typed into it.
        expect(page.locator("h1")).to_have_text("stories.remote")
        expect(dialog.get_by_label("Reason")).to_have_value(WHY)
        with page.context.new_page() as other:
            other.goto(front.url + routes.jobs())
            problem = other.get_by_role("main").get_by_role("alert").filter(has_text="This could not be read")
            expect(problem).to_contain_text(words)
            expect(problem.get_by_role("button", name="Retry")).to_be_visible()
            expect(other.locator("h1")).to_have_text("Jobs")
            way.passes()
            # By itself, without Retry.
            expect(other.get_by_role("table", name="Jobs")).to_be_visible()
    expect(live).to_contain_text("Live")
    expect(banner).to_have_count(0)
    expect(dialog.get_by_label("Reason")).to_have_value(WHY)
    confirm.click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("main").get_by_text("canceled", exact=True).first).to_be_visible()
