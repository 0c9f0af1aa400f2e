// One clock for the page, set to the server's: ages and running durations tick from it without events.
import { useSyncExternalStore } from "react";

let offset = 0;

/** Milliseconds since 1970 on the server's clock, as far as the last stamp told. */
export const serverNow = () => Date.now() + offset;

/** Learn the server's clock from a stamp that has just arrived. */
export function setServerNow(stamp) {
  offset = stamp - Date.now();
}

/** A ticker that runs only while someone reads it and the page can be seen. */
function ticker(interval) {
  const listeners = new Set();
  let timer;
  let now = 0;
  const tick = () => {
    now = serverNow();
    listeners.forEach((listener) => listener());
  };
  const start = () => {
    if (document.visibilityState === "visible" && timer === undefined) timer = setInterval(tick, interval);
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const turn = () => {
    if (document.visibilityState === "visible") {
      tick();
      start();
    } else stop();
  };
  const subscribe = (listener) => {
    if (listeners.size === 0) {
      now = serverNow();
      document.addEventListener("visibilitychange", turn);
      start();
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        stop();
        document.removeEventListener("visibilitychange", turn);
      }
    };
  };
  return { subscribe, read: () => now || (now = serverNow()) };
}

const seconds = ticker(1000);
const quarters = ticker(250);
const idle = () => () => {};

/** The server's time, anew each second; `active` false reads it once and stays still. */
export function useNow(active = true) {
  return useSyncExternalStore(active ? seconds.subscribe : idle, seconds.read, () => 0);
}

/** The same, four times a second, for the live mark. */
export function useFineNow() {
  return useSyncExternalStore(quarters.subscribe, quarters.read, () => 0);
}
