// One box of the graph: a job, a folded fan-out, or the frame around an open one.
import { createContext, memo, useContext } from "react";
import { useStore } from "@xyflow/react";
import { useAt, useMark } from "$/public/graph_store.js";
import { useNow } from "$/public/islands/clock.js";
import { describeDuration } from "$/public/islands/format.js";
import { Icon } from "$/public/islands/icon.jsx";
import * as words from "$/public/islands/words.js";

/** What all boxes share: { marks, looks, selectHref, foldHref, selected, stop, current, showCritical }. */
export const GraphContext = createContext(null);

/** Below this zoom words cannot be read: boxes are drawn as plain blocks of their tone. */
const READABLE = 0.36;
const isFar = (state) => state.transform[2] < READABLE;

const UNKNOWN = { icon: "circle-dashed", tone: "mute", spin: false };

export function lookOf(looks, mark) {
  const state = mark.c && !mark.d ? "canceling" : mark.s;
  return Object.hasOwn(looks, state) ? looks[state] : UNKNOWN;
}

/** The tone of a fan-out: the one that asks most for a look. */
export function toneOf(looks, mark) {
  if (!mark.m) return lookOf(looks, mark).tone;
  const tones = mark.m.map(([state]) => looks[state]?.tone ?? "mute");
  return ["bad", "warn", "run", "wait", "mute", "ok"].find((tone) => tones.includes(tone)) ?? "mute";
}

const stateWord = (mark) => (mark.c && !mark.d ? words.CANCELING : String(mark.s ?? "").replaceAll("_", " "));
const countWords = (counts) => counts.map(([state, count]) => `${count.toLocaleString("en")} ${words.SHORT_STATES[state] ?? state}`);

/** Time and note of a job: "41.0 s, 1/3". While it runs the time ticks. */
function useAside(mark) {
  const runs = mark.t !== undefined;
  const now = useNow(runs);
  const ms = runs ? Math.floor(Math.max(0, now - mark.t) / 1000) * 1000 : mark.d;
  const time = ms === undefined ? "" : runs && ms < 60000 ? `${ms / 1000} s` : describeDuration(ms);
  return [time, mark.n].filter(Boolean).join(", ");
}

function useBox(id) {
  const shared = useContext(GraphContext);
  const mark = useMark(shared.marks, id);
  const selected = useAt(shared.selected, id);
  const stops = useAt(shared.stop, id);
  const critical = shared.showCritical && mark.k > 0;
  const classes = [critical && "cr", selected && "sel"].filter(Boolean).join(" ");
  const link = {
    href: shared.selectHref(id),
    "data-keep-scroll": "",
    "data-graph-box": id,
    tabIndex: stops ? 0 : -1,
    "aria-current": selected ? "true" : undefined,
  };
  return { shared, mark, critical, classes, link, far: useStore(isFar) };
}

export const JobNode = memo(function JobNode({ id, data }) {
  const { shared, mark, critical, classes, link, far } = useBox(id);
  const look = lookOf(shared.looks, mark);
  const aside = useAside(mark);
  const label = [data.title, stateWord(mark), aside, critical && words.CRITICAL].filter(Boolean).join(", ");
  if (far) return <a {...link} className={`gn far ${look.tone} ${classes}`} data-state={mark.s} aria-label={label} />;
  return (
    <a {...link} className={`gn ${look.tone} ${mark.s ?? ""} ${classes}`} data-state={mark.s} aria-label={label}>
      <span className={`t-${look.tone} gi`}>
        <Icon name={look.icon} size={14} stroke={2} spin={look.spin} />
      </span>
      <b title={data.title}>{data.title}</b>
      <span className="gs">
        {stateWord(mark)}
        <span>{aside}</span>
      </span>
    </a>
  );
});

/** Shares of the states as a bar. */
function Bar({ counts, looks }) {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return (
    <span className="bar" aria-hidden="true">
      {counts.map(([state, count]) => (
        <i key={state} className={looks[state]?.tone ?? "mute"} style={{ width: `${(100 * count) / total}%`, minWidth: 2 }} />
      ))}
    </span>
  );
}

function Counts({ counts, looks }) {
  return countWords(counts).map((text, index) => {
    const [state] = counts[index];
    const tone = looks[state]?.tone ?? "mute";
    return (
      <span key={state} className={tone === "bad" || tone === "warn" || tone === "run" ? `t-${tone}` : undefined}>
        {index > 0 && ", "}
        {text}
      </span>
    );
  });
}

const sizeOf = (counts) => counts.reduce((sum, [, count]) => sum + count, 0).toLocaleString("en");

export const StackNode = memo(function StackNode({ id, data }) {
  const { shared, mark, critical, classes, link, far } = useBox(id);
  const counts = mark.m ?? [];
  const tone = toneOf(shared.looks, mark);
  const label = [words.fanOut(data.title, sizeOf(counts)), ...countWords(counts), critical && words.CRITICAL];
  const name = label.filter(Boolean).join(", ");
  if (far) return <a {...link} className={`gn fan far ${tone} ${classes}`} aria-label={name} />;
  return (
    <div className={`gn fan ${classes}`}>
      <a {...link} className="cover" aria-label={name} />
      <span className="gh">
        <Icon name="layers" size={14} />
        <b title={data.title}>{data.title}</b>
        <span className="ct">×{sizeOf(counts)}</span>
      </span>
      <Bar counts={counts} looks={shared.looks} />
      <span className="gs">
        <span className="trunc">
          <Counts counts={counts} looks={shared.looks} />
        </span>
      </span>
    </div>
  );
});

export const FrameNode = memo(function FrameNode({ id, data }) {
  const { shared, mark, classes, link, far } = useBox(id);
  const counts = mark.m ?? [];
  const name = words.openFanOut(data.title, sizeOf(counts), countWords(counts).join(", "));
  return (
    <div className={`gframe ${classes}`}>
      {!far && (
        <span className="gh">
          <a {...link} className="gtitle" aria-label={name}>
            <Icon name="layers" size={14} />
            <b>{data.title}</b>
            <span className="ct">×{sizeOf(counts)}</span>
          </a>
          <span className="gs">
            <Counts counts={counts} looks={shared.looks} />
          </span>
          <a className="link gfold" href={shared.foldHref(id)} data-keep-scroll="">
            {words.FOLD}
          </a>
        </span>
      )}
      {far && <a {...link} className="cover" aria-label={name} />}
    </div>
  );
});

/** The same box on the minimap, in its tone. */
export function MiniBox({ id, x, y, width, height }) {
  const { marks, looks } = useContext(GraphContext);
  const mark = useMark(marks, id);
  return <rect className={`mini ${toneOf(looks, mark)}`} x={x} y={y} width={width} height={height} rx={8} />;
}
