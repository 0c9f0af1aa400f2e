import { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { Icon } from "$/public/islands/icon.jsx";
import * as words from "$/public/islands/words.js";

const ICONS = { ok: "circle-check", bad: "circle-x", warn: "triangle-alert", run: "loader-circle" };
const SHOWN_MS = 8000;
// The way back is offered for longer: who needs it has first to see what went wrong.
const UNDO_MS = 30000;

/** How long something can still be undone, in words; "" once it is too late. */
function left(until) {
  const minutes = Math.ceil((Date.parse(until) - Date.now()) / 60000);
  return minutes > 0 ? words.minutesLeft(minutes) : "";
}

function Undo({ toast, onUndo }) {
  const [said, setSaid] = useState(() => left(toast.until));
  useEffect(() => {
    const timer = setInterval(() => setSaid(left(toast.until)), 5000);
    return () => clearInterval(timer);
  }, [toast.until]);
  if (!said) return null;
  return (
    <>
      <button type="button" className="toast-undo" onClick={() => onUndo?.(toast.id)}>
        {words.UNDO}
      </button>
      <small>{said}</small>
    </>
  );
}

function Toast({ toast, onGone, onUndo }) {
  const [held, setHeld] = useState(false);
  // A failure stays until it is read; anything held by pointer or focus waits too.
  const stays = held || toast.tone === "bad";
  useEffect(() => {
    if (stays) return undefined;
    const timer = setTimeout(() => onGone?.(toast.id), toast.undo ? UNDO_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [stays, toast.id]);
  return (
    <li
      className="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon name={ICONS[toast.tone] ?? "info"} size={16} spin={toast.tone === "run"} />
      <span>{toast.text}</span>
      {toast.undo && <Undo toast={toast} onUndo={onUndo} />}
      {toast.href && <a href={toast.href}>{toast.link || words.OPEN}</a>}
      <button type="button" aria-label={words.DISMISS} onClick={() => onGone?.(toast.id)}>
        <Icon name="x" />
      </button>
    </li>
  );
}

/** The dialog that is open in front of the page, if any: what is outside of it can't be reached, nor seen well. */
function useFront(any) {
  const [front, setFront] = useState(null);
  useEffect(() => {
    if (!any) return undefined;
    const look = () => setFront([...document.querySelectorAll("dialog:modal")].at(-1) ?? null);
    look();
    const watch = new MutationObserver(look);
    watch.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["open"] });
    return () => watch.disconnect();
  }, [any]);
  return any ? front : null;
}

/** What just happened, in words: toasts are {id, tone, text, href, link, undo, until}. Announced politely. */
export function Toasts({ toasts = [], onGone, onUndo }) {
  const front = useFront(toasts.length > 0);
  const list = (
    <div role="status">
      <ol className="toasts">
        {toasts.map((toast) => (
          <Toast key={toast.id} toast={toast} onGone={onGone} onUndo={onUndo} />
        ))}
      </ol>
    </div>
  );
  return front ? createPortal(list, front) : list;
}
