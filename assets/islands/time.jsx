import { memo } from "react";
import { useNow } from "$/public/islands/clock.js";
import { describeAge, describeDuration, describeUntil, parts, toMs, zoneName } from "$/public/islands/format.js";
import { usePref, writePref } from "$/public/islands/prefs.js";
import * as words from "$/public/islands/words.js";

const exact = (ms, zone) => {
  const iso = new Date(ms).toISOString();
  return zone === "local" ? `${iso} (${parts(ms, zone, true).join(" ")} ${zoneName(zone, ms)})` : iso;
};

/** An instant in the chosen zone; the exact value is its title. */
export const Instant = memo(function Instant({ value, precise = false, day = true, zone: named = false, missing = "" }) {
  const zone = usePref("zone", "utc");
  const ms = toMs(value);
  if (ms === null) return missing ? <span className="fg3">{missing}</span> : null;
  const [date, time] = parts(ms, zone, precise);
  return (
    <time dateTime={new Date(ms).toISOString()} title={exact(ms, zone)} className="nowrap">
      {day && <span className="fg3">{date} </span>}
      <span className="mono">{time}</span>
      {named && <span className="fg3"> {zoneName(zone, ms)}</span>}
    </time>
  );
});

/** How long ago, ticking each second. */
export const Age = memo(function Age({ value, missing = "", bare = false }) {
  const zone = usePref("zone", "utc");
  const ms = toMs(value);
  const now = useNow(ms !== null);
  if (ms === null) return missing ? <span className="fg3">{missing}</span> : null;
  const text = describeAge(now - ms);
  return (
    <time dateTime={new Date(ms).toISOString()} title={exact(ms, zone)} className="nowrap">
      {bare ? text.replace(/ ago$/, "") : text}
    </time>
  );
});

/** How long until an instant, ticking each second. */
export const Until = memo(function Until({ value, missing = "" }) {
  const zone = usePref("zone", "utc");
  const ms = toMs(value);
  const now = useNow(ms !== null);
  if (ms === null) return missing ? <span className="fg3">{missing}</span> : null;
  return (
    <time dateTime={new Date(ms).toISOString()} title={exact(ms, zone)} className="nowrap">
      {describeUntil(ms - now)}
    </time>
  );
});

/** A duration: fixed when `ms` is known, ticking from `since` while it runs. */
export const Duration = memo(function Duration({ ms = null, since = null, running = true, missing = "" }) {
  const start = toMs(since);
  const ticks = running && start !== null;
  const now = useNow(ticks);
  const value = ticks ? Math.max(0, now - start) : ms;
  if (value === null || value === undefined) return missing ? <span className="fg3">{missing}</span> : null;
  return (
    <span className="nowrap" title={`${Math.round(value)} ms`}>
      {describeDuration(ticks ? Math.floor(value / 1000) * 1000 || value : value)}
    </span>
  );
});

/** The zone that the times of the page are in. */
export function ZoneName() {
  const zone = usePref("zone", "utc");
  return <span>{zoneName(zone)}</span>;
}

/** The switch between UTC and the reader's own zone. */
export function ZoneSwitch() {
  const zone = usePref("zone", "utc");
  const button = (value, label) => (
    <button
      type="button"
      className={zone === value ? "on" : ""}
      aria-pressed={zone === value}
      onClick={() => writePref("zone", value)}
    >
      {label}
    </button>
  );
  return (
    <div className="seg" role="group" aria-label={words.TIME_ZONE}>
      {button("utc", "UTC")}
      {button("local", zone === "local" ? words.localZone(zoneName("local")) : words.LOCAL)}
    </div>
  );
}
