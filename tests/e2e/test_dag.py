"""The DAG page on a real scan: live, by keyboard, as a table, and with everything in the address."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from execution_ops import routes
from tests.e2e.axe import assert_accessible
from tests.e2e.servers import Console

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def scan(console: Console) -> dict[str, str]:
    """A scan of a directory with one Python package; its job ids by node key."""
    source = console.scan_root / "dag"
    source.mkdir()
    (source / "requirements.txt").write_text("requests==2.32.3\n")
    answer = httpx.post(f"{console.url}{routes.api_scans()}", json={"path": str(source)})
    assert answer.status_code == 201, answer.text
    jobs: dict[str, str] = answer.json()["job_ids"]
    return jobs


def test_a_scan_turns_green_while_one_looks(page: Page, console: Console, scan: dict[str, str]) -> None:
    page.goto(f"{console.url}{routes.job_dag(next(iter(scan.values())))}")
    expect(page.get_by_text("All succeeded.")).to_be_visible()
    # The catalogers were inserted while the page was open.
    expect(page.locator("[data-graph-box]", has_text=re.compile("^catalog "))).not_to_have_count(0)
    expect(page.locator("[data-graph-box]:not([data-state=succeeded])")).to_have_count(0)


def test_selecting_is_in_the_address_and_back_undoes_it(page: Page, console: Console, scan: dict[str, str]) -> None:
    job_id = next(iter(scan.values()))
    address = f"{console.url}{routes.job_dag(job_id)}"
    page.goto(address)
    page.locator(f'[data-graph-box="{job_id}"]').click()
    expect(page).to_have_url(f"{address}?node={job_id}")
    panel = page.get_by_role("complementary", name="Selected")
    expect(panel.get_by_role("link", name="Open job")).to_have_attribute("href", routes.job(job_id))
    page.go_back()
    expect(panel).to_have_count(0)
    page.go_forward()
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(re.escape(address) + r"\??$"))
    expect(panel).to_have_count(0)


def test_what_was_done_to_it_stands_beside_it(page: Page, console: Console, scan: dict[str, str]) -> None:
    job_id = next(iter(scan.values()))
    address = f"{console.url}{routes.job_dag(job_id)}"
    page.goto(address)
    page.get_by_role("link", name="What was done").click()
    expect(page).to_have_url(f"{address}?done=1")
    panel = page.get_by_role("complementary", name="What was done")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    expect(panel.get_by_role("listitem")).to_contain_text("local operator")
    assert_accessible(page)
    dag = httpx.get(f"{console.url}{routes.api_job(job_id)}").json()["row"]["dag_id"]
    whole = panel.get_by_role("link", name="All of it in the audit")
    expect(whole).to_have_attribute("href", routes.audit([("kind", "dag"), ("id", dag)]))
    page.locator(f'[data-graph-box="{job_id}"]').click()
    expect(page.get_by_role("complementary", name="Selected")).to_be_visible()
    expect(panel).to_have_count(0)
    page.go_back()
    expect(panel).to_be_visible()
    panel.get_by_role("link", name="Close").click()
    expect(page).to_have_url(re.compile(re.escape(address) + r"\??$"))
    expect(panel).to_have_count(0)


def test_arrows_walk_along_the_edges_and_enter_selects(page: Page, console: Console, scan: dict[str, str]) -> None:
    page.goto(f"{console.url}{routes.job_dag(next(iter(scan.values())))}")
    boxes = page.locator("[data-graph-box]")
    expect(boxes.first).to_be_visible()
    expect(page.locator("[data-graph-box][tabindex='0']")).to_have_count(1)
    first = page.locator("[data-graph-box][tabindex='0']")
    first.focus()
    expect(page.locator("[data-graph-box]:focus")).to_contain_text("scan.inspect")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-graph-box]:focus")).to_contain_text("catalog")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?node="))


def test_the_table_is_its_twin(page: Page, console: Console, scan: dict[str, str]) -> None:
    page.goto(f"{console.url}{routes.job_dag(next(iter(scan.values())))}")
    expect(page.locator("[data-graph-box]").first).to_be_visible()
    count = page.locator("[data-graph-box]").count()
    page.get_by_role("link", name="Table", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?view=table$"))
    expect(page.get_by_role("table", name="Jobs of the DAG").locator("tbody tr")).to_have_count(count)


def test_an_unknown_job_says_so(page: Page, console: Console) -> None:
    page.goto(f"{console.url}{routes.job_dag('019a0000-0000-7000-8000-000000000000')}")
    expect(page.get_by_role("heading", name="There is no such job")).to_be_visible()
    page.get_by_role("link", name="All jobs").click()
    expect(page).to_have_url(console.url + routes.jobs())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("query", ["", "?view=table"])
def test_axe_finds_nothing(page: Page, console: Console, scan: dict[str, str], theme: str, query: str) -> None:
    job_id = next(iter(scan.values()))
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{console.url}{routes.job_dag(job_id)}{query or '?'}&node={job_id}")
    expect(page.get_by_role("complementary", name="Selected")).to_be_visible()
    expect(page.locator("[data-graph-box], tbody tr").first).to_be_visible()
    assert_accessible(page)
