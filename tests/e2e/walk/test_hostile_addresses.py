"""Markup in every part of every page's address is text to a browser: nothing runs or is loaded, no page is blank."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page

from execution_ops.routes import BY_NAME, ROUTES
from tests.api.document import operations
from tests.e2e.opening import show
from tests.e2e.walk.furnished import Furnished

SEGMENT = re.compile(r"\[\w+\]")
MARKUP = "\"'></title><script>pwned=1</script><img src=x onerror=pwned=1>{{7*7}}"
SCRIPT = "javascript:pwned=1//"
# What the pages' own addresses know besides the filters of REST.
OWN = ("tab", "scan", "edit", "event", "quota", "worker", "node", "ask", "bulk", "kit", "with", "new", "of", "view")
KEYS = sorted(
    {*OWN}
    | {
        str(known["name"])
        for one in operations()
        if one.method == "get"
        for known in one.parameters
        if known["in"] == "query"
    }
)
# What markup from the address would have made of the document.
MADE = """() => [
    ...document.querySelectorAll("img, iframe, object, embed, base, svg[onload]"),
    ...[...document.querySelectorAll("*")].filter((one) => [...one.attributes].some(
        ({ name, value }) => name.startsWith("on") || value.trim().toLowerCase().startsWith("javascript:"))),
].map((one) => one.outerHTML.slice(0, 200))"""
BUILT = [route.name for route in ROUTES if route.built]


def assert_inert(page: Page, address: str) -> None:
    """Open it: the page says something, and the address is text."""
    show(page, address)
    assert page.evaluate(MADE) == [], address
    assert page.evaluate("window.pwned === undefined"), address


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == "job" else pytest.mark.long, id=name) for name in BUILT]
)
# An address with such an id is one of nothing, and answered so.
@pytest.mark.console_errors("Failed to load resource: the server responded with a status of 404")
def test_markup_all_over_an_address_is_text(page: Page, whole: Furnished, name: str) -> None:
    url, address = whole.console.url, whole.console.url + whole.address(name)
    if SEGMENT.search(pattern := BY_NAME[name].pattern):
        assert_inert(page, url + SEGMENT.sub(quote(MARKUP, safe=""), pattern))
    assert_inert(page, f"{address}#{quote(MARKUP)}")
    for hostile in (MARKUP, SCRIPT):
        assert_inert(page, f"{address}?{urlencode([(key, hostile) for key in KEYS])}")


@pytest.mark.long
@pytest.mark.parametrize("name", BUILT)
def test_markup_in_each_value_is_text(page: Page, whole: Furnished, name: str) -> None:
    for key in KEYS:
        assert_inert(page, f"{whole.console.url}{whole.address(name)}?{urlencode([(key, MARKUP)])}")
