"""How the browser tests open, read and filter the job list."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from tests.e2e import opening
from tests.e2e.servers import Console


def address(console: Console, *pairs: tuple[str, str]) -> str:
    """The whole address of the list of these pairs."""
    return console.url + routes.jobs(pairs)


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    """Open the list of these pairs and wait until it is there."""
    opening.show(page, address(console, *pairs))


def names(page: Page) -> Locator:
    """The names of the rows on view."""
    return page.locator("[data-row] [data-row-link]")


def expect_labels(page: Page, labels: str) -> None:
    """Wait until exactly the jobs with these one-letter labels are on view, in this order."""
    expect(names(page)).to_have_text([re.compile(rf"^\S+ {label}$") for label in labels])


def expect_rows(page: Page, ids: list[str]) -> None:
    """Wait until exactly these jobs are on view, in this order."""
    rows = page.locator("[data-row]")
    expect(rows.first).to_have_attribute("data-row", ids[0])
    assert rows.evaluate_all("rows => rows.map(row => row.dataset.row)") == ids


def type_filter(page: Page, text: str) -> None:
    """Type into the filter bar, reached by its key."""
    page.keyboard.press("f")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
