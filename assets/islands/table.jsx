import { useEffect, useRef } from "react";
import { Choice, Menu } from "$/public/islands/overlays.jsx";
import { readPref, usePref, writePref } from "$/public/islands/prefs.js";
import * as words from "$/public/islands/words.js";

const prefName = (table) => `columns:${table}`;
const hiddenKeys = (text) => new Set(text.split(" ").filter(Boolean));

/** The frame of a table: names the columns (by number) that the reader switched off, for the style sheet. */
export function TableFrame({ name, columns, className = "", children }) {
  const hidden = hiddenKeys(usePref(prefName(name), ""));
  const numbers = columns.flatMap((column, index) => (hidden.has(column.key) ? [index] : []));
  return (
    <div className={className} data-hide={numbers.join(" ") || undefined}>
      {children}
    </div>
  );
}

/** Which columns the table shows. `columns` are {key, label, fixed}; a fixed one cannot be hidden. */
export function ColumnChooser({ name, columns }) {
  const pref = prefName(name);
  const hidden = hiddenKeys(usePref(pref, ""));
  const toggle = (key) => {
    const next = hiddenKeys(readPref(pref, ""));
    if (!next.delete(key)) next.add(key);
    writePref(pref, [...next].join(" "));
  };
  return (
    <Menu label={words.COLUMNS} icon="columns-3">
      {columns
        .filter((column) => !column.fixed)
        .map((column) => (
          <Choice key={column.key} on={!hidden.has(column.key)} onPick={() => toggle(column.key)}>
            {column.label}
          </Choice>
        ))}
    </Menu>
  );
}

/** A checkbox that can be half on, which only a property can say. */
export function Pick({ checked = false, mixed = false, label, onPick }) {
  const ref = useRef(null);
  useEffect(() => {
    ref.current.indeterminate = mixed && !checked;
  }, [mixed, checked]);
  return <input ref={ref} type="checkbox" className="cb" aria-label={label} checked={checked} onChange={() => onPick?.()} />;
}
