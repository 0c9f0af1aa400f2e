import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { parts } from "$/public/islands/format.js";
import { CloseButton } from "$/public/islands/overlays.jsx";
import { usePref } from "$/public/islands/prefs.js";
import * as words from "$/public/islands/words.js";

const ROW = 19;
const MARGIN = 20; // rows drawn beyond the edge, so that a wheel step shows no gap
const ASK_AFTER_MS = 60;
const anchorOf = (hash) => Number(/^#L(\d{1,9})$/.exec(hash)?.[1] ?? 0);

/** The text with every occurrence of the searched words marked. */
function Marked({ text, search }) {
  if (!search) return text;
  const lower = text.toLowerCase();
  const wanted = search.toLowerCase();
  const pieces = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0 && pieces.length < 100; at = lower.indexOf(wanted, from)) {
    pieces.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  return [...pieces, text.slice(from)];
}

function Line({ line, index, current, search, zone, onPick }) {
  return (
    <div
      className={`ln ${line.level} ${line.where ? "of" : ""} ${current ? "hit" : ""}`}
      style={{ top: index * ROW }}
      id={current ? `L${line.seq}` : undefined}
      data-line={line.seq}
      onClick={() => window.getSelection().isCollapsed && onPick(line.seq)}
    >
      {current ? (
        <a className="no" href={`#L${line.seq}`} onClick={(event) => event.preventDefault()}>
          {line.seq}
        </a>
      ) : (
        <span className="no">{line.seq}</span>
      )}
      <span className="ts">{parts(Date.parse(line.at), zone, true)[1]}</span>
      <span className="lv">{line.level}</span>
      {line.where && <span className="wh">{line.where}</span>}
      <span className="m">
        {line.source && <b>{line.source} </b>}
        <Marked text={line.text} search={search} />
      </span>
    </div>
  );
}

/**
 * A log of up to some 100,000 lines of which only what is seen is in the page.
 * The state holds a window: `lines` (JSON: [{seq, at, level, text, where, source}]) from index `start` of `total` lines that match.
 * When the reader scrolls out of it, `onWindow(start, count)` asks for another. `anchorIndex` is the index of the
 * line of `#L120` (or -1). While `follow` is on, the end stays in view; scrolling up switches it off.
 */
export function LogView({ lines: packed = "[]", start = 0, total = 0, search = "", anchorIndex = -1, follow = false, label, onWindow, onFollow }) {
  const zone = usePref("zone", "utc");
  const lines = useMemo(() => JSON.parse(packed), [packed]);
  const box = useRef(null);
  const asked = useRef({ timer: 0, from: -1 });
  const [view, setView] = useState({ top: 0, height: 560 });
  const [current, setCurrent] = useState(() => (typeof window === "undefined" ? 0 : anchorOf(window.location.hash)));
  const first = Math.max(0, Math.floor(view.top / ROW) - MARGIN);
  const last = Math.min(total, Math.ceil((view.top + view.height) / ROW) + MARGIN);

  useEffect(() => {
    const missing = first < start || last > start + lines.length;
    const memory = asked.current;
    if (!missing || total === 0) {
      memory.from = -1;
      return undefined;
    }
    const count = last - first + 4 * MARGIN;
    const from = Math.max(0, Math.min(first - 2 * MARGIN, total - count));
    if (memory.from === from) return undefined;
    const timer = setTimeout(() => {
      memory.from = from;
      onWindow?.(from, count);
    }, ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [first, last, start, lines.length, total]);

  useEffect(() => {
    const element = box.current;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      watcher.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);

  // Bring the addressed line into view once its place is known.
  useLayoutEffect(() => {
    if (anchorIndex >= 0) box.current.scrollTop = Math.max(0, anchorIndex * ROW - box.current.clientHeight / 3);
  }, [anchorIndex]);

  useLayoutEffect(() => {
    if (!follow) return;
    box.current.scrollTop = total * ROW;
  }, [follow, total]);

  const onWheel = (event) => follow && event.deltaY < 0 && onFollow?.(false);
  const onKeyDown = (event) => follow && ["ArrowUp", "PageUp", "Home"].includes(event.key) && onFollow?.(false);

  // The address changes without a navigation: the router would load the page anew for a fragment.
  const pick = (seq) => {
    const next = seq === current ? 0 : seq;
    setCurrent(next);
    const { pathname, search: query } = window.location;
    window.history.replaceState(window.history.state, "", `${pathname}${query}${next ? `#L${next}` : ""}`);
  };

  const chosen = current ? lines.find((line) => line.seq === current) : undefined;
  const shown = lines.slice(Math.max(0, first - start), Math.max(0, last - start));
  const shownFrom = start + Math.max(0, first - start);
  return (
    <div className="logbox">
      <div className="log" ref={box} tabIndex={0} role="region" aria-label={label} onWheel={onWheel} onKeyDown={onKeyDown}>
        <div className="pad" style={{ height: total * ROW }}>
          {shown.map((line, index) => (
            <Line
              key={line.seq}
              line={line}
              index={shownFrom + index}
              current={line.seq === current}
              search={search}
              zone={zone}
              onPick={pick}
            />
          ))}
        </div>
      </div>
      {chosen && (
        <div className="log-full">
          <div className="ph">
            <b>{words.line(chosen.seq)}</b>
            <button type="button" className="cp" data-copy={chosen.text} aria-label={words.COPY_THE_LINE} title={words.COPY_THE_LINE} />
            <button type="button" className="cp address" data-copy={window.location.href} aria-label={words.COPY_ITS_ADDRESS} title={words.COPY_ITS_ADDRESS} />
            <span className="grow" />
            <CloseButton onClose={() => pick(chosen.seq)} label={words.CLOSE_THE_LINE} />
          </div>
          <div className="code" tabIndex={0} role="region" aria-label={words.lineInFull(chosen.seq)}>
            {chosen.text}
          </div>
        </div>
      )}
    </div>
  );
}
