"""What the tests of dead letters in the terminal share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.execution import Bench
from tests.letters import dead, entries, send_all, succeed

Run = Callable[..., Any]
HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]\u202e<b>"


def letters_of(bench: Bench, count: int = 1, **death: Any) -> list[str]:
    """That many entries of jobs that died just now."""
    jobs = dead(bench, count, **death)
    by_job = {row["job_id"]: row["id"] for row in entries(bench)}
    return [by_job[job_id] for job_id in jobs]


def state(bench: Bench, letter_id: str) -> str:
    return str(entries(bench, id=letter_id)[0]["state"])


def steers(text: str) -> bool:
    """Whether the text could move a terminal."""
    return bool(set(text) & {"\x1b", "\x07", "\u202e", "\x9b"})


class Driver:
    """Stands in for a worker: instead of waiting, one step of the newest plan is done."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.steps: list[str] = []
        self.fate: Callable[[Bench, list[str]], None] = succeed

    def step(self, _: float) -> None:
        """The dry run, the sending, or the end of what was sent; as far as the plan is."""
        bench = self._bench
        plan = bench.rows("SELECT * FROM replay_plan ORDER BY n DESC LIMIT 1")[0]
        if not plan["prepared"]:
            self.steps.append("prepared")
            bench.backend.prepare_plan(plan["id"], batch=200)
        elif send_all(bench, plan["id"]):
            self.steps.append("sent")
        else:
            self.steps.append("ended")
            sent = "SELECT d.job_id FROM dead_letter d WHERE d.plan_n = :n AND d.state = 'replaying'"
            self.fate(bench, [row["job_id"] for row in bench.rows(sent, n=plan["n"])])
            bench.backend.driver.settle()
