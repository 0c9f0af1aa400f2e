import { useLayoutEffect } from "react";

const typing = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable=true]");
const seen = (element) => element.getClientRects().length > 0;
const find = (selector) => [...document.querySelectorAll(selector)].find(seen);

/** What a key does where nothing that is shown has it: any page is searched from everywhere and has its help. */
function spare(key) {
  if (key === "/") return find("[data-palette]");
  return key === "?" ? document.querySelector('[data-hotkey="?"]') : null;
}

/** Move the focus between the rows of the page's table; the focus is the cursor. */
function moveRow(step) {
  const links = [...document.querySelectorAll("[data-row] [data-row-link]")].filter(seen);
  if (!links.length) return;
  const row = document.activeElement?.closest?.("[data-row]");
  const at = row ? links.findIndex((link) => row.contains(link)) : -1;
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
  links[next].focus();
  links[next].closest("[data-row]").scrollIntoView({ block: "nearest" });
}

function press(element) {
  if (!element) return false;
  if (element.matches("input, textarea")) element.focus();
  else element.click();
  return true;
}

const ROW_KEYS = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: () => document.activeElement?.closest?.("[data-row]")?.querySelector(".cb")?.click(),
};

/** Ctrl+K, also on a Mac with its own key: over a drawer too, whose verbs it offers then, but not over a question. */
function openPalette(event) {
  if (event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
  if (typing(event.target) || document.querySelector("dialog[open]:not(.drawer)")) return;
  if (press(find("[data-palette]"))) event.preventDefault();
}

/** After `g`: when it was pressed, until the second letter is due. It outlives the page, which may change between the two. */
const CHORD_MS = 1500;
let chordAt = -Infinity;

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) return openPalette(event);
  if (event.altKey) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key;
  // The time of the press and not of its handling: a page that is busy has not made the operator slower.
  const second = event.timeStamp - chordAt < CHORD_MS;
  chordAt = !second && key === "g" ? event.timeStamp : -Infinity;
  if (second) {
    // The rail is not shown in a small window, which a large one is at a zoom of 200 %; its links lead on all the same.
    if (press(document.querySelector(`a[data-goto="${CSS.escape(key)}"]`))) event.preventDefault();
    return;
  }
  if (key === "g") return;
  if (Object.hasOwn(ROW_KEYS, key)) {
    ROW_KEYS[key]();
    event.preventDefault();
    return;
  }
  if (key.length !== 1) return;
  if (press(find(`[data-hotkey~="${CSS.escape(key)}"]`)) || press(spare(key))) event.preventDefault();
}

/** The keys of the console. What they do is named on the elements: `data-hotkey`, `data-goto`, `data-row`. */
export function Keys() {
  // Before the next paint, as the page's own elements: between two pages there is no moment without keys.
  useLayoutEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return null;
}
