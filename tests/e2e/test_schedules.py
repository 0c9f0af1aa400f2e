"""The page of schedules: made, previewed, paused, resumed, edited, run, deleted; and honest about what was missed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, text

from execution_ops import job_types, routes
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.schedules import Schedules
from execution_ops.domain.access import local_operator
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import REGISTRY
from execution_ops.domain.schedule_verbs import SCHEDULE_PAUSE
from execution_ops.domain.schedules import Schedule, ScheduleSpec
from execution_ops.domain.times import now_ms
from execution_ops.domain.verbs import Stamp
from tests.e2e import opening
from tests.e2e.axe import assert_accessible
from tests.e2e.servers import Console

pytestmark = pytest.mark.long

STAMP = Stamp(actor=local_operator(), reason="a test")
# The last Sunday of March: 02:30 is left out every year.
LEFT_OUT = "30 2 * 3 LSUN"
Make = Callable[..., Schedule]


@pytest.fixture
def tenant() -> str:
    """A tenant of this test alone."""
    return f"t-{new_id()[-8:]}"


@pytest.fixture
def schedules(ledger: Engine) -> Schedules:
    """The console's schedules."""
    job_types.load()
    return Schedules(ledger, REGISTRY)


@pytest.fixture
def make(console: Console, schedules: Schedules, tenant: str) -> Make:
    """Makes a schedule of scans, once a year, unless told otherwise."""

    def made(name: str = "nightly", *, paused: bool = False, **values: Any) -> Schedule:
        given = {"job_type": "scan.inspect", "targets": (str(console.scan_root),), "cron": "0 3 1 1 *", **values}
        return schedules.create(tenant, ScheduleSpec(name=name, **given), STAMP, paused=paused)

    return made


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    """Open the page of these pairs and wait until it is there."""
    opening.show(page, console.url + routes.schedules(pairs))


def row(page: Page, schedule_id: str) -> Locator:
    """The row of a schedule."""
    return page.locator(f'[data-row="{schedule_id}"]')


def cell(page: Page, schedule_id: str, label: str) -> Locator:
    """One figure of a row."""
    return row(page, schedule_id).locator(f'td[data-label="{label}"]')


def drawer(page: Page) -> Locator:
    """The open drawer."""
    return page.locator("dialog.drawer[open]")


def question(page: Page, verb: str) -> Locator:
    """The question before a verb."""
    return page.get_by_role("dialog", name=re.compile(f"^{verb}"))


def test_a_schedule_is_made_and_its_bad_rule_told_at_the_field(page: Page, console: Console, tenant: str) -> None:
    show(page, console)
    page.get_by_role("button", name=re.compile("New schedule|Make the first schedule")).first.click()
    expect(page).to_have_url(console.url + routes.schedules([("new", "1")]))
    form = drawer(page)
    form.get_by_label("Name").fill("clock change")
    form.get_by_label("Cron rule").fill("61 2 * * *")
    expect(form.get_by_role("alert").first).to_contain_text("minute")
    form.get_by_label("Tenant").fill(tenant)
    form.get_by_label("Targets", exact=True).fill("relative/path")
    form.get_by_role("button", name="Make the schedule").click()
    expect(form.get_by_text("Line 1: Give the absolute path")).to_be_visible()
    expect(form.get_by_text("2 fields need another look.")).to_be_visible()
    # Nothing that was typed is lost.
    expect(form.get_by_label("Name")).to_have_value("clock change")
    expect(form.get_by_label("Tenant")).to_have_value(tenant)
    form.get_by_label("Time zone").fill("Europe/Berlin")
    form.get_by_label("Cron rule").fill(LEFT_OUT)
    expect(form.get_by_text("At 02:30 on the last Sunday of March")).to_be_visible()
    expect(form.get_by_text(re.compile("02:30 does not exist on .* March: skipped")).first).to_be_visible()
    expect(form.locator(".times tbody tr:not(.saying)")).to_have_count(10)
    form.get_by_label("Cron rule").fill("30 2 * * *")
    expect(form.get_by_text("At 02:30 every day")).to_be_visible()
    form.get_by_label("Targets", exact=True).fill(str(console.scan_root))
    form.get_by_role("button", name="Make the schedule").click()
    expect(page.get_by_text("Made the schedule clock change.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"schedule=[0-9a-f-]{36}$"))
    expect(drawer(page).get_by_role("heading", name="clock change")).to_be_visible()
    drawer(page).get_by_role("button", name="Close").first.click()
    made = page.locator("[data-row]", has_text=tenant)
    expect(made).to_contain_text("At 02:30 every day")
    expect(made).to_contain_text("30 2 * * * · Europe/Berlin")
    expect(made).to_contain_text("enabled")


def test_it_is_paused_with_a_reason_resumed_edited_and_deleted(
    page: Page, console: Console, tenant: str, make: Make
) -> None:
    made = make(description="first words")
    show(page, console, ("tenant", tenant))
    row(page, made.id).locator("[data-row-link]").click()
    expect(page).to_have_url(console.url + routes.schedules([("tenant", tenant), ("schedule", made.id)]))
    drawer(page).get_by_role("button", name="Pause").click()
    expect(question(page, "Pause").get_by_role("button", name="Pause", exact=True)).to_have_attribute(
        "aria-disabled", "true"
    )
    question(page, "Pause").get_by_label("Reason").fill("the mirror is down")
    question(page, "Pause").get_by_role("button", name="Pause", exact=True).click()
    expect(drawer(page).get_by_text("Paused: the mirror is down")).to_be_visible()
    expect(cell(page, made.id, "Next firing")).to_contain_text("paused")
    drawer(page).get_by_role("button", name="Resume").click()
    question(page, "Resume").get_by_role("button", name="Resume").click()
    expect(drawer(page).get_by_text("Paused:")).to_have_count(0)

    drawer(page).get_by_role("button", name="Edit").click()
    expect(page).to_have_url(console.url + routes.schedules([("tenant", tenant), ("schedule", made.id), ("edit", "1")]))
    drawer(page).get_by_label("Cron rule").fill("15 4 * * MON")
    expect(drawer(page).get_by_text("At 04:15 on Monday")).to_be_visible()
    drawer(page).get_by_label("Queue one").check()
    drawer(page).get_by_label("Reason").fill("less often")
    drawer(page).get_by_role("button", name="Save the next version").click()
    newest = drawer(page).locator(".vers > li").first
    expect(newest).to_contain_text("Version 2")
    expect(newest).to_contain_text("less often")
    expect(newest.locator(".diff > div", has_text="Rule")).to_contain_text("0 3 1 1 *")
    expect(newest.locator(".diff > div", has_text="Rule")).to_contain_text("15 4 * * MON")
    expect(newest.locator(".diff > div", has_text="While a run goes on")).to_contain_text("queue_one")

    drawer(page).get_by_role("button", name="Delete").click()
    question(page, "Delete").get_by_label("Reason").fill("no longer wanted")
    question(page, "Delete").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(console.url + routes.schedules([("tenant", tenant)]))
    expect(page.get_by_text("1 filter hides", exact=False).or_(page.get_by_text("No schedule yet"))).to_be_visible()


def test_a_run_is_previewed_before_it_is_made(page: Page, console: Console, tenant: str, make: Make) -> None:
    for name in ("one", "two", "three"):
        (console.scan_root / f"{tenant}-{name}").mkdir()
    pattern = f"{console.scan_root}/{tenant}-*"
    made = make(targets=(pattern, f"{console.scan_root}/{tenant}-one"), max_jobs=2)
    show(page, console, ("schedule", made.id))
    drawer(page).get_by_role("button", name="Run now").click()
    asked = question(page, "Run now")
    expect(asked).to_contain_text("4 found")
    expect(asked).to_contain_text("1: each target runs once")
    expect(asked).to_contain_text("2 targets")
    expect(asked).to_contain_text(f"{tenant}-one")
    asked.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("A run of nightly was made.")).to_be_visible()
    outside = make("outside", targets=("/etc/passwd",))
    show(page, console, ("schedule", outside.id))
    drawer(page).get_by_role("button", name="Run now").click()
    expect(question(page, "Run now").get_by_role("alert")).to_contain_text("/etc/passwd is not below the scan roots.")


def test_a_due_time_that_was_missed_is_told_with_its_reason(
    page: Page, console: Console, ledger: Engine, tenant: str, make: Make
) -> None:
    made = make(paused=True)
    show(page, console, ("tenant", tenant))
    expect(cell(page, made.id, "Last firing")).to_contain_text("not yet due")
    with write(ledger) as connection:
        connection.execute(
            text("UPDATE schedule SET next_at = :at WHERE id = :id"), {"at": now_ms() - 3_600_000, "id": made.id}
        )
    expect(cell(page, made.id, "Last firing")).to_contain_text("missed: the schedule was paused")
    expect(cell(page, made.id, "Last 20 due times").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("missed")
    )
    row(page, made.id).locator("[data-row-link]").click()
    expect(drawer(page).locator(".fired")).to_contain_text("the schedule was paused")
    show(page, console, ("tenant", tenant), ("missed", "yes"))
    expect(row(page, made.id)).to_be_visible()


def test_the_later_of_two_operators_is_told_before_and_refused(
    page: Page, console: Console, schedules: Schedules, make: Make
) -> None:
    made = make()
    show(page, console, ("schedule", made.id), ("edit", "1"))
    drawer(page).get_by_label("Name").fill("mine")
    schedules.act(made.id, SCHEDULE_PAUSE, STAMP, revision=1)
    expect(drawer(page).get_by_text("changed this schedule while you had it open")).to_be_visible()
    expect(drawer(page).get_by_label("Name")).to_have_value("mine")
    drawer(page).get_by_role("button", name="Save the next version").click()
    expect(drawer(page).get_by_role("alert")).to_contain_text("local operator changed this schedule at 20")
    drawer(page).get_by_role("button", name="Show what holds now").click()
    expect(drawer(page).get_by_label("Name")).to_have_value("nightly")


def test_the_address_is_the_truth(page: Page, console: Console, tenant: str, make: Make) -> None:
    on, off = make("morning"), make("evening", paused=True)
    show(page, console, ("tenant", tenant), ("state", "paused"))
    expect(page.locator("[data-row]")).to_have_count(1)
    row(page, off.id).locator("[data-row-link]").click()
    expect(drawer(page)).to_be_visible()
    page.reload()
    expect(drawer(page).get_by_role("heading", name="evening")).to_be_visible()
    page.go_back()
    expect(drawer(page)).to_have_count(0)
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator(".ledger").get_by_role("link").nth(1).click()
    expect(page).to_have_url(console.url + routes.schedules([("state", "enabled")]))
    expect(row(page, on.id)).to_be_visible()
    expect(row(page, off.id)).to_have_count(0)
    show(page, console, ("tenant", f"{tenant}-none"))
    expect(page.get_by_text(re.compile("1 filter hides .* schedules"))).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(page).to_have_url(console.url + routes.schedules())
    show(page, console, ("missed", "maybe"))
    expect(page.get_by_role("alert")).to_contain_text("Missed is yes or no.")
    show(page, console, ("schedule", new_id()))
    expect(drawer(page)).to_contain_text("It may have been deleted.")


def test_a_hostile_name_is_only_a_name(page: Page, console: Console, tenant: str, make: Make) -> None:
    name = "<img src=x onerror=alert(1)>\u202e\x1b[31m{{7*7}}"
    made = make(name, description="<script>alert(2)</script>", targets=("/tmp/<b>*</b>\u202e",))
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    show(page, console, ("tenant", tenant))
    expect(row(page, made.id)).to_contain_text("<img src=x onerror=alert(1)>\\u202e\\x1b[31m{{7*7}}")
    row(page, made.id).locator("[data-row-link]").click()
    expect(drawer(page)).to_contain_text("<script>alert(2)</script>")
    expect(drawer(page)).to_contain_text("/tmp/<b>*</b>\\u202e")
    drawer(page).get_by_role("button", name="Edit").click()
    expect(drawer(page).get_by_label("Name")).to_be_visible()
    assert dialogs == []
    assert page.locator("main img, dialog img").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible(page: Page, console: Console, tenant: str, make: Make, theme: Any) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    made = make(paused=True, cron=LEFT_OUT, zone="Europe/Berlin", payload={}, description="words")
    show(page, console, ("tenant", tenant))
    expect(row(page, made.id)).to_be_visible()
    assert_accessible(page)
    for pairs in ([("schedule", made.id)], [("new", "1")], [("schedule", made.id), ("edit", "1")]):
        show(page, console, *pairs)
        expect(drawer(page)).to_be_visible()
        assert_accessible(page)
    show(page, console, ("schedule", made.id))
    drawer(page).get_by_role("button", name="Run now").click()
    expect(question(page, "Run now")).to_contain_text("Would run")
    assert_accessible(page)


def test_a_phone_shows_every_control(page: Page, console: Console, tenant: str, make: Make) -> None:
    made = make("a-name-that-is-much-longer-than-a-phone-is-wide-" + "x" * 40, paused=True)
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, console, ("tenant", tenant))
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0
    assert_accessible(page)
    row(page, made.id).get_by_role("checkbox", name="Show all figures").click()
    expect(cell(page, made.id, "Last firing")).to_be_visible()
    assert page.evaluate(sideways) == 0
    for pairs, button in (
        ([("schedule", made.id)], "Run now"),
        ([("schedule", made.id), ("edit", "1")], "Save the next version"),
        ([("new", "1")], "Make the schedule"),
    ):
        show(page, console, *pairs)
        expect(drawer(page).get_by_role("button", name=button)).to_be_in_viewport(ratio=1)
        assert drawer(page).evaluate("one => one.scrollWidth - one.clientWidth") == 0
