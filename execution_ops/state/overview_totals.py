"""The totals of Jobs & Queues in words, each with the address of what it counts."""

from __future__ import annotations

from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.overview import Figure, Totals
from execution_ops.domain.overview_filters import OverviewFilter
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.times import iso
from execution_ops.services.ways_out import OPEN
from execution_ops.state.list_view import say_count


@dataclass(frozen=True)
class TotalLine:
    """One total and its list."""

    text: str = ""
    href: str = ""


@dataclass(frozen=True)
class TotalLines:
    """All of them; nothing before they were read."""

    waiting: TotalLine = TotalLine()
    running: TotalLine = TotalLine()
    done: TotalLine = TotalLine()
    failed: TotalLine = TotalLine()
    letters: TotalLine = TotalLine()
    workers: TotalLine = TotalLine()


def total_lines(totals: Totals, where: OverviewFilter) -> TotalLines:
    """The totals of what the tab's filter leaves."""
    of = where.totals()
    lately = {"ended_after": iso(totals.since)}

    def jobs(figure: Figure, *states: JobState, **more: str) -> TotalLine:
        wanted = of.jobs().model_copy(update={"state": states, **more})
        return TotalLine(_say(figure), routes.jobs(wanted.to_pairs()))

    letters = of.letters().model_copy(update={"state": OPEN})
    workers = of.workers().model_copy(update={"state": (WorkerState.ONLINE,)})
    return TotalLines(
        waiting=jobs(totals.waiting, JobState.SCHEDULED),
        running=jobs(totals.running, JobState.RUNNING),
        done=jobs(totals.done, JobState.SUCCEEDED, **lately),
        failed=jobs(totals.failed, JobState.FAILED, JobState.TIMED_OUT, **lately),
        letters=TotalLine(_say(totals.letters), routes.dead_letter_queue(letters.to_pairs())),
        workers=TotalLine(_say(totals.workers), routes.workers(workers.to_pairs())),
    )


def _say(figure: Figure) -> str:
    return say_count(figure.count, figure.exact)
