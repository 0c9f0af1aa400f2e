// Whether what the page shows is still true: from the socket's state and the time of the last stamp.
import { useContext, useEffect, useSyncExternalStore } from "react";
import { EventLoopContext } from "$/utils/context-registry";
import { setServerNow } from "$/public/islands/clock.js";

/**
 * `stamp`: server ms at which the page was last true, `at`: when that arrived here, `lost`: when the socket was lost,
 * `resumed`: how often it was found again, the last time at `resumedAt`.
 */
let state = { stamp: 0, at: 0, lost: null, resumed: 0, resumedAt: 0 };
const listeners = new Set();

function set(change) {
  state = { ...state, ...change };
  listeners.forEach((listener) => listener());
}

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The page state stamped what it sent: it was true at that moment. */
export function noteStamp(stamp) {
  if (!stamp || stamp === state.stamp) return;
  setServerNow(stamp);
  set({ stamp, at: Date.now() });
}

export function useConnection() {
  return useSyncExternalStore(
    subscribe,
    () => state,
    () => state,
  );
}

/** Follow the socket; called once per page, by the live mark. */
export function useSocketWatch() {
  const loop = useContext(EventLoopContext);
  // The context holds [addEvents, connectErrors]; it is null before the first render of its provider.
  const errors = loop?.[1] ?? [];
  const broken = errors.length > 0;
  useEffect(() => {
    const judge = () => {
      const down = broken || !navigator.onLine;
      if (down && state.lost === null) set({ lost: Date.now() });
      if (!down && state.lost !== null) set({ lost: null, resumed: state.resumed + 1, resumedAt: Date.now() });
    };
    judge();
    window.addEventListener("online", judge);
    window.addEventListener("offline", judge);
    return () => {
      window.removeEventListener("online", judge);
      window.removeEventListener("offline", judge);
    };
  }, [broken]);
}
