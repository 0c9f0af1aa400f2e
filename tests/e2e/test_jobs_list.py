"""The job list, as an operator uses it: whatever it shows is in its address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, column, func, insert, select

from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.quota_tables import Quota, QuotaHold
from execution_ops.backends.embedded.tables import Job
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.times import from_ms, iso
from tests.e2e.job_list import address, expect_labels, expect_rows, names, show, type_filter
from tests.e2e.servers import Console, profile
from tests.factories import START, add_jobs, job_values

pytestmark = pytest.mark.long

TENANT = "acme-stories"
BASE = ("tenant", TENANT)
PAGES = "acme-pages"
MINUTE = 60_000


# Five jobs by label, each told from the rest by some filter.
QUOTA = new_id()
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
    "ended_after": Story(f"ended_after:{NOON}", ("ended_after", NOON), "dc"),
    "id": Story(f"id:{IDS['d'][:30]}", ("id", IDS["d"][:30]), "d"),
    "dag": Story(f"dag:{IDS['b']}", ("dag", IDS["b"]), "b"),
    "worker": Story("worker:stories-w1", ("worker", "stories-w1"), "a"),
    "quota": Story(f"quota:{QUOTA}", ("quota", QUOTA), "e"),
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
    stored = {row["label"]: row for row in add_jobs(ledger, rows)}
    hold(ledger, stored["e"])
    return stored


def hold(ledger: Engine, row: dict[str, Any]) -> None:
    """Let a paused quota of the tenant hold the job back."""
    scope = {"tenant": row["tenant"], "job_type": row["job_type"], "created_at": START}
    paused = {"paused_at": START, "paused_by": "ann", "changed_at": START, "changed_by": "ann"}
    with write(ledger) as connection:
        connection.execute(insert(Quota).values(id=QUOTA, **scope, **paused))
        number = connection.execute(select(Quota.n).where(column("id") == QUOTA)).scalar_one()
        held = {"n": row["n"], "queue": row["queue"], "priority": 0, "quota_n": number}
        connection.execute(insert(QuotaHold).values(**{**scope, "created_at": row["created_at"]}, **held))


@pytest.fixture(scope="module")
def pages(ledger: Engine) -> list[dict[str, Any]]:
    """120 jobs, oldest first, forty to an instant."""
    values = {"tenant": PAGES, "job_type": "stories.page", "queue": "stories-red"}
    return add_jobs(ledger, [job_values(**values, created_at=START + n // 40) for n in range(120)])


def ordered(*pairs: tuple[str, str]) -> Sequence[tuple[str, str]]:
    """The pairs in the order in which the console writes them."""
    keys = [
        "state",
        "job_type",
        "queue",
        "tenant",
        "after",
        "before",
        "ended_after",
        "id",
        "dag",
        "worker",
        "quota",
        "error",
    ]
    return sorted(pairs, key=lambda pair: keys.index(pair[0]) if pair[0] in keys else len(keys))


def test_every_filter_has_its_story() -> None:
    assert set(STORIES) - {"plain words"} == set(JobFilter.model_fields) - {"sort"}


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
    with profile(browser) as elsewhere:
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


@pytest.mark.usefixtures("jobs")
def test_filters_add_up_and_are_cleared_together(page: Page, console: Console) -> None:
    show(page, console, BASE)
    page.get_by_role("navigation", name="States").get_by_role("link", name="failed").click()
    expect(page).to_have_url(address(console, ("state", "failed"), BASE))
    expect_labels(page, "b")
    expect(page.get_by_role("link", name=re.compile("failed 1$"))).to_have_attribute("aria-current", "page")
    type_filter(page, "twice")
    expect(page).to_have_url(address(console, ("state", "failed"), BASE, ("error", "twice")))
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page).to_have_url(address(console))
    expect(page.locator(".tok")).to_have_count(0)


@pytest.mark.usefixtures("jobs")
def test_suggestions_are_picked_by_keyboard(page: Page, console: Console) -> None:
    show(page, console, BASE)
    page.keyboard.press("f")
    page.keyboard.type("que")
    page.keyboard.press("Tab")
    page.keyboard.type("blue")
    expect(page.get_by_role("option", name="stories-blue")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(address(console, ("queue", "stories-blue"), BASE))


@pytest.mark.usefixtures("jobs")
def test_what_is_typed_wrong_is_said_and_leaves_the_rows(page: Page, console: Console) -> None:
    show(page, console, BASE)
    type_filter(page, "after:yesterday")
    expect(page.get_by_role("alert")).to_contain_text("'yesterday' is no time")
    expect(page).to_have_url(address(console, BASE))
    expect_labels(page, "edcba")
    page.keyboard.type("color:red")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is no field color")


@pytest.mark.usefixtures("jobs")
def test_the_order_is_a_link(page: Page, console: Console) -> None:
    show(page, console, BASE)
    head = page.get_by_role("columnheader", name="Created")
    expect(head).to_have_attribute("aria-sort", "descending")
    head.get_by_role("link").click()
    expect(page).to_have_url(address(console, BASE, ("sort", "oldest")))
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect_labels(page, "abcde")
    head.get_by_role("link").click()
    expect(page).to_have_url(address(console, BASE))
    expect_labels(page, "edcba")


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_pages_lose_no_job_and_repeat_none(
    page: Page, console: Console, pages: list[dict[str, Any]], sort: str
) -> None:
    newest_first = sort == "newest"
    order = [row["id"] for row in (reversed(pages) if newest_first else pages)]
    onwards, back = ("Older", "Newer") if newest_first else ("Newer", "Older")
    show(page, console, ("tenant", PAGES), *([] if newest_first else [("sort", sort)]))
    expect_rows(page, order[:50])
    expect(page.get_by_role("link", name=back)).to_have_attribute("aria-disabled", "true")
    page.get_by_role("link", name=onwards).click()
    expect_rows(page, order[50:100])
    expect(page).to_have_url(re.compile("[?&]cursor="))
    page.get_by_role("link", name=onwards).click()
    expect_rows(page, order[100:])
    expect(page.get_by_role("link", name=onwards)).to_have_attribute("aria-disabled", "true")
    page.get_by_role("link", name=back).click()
    expect_rows(page, order[50:100])
    page.get_by_role("link", name=back).click()
    expect_rows(page, order[:50])
    page.go_back()
    expect_rows(page, order[50:100])


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (("state", "exploded"), "There is no such state; known are pending"),
        (("cursor", "garbage"), "This page address is damaged"),
        (("after", "yesterday"), "'yesterday' is no time"),
        (("error", "x" * 5000), "too long"),
        (("bulk", new_id()), "There is no job"),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else "",
)
@pytest.mark.usefixtures("jobs")
def test_an_address_that_is_no_list_says_why_and_leads_back(
    page: Page, console: Console, pair: tuple[str, str], words: str
) -> None:
    show(page, console, pair)
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text(words)
    refusal.get_by_role("link", name="Show all jobs").click()
    expect(page).to_have_url(address(console))
    expect(names(page)).not_to_have_count(0)


@pytest.mark.usefixtures("jobs")
def test_one_can_type_out_of_an_address_that_is_no_list(page: Page, console: Console) -> None:
    show(page, console, ("state", "exploded"))
    expect(page.get_by_role("alert")).to_be_visible()
    type_filter(page, f"tenant:{TENANT}")
    expect(page).to_have_url(address(console, BASE))
    expect_labels(page, "edcba")


@pytest.mark.usefixtures("jobs")
def test_filters_that_leave_nothing_say_how_much_they_hide(page: Page, console: Console, ledger: Engine) -> None:
    with read(ledger) as connection:
        count = connection.scalar(select(func.count()).select_from(Job))
    show(page, console, ("queue", "no-such-queue"), BASE)
    expect(page.get_by_role("heading", name=f"2 filters hide {count:,} jobs")).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(page).to_have_url(address(console))
    expect(names(page)).not_to_have_count(0)
