"""The camera of `tests/e2e/walk/test_look.py`: pictures of pages for people, and what a program can see of each.

A light, a dark and a narrow window, and one at a zoom of 200 %. The pictures are in `.shots/`, and `problems.txt`
there grows as problems are found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

from execution_ops.frontend import ROOT
from tests.e2e.axe import violations
from tests.e2e.opening import show
from tests.e2e.servers import Console
from tests.e2e.walk.looking import DESKTOP, PHONE, ZOOMED, faults

FOLDER = ROOT / ".shots"
ZOOMED_LOOK = "zoomed"
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "narrow": {"viewport": PHONE, "color_scheme": "light", "has_touch": True},
    ZOOMED_LOOK: {"viewport": ZOOMED, "device_scale_factor": 2, "color_scheme": "light"},
}
WINDOWS_MAX = 4
# What scrolls in the dialog that was opened last; without one, the page.
_FRONT = """() => {
  const dialog = [...document.querySelectorAll("dialog[open]")].pop();
  if (!dialog) return document.scrollingElement;
  const more = (one) => one.scrollHeight > one.clientHeight + 1;
  const scrolls = (one) => more(one) && ["auto", "scroll"].includes(getComputedStyle(one).overflowY);
  return [dialog, ...dialog.querySelectorAll("*")].find(scrolls) ?? dialog;
}"""
Opener = Callable[[Page], None]


class Picture(NamedTuple):
    """What to take: an address, and what opens in front of it."""

    name: str
    address: str
    opener: Opener | None = None


class Camera:
    """Looks at addresses of one console as people do, keeps a picture of each, and notes what is wrong there."""

    def __init__(self, browser: Browser, console: Console) -> None:
        self._url = console.url
        self._looks = {look: browser.new_context(reduced_motion="reduce", **how) for look, how in LOOKS.items()}
        self.problems: list[str] = []

    def take(self, name: str, address: str, opener: Opener | None = None) -> None:
        """Look at one address in every way; `opener` opens what is to be seen, in front of the page."""
        for look in LOOKS:
            with self.tab(look) as page:
                try:
                    self._look(page, f"{name}-{look}", address, opener)
                except (AssertionError, PlaywrightError) as error:
                    # The walk goes on, so that its end tells everything.
                    self._note(f"{name}-{look} cannot be looked at: {error}"[:400])

    def _look(self, page: Page, name: str, address: str, opener: Opener | None) -> None:
        self.show(page, address)
        if opener:
            opener(page)
            found = (*faults(page), *violations(page))
        else:
            found = (*faults(page), *_violations_of_all(page))
        for problem in found:
            self._note(f"{name}: {problem}")
        if name.endswith(ZOOMED_LOOK):
            self.shoot(page, FOLDER / f"{name}.png")
        else:
            self.walk(page, name)

    def _note(self, problem: str) -> None:
        self.problems.append(problem)
        with (FOLDER / "problems.txt").open("a", encoding="utf-8") as notes:
            notes.write(f"{problem}\n")

    @contextmanager
    def tab(self, look: str) -> Iterator[Page]:
        """A new tab."""
        page = self._looks[look].new_page()
        try:
            yield page
        finally:
            page.close()

    def show(self, page: Page, address: str) -> None:
        """Open an address and wait until its content is there."""
        show(page, f"{self._url}{address}")
        page.wait_for_function("document.fonts.status === 'loaded'")

    def walk(self, page: Page, name: str) -> None:
        """Pictures from the top to the end of what is in front, one window at a time, as people see it."""
        front = page.evaluate_handle(_FRONT)
        top, number = -1.0, 1
        while number <= WINDOWS_MAX and (found := front.evaluate("one => one.scrollTop")) > top:
            self.shoot(page, FOLDER / (f"{name}.png" if number == 1 else f"{name}-{number}.png"))
            top, number = found, number + 1
            front.evaluate("one => one.scrollBy({top: one.clientHeight * 0.8, behavior: 'instant'})")

    def shoot(self, page: Page, path: Path) -> None:
        """One picture of the window, without motion."""
        page.screenshot(path=path, animations="disabled")

    def close(self) -> None:
        """Give the tabs back."""
        for context in self._looks.values():
            context.close()


def _violations_of_all(page: Page) -> list[str]:
    """Which rules the page breaks in a window as high as itself: what a bar at the edge of a lower one covers by half
    counts as too small, though it only has to be scrolled."""
    seen = page.viewport_size
    assert seen
    height = page.evaluate("document.scrollingElement.scrollHeight")
    page.set_viewport_size({"width": seen["width"], "height": max(seen["height"], height)})
    try:
        return violations(page)
    finally:
        page.set_viewport_size(seen)


@contextmanager
def camera_on(browser: Browser, console: Console) -> Iterator[Camera]:
    """A camera, given back at the end."""
    camera = Camera(browser, console)
    try:
        yield camera
    finally:
        camera.close()
