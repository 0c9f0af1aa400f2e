"""What the DAG page shows, prepared from one reading of the DAG: flat, small, and already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.graph_facts import Facts, count_states
from execution_ops.domain.graph_query import GraphQuery
from execution_ops.domain.graph_wire import Mark, item_title, job_title, marks_of, scene_of
from execution_ops.domain.graphs import ASK_ABOVE, DRAW_MOST, Picture, picture
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.domain.jobs import Dag, error_text
from execution_ops.domain.states import JobState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, now_ms, to_ms
from execution_ops.domain.verbs import why_not
from execution_ops.domain.words import counted
from execution_ops.services.jobs import JobService
from execution_ops.texts import common
from execution_ops.texts import jobs as words

ROWS = 100
_LISTED = 8


@dataclass(frozen=True)
class Reading:
    """A DAG as read once, with all that is the same for everyone who looks at it in the same way."""

    dag: Dag
    shown: Picture
    scene: dict[str, Any]
    marks: dict[str, Mark]


@dataclass(frozen=True)
class RelationView:
    """A job near the selected one; `steps` says how near."""

    title: str
    state: str
    href: str
    steps: str


@dataclass(frozen=True)
class FactView:
    """One line of the panel; `href` may be empty, `title` is what the value stands for."""

    label: str
    value: str
    href: str = ""
    title: str = ""


@dataclass(frozen=True)
class NodeView:
    """The panel of the selected box: a job (`state` set) or a fan-out (`counts` set)."""

    key: str = ""
    title: str = ""
    state: str = ""
    canceling: bool = False
    subtitle: str = ""
    error: str = ""
    heading: str = ""
    related: list[RelationView] = field(default_factory=list)
    more: str = ""
    held: int = 0
    hint: str = ""
    facts: list[FactView] = field(default_factory=list)
    counts: list[dict[str, Any]] = field(default_factory=list)
    job_href: str = ""
    fold_href: str = ""
    fold_label: str = ""
    retry_off: str = ""
    cancel_off: str = ""


@dataclass(frozen=True)
class RowView:
    """One line of the table twin. `since` is ms since 1970 while the job runs."""

    key: str
    title: str
    href: str
    select_href: str
    step: int
    state: str
    canceling: bool
    since: int | None
    ms: int | None
    tries: str
    waits: str
    holds: str
    critical: bool


def read(jobs: JobService, actor: Actor, job_id: str, query: GraphQuery) -> Reading:
    """Read the DAG of a job and lay it out; NotFound and Forbidden as the service raises them."""
    dag = jobs.dag_of_job(actor, job_id)
    most = 0 if query.table else DRAW_MOST if query.large else ASK_ABOVE
    shown = picture(dag, now_ms=now_ms(), expanded=query.opened, failed_only=query.failed_only, most=most)
    return Reading(dag, shown, scene_of(shown), marks_of(shown) if shown.layout else {})


def count_views(counts: dict[JobState, int], dag_id: str) -> list[dict[str, Any]]:
    """Counts by state as links to the jobs that they count."""
    return [
        {
            "state": state.value,
            "count": f"{count:,}",
            "label": words.jobs_in_state(count, state.value.replace("_", " ")),
            "href": routes.jobs(JobFilter(dag=dag_id, state=(state,)).to_pairs()),
        }
        for state, count in counts.items()
    ]


def node_view(reading: Reading, query: GraphQuery, actor: Actor) -> NodeView:
    """The panel for `query.node`; an empty view when nothing of that key is in the DAG."""
    facts, plan = reading.shown.facts, reading.shown.plan
    node = facts.shape.index.get(query.node)
    if node is not None:
        return _job_view(facts, node, query, actor)
    for item in plan.items:
        if item.key == query.node:
            members = [facts.shape.index[plan.shape.ids[member]] for member in item.members]
            return _fan_view(reading, item.key, item_title(plan, item, facts), members, query)
    return NodeView()


def row_views(reading: Reading, query: GraphQuery) -> tuple[list[RowView], int]:
    """One page of the table twin, in order of the steps, and how many pages there are."""
    facts, shape = reading.shown.facts, reading.shown.plan.shape
    nodes = sorted((facts.shape.index[key] for key in shape.ids), key=lambda node: (facts.steps[node], node))
    pages = max(1, -(-len(nodes) // ROWS))
    first = (min(query.page, pages) - 1) * ROWS
    critical = set(facts.critical_path)
    return [_row(facts, node, query, node in critical) for node in nodes[first : first + ROWS]], pages


def _row(facts: Facts, node: int, query: GraphQuery, critical: bool) -> RowView:
    row = facts.rows[node]
    running = row.state is JobState.RUNNING and row.started_at is not None
    held = len(facts.held_by(node))
    return RowView(
        key=row.id,
        title=job_title(row),
        href=routes.job(row.id),
        select_href=query.but(node=row.id),
        step=facts.steps[node],
        state=row.state.value,
        canceling=row.canceling,
        since=to_ms(row.started_at) if running and row.started_at else None,
        ms=row.duration_ms,
        tries=f"{row.attempts}/{row.max_attempts}" if row.attempts else "",
        waits=_names(facts, facts.waits_for(node)) if row.state is JobState.PENDING else "",
        holds=_jobs(held) if held else "",
        critical=critical,
    )


def _job_view(facts: Facts, node: int, query: GraphQuery, actor: Actor) -> NodeView:
    row = facts.rows[node]
    held = facts.held_by(node)
    waits = facts.waits_for(node) if row.state is JobState.PENDING else []
    related = [(other, "direct" if steps == 1 else words.steps_away(steps)) for other, steps in held]
    related = related or [(other, "") for other in waits]
    left_out = len(related) - _LISTED
    return NodeView(
        key=row.id,
        title=job_title(row),
        state=row.state.value,
        canceling=row.canceling,
        subtitle=words.place_in_dag(row.id[:8], row.queue, node + 1, len(facts.rows)),
        error=visible(error_text(row.error_type, row.error_message)),
        held=len(held),
        heading=words.holds_back(_outcome(row.state), _jobs(len(held))) if held else words.WAITS_FOR if waits else "",
        related=[
            RelationView(
                title=job_title(facts.rows[other]),
                state=facts.rows[other].state.value,
                href=query.but(node=facts.rows[other].id),
                steps=steps,
            )
            for other, steps in related[:_LISTED]
        ],
        more=words.and_more(left_out) if left_out > 0 else "",
        hint=words.THEY_CONTINUE if held else "",
        facts=_job_facts(facts, node),
        job_href=routes.job(row.id),
        retry_off=why_not(RETRY, actor, [row.state]),
        cancel_off=words.IT_WAS_ASKED_TO_STOP_ALREADY if row.canceling else why_not(CANCEL, actor, [row.state]),
    )


def _job_facts(facts: Facts, node: int) -> list[FactView]:
    row = facts.rows[node]
    found = [FactView(common.ATTEMPTS, f"{row.attempts} of {row.max_attempts}" if row.attempts else common.NONE_YET)]
    elapsed = facts.elapsed_ms(node)
    if elapsed is not None:
        share = round(100 * elapsed / facts.critical_ms) if node in facts.critical_path and facts.critical_ms else 0
        part = words.share_of_critical_path(share) if share else ""
        found.append(FactView(common.DURATION if row.finished_at else words.SO_FAR, describe_duration(elapsed) + part))
    if row.progress_total:
        note = f", {row.progress_note}" if row.progress_note else ""
        found.append(FactView(common.PROGRESS, f"{row.progress_done:,} of {row.progress_total:,}{note}"))
    if row.worker_id:
        worker, href = visible(row.worker), routes.worker(row.worker_id)
        found.append(FactView(common.WORKER, worker, href, visible(row.worker_id)))
    found.append(FactView(words.STEP, f"{facts.steps[node]:,} of {max(facts.steps):,}"))
    return found


def _fan_view(reading: Reading, key: str, title: str, members: Sequence[int], query: GraphQuery) -> NodeView:
    facts = reading.shown.facts
    failed = [node for node in members if node in set(facts.failed)]
    opened = key in query.opened
    return NodeView(
        key=key,
        title=title,
        subtitle=words.fan_out(len(members)),
        heading=words.count_failed(len(failed)) if failed else "",
        related=[
            RelationView(
                job_title(facts.rows[node]), facts.rows[node].state.value, query.but(node=facts.rows[node].id), ""
            )
            for node in failed[:_LISTED]
        ],
        more=words.and_more(len(failed) - _LISTED) if len(failed) > _LISTED else "",
        counts=[
            {"state": state.value, "count": f"{count:,}"}
            for state, count in count_states(facts.rows[node] for node in members).items()
        ],
        fold_href=query.but(opened=query.opened - {key} if opened else query.opened | {key}),
        fold_label=words.FOLD if opened else words.OPEN_THE_FAN_OUT,
    )


def _names(facts: Facts, nodes: Sequence[int]) -> str:
    names = [job_title(facts.rows[node]) for node in nodes[:3]]
    return ", ".join(names) + (words.more_than_named(len(nodes) - 3) if len(nodes) > 3 else "")


def _jobs(count: int) -> str:
    return counted(count, "job")


def _outcome(state: JobState) -> str:
    return {JobState.TIMED_OUT: "timeout", JobState.CANCELED: "cancel"}.get(state, "failure")
