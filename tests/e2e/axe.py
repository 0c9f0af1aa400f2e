"""The accessibility rules that every page keeps: WCAG 2.0 to 2.2, A and AA, and axe's best practices."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


# Colours on their way from one state of a control to the next are neither.
_AT_REST = """() => Promise.allSettled(
  document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished))"""


def violations(page: Page) -> list[str]:
    """The rule and the element of every violation on the page, once its transitions have ended."""
    page.evaluate(_AT_REST)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def assert_accessible(page: Page) -> None:
    """Fail with the violations of the page as it stands."""
    found = violations(page)
    assert not found, "\n".join(found)
