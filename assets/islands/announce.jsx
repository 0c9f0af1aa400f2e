import { useEffect, useRef, useState } from "react";

const PACE_MS = 10000;

/**
 * Tells assistive technology of a figure that changes by itself: politely, and at most every ten seconds, the last value
 * being the one that is told. What is there when the page opens is read with the page, so it is not told.
 */
export function Announce({ text = "" }) {
  const [said, setSaid] = useState("");
  const last = useRef({ text, at: 0 });
  useEffect(() => {
    const first = last.current.text === "";
    if (!text || text === last.current.text) return undefined;
    const tell = () => {
      last.current = { text, at: Date.now() };
      if (!first) setSaid(text);
    };
    const timer = setTimeout(tell, Math.max(0, last.current.at + PACE_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span className="sr" role="status">
      {said}
    </span>
  );
}
