"""Dead letters in the browser: groups, queue, one entry; the verbs on them; two operators at once."""

from __future__ import annotations

import csv
import io
import re
import tarfile
from itertools import count
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from execution_ops import routes
from tests.e2e.axe import assert_accessible
from tests.e2e.job_list import type_filter
from tests.e2e.letters import await_entries, die, entries, replay
from tests.e2e.opening import show
from tests.e2e.servers import Console

pytestmark = pytest.mark.long

OPEN = (("state", "pending"), ("state", "quarantined"))
HOSTILE = "<img src=x onerror=document.title=1>\u202egnp.exe"
SPELLED = "\\u202egnp.exe"
_tenants = count(1)


@pytest.fixture
def tenant() -> str:
    """A tenant that nothing else has dead letters of."""
    return f"letters-{next(_tenants)}"


def group(page: Page, text: str) -> Locator:
    return page.locator("[data-row]", has_text=text)


def rows(page: Page) -> Locator:
    return page.locator("[data-row]")


def plan_address() -> re.Pattern[str]:
    return re.compile(re.escape(routes.replay("")) + "[0-9a-f-]{36}$")


def write_archive(path: Path) -> None:
    """An archive with one Python package in it."""
    listed = b"requests==2.32.3\n"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("requirements.txt")
        member.size = len(listed)
        archive.addfile(member, io.BytesIO(listed))


# Groups.


def test_groups_lead_to_their_entries_and_to_a_sample(page: Page, failing: Console, tenant: str) -> None:
    die(failing, tenant, *(f"invalid byte at offset {n} in PKG-INFO" for n in (7, 812, 99)), kind="DecodeError")
    die(failing, tenant, "parent POM not found")
    mine = ("tenant", tenant)
    show(page, failing.url + routes.dead_letter([mine]))
    expect(page.locator("h1")).to_have_text("Dead letters")
    expect(page.get_by_text("4 jobs are out of attempts, and they are really 2 errors.")).to_be_visible()
    first = rows(page).first
    expect(first).to_contain_text("DecodeError")
    expect(first).to_contain_text("invalid byte at offset n in PKG-INFO")
    expect(first.get_by_role("img", name="3 deaths in the last 24 hours")).to_be_visible()
    first.get_by_role("link", name="3 open").click()
    expect(page).to_have_url(re.compile(r"/queue\?state=pending&state=quarantined&group=[0-9a-f]{16}&tenant="))
    expect(rows(page)).to_have_count(3)
    page.go_back()
    expect(page).to_have_url(failing.url + routes.dead_letter([mine]))
    group(page, "POM").get_by_role("link", name="Newest entry of JobFailed").click()
    # The tenant goes along, for the way on.
    expect(page).to_have_url(
        re.compile(re.escape(routes.dead_letter_entry("")) + rf"[0-9a-f-]{{36}}\?tenant={tenant}$")
    )
    expect(page.locator("h1")).to_have_text("JobFailed")
    expect(page.get_by_text("parent POM not found").first).to_be_visible()


def test_the_figures_and_the_filter_of_the_groups_are_addresses(page: Page, failing: Console, tenant: str) -> None:
    die(failing, tenant, "no such file", "answered 429 too many requests")
    mine = ("tenant", tenant)
    show(page, failing.url + routes.dead_letter([mine]))
    figures = page.locator(".ledger")
    expect(figures).to_contain_text("of 2 retryable")
    type_filter(page, "retryable:yes")
    expect(page).to_have_url(failing.url + routes.dead_letter([mine, ("retryable", "yes")]))
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("rate limited")
    page.reload()
    expect(page.get_by_role("button", name="Remove the filter retryable is yes")).to_be_visible()
    page.go_back()
    expect(rows(page)).to_have_count(2)
    figures.get_by_role("link", name="1", exact=True).click()
    expect(page).to_have_url(failing.url + routes.dead_letter_queue([*OPEN, mine, ("retryable", "yes")]))
    expect(rows(page)).to_have_count(1)
    show(page, failing.url + routes.dead_letter([("tenant", "nobody")]))
    expect(page.get_by_role("heading", name=re.compile("^1 filter hides"))).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(page).to_have_url(failing.url + routes.dead_letter())


def test_a_corrupt_archive_is_repaired_and_replayed_from_its_group(page: Page, failing: Console, tenant: str) -> None:
    archive = failing.scan_root / "nightly.tar.gz"
    archive.write_bytes(b"\x1f\x8b\x08\x00 this is no archive")
    answer = httpx.post(
        f"{failing.url}{routes.api_scans()}", json={"path": str(archive)}, headers={"X-Stella-Tenant": tenant}
    )
    answer.raise_for_status()
    (dead,) = await_entries(failing, tenant, 1)

    # From the failed job to its entry.
    show(page, failing.url + routes.job(dead["job_id"]))
    page.get_by_role("link", name="Dead letter", exact=True).click()
    expect(page).to_have_url(failing.url + routes.dead_letter_queue([("job", dead["job_id"])]))
    rows(page).get_by_role("link", name=re.compile("JobFailed")).click()
    expect(page.get_by_text("is damaged or incomplete").first).to_be_visible()
    expect(page.get_by_text("1 job", exact=True)).to_be_visible()

    # From the group to a plan that replays it.
    write_archive(archive)
    show(page, failing.url + routes.dead_letter([("tenant", tenant)]))
    group(page, "is damaged").get_by_role("button", name="Replay").click()
    page.get_by_role("dialog", name="Plan a replay of 1 dead letter?").get_by_role("button", name="Plan a").click()
    expect(page).to_have_url(plan_address())
    expect(page.get_by_text("1 of 1 eligible")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("dialog").get_by_role("button", name="Replay 1 dead letter").click()
    expect(page.get_by_role("heading", name="1 of 1 sent")).to_be_visible()
    expect(page.locator(".head [data-state=completed]")).to_be_visible()

    # From the plan to the entry, and to the DAG that went on to its end.
    rows(page).get_by_role("link", name=re.compile("JobFailed")).click()
    expect(page).to_have_url(failing.url + routes.dead_letter_entry(dead["id"]))
    expect(page.locator(".head [data-state=replayed]")).to_be_visible()
    expect(page.get_by_text("It was replayed, and the job is succeeded now.")).to_be_visible()
    page.get_by_role("link", name="Scan nightly.tar.gz").click()
    expect(page.get_by_text("All succeeded.")).to_be_visible()


# The queue.


def test_the_queue_is_filtered_sorted_and_exported(page: Page, failing: Console, tenant: str) -> None:
    die(failing, tenant, "first", kind="Alpha")
    die(failing, tenant, "second", kind="Beta")
    show(page, failing.url + routes.dead_letter_queue([("tenant", tenant)]))
    expect(rows(page).first).to_contain_text("Beta")
    page.get_by_role("link", name="Died,").click()
    expect(page).to_have_url(failing.url + routes.dead_letter_queue([("tenant", tenant), ("sort", "oldest")]))
    expect(rows(page).first).to_contain_text("Alpha")
    type_filter(page, "error_type:Beta")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Export", exact=False).first.click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV, for spreadsheets").click()
    listed = list(csv.DictReader(started.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert [row["error_message"] for row in listed] == ["second"]
    page.goto(failing.url + routes.dead_letter_queue([("group", "odd")]))
    expect(page.get_by_role("heading", name="This address shows no dead letters")).to_be_visible()


def test_a_selection_is_resolved_and_all_of_them_reopened(page: Page, failing: Console, tenant: str) -> None:
    die(failing, tenant, "first", "second", "third")
    show(page, failing.url + routes.dead_letter_queue([("tenant", tenant)]))
    bar = page.get_by_role("region", name="Selection")
    for name in ("first", "second"):
        rows(page).filter(has_text=name).get_by_role("checkbox", name=re.compile("^Select JobFailed")).click()
    expect(bar.get_by_role("button", name="Reopen")).to_be_disabled()
    bar.get_by_role("button", name="Resolve").click()
    dialog = page.get_by_role("dialog", name="Resolve 2 dead letters?")
    dialog.get_by_label("Reason").press("Enter")
    expect(dialog).to_contain_text("Say why")
    dialog.get_by_label("Reason").fill("image withdrawn")
    dialog.get_by_role("button", name="Resolve 2 dead letters").click()
    expect(page.get_by_text("Resolve: 2 dead letters done.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^resolved 2")).click()
    expect(page).to_have_url(failing.url + routes.dead_letter_queue([("state", "resolved"), ("tenant", tenant)]))
    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("local operator: image withdrawn")

    page.get_by_role("checkbox", name="Select this page").click()
    page.get_by_role("button", name="Select all 2 matching").first.click()
    bar.get_by_role("button", name="Reopen").click()
    page.get_by_role("dialog").get_by_role("button", name="Reopen 2 dead letters").click()
    expect(page).to_have_url(plan_address())
    expect(page.get_by_role("heading", name="2 of 2 reopened")).to_be_visible()
    assert {entry["state"] for entry in entries(failing, tenant)} == {"pending"}


def test_rows_stay_while_something_is_selected(page: Page, failing: Console, tenant: str) -> None:
    die(failing, tenant, "one")
    show(page, failing.url + routes.dead_letter_queue([("tenant", tenant)]))
    page.get_by_role("checkbox", name="Select this page").click()
    die(failing, tenant, "two")
    changes = page.get_by_role("button", name=re.compile("new change"))
    expect(changes).to_be_visible()
    expect(rows(page)).to_have_count(1)
    changes.click()
    expect(rows(page)).to_have_count(2)


# One entry.


def test_an_entry_is_resolved_with_a_note_and_reopened(page: Page, failing: Console, tenant: str) -> None:
    (dead,) = die(failing, tenant, "disk is full")
    show(page, failing.url + routes.dead_letter_entry(dead["id"]))
    expect(page.get_by_role("button", name="Reopen")).to_be_disabled()
    page.get_by_role("button", name="Resolve").click()
    dialog = page.get_by_role("dialog", name="Resolve this dead letter?")
    dialog.get_by_label("Reason").fill("the disk was replaced")
    dialog.get_by_role("button", name="Resolve 1 dead letter").click()
    expect(page.locator(".head [data-state=resolved]")).to_be_visible()
    # Beside the state, and in the history.
    expect(page.get_by_text("resolved by local operator at")).to_contain_text("the disk was replaced")
    expect(page.get_by_text("local operator · “the disk was replaced”")).to_be_visible()
    page.get_by_role("button", name="Reopen").click()
    page.get_by_role("dialog").get_by_role("button", name="Reopen 1 dead letter").click()
    expect(page.locator(".head [data-state=pending]")).to_be_visible()
    expect(page.get_by_text("Reopen: 1 dead letter done.")).to_be_visible()


def test_of_two_operators_the_second_is_told(
    page: Page, context: BrowserContext, failing: Console, tenant: str
) -> None:
    (dead,) = die(failing, tenant, "seen by two")
    address = failing.url + routes.dead_letter_entry(dead["id"])
    show(page, address)
    page.get_by_role("button", name="Resolve").click()
    slow = page.get_by_role("dialog")
    slow.get_by_label("Reason").fill("mine")
    other = context.new_page()
    show(other, address)
    other.get_by_role("button", name="Resolve").click()
    other.get_by_role("dialog").get_by_label("Reason").fill("theirs")
    other.get_by_role("dialog").get_by_role("button", name="Resolve 1 dead letter").click()
    expect(other.locator(".head [data-state=resolved]")).to_be_visible()
    # Seen at once where it is shown, and the answer to the old question is refused.
    expect(page.locator(".head [data-state=resolved]")).to_be_visible()
    slow.get_by_role("button", name="Resolve 1 dead letter").click()
    expect(slow.get_by_role("alert")).to_contain_text("It changed since you saw it: resolved by local operator at")


def test_a_job_that_dies_again_and_again_ends_in_quarantine(page: Page, failing: Console, tenant: str) -> None:
    die(failing, tenant, "hopeless")
    for deaths in (2, 3, 4):
        replay(failing, entries(failing, tenant)[0]["id"])
        await_entries(failing, tenant, deaths)
    newest = entries(failing, tenant)[0]
    assert newest["state"] == "quarantined"
    show(page, failing.url + routes.dead_letter_entry(newest["id"]))
    expect(page.get_by_text("It died again 3 times in spite of a replay")).to_be_visible()
    chain = page.get_by_role("list").filter(has_text="this entry")
    expect(chain.get_by_role("listitem")).to_have_count(4)
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_role("dialog")).to_contain_text("It died again 3 times. Has anything changed since?")
    page.keyboard.press("Escape")
    chain.get_by_role("link", name="the first death").click()
    expect(page.locator(".head [data-state=replayed]")).to_be_visible()
    show(page, failing.url + routes.dead_letter([("tenant", tenant)]))
    off = rows(page).get_by_role("button", name="Replay")
    expect(off).to_have_accessible_description("What is open of it is in quarantine: open each and decide.")
    expect(page.get_by_role("button", name="Plan a replay")).to_be_disabled()
    show(page, failing.url + routes.dead_letter_queue([("tenant", tenant), ("state", "quarantined")]))
    page.get_by_role("checkbox", name="Select this page").click()
    off = page.get_by_role("region", name="Selection").get_by_role("button", name="Replay")
    expect(off).to_have_accessible_description("Entries in quarantine are replayed one by one, each from its own page.")


def test_an_unknown_entry_is_said_to_be_unknown(page: Page, failing: Console) -> None:
    page.goto(failing.url + routes.dead_letter_entry("019a0000-0000-7000-8000-000000000000"))
    expect(page.get_by_role("heading", name="There is no such dead letter")).to_be_visible()
    expect(page.get_by_role("button", name="Replay")).to_have_count(0)
    page.get_by_role("link", name="All dead letters").click()
    expect(page).to_have_url(failing.url + routes.dead_letter_queue())


def test_hostile_texts_are_only_texts(page: Page, failing: Console, tenant: str) -> None:
    (dead,) = die(failing, tenant, HOSTILE)
    title = "· Execution Operations"
    for address in (
        routes.dead_letter([("tenant", tenant)]),
        routes.dead_letter_queue([("tenant", tenant)]),
        routes.dead_letter_entry(dead["id"]),
    ):
        show(page, failing.url + address)
        expect(page.get_by_text(SPELLED).first).to_be_visible()
        expect(page).to_have_title(re.compile(title))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible(page: Page, failing: Console, tenant: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    (dead,) = die(failing, tenant, "what is damaged")
    for address in (
        routes.dead_letter([("tenant", tenant)]),
        routes.dead_letter([("tenant", "nobody")]),
        routes.dead_letter_queue([("tenant", tenant)]),
        routes.dead_letter_entry(dead["id"]),
    ):
        show(page, failing.url + address)
        assert_accessible(page)
    page.get_by_role("button", name="Resolve").click()
    assert_accessible(page)


def test_a_phone_shows_every_page_without_scrolling_sideways(page: Page, failing: Console, tenant: str) -> None:
    (dead,) = die(failing, tenant, "a long message without any end in sight " * 8)
    page.set_viewport_size({"width": 390, "height": 844})
    for address in (
        routes.dead_letter([("tenant", tenant)]),
        routes.dead_letter_queue([("tenant", tenant)]),
        routes.dead_letter_entry(dead["id"]),
    ):
        show(page, failing.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert_accessible(page)
