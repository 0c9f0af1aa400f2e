"""The command palette in the console: pages, ids of every kind, and the verbs of a selection and of one thing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from execution_ops import routes
from tests.e2e.axe import assert_accessible
from tests.e2e.job_list import show as show_jobs
from tests.e2e.opening import show
from tests.e2e.servers import Console
from tests.factories import START, add_jobs, job_values

TENANT = "palette"
HOSTILE = "<img src=x onerror=document.title=1>"


@pytest.fixture(scope="module")
def seeded(ledger: Engine) -> list[dict[str, Any]]:
    """Three jobs that wait for a parent, and one that failed."""
    common = {"tenant": TENANT, "job_type": "stories.find"}
    rows = [job_values(**common, label=name, state="pending", created_at=START + n) for n, name in enumerate("abc")]
    return add_jobs(ledger, [*rows, job_values(**common, label=HOSTILE, state="failed", created_at=START)])


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Command palette")


def typed(page: Page, text: str) -> None:
    page.keyboard.press("Control+k")
    expect(palette(page).get_by_role("combobox")).to_be_focused()
    page.keyboard.type(text)


def option(page: Page, *words: str) -> Locator:
    found = palette(page).get_by_role("option")
    for word in words:
        found = found.filter(has_text=word)
    return found


def test_a_page_and_a_job_are_two_keys_away(page: Page, console: Console, seeded: list[dict[str, Any]]) -> None:
    show(page, console.url + routes.workers())
    typed(page, "off kits")
    expect(option(page, "Offline kits")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(console.url + routes.offline_kits())
    # A key pressed before the page has come would be the old one's.
    expect(page.get_by_role("heading", name="Offline kits", level=1)).to_be_visible()
    job = seeded[-1]
    typed(page, job["id"])
    expect(option(page, HOSTILE, "failed", "Job")).to_have_attribute("aria-selected", "true")
    assert page.locator("img").count() == 0
    page.keyboard.press("Enter")
    expect(page).to_have_url(console.url + routes.job(job["id"]))
    expect(page).to_have_title(re.compile(r"^stories\.find .* · Execution · Execution Operations$"))
    page.go_back()
    expect(page).to_have_url(console.url + routes.offline_kits())
    expect(page.get_by_role("heading", name="Offline kits", level=1)).to_be_visible()
    typed(page, "0000dead-0000")
    expect(palette(page).get_by_role("status")).to_contain_text("no id begins with it")


def test_what_one_thing_offers_is_what_its_buttons_offer(
    page: Page, console: Console, seeded: list[dict[str, Any]]
) -> None:
    show(page, console.url + routes.job(seeded[-1]["id"]))
    off = page.get_by_role("main").get_by_role("button", name="Cancel")
    expect(off).to_have_accessible_description(re.compile(r"."))
    reason = page.locator(f"[id='{off.get_attribute('aria-describedby')}']").inner_text()
    typed(page, "cancel")
    expect(option(page, "Cancel", reason)).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    typed(page, "retry")
    page.keyboard.press("Enter")
    question = page.get_by_role("dialog", name="Retry this job?")
    expect(question).to_be_visible()
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)


@pytest.mark.long
def test_a_selection_is_canceled_from_the_palette(
    page: Page, console: Console, ledger: Engine, seeded: list[dict[str, Any]]
) -> None:
    show_jobs(page, console, ("tenant", TENANT), ("state", "pending"))
    typed(page, "cancel")
    expect(option(page, "Cancel", "Nothing is selected.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name=re.compile(r"^Select \S+ a ")).click()
    page.get_by_role("checkbox", name=re.compile(r"^Select \S+ b ")).click()
    typed(page, "cancel")
    expect(option(page, "Cancel", "2 selected")).to_have_attribute("aria-selected", "true")
    assert_accessible(page)
    page.keyboard.press("Enter")
    question = page.get_by_role("dialog", name="Cancel 2 jobs?")
    question.get_by_label("Reason").fill("found by the palette")
    question.get_by_role("button", name="Cancel 2 jobs").click()
    expect(page.get_by_text("Cancel: 2 jobs done.")).to_be_visible()


@pytest.mark.long
def test_on_a_phone_it_opens_from_the_top_bar(page: Page, console: Console, seeded: list[dict[str, Any]]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show_jobs(page, console, ("tenant", TENANT))
    page.get_by_role("button", name="Find or do").click()
    palette(page).get_by_role("combobox").fill("baselines")
    option(page, "Baselines").click()
    expect(page).to_have_url(console.url + routes.baselines([("tenant", TENANT)]))
    page.get_by_role("button", name="Find or do").click()
    palette(page).get_by_role("button", name="Close").click()
    expect(palette(page)).to_have_count(0)
