"""The events of runs as they are written: numbered under the lock of the run's feed, within the caller's transaction.

Always the last thing that a transaction locks: so nobody who holds a feed waits for anything else, and the feed
is held no longer than the commit takes.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from execution_ops.backends.embedded.rows import log_level
from execution_ops.backends.embedded.texts import safe_lines
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import RunEventKind
from execution_ops.domain.runs import Deltas
from execution_ops.domain.states import RunState, TargetState
from execution_ops.domain.topics import run_feed_topic

FEED = table("run_feed")
EVENT = table("run_event")
# Jobs of a run may each log very much; the rest stands in their own logs.
JOB_LINES_MAX = 1_000_000
SOURCE_MAX = 40
_RUN, _TARGET = table("run"), table("run_target")
_PLACE = (
    select(_RUN.c.id, _TARGET.c.segment, _TARGET.c.no, _TARGET.c.target, FEED.c.job_lines)
    .select_from(_TARGET.join(_RUN, _RUN.c.n == _TARGET.c.run_n).join(FEED, FEED.c.run_n == _RUN.c.n))
    .where(_TARGET.c.dag_id == bindparam("dag"), _RUN.c.n == bindparam("run"))
    .with_for_update(of=FEED)
)


class Entry(NamedTuple):
    """An event on its way into a feed. `level` is one of the logging module, for a log line; `at` is now if 0."""

    kind: RunEventKind
    body: str
    level: int = 0
    at: int = 0
    segment: int = 0
    target: int = 0
    source: str = ""
    job_id: str = ""


def say(text: str, level: int = logging.INFO, *, source: str = "run", segment: int = 0, target: int = 0) -> Entry:
    """A line of the run's log that is ours."""
    return Entry(RunEventKind.LOG, " ".join(safe_lines(text)), level, segment=segment, target=target, source=source)


def tell_state(state: RunState, code: str = "", error: str = "") -> Entry:
    """The run is in another state."""
    return _told(RunEventKind.STATE, {"state": state.value, "error_code": code, "error": error})


def tell_segment(no: int, name: str, by_state: Mapping[TargetState, int]) -> Entry:
    """The targets of a segment are in other states."""
    counts = {state.value: count for state, count in by_state.items()}
    return _told(RunEventKind.SEGMENT, {"segment": no, "name": name, "by_state": counts})


def tell_deltas(deltas: Deltas) -> Entry:
    """More targets were compared."""
    return _told(RunEventKind.DELTAS, deltas.model_dump())


def open_feeds(connection: Connection, told: Mapping[int, Sequence[Entry]], now: int) -> None:
    """Open the feeds of new runs, by their `n`, with what they begin with."""
    feeds, events = [], []
    for n, entries in told.items():
        feeds.append({"run_n": n, "last_seq": 0, "closed": False, **_sizes(entries)})
        feeds[-1]["last_seq"] = len(entries)
        events += _rows(n, 0, 0, entries, now)
    connection.execute(insert(FEED), feeds)
    connection.execute(insert(EVENT), events)


def append(
    connection: Connection, n: int, run_id: str, now: int, entries: Sequence[Entry], *, close: bool = False
) -> None:
    """Add to the feed of a run, and wake who follows it; nothing once the feed is closed, which `close` does last."""
    sizes = _sizes(entries)
    closed = {"closed": True} if close else {}
    grown = {name: FEED.c[name] + size for name, size in sizes.items()}
    place = connection.execute(
        update(FEED)
        .where(FEED.c.run_n == n, ~FEED.c.closed)
        .values(last_seq=FEED.c.last_seq + len(entries), **grown, **closed)
        .returning(FEED.c.last_seq, FEED.c.last_line)
    ).one_or_none()
    if place is None:
        return
    if entries:
        first, line = place.last_seq - len(entries), place.last_line - sizes["last_line"]
        connection.execute(insert(EVENT), _rows(n, first, line, entries, now))
    announce_topics(connection, [run_feed_topic(run_id)], now)


def append_of_job(connection: Connection, job: RowMapping, now: int, entries: Iterable[Entry]) -> None:
    """Add lines of a locked job to the feed of the run that it works for, if it works for one."""
    if job["run_n"] is None:
        return
    lines = list(entries)
    if not lines:
        return
    # Of many that come to the bound at once, one has to say so: the feed is locked before there is room.
    place = connection.execute(_PLACE, {"dag": job["dag_id"], "run": job["run_n"]}).one_or_none()
    room = 0 if place is None else JOB_LINES_MAX - place.job_lines
    if place is None or room < 1:
        return
    if room <= len(lines):
        words = f"More than {JOB_LINES_MAX:,} lines: what jobs log from here on stands only in their own logs."
        lines = [*lines[: room - 1], say(words, logging.WARNING)]
    of_job = {"segment": place.segment, "target": place.no, "source": _source(place.target, job)}
    told = [entry._replace(job_id=job["id"], **of_job) for entry in lines]
    append(connection, job["run_n"], place.id, now, told)


def _source(target: str, job: RowMapping) -> str:
    """Who wrote a line: the last part of the target's path, and the job."""
    name = job["label"] or job["node_key"]
    short = target.rstrip("/").rpartition("/")[2][-SOURCE_MAX:]
    return f"{short} {name}" if short else str(name)


def _told(kind: RunEventKind, data: dict[str, Any]) -> Entry:
    return Entry(kind, json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def _sizes(entries: Sequence[Entry]) -> dict[str, int]:
    """How many lines there are, in all, of jobs and of each level, as the feed counts them."""
    levels = Counter(log_level(entry.level) for entry in entries if entry.kind is RunEventKind.LOG)
    of_jobs = sum(bool(entry.job_id) for entry in entries)
    return {"last_line": levels.total(), "job_lines": of_jobs} | {level.value: levels[level] for level in LogLevel}


def _rows(n: int, seq: int, line: int, entries: Iterable[Entry], now: int) -> list[dict[str, Any]]:
    """The rows of the entries that follow the event `seq` and the line `line`."""
    rows = []
    for number, entry in enumerate(entries, seq + 1):
        is_line = entry.kind is RunEventKind.LOG
        line += is_line
        rows.append(
            entry._asdict()
            | {
                "run_n": n,
                "seq": number,
                "at": entry.at or now,
                "kind": entry.kind.value,
                "line": line if is_line else 0,
            }
        )
    return rows
