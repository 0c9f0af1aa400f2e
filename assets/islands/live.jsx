import { useEffect, useRef } from "react";
import { serverNow, useFineNow } from "$/public/islands/clock.js";
import { backendOrigin, isBackendUnknown } from "$/public/islands/backend.js";
import { noteStamp, useConnection, useSocketWatch } from "$/public/islands/connection.js";
import { parts, zoneName } from "$/public/islands/format.js";
import { Icon } from "$/public/islands/icon.jsx";
import { usePref } from "$/public/islands/prefs.js";
import * as words from "$/public/islands/words.js";

/** How long the server may say nothing before what it said is not taken as true any more; it says something every five seconds. */
const STALE_AFTER_MS = 15000;

/** When the page stopped being true, in the server's ms; null while it is live. */
function useStale() {
  const { stamp, at, lost } = useConnection();
  useFineNow();
  if (!stamp) return { at, lost, since: null };
  const silent = Date.now() - at > STALE_AFTER_MS;
  return { at, lost, since: lost !== null || silent ? stamp : null };
}

/** The time of day of an instant, with its zone. */
const timeOf = (ms, zone) => `${parts(ms, zone, false)[1]} ${zoneName(zone, ms)}`;

function useVisibility(onHide, onShow) {
  const handlers = useRef({});
  useEffect(() => {
    handlers.current = { onHide, onShow };
  });
  useEffect(() => {
    const turn = () => handlers.current[document.visibilityState === "hidden" ? "onHide" : "onShow"]?.();
    document.addEventListener("visibilitychange", turn);
    return () => document.removeEventListener("visibilitychange", turn);
  }, []);
}

/**
 * "Live · 0.4 s ago" or "Stale since 14:02:10 UTC, reconnecting".
 * `stamp` is the server's time (ms) at which the page was last true; it stands still while the server's database is away.
 */
export function LiveMark({ stamp, onHide, onShow }) {
  useSocketWatch();
  useEffect(() => noteStamp(stamp), [stamp]);
  useVisibility(onHide, onShow);
  const zone = usePref("zone", "utc");
  const { at, since, lost } = useStale();
  const stale = since !== null;
  useEffect(() => {
    document.documentElement.toggleAttribute("data-stale", stale);
    return () => document.documentElement.removeAttribute("data-stale");
  }, [stale]);
  if (!stamp) return <span className="live wait">{lost === null ? words.CONNECTING : words.RETRYING}</span>;
  const said = stale ? words.stale(timeOf(since, zone)) : words.live((Math.max(0, Date.now() - at) / 1000).toFixed(1));
  return (
    <>
      <span className={stale ? "live stale" : "live"} title={said}>
        <span>{said}</span>
      </span>
      <span className="sr" role="status">
        {stale ? said : ""}
      </span>
    </>
  );
}

/**
 * The banner over a page that is not true any more, or has nothing to show as yet because its server is away. `outage`
 * is why the server itself knows nothing newer; once the server is lost, too, that is no longer the reason.
 */
export function StaleBanner({ outage }) {
  const zone = usePref("zone", "utc");
  const { since, lost } = useStale();
  const { stamp } = useConnection();
  if (since === null && (stamp || lost === null)) return null;
  const never = isBackendUnknown() ? words.SERVER_UNKNOWN : words.unreachable(backendOrigin());
  return (
    <div className="disc" role={stamp ? undefined : "alert"}>
      <Icon name="wifi-off" size={15} />
      <span className="grow">
        <b>{stamp ? words.lastKnown(timeOf(since, zone)) : never}</b>
        {outage && lost === null ? ` ${outage}` : ""}
      </span>
      <button type="button" className="btn sm" onClick={() => window.location.reload()}>
        <Icon name="refresh-cw" size={13} />
        {words.NOW}
      </button>
    </div>
  );
}

/** The age of a figure that comes from a cache: "counts 8 s old". */
export function CountAge({ value, label }) {
  useFineNow();
  if (!value) return null;
  const ms = typeof value === "number" ? value : Date.parse(value);
  const seconds = Math.max(0, Math.round((serverNow() - ms) / 1000));
  return (
    <span className="meta nowrap">
      {label} {words.old(seconds)}
    </span>
  );
}

/** How often the connection was lost and found again, in words. */
export function Resumed() {
  const { resumed, resumedAt } = useConnection();
  const zone = usePref("zone", "utc");
  return resumed ? words.lastLost(resumed, parts(resumedAt, zone, false)[1]) : words.timesLost(resumed);
}
