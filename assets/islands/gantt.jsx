import { useNow } from "$/public/islands/clock.js";
import { parts } from "$/public/islands/format.js";
import { Icon } from "$/public/islands/icon.jsx";
import { usePref } from "$/public/islands/prefs.js";
import { Dot } from "$/public/islands/status.jsx";
import * as words from "$/public/islands/words.js";

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400].map((s) => s * 1000);
const TICKS = 6;
const DAY = 86400000;

/** Round instants between two, and how far apart they are. */
function ticksOf(begin, end, zone) {
  const step = STEPS.find((one) => (end - begin) / one <= TICKS) ?? DAY * Math.ceil((end - begin) / DAY / TICKS);
  // Hours of the reader's zone are round in that zone.
  const shift = zone === "local" ? new Date(begin).getTimezoneOffset() * 60000 : 0;
  const ticks = [];
  for (let at = Math.ceil((begin - shift) / step) * step + shift; at <= end; at += step) ticks.push(at);
  return { ticks, step };
}

function Row({ table, row, place, now, live }) {
  const width = (bar) => Math.max(0, place(bar.end ?? now) - place(bar.start));
  return (
    <li className={row.depth ? "gantt-row part" : "gantt-row"}>
      <span className="gantt-name">
        <Dot table={table} state={row.state} />
        {row.href ? (
          <a className="name" href={row.href} data-keep-scroll="" data-replace={row.depth ? undefined : ""} title={row.detail || row.name}>
            <bdi>{row.name}</bdi>
          </a>
        ) : (
          <span className="nm"><bdi>{row.name}</bdi></span>
        )}
        {row.detail && <span className="gantt-detail"><bdi>{row.detail}</bdi></span>}
        {!row.depth && <Icon name={row.open ? "chevron-down" : "chevron-right"} size={13} />}
        <span className="sr">, {row.says}</span>
      </span>
      <span className="gantt-bars" aria-hidden="true">
        {live && <i className="now" style={{ left: `${place(now)}%` }} />}
        {row.until && row.until > now && (
          <i className="est" style={{ left: `${place(now)}%`, width: `${place(row.until) - place(now)}%` }} title={words.LIKELY} />
        )}
        {row.bars.map((bar, index) => {
          const style = { left: `${place(bar.start)}%`, width: `${width(bar)}%` };
          const look = bar.end === bar.start ? `${bar.tone} mark` : bar.tone;
          return bar.href ? (
            <a key={index} className={look} style={style} title={bar.title} href={bar.href} tabIndex={-1} />
          ) : (
            <i key={index} className={look} style={style} title={bar.title} />
          );
        })}
      </span>
      <span className="gantt-figure">
        {row.figure_href ? (
          <a className="num" href={row.figure_href} aria-label={`${row.name}: ${row.figure}`}>
            {row.figure}
          </a>
        ) : (
          row.figure
        )}
      </span>
    </li>
  );
}

/** Rows of bars over time on one scale (`components/gantt.py` tells what a row has). */
export function Gantt({ table, rows = [], begin, end = null, label }) {
  const zone = usePref("zone", "utc");
  const now = useNow(end === null);
  const last = end ?? Math.max(now, ...rows.map((row) => row.until ?? 0));
  // A run of a moment still needs a scale, and what runs now some room before the edge.
  const span = Math.max(1000, last - begin) * (end === null ? 1.04 : 1);
  const place = (at) => Math.min(100, Math.max(0, (100 * (at - begin)) / span));
  const { ticks, step } = ticksOf(begin, begin + span, zone);
  const word = (at) => {
    const [day, time] = parts(at, zone, false);
    return step >= DAY ? day : step < 60000 ? time : time.slice(0, 5);
  };
  if (!begin) return null;
  return (
    <div className="gantt">
      <div className="gantt-row gantt-head" aria-hidden="true">
        <span className="gantt-name" />
        <span className="gantt-bars">
          {ticks.map((at) => (
            <span key={at} className="tick" style={{ left: `${place(at)}%` }}>
              {word(at)}
            </span>
          ))}
        </span>
        <span className="gantt-figure" />
      </div>
      <ol aria-label={label}>
        {rows.map((row) => (
          <Row key={row.key} table={table} row={row} place={place} now={now} live={end === null} />
        ))}
      </ol>
    </div>
  );
}
