import { memo } from "react";
import { Icon } from "$/public/islands/icon.jsx";

const UNKNOWN = { icon: "circle-dashed", tone: "mute", spin: false, word: "" };

/** A state as icon, word and tone, from the table that Python gives (`components/status.py`). */
export const Status = memo(function Status({ table, state, canceling = false, badge = false, word = "" }) {
  const key = canceling ? "canceling" : String(state ?? "");
  const look = Object.hasOwn(table, key) ? table[key] : UNKNOWN;
  return (
    <span className={`${badge ? "badge" : "st"} ${look.tone}`} data-state={key}>
      <Icon name={look.icon} size={badge ? 13 : 14} stroke={2} spin={look.spin} />
      {word || look.word || key.replaceAll("_", " ")}
    </span>
  );
});

/** The icon of a state alone, in its tone; its word stands beside it. */
export function Dot({ table, state }) {
  const key = String(state ?? "");
  const look = Object.hasOwn(table, key) ? table[key] : UNKNOWN;
  return (
    <span className={`t-${look.tone}`}>
      <Icon name={look.icon} stroke={2} spin={look.spin} />
    </span>
  );
}
