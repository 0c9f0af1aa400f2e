"""What every page owes in every state: one heading, nothing wider than the window, nothing cut off."""

from __future__ import annotations

from playwright.sync_api import Page, expect

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# What a 1440 px window shows at a zoom of 200 %.
ZOOMED = {"width": 720, "height": 450}

# Text and controls that reach over the window without a box around them that scrolls, and dialogs that do.
_OUTSIDE = """() => {
  const root = document.documentElement, wide = root.clientWidth;
  const scrolls = (one) => {
    for (let box = one; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.overflowX !== "visible" || style.position === "fixed" && box.tagName === "SPAN") return true;
    }
    return false;
  };
  const name = (one) => `${one.tagName.toLowerCase()}.${one.className}: ${(one.textContent || "").trim().slice(0, 60)}`;
  const found = [];
  if (root.scrollWidth > wide) found.push(`the page is ${root.scrollWidth} px wide`);
  for (const one of document.querySelectorAll("main *, dialog[open] *")) {
    const box = one.getBoundingClientRect();
    const shown = one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!box.width || !box.height || !shown || one.closest(".sr")) continue;
    if ((box.right > wide + 1 || box.left < -1) && !scrolls(one)) found.push(name(one));
  }
  for (const one of document.querySelectorAll("dialog[open]")) {
    if (one.scrollWidth > one.clientWidth + 1) found.push(`${name(one)} scrolls sideways`);
  }
  return found.slice(0, 8);
}"""
# Words on what can be pressed are never cut off without saying so.
_CUT = """() => [...document.querySelectorAll("main button, main a.btn, dialog[open] button, main h1")]
  .filter(one => one.getBoundingClientRect().width && one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).overflowX !== "visible")
  .map(one => `cut off: ${one.textContent.trim().slice(0, 60)}`)"""


def faults(page: Page) -> list[str]:
    """What is wrong with how the page stands in its window; empty if nothing is."""
    wrong: list[str] = page.evaluate(_OUTSIDE)
    wrong += page.evaluate(_CUT)
    if (headings := page.locator("h1").count()) != 1:
        wrong.append(f"{headings} headings of the first order")
    return wrong


def assert_stands(page: Page) -> None:
    """Fail with what is wrong with how the page stands in its window."""
    expect(page.locator("h1")).not_to_be_empty()
    found = faults(page)
    assert not found, "\n".join(found)
