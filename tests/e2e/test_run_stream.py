"""The page that follows a run: live, opened late, after a lost connection, and once the run has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.domain.ids import new_id
from execution_ops.domain.schedules import Mode
from execution_ops.domain.states import RunState
from tests.e2e.axe import assert_accessible
from tests.e2e.opening import show
from tests.e2e.scheduled import OPERATOR, Station, station
from tests.e2e.servers import Console

pytestmark = pytest.mark.long

FILES = ("core/a", "core/b", "edge/c", "edge/bad-d")


@pytest.fixture(scope="module")
def made(failing: Console) -> Iterator[Station]:
    """Services on the console's ledger."""
    with station(failing) as opened:
        yield opened


@pytest.fixture
def tenant() -> str:
    """A tenant of this test alone."""
    return f"t-{new_id()[-8:]}"


@pytest.fixture
def nightly(made: Station, tenant: str) -> str:
    """A schedule of four targets in two segments, one of which fails; two run at once."""
    return made.schedule("nightly", FILES, tenant=tenant, parallelism=2, mode=Mode.CONTENT_REFRESH)


@pytest.fixture
def running(made: Station, nightly: str) -> str:
    """A run of it, two targets of which wait to be let go."""
    run_id = made.start(nightly)
    made.until_running(run_id, 2)
    return run_id


@pytest.fixture
def ended(made: Station, nightly: str, tenant: str) -> str:
    """A run of it that has ended."""
    (made.folder(tenant) / "go").touch()
    run_id = made.start(nightly)
    assert made.until_ended(run_id) is RunState.ERROR
    return run_id


def lines(page: Page) -> Locator:
    """The lines of the log that are in the page."""
    return page.locator(".log .ln")


def segment(page: Page, no: int) -> Locator:
    """The row of a segment on the time lines."""
    return page.locator(".gantt-row:not(.part)", has=page.get_by_role("link", name=f"segment {no}", exact=True))


def numbers(page: Page) -> list[int]:
    """The numbers of the lines in the page."""
    return [int(text) for text in page.locator(".log .ln .no").all_inner_texts()]


def whole_log(made: Station, run_id: str) -> list[str]:
    """What the run has logged."""
    return [line.text for line in made.services.run_stream.log(OPERATOR, run_id, limit=500).lines]


def test_a_run_is_followed_to_its_end(page: Page, failing: Console, made: Station, running: str, tenant: str) -> None:
    show(page, failing.url + routes.run_stream(running))
    expect(page.locator(".head [data-state=running]")).to_be_visible()
    expect(page.get_by_text("2 targets wait: at most 2 targets run at once.")).to_be_visible()
    expect(page.locator(".run-phases li.now")).to_contain_text("Execute")
    # Opened late, it has everything from the start, and stands at the end.
    expect(lines(page).first).to_contain_text("Asked for by local operator")
    expect(page.get_by_role("button", name="Follow")).to_have_attribute("aria-pressed", "true")
    (made.folder(tenant) / "go").touch()
    expect(page.locator(".head [data-state=error]")).to_be_visible()
    expect(page.get_by_text("1 of 4 targets failed.").first).to_be_visible()
    expect(lines(page).last).to_contain_text("1 of 4 targets failed.")
    expect(page.locator(".run-connection")).to_contain_text("and last")
    assert numbers(page) == list(range(1, len(whole_log(made, running)) + 1))
    expect(segment(page, 1)).to_contain_text("2 / 2")
    expect(segment(page, 2)).to_contain_text("2 / 2")


def test_an_ended_run_shows_what_it_told_while_it_ran(page: Page, failing: Console, made: Station, ended: str) -> None:
    show(page, failing.url + routes.run_stream(ended))
    said = whole_log(made, ended)
    expect(page.get_by_text(f"All {len(said)}", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Follow")).to_have_attribute("aria-pressed", "false")
    shown = page.locator(".log .ln .m").all_inner_texts()
    assert [text for text, full in zip(shown, said, strict=False) if not text.endswith(full)] == []
    assert len(shown) == min(len(said), len(numbers(page)))


def test_a_segment_opens_its_targets_and_a_bar_its_job(page: Page, failing: Console, made: Station, ended: str) -> None:
    show(page, failing.url + routes.run_stream(ended))
    segment(page, 2).get_by_role("link", name="segment 2", exact=True).click()
    expect(page).to_have_url(failing.url + routes.run_stream(ended, [("segment", "2")]))
    parts = page.locator(".gantt-row.part")
    expect(parts).to_have_count(2)
    expect(parts.filter(has_text="bad-d")).to_contain_text("1 / 1")
    job = parts.filter(has_text="bad-d").locator(".gantt-bars a")
    expect(job).to_have_attribute("title", re.compile("failed"))
    page.reload()
    expect(parts).to_have_count(2)
    job.click(force=True)
    expect(page).to_have_url(re.compile(r"/jobengine/jobs/[0-9a-f-]{36}$"))
    page.go_back()
    segment(page, 2).get_by_role("link", name="segment 2", exact=True).click()
    expect(page).to_have_url(failing.url + routes.run_stream(ended))
    expect(parts).to_have_count(0)


def test_the_log_is_filtered_searched_and_has_an_address_for_each_line(
    page: Page, failing: Console, made: Station, ended: str
) -> None:
    show(page, failing.url + routes.run_stream(ended))
    page.get_by_role("link", name=re.compile("^Error ")).click()
    expect(page).to_have_url(failing.url + routes.run_stream(ended, [("level", "error")]))
    expect(lines(page).first).to_contain_text("bad-d")
    loud = [text for text in whole_log(made, ended) if "damaged" in text]
    expect(lines(page).filter(has_text="damaged")).to_have_count(len(loud))
    page.get_by_label("Search the log").fill("targets failed")
    expect(page).to_have_url(failing.url + routes.run_stream(ended, [("level", "error"), ("q", "targets failed")]))
    expect(lines(page)).to_have_count(1)
    lines(page).first.click()
    number = len(whole_log(made, ended))
    expect(page).to_have_url(re.compile(rf"#L{number}$"))
    show(page, failing.url + routes.run_stream(ended, line=2))
    expect(page.locator(".log .hit")).to_contain_text("4 candidates found")


@pytest.mark.console_errors(r"WebSocket connection to .*ERR_INTERNET_DISCONNECTED")
def test_a_lost_connection_goes_on_without_gap_or_repeat(
    page: Page, failing: Console, made: Station, running: str, tenant: str
) -> None:
    show(page, failing.url + routes.run_stream(running))
    expect(lines(page).first).to_contain_text("Asked for by local operator")
    expect(page.locator(".run-connection")).to_contain_text("never")
    page.context.set_offline(True)
    expect(page.get_by_text(re.compile("^Stale since")).first).to_be_visible()
    (made.folder(tenant) / "go").touch()
    assert made.until_ended(running) is RunState.ERROR
    page.context.set_offline(False)
    expect(lines(page).last).to_contain_text("1 of 4 targets failed.")
    assert numbers(page) == list(range(1, len(whole_log(made, running)) + 1))
    expect(page.locator(".run-connection")).to_contain_text("once")


def test_a_run_is_canceled_and_retried_where_it_is_followed(
    page: Page, failing: Console, made: Station, running: str, tenant: str
) -> None:
    show(page, failing.url + routes.run_stream(running))
    page.get_by_role("button", name="Cancel").click()
    question = page.get_by_role("dialog", name=re.compile("^Cancel this run of nightly"))
    question.get_by_label("Reason").fill("the mirror is down")
    question.get_by_role("button", name="Cancel the run").click()
    expect(page.locator(".head [data-state=canceled]")).to_be_visible()
    expect(page.locator(".note")).to_contain_text("local operator: the mirror is down")
    expect(page.locator(".run-connection")).to_contain_text("and last")
    (made.folder(tenant) / "go").touch()
    (made.folder(tenant) / "cure").touch()
    page.get_by_role("button", name="Retry", exact=True).click()
    page.get_by_role("dialog", name=re.compile("^Retry this run")).get_by_role("button", name="Start").click()
    expect(page).not_to_have_url(re.compile(running))
    expect(page.locator(".head [data-state=completed]")).to_be_visible()
    expect(page.get_by_text("All 4 targets completed.")).to_be_visible()


def test_the_drawer_leads_to_the_stream(page: Page, failing: Console, ended: str) -> None:
    show(page, failing.url + routes.run(ended))
    drawer = page.locator("dialog.drawer[open]")
    expect(drawer.locator(".run-tail li").last).to_contain_text("1 of 4 targets failed.")
    drawer.get_by_role("link", name="Open the stream").click()
    expect(page).to_have_url(failing.url + routes.run_stream(ended))
    expect(page.get_by_role("heading", level=1)).to_contain_text("nightly")
    page.get_by_role("link", name="Details").click()
    expect(page).to_have_url(failing.url + routes.run(ended))


def test_an_unknown_run_says_so(page: Page, failing: Console) -> None:
    show(page, failing.url + routes.run_stream(new_id()))
    expect(page.get_by_text("There is no such run")).to_be_visible()
    page.get_by_role("link", name="All runs").click()
    expect(page).to_have_url(failing.url + routes.runs())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible(page: Page, failing: Console, ended: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for address in (routes.run_stream(ended), routes.run_stream(ended, [("segment", "2")]), routes.run(ended)):
        show(page, failing.url + address)
        expect(page.get_by_text("1 of 4 targets failed.").first).to_be_visible()
        assert_accessible(page)


def test_a_phone_shows_it_without_scrolling_sideways(page: Page, failing: Console, ended: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, failing.url + routes.run_stream(ended, [("segment", "1")]))
    expect(page.locator(".gantt-row.part")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
