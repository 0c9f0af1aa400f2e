// The verbs that a page offers now, read from its buttons: what the palette says of one is what its button says.
import * as words from "./words.js";

const seen = (element) => element.getClientRects().length > 0;
const textOf = (element) => element?.textContent.trim() ?? "";

function reasonOf(button) {
  if (button.dataset.off) return button.dataset.off;
  if (button.getAttribute("aria-disabled") !== "true") return "";
  const reason = document.getElementById(button.getAttribute("aria-describedby") ?? "");
  return textOf(reason) || words.UNDER_WAY;
}

/** What the verb would be done to: [its place in the list, in words] of the selection, a row, or drawer or page. */
function subjectOf(button, drawer) {
  const selection = button.closest("[data-selection]");
  if (selection) return [0, selection.dataset.selection];
  const row = button.closest("[data-row]");
  if (row) return [1, textOf(row.querySelector("[data-row-link]"))];
  return [button.dataset.off ? 3 : 2, textOf(drawer ? drawer.querySelector("h2") : document.querySelector("main h1"))];
}

/**
 * The verbs of the open drawer, else of the page: of what is selected and of the thing that it shows; of the rows only
 * those of the row with the keyboard's focus (`origin`). A hidden one with `data-off` stands for what needs a selection.
 * Two buttons that do the same to the same are one verb.
 */
export function verbsHere(origin) {
  const drawer = [...document.querySelectorAll("dialog.drawer[open]")].at(-1);
  const scope = drawer ?? document.querySelector("main");
  const row = origin?.closest?.("[data-row]") ?? null;
  const within = (button) => (button.dataset.off ? true : seen(button)) && [null, row].includes(button.closest("[data-row]"));
  const verbs = new Map();
  for (const button of scope?.querySelectorAll("[data-verb]") ?? []) {
    if (!within(button) || (!drawer && button.closest("dialog"))) continue;
    const [place, also] = subjectOf(button, drawer);
    const key = `verb-${place}-${button.dataset.verb}`;
    if (verbs.has(key)) continue;
    const { verb: label, icon = "", hotkey: keys = "" } = button.dataset;
    verbs.set(key, { key, place, element: button, label, icon, keys, also, off: reasonOf(button) });
  }
  return [...verbs.values()].sort((a, b) => a.place - b.place);
}

/** Calls `tell` whenever a verb of the page may have come, gone or changed, at most once a frame; gives the way to end it. */
export function watchVerbs(tell) {
  let frame = 0;
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      tell();
    });
  };
  const watch = new MutationObserver(soon);
  const seenAttributes = ["aria-disabled", "data-verb", "data-off", "data-selection", "open"];
  for (const root of document.querySelectorAll("main")) {
    watch.observe(root, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: seenAttributes });
  }
  return () => {
    watch.disconnect();
    cancelAnimationFrame(frame);
  };
}

/** The keys of the page's own buttons, each once: [[key, what it does]]. `general` are those of every page. */
export function pageKeys(general) {
  const found = new Map();
  for (const element of document.querySelectorAll("main [data-hotkey]")) {
    const label = element.dataset.verb ?? element.getAttribute("aria-label") ?? textOf(element);
    for (const key of element.dataset.hotkey.split(" ")) if (!general.includes(key) && label) found.set(key, label);
  }
  return [...found];
}
