import { useEffect, useRef, useState } from "react";

const WAIT_MS = 200;

/** A search field that tells its text after a pause. While it has the focus, its text is the reader's alone. */
export function SearchBox({ value = "", label, hotkey = "/", onSearch }) {
  const [text, setText] = useState(value);
  const input = useRef(null);
  const handler = useRef(onSearch);
  useEffect(() => {
    handler.current = onSearch;
  });
  useEffect(() => {
    if (document.activeElement !== input.current) setText(value);
  }, [value]);
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => handler.current?.(text), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      ref={input}
      type="search"
      className="in"
      placeholder={label}
      aria-label={label}
      data-hotkey={hotkey}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => event.key === "Escape" && input.current.blur()}
    />
  );
}
