// The marks of the boxes (states, times, notes), outside React: a change re-renders only the boxes that it touches.
import { useEffect, useState, useSyncExternalStore } from "react";

const NOTHING = Object.freeze({});

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export function createMarks() {
  let marks = new Map();
  let version = 0;
  const byKey = new Map();
  const all = new Set();
  return {
    get: (key) => marks.get(key) ?? NOTHING,
    version: () => version,
    /** Take the marks of now: `changes` win over `base`. Who shows a mark that is equal hears nothing. */
    set(base, changes) {
      const next = new Map();
      const touched = [];
      for (const [key, mark] of Object.entries({ ...base, ...changes })) {
        const old = marks.get(key);
        const kept = old !== undefined && same(old, mark);
        next.set(key, kept ? old : mark);
        if (!kept) touched.push(key);
      }
      if (!touched.length && next.size === marks.size) return;
      marks = next;
      version += 1;
      touched.forEach((key) => byKey.get(key)?.forEach((listener) => listener()));
      all.forEach((listener) => listener());
    },
    subscribe(key, listener) {
      const listeners = byKey.get(key) ?? new Set();
      byKey.set(key, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (!listeners.size) byKey.delete(key);
      };
    },
    subscribeAll(listener) {
      all.add(listener);
      return () => all.delete(listener);
    },
  };
}

/** A store that follows the props; it is filled before the first paint. */
export function useMarks(base, changes) {
  const [marks] = useState(() => {
    const made = createMarks();
    made.set(base, changes);
    return made;
  });
  useEffect(() => marks.set(base, changes), [marks, base, changes]);
  return marks;
}

/** The mark of one box. */
export function useMark(marks, key) {
  return useSyncExternalStore(
    (listener) => marks.subscribe(key, listener),
    () => marks.get(key),
  );
}

/** A number that grows with every change of any mark. */
export function useMarksVersion(marks) {
  return useSyncExternalStore(marks.subscribeAll, marks.version);
}

/** One key that many boxes compare themselves with: where Tab stops, what is selected. Only the two concerned re-render. */
export function createCursor(first) {
  let key = first;
  const listeners = new Set();
  return {
    get: () => key,
    set(next) {
      if (next === key) return;
      key = next;
      listeners.forEach((listener) => listener());
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Whether the cursor is at this key. */
export function useAt(cursor, key) {
  return useSyncExternalStore(cursor.subscribe, () => cursor.get() === key);
}
