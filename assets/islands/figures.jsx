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

const BAR = 5;
const BARS_HEIGHT = 22;

/** A bar for each span of time, oldest first; a span with nothing is a dot on the ground. */
export function Bars({ values = [], label }) {
  const top = Math.max(1, ...values);
  return (
    <svg className="bars" width={values.length * BAR} height={BARS_HEIGHT} role="img" aria-label={label}>
      <title>{label}</title>
      {values.map((value, index) => {
        const height = value ? Math.max(3, (value / top) * BARS_HEIGHT) : 1;
        const look = value && index === values.length - 1 ? "now" : "";
        return <rect key={index} className={look} x={index * BAR} y={BARS_HEIGHT - height} width={BAR - 1} height={height} />;
      })}
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
