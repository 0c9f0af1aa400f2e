"""What `benchmarks.console` sees in a real browser: rows painted, bytes that travelled."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, WebSocket

from benchmarks.console_tabs import ROWS, Script
from execution_ops import routes

DESKTOP = {"width": 1440, "height": 900}
ROW = "main tbody tr a[href]"
WAIT_MS = 30_000
QUIET_MS = 700

# A frame is painted when the task after its animation frame runs.
_PAINTED = "(then) => requestAnimationFrame(() => setTimeout(then))"


# Runs before the page: notes (ms since the navigation began) when something was painted, a condition on the document.
def _note_first(there: str) -> str:
    return f"""
(() => {{
  const painted = {_PAINTED};
  const look = () => {{
    if (!({there})) return;
    watch.disconnect();
    painted(() => {{ window.firstAt = performance.now(); }});
  }};
  const watch = new MutationObserver(look);
  watch.observe(document, {{ childList: true, subtree: true, characterData: true }});
}})();
"""


# Clicks a link and answers the ms until the list begins with a given job and is painted.
_CLICK = f"""
([link, first]) => new Promise((resolve, reject) => {{
  const painted = {_PAINTED};
  const main = document.querySelector("main");
  const target = document.querySelector(link);
  if (!target) {{ reject(new Error("there is no " + link)); return; }}
  const look = () => {{
    if (main.querySelector({ROW!r})?.getAttribute("href") !== first) return false;
    watch.disconnect();
    painted(() => resolve(performance.now() - began));
    return true;
  }};
  const watch = new MutationObserver(look);
  watch.observe(main, {{ childList: true, subtree: true, attributes: true, characterData: true }});
  const began = performance.now();
  target.click();
}})
"""

# Notes the wall clock's ms at which the row of a job shows each state.
_WATCH_STATE = """
(row) => {
  window.shownAt = {};
  const look = () => {
    const text = document.querySelector(row)?.closest("tr").querySelector("td:nth-child(2)").textContent.trim();
    if (text && text !== window.shown) {
      window.shown = text;
      window.shownAt[text] = performance.timeOrigin + performance.now();
    }
  };
  const watch = new MutationObserver(look);
  watch.observe(document.querySelector("main"), { childList: true, subtree: true, characterData: true });
  look();
}
"""


@dataclass
class Arrived:
    """Bytes of one load as they travelled, by kind; `largest` are the files."""

    by_kind: Counter[str] = field(default_factory=Counter)
    by_file: Counter[str] = field(default_factory=Counter)

    def total(self) -> int:
        """Everything but what came over the socket."""
        return self.by_kind.total() - self.by_kind["socket"]


class Tab:
    """A tab of a profile without a past. If its traffic is counted, that takes time from the page."""

    def __init__(self, page: Page, *, counted: bool) -> None:
        self.page = page
        self.arrived = Arrived()
        self._kinds: dict[str, tuple[str, str]] = {}
        self._sent: list[str] = []
        self._socket_url = ""
        if counted:
            self._count()

    def _count(self) -> None:
        page = self.page
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self._on_response)
        session.on("Network.loadingFinished", self._on_finished)
        session.on("Network.webSocketFrameReceived", self._on_frame)
        page.on("websocket", self._on_socket)

    def script(self, mark: str = ROWS) -> Script:
        """What this tab said on its socket to be shown its page, which is there when `mark` has arrived."""
        (token,) = parse_qs(urlsplit(self._socket_url).query)["token"]
        return Script(self._socket_url, token, [text for text in self._sent if text.startswith("4")], mark)

    def open(self, url: str) -> float:
        """Open an address; the ms from the start of the navigation to the first painted row (or what else is first)."""
        self.page.goto(url, wait_until="commit")
        # Seldom: each look takes the main thread from the page.
        self.page.wait_for_function("window.firstAt", timeout=WAIT_MS, polling=200)
        return float(self.page.evaluate("window.firstAt"))

    def first_paint(self) -> float:
        """The ms to the first contentful paint."""
        script = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
        return float(self.page.evaluate(script))

    def click(self, link: str, first: str) -> tuple[float, int]:
        """Click the link to a list that begins with the job `first`: ms until painted, bytes sent for it."""
        before = self.arrived.by_kind["socket"]
        ms = float(self.page.evaluate(_CLICK, [f'main a[href="{link}"]', routes.job(first)]))
        return ms, self.arrived.by_kind["socket"] - before

    def watch(self, job_id: str) -> None:
        """Note from now on when the row of a job shows which state."""
        self.page.evaluate(_WATCH_STATE, f'main tbody a[href="{routes.job(job_id)}"]')

    def shown_at(self, state: str) -> float:
        """Wait until the watched row shows a state; the moment in ms since 1970."""
        self.page.wait_for_function("(state) => window.shown === state", arg=state, timeout=WAIT_MS)
        return float(self.page.evaluate("(state) => window.shownAt[state]", state))

    def _on_socket(self, socket: WebSocket) -> None:
        self._socket_url = socket.url
        socket.on("framesent", lambda text: self._sent.append(str(text)))

    def _on_response(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = (event["type"].lower(), urlsplit(event["response"]["url"]).path)

    def _on_finished(self, event: dict[str, Any]) -> None:
        kind, path = self._kinds.get(event["requestId"], ("other", ""))
        self.arrived.by_kind[kind] += int(event["encodedDataLength"])
        self.arrived.by_file[path] += int(event["encodedDataLength"])

    def _on_frame(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        text: str = frame["payloadData"]
        size = len(text.encode()) if frame["opcode"] == 1 else len(base64.b64decode(text))
        self.arrived.by_kind["socket"] += size


@contextmanager
def fresh_tab(browser: Browser, *, counted: bool = True, first: str = ROW, there: str = "") -> Iterator[Tab]:
    """A tab of a new profile: nothing is cached. `first` is what `Tab.open` waits for, or `there` is a condition."""
    profile = browser.new_context(viewport=DESKTOP)
    try:
        page = profile.new_page()
        page.add_init_script(_note_first(there or f"document.querySelector({first!r})"))
        yield Tab(page, counted=counted)
    finally:
        profile.close()


def settle(tab: Tab) -> None:
    """Wait until nothing has arrived for a while."""
    before = -1
    while before != (now := tab.arrived.by_kind.total()):
        before = now
        tab.page.wait_for_timeout(QUIET_MS)
