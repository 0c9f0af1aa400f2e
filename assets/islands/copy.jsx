import { useEffect, useState } from "react";
import { Icon } from "$/public/islands/icon.jsx";

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

/** A small button that copies a text and says whether it did. */
export function Copy({ text, label = "Copy", icon = "copy" }) {
  const [result, setResult] = useState("");
  useEffect(() => {
    if (!result) return undefined;
    const timer = setTimeout(() => setResult(""), 1600);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = async () => setResult((await copyText(String(text))) ? "Copied" : "The browser does not allow copying");
  return (
    <>
      <button type="button" className={result === "Copied" ? "cp done" : "cp"} aria-label={label} title={result || label} onClick={copy}>
        <Icon name={result === "Copied" ? "check" : result ? "x" : icon} size={12} />
      </button>
      <span className="sr" role="status">
        {result}
      </span>
    </>
  );
}
