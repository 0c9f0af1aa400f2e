"""The filter of the list of workers, and its pages: workers are few, so they are filtered in memory."""

from __future__ import annotations

from collections.abc import Iterable

from execution_ops.domain.fleet import FleetWorker
from execution_ops.domain.list_filter import ListFilter
from execution_ops.domain.named_pages import NamedPage, check_place, named_page
from execution_ops.domain.query_values import by_key, distinct, either, one_of_words, read_pairs
from execution_ops.domain.states import WorkerState

_KINDS = (bool, str, str)


class WorkerFilter(ListFilter):
    """Which workers; values of one field are alternatives, and a worker of any of the queues matches."""

    state: tuple[WorkerState, ...] = ()
    queue: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    id: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> WorkerFilter:
        """Read a query string (or its pairs); unknown keys are the page's own. InvalidInput, in words."""
        found = by_key(read_pairs(query))
        return cls(
            state=one_of_words(WorkerState, found.get("state", ()), "state of a worker"),
            queue=distinct(found.get("queue", ())),
            host=distinct(found.get("host", ())),
            version=distinct(found.get("version", ())),
            id=distinct(found.get("id", ())),
        )

    def describe(self) -> str:
        """The filter in words: "online workers of queue scan on host a"."""
        text = " ".join([*([either(self.state)] if self.state else []), "workers"])
        if self.queue:
            text += f" of queue {either(self.queue)}"
        if self.host:
            text += f" on host {either(self.host)}"
        if self.version:
            text += f" of version {either(self.version)}"
        if self.id:
            text += f" with the id {either(self.id)}"
        return text if self.active() else "all workers"

    def matches(self, worker: FleetWorker) -> bool:
        """Whether the worker is one of these."""
        return (
            (not self.state or worker.state in self.state)
            and (not self.queue or not set(self.queue).isdisjoint(worker.queues))
            and (not self.host or worker.host in self.host)
            and (not self.version or worker.version in self.version)
            and (not self.id or worker.id in self.id)
        )


def worker_page(
    workers: Iterable[FleetWorker], where: WorkerFilter, cursor: str | None, limit: int
) -> NamedPage[FleetWorker]:
    """One page of the workers that match, those that live first, by name; InvalidInput for a bad cursor."""
    found = (worker for worker in workers if where.matches(worker))
    return named_page(found, _place, cursor, limit, kinds=_KINDS)


def check_worker_cursor(cursor: str) -> str:
    """The cursor of a page ("" for the first one); InvalidInput if it is damaged."""
    return check_place(cursor, _KINDS)


def _place(worker: FleetWorker) -> tuple[bool, str, str]:
    return worker.gone, worker.name, worker.id
