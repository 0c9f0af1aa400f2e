"""The settings of the scanner: changed, refused, saved, edited by two at once, rolled back; a key; a check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from execution_ops import routes
from execution_ops.domain.states import JobState
from tests.e2e import opening
from tests.e2e.axe import assert_accessible
from tests.e2e.servers import Console, complete, new_console
from tests.trust_keys import ed25519_pem, refused_pems

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def desk(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console of its own: the settings are one for all who share it."""
    console = new_console(tmp_path_factory.mktemp("settings"))
    with complete(console):
        yield console


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    opening.show(page, console.url + routes.scanner_settings(pairs))


def bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Unsaved changes")


def review(page: Page) -> Locator:
    bar(page).get_by_role("button", name="Review").click()
    expect(page).to_have_url(re.compile(r"\?ask=review$"))
    return page.get_by_role("dialog", name=re.compile("^Save "))


def save(page: Page, reason: str) -> None:
    question = review(page)
    question.get_by_label("Reason").fill(reason)
    question.get_by_role("button", name="Save the settings").click()
    expect(question).to_be_hidden()


def test_settings_are_prefilled_checked_saved_and_rolled_back(page: Page, desk: Console) -> None:
    show(page, desk)
    expect(page.get_by_label("Lifetime of an entry")).to_have_value("30")
    expect(page.get_by_label("Fixed instant")).to_have_value("2024-01-01T00:00:00.000Z")
    expect(bar(page)).to_be_hidden()

    page.get_by_label("Lifetime of an entry").fill("400")
    expect(page.get_by_text("Between 1 and 365 days.")).to_be_visible()
    expect(bar(page).get_by_role("button", name="Review")).to_have_attribute("aria-disabled", "true")
    page.get_by_label("Lifetime of an entry").fill("7")
    expect(bar(page)).to_contain_text("1 change")
    question = review(page)
    expect(question).to_contain_text("30 days")
    expect(question).to_contain_text("7 days")
    question.get_by_role("button", name="Go on changing").click()
    expect(page).to_have_url(desk.url + routes.scanner_settings())
    save(page, "less disk")
    expect(page.get_by_text("Version 1, saved by")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Lifetime of an entry")).to_have_value("7")

    page.get_by_role("link", name="History").click()
    expect(page).to_have_url(re.compile(r"\?part=history$"))
    page.get_by_role("link", name="Version 1").click()
    expect(page).to_have_url(re.compile(r"\?part=history&version=1$"))
    expect(page.get_by_role("dialog")).to_contain_text("less disk")
    show(page, desk, ("part", "history"), ("version", "0"))
    page.get_by_role("button", name="Roll back").click()
    asked = page.get_by_role("dialog", name="Roll back to the defaults?")
    expect(asked.locator(".diff")).to_contain_text("7 days")
    expect(asked.locator(".diff")).to_contain_text("30 days")
    asked.get_by_label("Reason").fill("as it was")
    asked.get_by_role("button", name="Roll back").click()
    expect(page.get_by_role("link", name="Version 2")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?part=history$"))


def test_the_second_of_two_sees_what_the_first_saved(page: Page, context: BrowserContext, desk: Console) -> None:
    other = context.new_page()
    for tab in (page, other):
        show(tab, desk)
    page.get_by_label("Size of the cache").fill("3")
    expect(bar(page)).to_contain_text("1 change")
    other.get_by_label("Inspection").fill("900")
    save(other, "they hang")

    # It shows at once, and what was typed stays.
    expect(page.get_by_text("saved by somebody else while you were changing them")).to_be_visible()
    expect(page.get_by_label("Inspection")).to_have_value("900")
    expect(page.get_by_label("Size of the cache")).to_have_value("3")
    question = review(page)
    expect(question).to_contain_text("they hang")
    expect(question).to_contain_text("900 seconds")
    expect(question.get_by_role("button", name="Save the settings")).to_have_attribute("aria-disabled", "true")
    question.get_by_role("button", name="Go on with mine on top").click()
    question.get_by_label("Reason").fill("small disk")
    question.get_by_role("button", name="Save the settings").click()
    expect(question).to_be_hidden()
    expect(other.get_by_label("Size of the cache")).to_have_value("3")
    expect(page.get_by_label("Inspection")).to_have_value("900")


def test_who_is_asked_before_a_roll_back_sees_what_was_saved_meanwhile(
    page: Page, context: BrowserContext, desk: Console
) -> None:
    other = context.new_page()
    show(other, desk)
    other.get_by_label("Inspection").fill("1200")
    save(other, "patience")
    show(page, desk, ("part", "history"), ("version", "0"))
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    asked = page.get_by_role("dialog", name="Roll back to the defaults?")
    expect(asked.locator(".diff")).to_contain_text("1,200 seconds")
    asked.get_by_label("Reason").fill("as it was")
    other.get_by_label("Inspection").fill("300")
    save(other, "no patience")

    # What was typed stays; the answer waits until the other's version was looked at.
    expect(asked).to_contain_text("no patience")
    expect(asked.get_by_role("button", name="Roll back", exact=True)).to_have_attribute("aria-disabled", "true")
    asked.get_by_role("button", name="Go on with the roll-back").click()
    expect(asked).not_to_contain_text("no patience")
    expect(asked.locator(".diff")).to_contain_text("300 seconds")
    expect(asked.get_by_label("Reason")).to_have_value("as it was")
    asked.get_by_role("button", name="Roll back", exact=True).click()
    expect(asked).to_be_hidden()
    expect(other.get_by_label("Inspection")).to_have_value("1800")


def add_key(page: Page, console: Console, pem: str, name: str) -> Locator:
    """Trust a key, over the dialog; its row."""
    show(page, console, ("part", "trust"))
    question = key_dialog(page)
    question.get_by_label("Public key, PEM").fill(pem)
    expect(question.locator(".key-facts dd").first).to_have_text(re.compile("^[0-9a-f]{64}$"))
    question.get_by_label("Name").fill(name)
    question.get_by_label("Reason").fill("our own")
    question.get_by_role("button", name="Add a key").click()
    row = page.locator("[data-row]").filter(has_text=name)
    expect(row).to_contain_text("enabled")
    return row


def key_dialog(page: Page) -> Locator:
    """The dialog for a new key, opened."""
    page.get_by_role("button", name="Add a key").click()
    expect(page).to_have_url(re.compile(r"\?part=trust&ask=key$"))
    return page.get_by_role("dialog", name="Add a key")


def test_a_key_is_shown_before_it_is_added_then_disabled(page: Page, desk: Console) -> None:
    show(page, desk, ("part", "trust"))
    question = key_dialog(page)
    question.get_by_label("Public key, PEM").fill(refused_pems()["a private key"])
    expect(question).to_contain_text("This is a private key.")
    expect(question.get_by_role("button", name="Add a key")).to_have_attribute("aria-disabled", "true")
    question.get_by_label("Public key, PEM").fill(ed25519_pem())
    expect(question).to_contain_text("ed25519")
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    row = add_key(page, desk, ed25519_pem(), "release")
    row.get_by_role("button", name="Disable").click()
    asked = page.get_by_role("dialog", name="Disable the key release?")
    asked.get_by_label("Reason").fill("leaked")
    asked.get_by_role("button", name="Disable the key").click()
    expect(row).to_contain_text("disabled")


def test_a_determinism_check_ends_with_its_verdict(page: Page, desk: Console) -> None:
    source = desk.scan_root / "app"
    source.mkdir()
    (source / "requirements.txt").write_text("requests==2.31.0\n", encoding="utf-8")
    show(page, desk)
    page.get_by_role("button", name="Determinism check").click()
    expect(page).to_have_url(re.compile(r"\?ask=check$"))
    question = page.get_by_role("dialog", name="Determinism check")
    question.get_by_label("Directory, archive or image tarball").fill(str(source))
    question.get_by_role("button", name="Scan it twice").click()
    expect(page).to_have_url(re.compile(r"/dag$"))
    show(page, desk, ("part", "checks"))
    row = page.locator("[data-row]").filter(has_text=str(source))
    expect(row).to_contain_text("identical")
    expect(page.get_by_text("The last check found the same twice.")).to_be_visible()
    row.get_by_role("link", name=str(source)).click()
    expect(page.locator("h1")).to_contain_text("determinism")
    expect(page.get_by_text(JobState.SUCCEEDED.value).first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_part_is_accessible(page: Page, desk: Console, theme: Any) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    for pairs in (
        (),
        (("part", "trust"),),
        (("part", "checks"),),
        (("part", "history"),),
        (("part", "history"), ("version", "1")),
        (("part", "trust"), ("ask", "key")),
        (("ask", "check"),),
    ):
        show(page, desk, *pairs)
        assert_accessible(page)
    show(page, desk)
    page.get_by_label("Seed").fill("99999999999")
    expect(page.get_by_text("Between 0 and 2147483647.")).to_be_visible()
    assert_accessible(page)


def test_on_a_phone_nothing_is_cut_off(page: Page, desk: Console) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for part in ("values", "trust", "checks", "history"):
        show(page, desk, ("part", part))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
