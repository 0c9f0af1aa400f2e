import { useEffect, useState } from "react";
import { Icon } from "$/public/islands/icon.jsx";

const ICONS = { ok: "circle-check", bad: "circle-x", warn: "triangle-alert", run: "loader-circle" };
const SHOWN_MS = 8000;

function Toast({ toast, onGone }) {
  const [held, setHeld] = useState(false);
  // A failure stays until it is read; anything held by pointer or focus waits too.
  const stays = held || toast.tone === "bad";
  useEffect(() => {
    if (stays) return undefined;
    const timer = setTimeout(() => onGone?.(toast.id), SHOWN_MS);
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
      {toast.href && <a href={toast.href}>{toast.link || "Open"}</a>}
      <button type="button" aria-label="Dismiss" onClick={() => onGone?.(toast.id)}>
        <Icon name="x" />
      </button>
    </li>
  );
}

/** What just happened, in words: toasts are {id, tone, text, href, link}. Announced politely. */
export function Toasts({ toasts = [], onGone }) {
  return (
    <div role="status">
      <ol className="toasts">
        {toasts.map((toast) => (
          <Toast key={toast.id} toast={toast} onGone={onGone} />
        ))}
      </ol>
    </div>
  );
}
