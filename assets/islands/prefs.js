// The reader's preferences, shared by every island and by every open tab. They belong to the browser, not to the URL:
// time zone, density, hidden columns. (The theme is kept by Reflex under its own key.)
import { useSyncExternalStore } from "react";

const PREFIX = "execution-ops:";
const listeners = new Set();
const memory = new Map();

const wake = () => listeners.forEach((listener) => listener());

/** The stored value, or the fallback. A browser that blocks storage keeps it for the page's life. */
export function readPref(name, fallback) {
  if (memory.has(name)) return memory.get(name);
  try {
    return window.localStorage.getItem(PREFIX + name) ?? fallback;
  } catch {
    return fallback; // storage is blocked: nothing was ever stored
  }
}

export function writePref(name, value) {
  try {
    window.localStorage.setItem(PREFIX + name, value);
  } catch {
    memory.set(name, value); // storage is blocked or full
  }
  wake();
}

function subscribe(listener) {
  if (listeners.size === 0) window.addEventListener("storage", wake);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("storage", wake);
  };
}

/** A preference that re-renders its reader when it changes, here or in another tab. */
export function usePref(name, fallback) {
  return useSyncExternalStore(
    subscribe,
    () => readPref(name, fallback),
    () => fallback,
  );
}
