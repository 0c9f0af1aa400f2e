"""Offline kits in the browser: carried in, verified step by step, refused, activated, rolled back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.settings import Settings
from tests.e2e import opening
from tests.e2e.axe import assert_accessible
from tests.e2e.servers import Console
from tests.kits import Key, Site, make_kit, tamper

pytestmark = pytest.mark.long

KEY = Key.new()


@pytest.fixture(scope="module")
def carried(console: Console) -> Iterator[Path]:
    """Where kits arrive; the console trusts the key that they are signed with."""
    settings = Settings(data_dir=console.data_dir)
    backend = EmbeddedBackend(settings)
    Site(backend, settings).trust(KEY)
    backend.close()
    folder = console.scan_root / "media"
    folder.mkdir()
    return folder


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    """Open the page of these pairs and wait until it is there."""
    opening.show(page, console.url + routes.offline_kits(pairs))


def main(page: Page) -> Locator:
    """What is open beside the list."""
    return page.locator(".kit-main")


def head(page: Page) -> Locator:
    """What is said of it at the top."""
    return main(page).locator(".ph")


def verify(page: Page, path: Path, *, take: bool = False) -> None:
    """Verify a path over the dialog; import it, too, if wanted."""
    page.get_by_role("button", name="Verify a path").first.click()
    expect(page).to_have_url(re.compile(r"do=verify"))
    dialog = page.get_by_role("dialog", name="Verify a path")
    dialog.get_by_label("Kit, a tar file or a directory").fill(str(path))
    if take:
        dialog.get_by_label("Import it, too").check()
    dialog.get_by_role("button", name="Verify", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?job="))


def answer(page: Page, button: str) -> None:
    """Give a reason in the open question and press its button."""
    dialog = page.get_by_role("dialog").filter(has=page.get_by_role("button", name=button))
    dialog.get_by_label("Reason").fill("a test")
    dialog.get_by_role("button", name=button).click()


def verify_again(page: Page) -> None:
    """Verify the kit that is open once more, and come back to it."""
    main(page).get_by_role("button", name="Verify again").click()
    expect(page).to_have_url(re.compile(r"\?job="))
    expect(head(page).get_by_text("verified", exact=True)).to_be_visible()
    expect(main(page).locator(".kit-checks > li")).to_have_count(8)
    main(page).get_by_role("link", name="Open the kit").click()


def activate_for(page: Page, version: str, tenant: str) -> None:
    """Activate the kit that is open, whose baselines become those of the tenant, after a slip of the pen."""
    main(page).get_by_role("button", name="Activate").click()
    question = page.get_by_role("dialog", name=f"Activate {version}?")
    field = question.get_by_label("Tenant")
    expect(field).to_have_attribute("placeholder", "default")
    assert_accessible(page)
    field.fill("no tenant")
    answer(page, f"Activate {version}")
    expect(question.get_by_role("alert")).to_contain_text("A tenant is named by up to 63 letters")
    field.fill(tenant)
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"\?job="))
    expect(head(page).get_by_text("done", exact=True)).to_be_visible()
    main(page).get_by_role("link", name="Open the job").click()
    expect(page.get_by_role("region", name="Payload")).to_contain_text(tenant)
    page.go_back()


def test_a_kit_is_carried_in_verified_refused_activated_and_rolled_back(
    page: Page, console: Console, carried: Path
) -> None:
    first = make_kit(carried / "first.tar", KEY, "2026.11.7")
    second = make_kit(carried / "second.tar", KEY, "2026.11.14")
    show(page, console)

    # A dry run tells every step, and leads on to the import.
    verify(page, first)
    expect(head(page).get_by_text("verified", exact=True)).to_be_visible()
    expect(main(page).locator(".kit-checks > li")).to_have_count(8)
    main(page).get_by_role("button", name="Import").click()
    expect(main(page).get_by_role("link", name="Open the kit")).to_be_visible()
    main(page).get_by_role("link", name="Open the kit").click()
    expect(page).to_have_url(re.compile(r"\?kit="))

    verify_again(page)
    activate_for(page, "2026.11.7", "acme")
    strip = page.get_by_role("region", name="The active kit")
    expect(strip.get_by_role("link", name="2026.11.7")).to_be_visible()

    # A tampered copy goes to quarantine.
    verify(page, tamper(second, carried / "tampered.tar"), take=True)
    expect(head(page).get_by_text("refused, exit code 2")).to_be_visible()
    expect(page.locator(".kit-locked > li")).to_have_count(1)

    # The good one comes by upload.
    page.get_by_role("button", name="Upload a kit").first.click()
    expect(page).to_have_url(re.compile(r"do=upload"))
    page.get_by_label("The kit, a tar file").set_input_files(second)
    page.get_by_role("button", name="Upload and import").click()
    expect(page).to_have_url(re.compile(r"\?job="))
    main(page).get_by_role("link", name="Open the kit").click()
    main(page).get_by_role("button", name="Activate").click()
    answer(page, "Activate 2026.11.14")
    expect(strip.get_by_role("link", name="2026.11.14")).to_be_visible()

    strip.get_by_role("button", name="Roll back").click()
    answer(page, "Roll back to 2026.11.7")
    expect(strip.get_by_role("link", name="2026.11.7")).to_be_visible()

    # Out of quarantine only with a reason.
    page.locator(".kit-locked").get_by_role("button", name="Remove").click()
    answer(page, "Remove 2026.11.14")
    expect(page.locator(".kit-locked")).to_have_count(0)
    page.get_by_role("link", name="Show removed kits").click()
    expect(page).to_have_url(re.compile(r"removed=1"))
    expect(page.locator("[data-row]").filter(has_text="removed; its record stays")).to_have_count(1)


def test_an_upload_that_is_closed_stops(page: Page, console: Console, carried: Path) -> None:
    kit = make_kit(carried / "closed.tar", KEY, "2026.11.21")
    show(page, console, ("do", "upload"))
    page.get_by_label("The kit, a tar file").set_input_files(kit)
    # The server never gets it: the upload goes on until somebody stops it.
    page.route(re.compile(r"/kits/upload\?"), lambda route: None)
    with page.expect_request(lambda request: request.method == "PUT"):
        page.get_by_role("button", name="Upload and import").click()
    with page.expect_event("requestfailed", lambda request: request.method == "PUT"):
        page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("do=upload"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("do", ["", "upload", "verify", "export"])
def test_it_is_accessible(page: Page, console: Console, carried: Path, scheme: str, do: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    show(page, console, *([("do", do)] if do else []))
    if do:
        expect(page.get_by_role("dialog")).to_be_visible()
    assert_accessible(page)


def test_it_fits_a_phone(page: Page, console: Console, carried: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, console)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
