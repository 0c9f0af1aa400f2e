import { sparkPaths } from "$/public/islands/spark.js";

// Small graphics beside figures. They are decoration with a spoken twin; the figures stand next to them.
const CELLS = 24;

export function Spark({ values = [], label, width = 110, height = 22, muted = false }) {
  const { line, area } = sparkPaths(values, width, height);
  return (
    <svg
      className={muted ? "spark mute" : "spark"}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <path className="a" d={area} />
      <path className="l" d={line} />
    </svg>
  );
}

/** Places taken of a limit: cells up to 24, then a bar; with no limit only what is taken, as cells or nothing. */
export function Gauge({ used = 0, limit = null, tone = "" }) {
  const size = limit ?? used;
  if (size > CELLS) {
    const share = limit ? Math.min(100, (100 * used) / limit) : 100;
    return (
      <span className="bar" aria-hidden="true">
        <i className={tone} style={{ width: `${share}%` }} />
      </span>
    );
  }
  return (
    <span className={`slots ${tone}`} aria-hidden="true">
      {Array.from({ length: size }, (_, index) => (
        <i key={index} className={index < used ? "u" : ""} />
      ))}
    </span>
  );
}

/** Shares of a whole: `parts` are [tone, count]. */
export function Shares({ parts = [], total, label }) {
  const whole = Math.max(1, total ?? parts.reduce((sum, [, count]) => sum + count, 0));
  return (
    <span className="bar" role="img" aria-label={label}>
      {parts.map(([tone, count], index) => (
        <i key={index} className={tone} style={{ width: `${(100 * count) / whole}%` }} />
      ))}
    </span>
  );
}
