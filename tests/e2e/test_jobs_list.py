"""The job list, as an operator uses it: whatever it shows is in its address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine

from execution_ops import routes
from execution_ops.domain.ids import new_id
from execution_ops.domain.times import from_ms, iso
from tests.e2e.servers import Console
from tests.factories import START, add_jobs, job_values

TENANT = "acme-stories"
BASE = ("tenant", TENANT)
MINUTE = 60_000


# Five jobs by label, each told from the rest by some filter.
IDS = {label: new_id() for label in "abcde"}
TOLD: dict[str, dict[str, Any]] = {
    "a": {"state": "succeeded", "queue": "stories-blue", "worker_id": "stories-w1"},
    "b": {"state": "failed", "error_type": "ValueError", "error_message": "the zebra crossed twice"},
    "c": {"state": "timed_out", "job_type": "stories.other", "error_message": "a zebra was late"},
    "d": {"state": "canceled", "payload": {"image": {"tag": "v9 rc:1"}}},
    "e": {"state": "pending"},
}


class Story(NamedTuple):
    """What is typed, the pair that it becomes in the address, and the labels of what matches."""

    typed: str
    pair: tuple[str, str]
    labels: str


NOON = iso(from_ms(START + 2 * MINUTE))
PAYLOAD = ("payload.image.tag", "v9 rc:1")
STORIES = {
    "state": Story("state:timed_out", ("state", "timed_out"), "c"),
    "job_type": Story("job_type:stories.other", ("job_type", "stories.other"), "c"),
    "queue": Story("queue:stories-blue", ("queue", "stories-blue"), "a"),
    "tenant": Story(f"tenant:{TENANT}", BASE, "d"),
    "after": Story(f"after:{NOON}", ("after", NOON), "edc"),
    "before": Story(f"before:{NOON}", ("before", NOON), "ba"),
    "id": Story(f"id:{IDS['d'][:30]}", ("id", IDS["d"][:30]), "d"),
    "dag": Story(f"dag:{IDS['b']}", ("dag", IDS["b"]), "b"),
    "worker": Story("worker:stories-w1", ("worker", "stories-w1"), "a"),
    "error": Story('error:"zebra twice"', ("error", "zebra twice"), "b"),
    "plain words": Story("zebra", ("error", "zebra"), "cb"),
    "payload": Story("payload.image.tag:v9 rc:1", PAYLOAD, "d"),
}


@pytest.fixture(scope="module")
def jobs(ledger: Engine) -> dict[str, dict[str, Any]]:
    """The five jobs by label, stored a minute apart."""
    common = {"tenant": TENANT, "job_type": "stories.job", "queue": "stories-red"}
    rows = [
        job_values(**common | values, id=IDS[label], label=label, created_at=START + minute * MINUTE)
        for minute, (label, values) in enumerate(TOLD.items())
    ]
    return {row["label"]: row for row in add_jobs(ledger, rows)}


def address(console: Console, *pairs: tuple[str, str]) -> str:
    return console.url + routes.jobs(pairs)


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    """Open the list of these pairs and wait until it is there."""
    page.goto(address(console, *pairs))
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)


def names(page: Page) -> Locator:
    """The names of the rows on view."""
    return page.locator("[data-row] [data-row-link]")


def expect_labels(page: Page, labels: str) -> None:
    """Wait until exactly the jobs with these one-letter labels are on view, in this order."""
    expect(names(page)).to_have_text([re.compile(rf"^\S+ {label}$") for label in labels])


def type_filter(page: Page, text: str) -> None:
    page.keyboard.press("f")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def ordered(*pairs: tuple[str, str]) -> Sequence[tuple[str, str]]:
    """The pairs in the order in which the console writes them."""
    keys = ["state", "job_type", "queue", "tenant", "after", "before", "id", "dag", "worker", "error"]
    return sorted(pairs, key=lambda pair: keys.index(pair[0]) if pair[0] in keys else len(keys))


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.usefixtures("jobs")
def test_a_filter_is_in_the_address(page: Page, browser: Browser, console: Console, name: str) -> None:
    story = STORIES[name]
    # Above the tenant's own filter the tenant itself would change nothing.
    base, others = (PAYLOAD, "d") if name == "tenant" else (BASE, "edcba")
    filtered = address(console, *ordered(base, story.pair))
    show(page, console, base)
    expect_labels(page, others)

    type_filter(page, story.typed)
    expect(page).to_have_url(filtered)
    expect_labels(page, story.labels)
    with browser.new_context() as elsewhere:
        copy = elsewhere.new_page()
        copy.goto(page.url)
        expect_labels(copy, story.labels)
        expect(copy.locator(".tok")).to_have_count(2)
    page.go_back()
    expect(page).to_have_url(address(console, base))
    expect_labels(page, others)
    page.go_forward()
    expect(page).to_have_url(filtered)
    expect_labels(page, story.labels)
    page.reload()
    expect_labels(page, story.labels)

    page.locator(".tok", has_not_text=base[1]).get_by_role("button").click()
    expect(page).to_have_url(address(console, base))
    expect_labels(page, others)
