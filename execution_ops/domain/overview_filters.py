"""The filter of Jobs & Queues: one for all of its tabs, from which each takes what means something to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.fleet_filters import WorkerFilter
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.list_filter import ListFilter
from execution_ops.domain.query_values import (
    Sort,
    by_key,
    distinct,
    either,
    last,
    one_of_words,
    read_moment,
    read_pairs,
    read_sort,
)
from execution_ops.domain.rates import Window
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.states import DeadLetterState, JobState, RunState, WorkerState


class Tab(StrEnum):
    """The tabs, in their order."""

    QUEUES = "queues"
    JOBS = "jobs"
    RUNS = "runs"
    LETTERS = "dead-letters"
    WORKERS = "workers"


# What is said of a tab alone has a key of its own, so that it waits in the address while another tab is shown.
JOB_STATE = f"{Tab.JOBS}.state"
RUN_STATE = f"{Tab.RUNS}.state"
LETTER_STATE = "letters.state"
WORKER_STATE = f"{Tab.WORKERS}.state"
QUEUE_TEXT = f"{Tab.QUEUES}.text"
JOB_TEXT = f"{Tab.JOBS}.text"
SORT = "sort"
WINDOW = "window"
TAB = "tab"

# The conditions that a tab shows and keeps to; all others wait.
SHOWN: Mapping[Tab, tuple[str, ...]] = {
    Tab.QUEUES: ("tenant", "queue", QUEUE_TEXT),
    Tab.JOBS: (JOB_STATE, "tenant", "queue", "job_type", "after", "before", JOB_TEXT),
    Tab.RUNS: (RUN_STATE, "tenant", "after", "before"),
    Tab.LETTERS: (LETTER_STATE, "tenant", "queue", "job_type", "after", "before"),
    Tab.WORKERS: (WORKER_STATE, "queue"),
}
_FIELDS = {
    "tenant": "tenant",
    "queue": "queue",
    "job_type": "job_type",
    "after": "after",
    "before": "before",
    JOB_STATE: "job_state",
    RUN_STATE: "run_state",
    LETTER_STATE: "letter_state",
    WORKER_STATE: "worker_state",
    QUEUE_TEXT: "queue_text",
    JOB_TEXT: "job_text",
}


class OverviewFilter(ListFilter):
    """Which queues, jobs, runs, dead letters and workers, and which of these is looked at.

    Values of one field are alternatives. `after` and `before` bound when a job or run was made, and when a dead
    letter died. `queue_text` is a part of a queue's name, `job_text` are words of a job's last error. `window` is how
    far the rates of the queues reach back.
    """

    tab: Tab = Tab.QUEUES
    tenant: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    job_type: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    job_state: tuple[JobState, ...] = ()
    run_state: tuple[RunState, ...] = ()
    letter_state: tuple[DeadLetterState, ...] = ()
    worker_state: tuple[WorkerState, ...] = ()
    queue_text: str = ""
    job_text: str = ""
    window: Window = Window.HOUR
    sort: Sort = Sort.NEWEST

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> OverviewFilter:
        """Read a query string (or its pairs); unknown keys are the page's own. InvalidInput, in words."""
        many = by_key(read_pairs(query))
        # The lists that are opened from here read the same values: what they would refuse is refused here.
        jobs = JobFilter.from_query([("state", value) for value in many.get(JOB_STATE, ())])
        return cls(
            tab=read_tab(last(many, TAB)),
            tenant=distinct(many.get("tenant", ())),
            queue=distinct(many.get("queue", ())),
            job_type=distinct(many.get("job_type", ())),
            after=read_moment(last(many, "after")),
            before=read_moment(last(many, "before")),
            job_state=jobs.state,
            run_state=one_of_words(RunState, many.get(RUN_STATE, ()), "state of a run"),
            letter_state=one_of_words(DeadLetterState, many.get(LETTER_STATE, ()), "state of a dead letter"),
            worker_state=one_of_words(WorkerState, many.get(WORKER_STATE, ()), "state of a worker"),
            queue_text=" ".join(last(many, QUEUE_TEXT).split()),
            job_text=" ".join(last(many, JOB_TEXT).split()),
            window=read_window(last(many, WINDOW)),
            sort=read_sort(last(many, SORT)),
        )

    def to_pairs(self) -> list[tuple[str, str]]:
        """The filter as query pairs in a fixed order, without what is default."""
        tab = [] if self.tab is Tab.QUEUES else [(TAB, self.tab.value)]
        return [*tab, *self._pairs(_FIELDS), *self._ways()]

    def shown(self) -> list[tuple[str, str]]:
        """The conditions that the tab keeps to, as `to_pairs` spells them."""
        return self._pairs(SHOWN[self.tab])

    def with_shown(self, pairs: Iterable[tuple[str, str]]) -> OverviewFilter:
        """The same with other conditions of this tab; those that wait stay. InvalidInput for what no row could have."""
        kept = [pair for pair in self.to_pairs() if pair[0] not in SHOWN[self.tab]]
        wanted = [pair for pair in pairs if pair[0] in SHOWN[self.tab]]
        return OverviewFilter.from_query([*kept, *wanted])

    def at(self, tab: Tab) -> OverviewFilter:
        """The same on another tab."""
        return self.model_copy(update={"tab": tab})

    def active(self) -> int:
        """How many conditions hide rows of the tab."""
        return len(self.shown())

    def describe(self) -> str:
        """What the tab shows in words: "failed jobs of tenant acme since 24 h ago"."""
        if self.tab is not Tab.QUEUES:
            return self.list_filter().describe()
        text = "queues"
        if self.queue:
            text += f" {either(self.queue)}"
        if self.queue_text:
            text += f" with “{self.queue_text}” in the name"
        if self.tenant:
            text += f" with the jobs of tenant {either(self.tenant)}"
        return text if self.active() else "all queues"

    # the same for each tab: what its own page takes, for list, counts and links

    def list_filter(self) -> JobFilter | RunFilter | DeadLetterFilter | WorkerFilter:
        """The filter of the list that the tab shows; InvalidInput on the tab of queues, which have none."""
        if self.tab is Tab.JOBS:
            return self.jobs()
        if self.tab is Tab.RUNS:
            return self.runs()
        if self.tab is Tab.LETTERS:
            return self.letters()
        if self.tab is Tab.WORKERS:
            return self.workers()
        raise InvalidInput("Queues have no list of their own.")

    def jobs(self) -> JobFilter:
        """The jobs."""
        return JobFilter(
            state=self.job_state,
            job_type=self.job_type,
            queue=self.queue,
            tenant=self.tenant,
            after=self.after,
            before=self.before,
            error=self.job_text,
            sort=self.sort,
        )

    def runs(self) -> RunFilter:
        """The runs."""
        return RunFilter(state=self.run_state, tenant=self.tenant, after=self.after, before=self.before, sort=self.sort)

    def letters(self) -> DeadLetterFilter:
        """The dead letters."""
        return DeadLetterFilter(
            state=self.letter_state,
            job_type=self.job_type,
            tenant=self.tenant,
            queue=self.queue,
            after=self.after,
            before=self.before,
            sort=self.sort,
        )

    def workers(self) -> WorkerFilter:
        """The workers."""
        return WorkerFilter(state=self.worker_state, queue=self.queue)

    def has_queue(self, name: str) -> bool:
        """Whether the queue is one of these."""
        return (not self.queue or name in self.queue) and self.queue_text.casefold() in name.casefold()

    def totals(self) -> OverviewFilter:
        """Whose and what of it counts for the totals on this tab: what the tab shows, without states and texts."""
        named = ("tenant", "queue", "job_type", "after", "before")
        kept = {key: getattr(self, key) for key in named if key in SHOWN[self.tab]}
        return OverviewFilter(tab=self.tab, **kept)

    def _pairs(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        pairs: list[tuple[str, str]] = []
        for key in keys:
            value = getattr(self, _FIELDS[key])
            pairs += [(key, str(one)) for one in ((value,) if isinstance(value, str) else value) if one]
        return pairs

    def _ways(self) -> list[tuple[str, str]]:
        """How the rows are shown, which hides none."""
        window = [] if self.window is Window.HOUR else [(WINDOW, self.window.value)]
        return [*window, *([] if self.sort is Sort.NEWEST else [(SORT, self.sort.value)])]


def read_tab(value: str) -> Tab:
    """The tab of that name, the queues if none is named; InvalidInput if there is none."""
    if value and value not in set(Tab):
        raise InvalidInput(f"There is no such tab; known are {', '.join(Tab)}.")
    return Tab(value) if value else Tab.QUEUES


def read_window(value: str) -> Window:
    """How far back to look, an hour if nothing is said; InvalidInput for another window than there is."""
    if value and value not in set(Window):
        raise InvalidInput(f"Rates reach back {', '.join(Window)}.")
    return Window(value) if value else Window.HOUR
