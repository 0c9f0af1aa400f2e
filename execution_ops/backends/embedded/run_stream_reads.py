"""What a run tells, as it is read: its events, its log, its time lines and what its jobs left behind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, select

from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.log_windows import Lines, Wanted, window
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.rows import log_level
from execution_ops.backends.embedded.run_feed import EVENT, FEED
from execution_ops.backends.embedded.run_rows import RUN, TARGET, target_of
from execution_ops.backends.embedded.transitions import JOB, table
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import (
    JobBar,
    RunArtifact,
    RunEvent,
    RunEventKind,
    RunFeed,
    RunLine,
    RunLog,
    TargetBars,
)
from execution_ops.domain.states import JobState
from execution_ops.domain.times import from_ms

ARTIFACT = table("job_artifact")
# Of the jobs of one segment; a target with hundreds of them is looked at in its own graph.
BARS_MAX = 2_000


def run_feed(engine: Engine, run_id: str) -> RunFeed | None:
    """How far the events of a run go."""
    with read(engine) as connection:
        feed = _feed(connection, run_id)
    return None if feed is None else RunFeed(last=feed["last_seq"], closed=feed["closed"])


def run_events(engine: Engine, run_id: str, *, after: int, limit: int) -> list[RunEvent]:
    """The events of a run with a number above `after`."""
    # No join: with one, PostgreSQL sorts all that follows before it takes the first few.
    of_run = EVENT.c.run_n == select(RUN.c.n).where(RUN.c.id == run_id).scalar_subquery()
    wanted = select(EVENT).where(of_run, EVENT.c.seq > after).order_by(EVENT.c.seq).limit(limit)
    with read(engine) as connection:
        return [_event(row) for row in connection.execute(wanted).mappings()]


def run_log(engine: Engine, run_id: str, wanted: Wanted) -> RunLog:
    """A window of the log of a run."""
    with read(engine) as connection:
        feed = _feed(connection, run_id)
        if feed is None:
            return RunLog(by_level={}, feed=RunFeed(last=0, closed=True))
        by_level = {level: feed[level.value] for level in LogLevel}
        found = window(connection, Lines("run_event", "run_n", "line", "body", feed["run_n"]), wanted, by_level)
    return RunLog(
        lines=tuple(map(_line, found.rows)),
        start=found.start,
        total=found.total,
        by_level=by_level,
        feed=RunFeed(last=feed["last_seq"], closed=feed["closed"]),
    )


def run_bars(engine: Engine, run_id: str, segment: int) -> list[TargetBars]:
    """The targets of a segment with their jobs."""
    targets = (
        select(TARGET)
        .join(RUN, RUN.c.n == TARGET.c.run_n)
        .where(RUN.c.id == run_id, TARGET.c.segment == segment)
        .order_by(TARGET.c.no)
    )
    jobs = (
        select(JOB.c.dag_id, JOB.c.id, JOB.c.label, JOB.c.node_key, JOB.c.state, JOB.c.started_at, JOB.c.finished_at)
        .where(one_of(JOB.c.dag_id, "dags"))
        .order_by(JOB.c.dag_id, JOB.c.n)
        .limit(BARS_MAX)
    )
    with read(engine) as connection:
        rows = connection.execute(targets).mappings().all()
        found = connection.execute(jobs, {"dags": [row["dag_id"] for row in rows if row["dag_id"]]}).mappings().all()
    bars = {dag: tuple(map(_bar, few)) for dag, few in groupby(found, key=lambda row: str(row["dag_id"]))}
    return [TargetBars(target=target_of(row), jobs=bars.get(row["dag_id"], ())) for row in rows]


def run_artifacts(engine: Engine, run_id: str, *, after: int, limit: int) -> list[RunArtifact]:
    """What the jobs of the `limit` targets after a number left behind, in the order of the plan."""
    targets = (
        select(TARGET.c.no, TARGET.c.target, TARGET.c.dag_id)
        .join(RUN, RUN.c.n == TARGET.c.run_n)
        .where(RUN.c.id == run_id, TARGET.c.no > after, TARGET.c.no <= after + limit, TARGET.c.dag_id != "")
        .subquery()
    )
    wanted = (
        select(targets.c.no, targets.c.target, JOB.c.id, ARTIFACT)
        .join(JOB, JOB.c.dag_id == targets.c.dag_id)
        .join(ARTIFACT, ARTIFACT.c.job_n == JOB.c.n)
        .order_by(targets.c.no, JOB.c.n, ARTIFACT.c.name)
    )
    with read(engine) as connection:
        rows: Sequence[RowMapping] = connection.execute(wanted).mappings().all()
    return [
        RunArtifact(
            no=row["no"],
            target=row["target"],
            job_id=row["id"],
            name=row["name"],
            sha256=row["sha256"],
            size=row["size"],
            media_type=row["media_type"],
        )
        for row in rows
    ]


def _feed(connection: Connection, run_id: str) -> RowMapping | None:
    wanted = select(FEED).join(RUN, RUN.c.n == FEED.c.run_n).where(RUN.c.id == run_id)
    return connection.execute(wanted).mappings().one_or_none()


def _event(row: RowMapping) -> RunEvent:
    kind = RunEventKind(row["kind"])
    data: dict[str, Any]
    if kind is RunEventKind.LOG:
        data = _line(row).model_dump(mode="json", exclude={"seq", "at"})
    else:
        data = json.loads(row["body"])
    return RunEvent(seq=row["seq"], at=from_ms(row["at"]), kind=kind, data=data)


def _line(row: RowMapping) -> RunLine:
    return RunLine(
        line=row["line"],
        seq=row["seq"],
        at=from_ms(row["at"]),
        level=log_level(row["level"]),
        segment=row["segment"],
        target=row["target"],
        source=row["source"],
        job_id=row["job_id"],
        text=row["body"],
    )


def _bar(row: RowMapping) -> JobBar:
    return JobBar(
        id=row["id"],
        name=row["label"] or row["node_key"],
        state=JobState(row["state"]),
        started_at=None if row["started_at"] is None else from_ms(row["started_at"]),
        finished_at=None if row["finished_at"] is None else from_ms(row["finished_at"]),
    )
