// How instants, durations and sizes are written, as `domain/times.py` and `domain/sizes.py` say them.
const two = (value) => String(value).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function describeDuration(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const total = Math.floor(ms / 1000);
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return `${minutes}m ${two(total % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** A number of bytes, in powers of 1,000. */
export function describeBytes(count) {
  if (count < 1000) return count === 1 ? "1 byte" : `${count} bytes`;
  let size = count;
  for (const unit of ["kB", "MB", "GB"]) {
    size /= 1000;
    if (size < 999.95) return `${size.toFixed(1)} ${unit}`;
  }
  return `${(size / 1000).toFixed(1)} TB`;
}

/** An age in whole steps, calm to look at while it ticks. */
export function describeAge(ms) {
  if (ms < 1000) return "now";
  if (ms < 60000) return `${Math.floor(ms / 1000)} s ago`;
  return `${describeDuration(ms)} ago`;
}

/** How long until something, in whole steps. */
export function describeUntil(ms) {
  if (ms < 1000) return "due now";
  return ms < 60000 ? `in ${Math.floor(ms / 1000)} s` : `in ${describeDuration(Math.floor(ms / 1000) * 1000)}`;
}

/** Milliseconds of an ISO text or a number; null for anything that is no instant. */
export function toMs(value) {
  if (value === null || value === undefined || value === "") return null;
  const ms = typeof value === "number" ? value : Date.parse(value);
  return Number.isFinite(ms) ? ms : null;
}

/** Day and time of an instant in the zone, as ["23 Nov", "14:01:57"]; the year when it is another one. */
export function parts(ms, zone, precise) {
  const at = new Date(ms);
  const local = zone === "local";
  const get = (name) => at[`get${local ? "" : "UTC"}${name}`]();
  const today = new Date();
  const year = get("FullYear");
  const thisYear = local ? today.getFullYear() : today.getUTCFullYear();
  const day = `${get("Date")} ${MONTHS[get("Month")]}${year === thisYear ? "" : ` ${year}`}`;
  let time = `${two(get("Hours"))}:${two(get("Minutes"))}:${two(get("Seconds"))}`;
  if (precise) time += `.${String(get("Milliseconds")).padStart(3, "0")}`;
  return [day, time];
}

/** "UTC", or the reader's zone as "UTC+1" (the offset at that instant: it changes with the season). */
export function zoneName(zone, ms = Date.now()) {
  if (zone !== "local") return "UTC";
  const minutes = -new Date(ms).getTimezoneOffset();
  const size = Math.abs(minutes);
  const rest = size % 60 ? `:${two(size % 60)}` : "";
  return `UTC${minutes < 0 ? "-" : "+"}${Math.floor(size / 60)}${rest}`;
}
