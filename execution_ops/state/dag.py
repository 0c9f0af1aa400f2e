"""The DAG page: address to picture, live; and what can be done to its jobs."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import SubjectKey, SubjectKind
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.graph_facts import FAILED
from execution_ops.domain.graph_query import GraphQuery
from execution_ops.domain.graph_wire import changes, job_title
from execution_ops.domain.graphs import ASK_ABOVE, DRAW_MOST
from execution_ops.domain.ids import check_id
from execution_ops.domain.job_verbs import RETRY
from execution_ops.domain.states import RETRYABLE, JobState
from execution_ops.domain.topics import dag_topic, job_topic
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import why_not
from execution_ops.domain.words import counted
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.services.requests import IDS_MAX
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import AuditTrail, Trail, TrailOf
from execution_ops.state.dag_view import NodeView, Reading, RowView, count_views, node_view, read, row_views
from execution_ops.state.live import Ask
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import common
from execution_ops.texts import jobs as words

# Of this many differing marks (or a quarter of all) the base is sent anew.
_REBASE_ABOVE = 50
_NOTHING_STOPPED = words.NOTHING_TO_RETRY
_NOTHING_FAILED = words.NOTHING_FAILED_OR_TIMED_OUT


@dataclass(frozen=True)
class Opened:
    """What the page reads in one go: the DAG, and what was done to it."""

    reading: Reading
    trail: Trail


def read_dag(actor: Actor, job_id: str, query: GraphQuery) -> Opened:
    """The DAG of a job; blocking."""
    reading = read(services().jobs, actor, job_id, query)
    return Opened(reading, TrailOf(actor, SubjectKey(SubjectKind.DAG, reading.dag.id)).read())


class DagScene(rx.State):
    """The positions, sent once for a structure, and with them the states that boxes had then."""

    scene: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    marks: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    # In a tuple, where Reflex does not wrap them: they are compared on every update.
    _sent: tuple[str, dict[str, Any]] = ("", {})


class DagChanges(rx.State):
    """The marks that differ from those of the scene: what an update sends, whatever the graph's size.

    They are cumulative, so nothing is lost when the browser skips an update.
    """

    changed: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)


class DagPage(VerbQuestion, rx.State):
    """What stands around the graph, the table and the selected box."""

    title: str = ""
    summary: str = ""
    job_title: str = common.JOB
    job_href: str = ""
    counts: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    node: NodeView = NodeView()
    rows: rx.Field[list[RowView]] = rx.field(default_factory=list)
    table: bool = False
    failed_only: bool = False
    critical: bool = True
    done: bool = False
    boxes: str = ""
    ask: bool = False
    too_many: bool = False
    ignored: int = 0
    failed_off: str = ""
    retry_off: str = ""
    bulk_href: str = ""
    page: int = 1
    pages: int = 1
    hrefs: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    all: bool = False
    # What is asked about ("Retry 3 jobs", "Cancel catalog java"), and what else the verb sets going.
    asking_for: str = ""
    asking_facts: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)

    _dag: tuple[str, str] = ("", "")
    _failed: tuple[str, ...] = ()
    _behind_failed: int = 0

    # LivePage

    def _query(self) -> GraphQuery:
        return GraphQuery.from_query(self.router.url.query)

    def _ask(self) -> Ask:
        job_id = check_id(self.job_id)  # type: ignore[attr-defined]
        actor, query = actor_of(self), self._query()
        # Until the first reading the job's own topic stands in for that of its DAG, whose id is not known.
        known, dag_id = self._dag
        topic = dag_topic(dag_id) if known == job_id else job_topic(job_id)
        view = (query.table, query.failed_only, query.large, query.opened)
        return Ask(topic, ("dag", job_id, view, viewer_key(actor)), lambda: read_dag(actor, job_id, query))

    async def _show(self, answer: Opened) -> None:
        (await self.get_state(AuditTrail))._show(answer.trail)
        await self._show_dag(answer.reading)

    async def _show_dag(self, answer: Reading) -> None:
        actor, query, facts = actor_of(self), self._query(), answer.shown.facts
        job_id = check_id(self.job_id)  # type: ignore[attr-defined]
        self._dag = (job_id, answer.dag.id)
        self.title = answer.dag.title
        self.job_title, self.job_href = job_title(facts.rows[facts.shape.index[job_id]]), routes.job(job_id)
        self.summary = facts.summary(answer.shown.plan)
        self.counts = count_views(facts.counts, answer.dag.id)
        self.ignored = facts.shape.ignored
        self.failed_off = "" if RETRYABLE & facts.counts.keys() else _NOTHING_STOPPED
        self._failed = tuple(facts.rows[node].id for node in facts.failed)
        self._behind_failed = len(facts.behind(facts.failed))
        self.retry_off = why_not(RETRY, actor, FAILED) if self._failed else _NOTHING_FAILED
        # More than one request may name: the list retries whole filters, in the background.
        states = tuple(state for state in JobState if state in FAILED)
        where = JobFilter(dag=answer.dag.id, state=states)
        self.bulk_href = routes.jobs(where.to_pairs()) if len(self._failed) > IDS_MAX else ""
        self.node = node_view(answer, query, actor)
        self._show_view(answer, query)
        await self._draw(answer)

    def _show_view(self, answer: Reading, query: GraphQuery) -> None:
        self.table, self.failed_only, self.critical = query.table, query.failed_only, query.critical
        self.done = query.done
        boxes = answer.shown.boxes
        self.boxes = f"{boxes:,}"
        self.too_many = boxes > DRAW_MOST
        self.ask = boxes > ASK_ABOVE and answer.shown.layout is None and not self.too_many
        self.rows, self.pages = row_views(answer, query) if query.table else ([], 1)
        self.page = min(query.page, self.pages)
        self.hrefs = {
            "graph": query.but(table=False, page=1),
            "table": query.but(table=True, page=1),
            "critical": query.but(critical=not query.critical),
            "failed": query.but(failed_only=not query.failed_only, page=1),
            "large": query.but(large=True),
            "close": query.but(node="", done=False),
            "done": query.but(node="", done=not query.done),
            "previous": query.but(page=self.page - 1) if self.page > 1 else "",
            "next": query.but(page=self.page + 1) if self.page < self.pages else "",
        }

    async def _draw(self, answer: Reading) -> None:
        drawn = await self.get_state(DagScene)
        updates = await self.get_state(DagChanges)
        digest, base = drawn._sent
        new_digest = answer.scene.get("digest", "")
        changed = changes(base, answer.marks)
        if digest != new_digest:
            drawn.scene = answer.scene
        if digest != new_digest or len(changed) > max(_REBASE_ABOVE, len(base) // 4):
            drawn._sent = (new_digest, answer.marks)
            drawn.marks, changed = answer.marks, {}
        if changed != updates.changed:
            updates.changed = changed

    # VerbQuestion

    def _subjects(self) -> list[str]:
        return list(self._failed) if self.all else [self.node.key]

    def _about(self) -> tuple[Hashable, ...]:
        # What fails meanwhile is not asked about, and no reason to close the question.
        return self._dag if self.all else (*self._dag, self.node.key)

    def _phrase(self, verb: Verb) -> None:
        if not any(self._subjects()):
            self.asking = ""
            return
        failed = len(self._failed)
        what = counted(failed, "job") if self.all else self.node.title
        self.asking_for = f"{verb.label} {what}"
        held = self._behind_failed if self.all else self.node.held
        once = words.ONCE_THEY_SUCCEED if self.all else words.ONCE_IT_SUCCEEDS
        self.asking_facts = [(words.CONTINUE, words.waiting_behind(held, once))] if verb is RETRY and held else []

    async def _done(self, verb: Verb) -> None:
        await self._refresh(anew=True)

    @rx.event
    def ask_all(self) -> None:
        """Ask before everything that failed is tried again; what was canceled stays so, as somebody wanted."""
        self.all = True
        self.ask_verb(RETRY.name)

    @rx.event
    def ask_one(self, verb: str) -> None:
        """Ask before the selected job is retried or canceled."""
        self.all = False
        self.ask_verb(verb)
