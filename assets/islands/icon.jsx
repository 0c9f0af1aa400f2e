import { createElement } from "react";
import { ICONS } from "$/public/islands/icon-table.js";

/** One icon of the table. Decorative: the word beside it carries the meaning. */
export function Icon({ name, size = 14, stroke = 1.75, spin = false, className = "" }) {
  const shapes = Object.hasOwn(ICONS, name) ? ICONS[name] : ICONS["circle-dashed"];
  return (
    <svg
      className={`ic ${spin ? "spin" : ""} ${className}`}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={stroke}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shapes.map(([tag, attributes], index) => createElement(tag, { key: index, ...attributes }))}
    </svg>
  );
}
