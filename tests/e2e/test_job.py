"""The job page, as an operator uses it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, insert

from execution_ops import routes
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.tables import JobAttempt, JobLog
from execution_ops.domain.ids import new_id
from tests.e2e.axe import assert_accessible
from tests.e2e.servers import Console, profile
from tests.factories import START, add_edges, add_jobs, job_values

pytestmark = pytest.mark.long

HOSTILE = '<img src=x onerror="document.title=1">=cmd()\u202egnp.exe\x07'
LINES = 100_000


@pytest.fixture(scope="module")
def loud(ledger: Engine) -> dict[str, Any]:
    """A failed job with 100,000 lines, a secret, exact numbers and hostile text."""
    payload = {"image": HOSTILE, "registry_token": "hunter2", "big": 12345678901234567890, "list": list(range(250))}
    (row,) = add_jobs(
        ledger,
        [
            job_values(
                state="failed",
                label=HOSTILE,
                attempts=1,
                error_type="ValueError",
                error_message=f"no such thing {HOSTILE}",
                payload=payload,
            )
        ],
    )
    attempt = {
        "job_n": row["n"],
        "number": 1,
        "state": "failed",
        "worker_id": "worker-1",
        "started_at": START + 10,
        "finished_at": START + 250,
        "error_type": "ValueError",
        "error_message": f"no such thing {HOSTILE}",
        "error_stack": "Traceback: here",
    }
    with write(ledger) as connection:
        connection.execute(insert(JobAttempt), [attempt])
        for first in range(1, LINES, 10_000):
            connection.execute(
                insert(JobLog),
                [
                    {
                        "job_n": row["n"],
                        "seq": seq,
                        "at": START + seq,
                        "attempt": 1,
                        "level": 40 if seq % 10_000 == 0 else 20,
                        "text": f"line {seq} {HOSTILE if seq == 7 else ''}",
                    }
                    for seq in range(first, first + 10_000)
                ],
            )
    return row


def open_job(page: Page, console: Console, address: str) -> None:
    page.goto(console.url + address)
    expect(page.locator("h1")).to_contain_text("test.echo")


def test_a_job_with_very_many_parents_names_some_and_leads_to_all(page: Page, console: Console, ledger: Engine) -> None:
    dag = new_id()
    *many, last = add_jobs(
        ledger, [job_values(dag_id=dag, node_key=f"n{i}", label=f"part {i}", state="succeeded") for i in range(1_062)]
    )
    add_edges(ledger, [(row["n"], last["n"]) for row in many])
    open_job(page, console, routes.job(last["id"]))
    lineage = page.get_by_role("list").filter(has_text="DAG of")
    expect(lineage.get_by_text("and 1,011 more")).to_be_visible()
    expect(lineage.get_by_role("listitem")).to_have_count(52)
    lineage.get_by_role("link", name="See all in the DAG").click()
    expect(page).to_have_url(re.compile(re.escape(console.url + routes.job_dag(last["id"]))))


def test_everything_about_a_job_is_on_its_page(page: Page, console: Console, loud: dict[str, Any]) -> None:
    open_job(page, console, routes.job(loud["id"]))
    expect(page.get_by_text("failed", exact=True).first).to_be_visible()
    expect(page.get_by_role("table", name="Attempts")).to_contain_text("no such thing")
    page.get_by_role("table", name="Attempts").locator("summary").click()
    expect(page.get_by_text("Traceback: here")).to_be_visible()
    expect(page.get_by_role("region", name="Payload")).to_contain_text("12345678901234567890")
    assert page.evaluate("document.title") != "1", "hostile text stays text"
    assert page.locator("main img").count() == 0


def test_secrets_are_hidden_until_revealed(page: Page, console: Console, loud: dict[str, Any]) -> None:
    open_job(page, console, routes.job(loud["id"]))
    payload = page.get_by_role("region", name="Payload")
    expect(payload).to_contain_text("[redacted]")
    expect(payload).not_to_contain_text("hunter2")
    page.get_by_role("button", name="Reveal").click()
    expect(payload).to_contain_text("hunter2")


def test_a_tree_opens_branch_by_branch(page: Page, console: Console, loud: dict[str, Any]) -> None:
    open_job(page, console, routes.job(loud["id"]))
    payload = page.get_by_role("region", name="Payload")
    payload.get_by_role("button", name="list").click()
    expect(payload.locator(".jv.number")).to_have_count(101)
    payload.locator("button.more").click()
    expect(payload.locator(".jv.number")).to_have_count(201)


def test_a_long_log_is_scrolled_without_being_loaded(page: Page, console: Console, loud: dict[str, Any]) -> None:
    open_job(page, console, routes.job(loud["id"]))
    expect(page.get_by_text("line 1 ", exact=False).first).to_be_visible()
    log = page.get_by_role("region", name="Log")
    assert log.locator(".ln").count() < 400
    log.hover()
    page.mouse.wheel(0, 900_000)
    expect(log.get_by_text(re.compile("line 4[0-9]{4}")).first).to_be_visible()
    assert log.locator(".ln").count() < 400


def test_a_line_has_an_address(page: Page, console: Console, loud: dict[str, Any]) -> None:
    open_job(page, console, routes.job(loud["id"], line=54_321))
    log = page.get_by_role("region", name="Log")
    expect(log.get_by_text("line 54321", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="Line 54321 in full")).to_be_visible()
    log.get_by_text("line 54319", exact=True).click()
    expect(page).to_have_url(re.compile("#L54319$"))


def test_level_and_search_are_in_the_address(
    page: Page, browser: Browser, console: Console, loud: dict[str, Any]
) -> None:
    open_job(page, console, routes.job(loud["id"]))
    page.get_by_role("link", name=re.compile("Error 10")).click()
    expect(page.get_by_text("line 10000", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]level=error"))
    page.get_by_label("Search the log").fill("line 70000")
    expect(page).to_have_url(re.compile(r"q=line\+70000"))
    expect(page.get_by_text("line 10000", exact=True)).to_have_count(0)
    expect(page.locator("mark", has_text="line 70000")).to_be_visible()
    with profile(browser) as fresh:
        copy = fresh.new_page()
        copy.goto(page.url)
        expect(copy.locator("mark", has_text="line 70000")).to_be_visible()


def test_a_retry_asks_first_and_is_shown(page: Page, console: Console, ledger: Engine) -> None:
    (row,) = add_jobs(ledger, [job_values(state="canceled", job_type="test.unknown", attempts=1)])
    page.goto(console.url + routes.job(row["id"]))
    page.get_by_role("button", name="Retry").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Retry this job?")
    dialog.get_by_label("Reason").fill("once more")
    dialog.get_by_role("button", name="Retry 1 job").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("once more", exact=False)).to_be_visible()
    expect(page.get_by_role("button", name="Retry")).to_be_disabled()


@pytest.mark.parametrize("address", ["x", "..%2F..", "'%22<b>"])
def test_an_address_that_names_no_job_says_so(page: Page, console: Console, address: str) -> None:
    page.goto(f"{console.url}{routes.jobs()}/{address}")
    expect(page.get_by_role("alert")).to_contain_text("id")


def test_a_job_that_is_not_there_leads_back_to_the_list(page: Page, console: Console) -> None:
    page.goto(console.url + routes.job(new_id()))
    page.get_by_role("link", name="All jobs").click()
    expect(page).to_have_url(console.url + routes.jobs())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible(page: Page, console: Console, loud: dict[str, Any], theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    open_job(page, console, routes.job(loud["id"]))
    expect(page.get_by_text("line 1 ", exact=False).first).to_be_visible()
    assert_accessible(page)


def test_nothing_scrolls_sideways_on_a_phone(page: Page, console: Console, loud: dict[str, Any]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_job(page, console, routes.job(loud["id"]))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_whole_log_can_be_downloaded(page: Page, console: Console, loud: dict[str, Any]) -> None:
    open_job(page, console, routes.job(loud["id"]))
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    assert started.value.path().read_text(encoding="utf-8").count("\n") == LINES
