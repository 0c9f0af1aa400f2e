import { useEffect, useState } from "react";
import * as words from "$/public/islands/words.js";

const SHOWN_MS = 1600;

/** Copy without the clipboard interface, which browsers offer only on https and localhost. */
function copyByCommand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.setAttribute("readonly", "");
  field.style.cssText = "position:fixed;opacity:0";
  // Inside a modal dialog everything else is inert: the field has to live in it.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  const before = document.activeElement;
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus?.();
  return done;
}

async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByCommand(text); // the permission was refused
    }
  }
  return copyByCommand(text);
}

/**
 * Serves the copy buttons of a page, `<button data-copy="text">`: one listener and one voice for all of them, so that a
 * button in every row of a list costs an element and no more. `data-copied` says "yes" or "no" for a moment.
 */
export function Copies() {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timers = new Map();
    const copy = async (event) => {
      const button = event.target.closest?.("button[data-copy]");
      if (!button) return;
      const done = await copyText(button.dataset.copy);
      button.dataset.copied = done ? "yes" : "no";
      setSaid(done ? words.COPIED : words.NO_COPYING);
      clearTimeout(timers.get(button));
      const clear = () => {
        delete button.dataset.copied;
        timers.delete(button);
        setSaid("");
      };
      timers.set(button, setTimeout(clear, SHOWN_MS));
    };
    document.addEventListener("click", copy);
    return () => {
      document.removeEventListener("click", copy);
      timers.forEach((timer) => clearTimeout(timer));
    };
  }, []);
  return (
    <span className="sr" role="status">
      {said}
    </span>
  );
}
