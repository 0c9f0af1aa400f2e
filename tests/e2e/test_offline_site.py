"""A kit is exported on one console and carried to another, which verifies it, activates it and scans against it.

Both sites have the same sources at the same path: a baseline belongs to a source by its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.domain.scanner_verbs import KIT_EXPORT
from execution_ops.settings import PREFIX
from tests.e2e import opening
from tests.e2e.axe import assert_accessible
from tests.e2e.servers import Console, complete, new_console
from tests.e2e.test_baselines import confirm, drawer, requires, save, scan
from tests.e2e.test_kits import answer, head, main, verify
from tests.e2e.test_scan_journey import open_job
from tests.e2e.test_scanner_settings import add_key
from tests.kits import Key, tamper

pytestmark = pytest.mark.long

KEY = Key.new()


@pytest.fixture(scope="module")
def sites(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Console, Console]]:
    """Where kits are made, and a site that nothing reaches but what is carried there."""
    outside = new_console(tmp_path_factory.mktemp("outside"))
    outside.environment[f"{PREFIX}KIT_KEY_PEM"] = KEY.private.decode()
    inside = replace(new_console(tmp_path_factory.mktemp("inside")), scan_root=outside.scan_root)
    inside.environment[f"{PREFIX}SCAN_ROOTS"] = str(outside.scan_root)
    with ExitStack() as stack:
        for console in (outside, inside):
            stack.enter_context(complete(console))
        yield outside, inside


def promote(page: Page, label: str, reason: str) -> None:
    """Promote the baseline whose drawer is open."""
    drawer(page).get_by_role("button", name="Promote", exact=True).click()
    expect(page.get_by_role("dialog", name=re.compile(f"^Promote: {re.escape(label)}"))).to_be_visible()
    confirm(page, "Promote", reason)
    expect(drawer(page)).to_contain_text(reason)


def export(page: Page, console: Console, target: Path) -> Path:
    """Export a kit with the promoted baselines; the file, as the job that built it gives it out."""
    opening.show(page, console.url + routes.offline_kits())
    page.get_by_role("button", name=KIT_EXPORT.label).first.click()
    dialog = page.get_by_role("dialog", name=KIT_EXPORT.label)
    expect(dialog.get_by_role("checkbox", name=re.compile("^1.0 promoted"))).to_be_checked()
    dialog.get_by_label("Version").fill("2026.11.14")
    dialog.get_by_role("button", name=KIT_EXPORT.label).click()
    expect(page).to_have_url(re.compile(r"\?job="))
    main(page).get_by_role("link", name="Open the job").click()
    with page.expect_download() as started:
        page.get_by_role("link", name=re.compile(r"\.tar$")).click()
    started.value.save_as(target)
    return target


def test_a_kit_goes_from_one_console_to_another(page: Page, sites: tuple[Console, Console]) -> None:
    outside, inside = sites
    source, media = outside.scan_root / "shop", outside.scan_root / "media"
    for folder in (source, media):
        folder.mkdir()
    requires(source, "requests==2.32.3")
    scan(page, outside, source)
    open_job(page, "scan.merge")
    save(page, "1.0")
    promote(page, "1.0", "the release")
    kit = export(page, outside, media / "kit.tar")

    # Nobody is trusted at the other site until somebody says so.
    opening.show(page, inside.url + routes.offline_kits())
    verify(page, kit)
    expect(head(page).get_by_text("refused, exit code 5")).to_be_visible()
    add_key(page, inside, KEY.public, "outside")

    opening.show(page, inside.url + routes.offline_kits())
    verify(page, kit)
    expect(head(page).get_by_text("verified", exact=True)).to_be_visible()
    verify(page, tamper(kit, media / "tampered.tar"), take=True)
    expect(head(page).get_by_text("refused, exit code 2")).to_be_visible()
    expect(page.locator(".kit-locked > li")).to_have_count(1)
    verify(page, kit, take=True)
    main(page).get_by_role("link", name="Open the kit").click()
    main(page).get_by_role("button", name="Activate").click()
    answer(page, "Activate 2026.11.14")
    expect(page.get_by_role("region", name="The active kit").get_by_role("link", name="2026.11.14")).to_be_visible()

    requires(source, "requests==2.32.4", "flask==3.0.0")
    scan(page, inside, source)
    open_job(page, "scan.compare")
    expect(page.locator("main")).to_contain_text("Against the promoted baseline 1.0: 1 added, 0 removed, 1 changed")
    second = save(page, "1.1")
    promote(page, "1.1", "as they run it")
    opening.show(page, inside.url + routes.baseline(second))
    drawer(page).get_by_role("button", name="Roll back").click()
    confirm(page, "Roll back", "back to the kit's")
    opening.show(page, inside.url + routes.baselines([("state", "promoted"), ("source", str(source))]))
    rows = page.locator("main tbody tr[data-row]")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("1.0")


def glance(page: Page, console: Console) -> None:
    """Open Scanner Ops at a glance."""
    opening.show(page, console.url + routes.scanner())


def test_the_glance_tells_first_what_is_in_quarantine_and_leads_there(
    page: Page, sites: tuple[Console, Console]
) -> None:
    _, inside = sites
    locked = inside.scan_root / "no-kit.tar"
    locked.write_bytes(b"not a kit at all")
    opening.show(page, inside.url + routes.offline_kits())
    verify(page, locked, take=True)
    expect(head(page).get_by_text(re.compile("refused, exit code"))).to_be_visible()
    glance(page, inside)
    first = page.get_by_role("list", name="Parts").get_by_role("listitem").first
    expect(first).to_contain_text("in quarantine.")
    first.get_by_role("link", name="Open the kits").click()
    expect(page).to_have_url(inside.url + routes.offline_kits())
    expect(page.locator(".kit-locked > li")).not_to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_glance_is_accessible_and_fits_a_phone(page: Page, sites: tuple[Console, Console], scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for console in sites:
        glance(page, console)
        expect(page.get_by_role("list", name="Parts").get_by_role("listitem")).to_have_count(5)
        assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    glance(page, sites[0])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
