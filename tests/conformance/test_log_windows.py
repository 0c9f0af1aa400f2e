"""Windows of the logs of a job and of a run, against a plain model of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import product

import pytest
from sqlalchemy import Engine, insert

from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.log_windows import Wanted
from execution_ops.backends.embedded.logs import LogReader
from execution_ops.backends.embedded.run_feed import Entry, open_feeds, tell_state
from execution_ops.backends.embedded.run_rows import RUN
from execution_ops.backends.embedded.run_stream_reads import run_log
from execution_ops.backends.embedded.tables import JobLog
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import RunEventKind
from execution_ops.domain.states import RunState
from tests.factories import START, add_jobs, job_values

# What LIKE takes for more than itself, letters in both cases, one beyond ASCII, and levels between the named ones.
LOG: tuple[tuple[int, str], ...] = (
    (logging.INFO, "Fetch 100% of a_b"),
    (logging.DEBUG, "fetch!"),
    (logging.ERROR, "no fetch of aXb"),
    (5, "trace"),
    (logging.WARNING + 5, "FETCH again"),
    (logging.INFO, ""),
    (logging.CRITICAL, "größer, Größer"),
    (logging.WARNING, "100 of ab"),
    (logging.ERROR, "GRÖSSER"),
)
TEXTS = ("", "fetch", "100%", "a_b", "!", "ö", "Größer", "nowhere")
LEVELS = {None: 0, LogLevel.DEBUG: 0, LogLevel.INFO: 20, LogLevel.WARNING: 30, LogLevel.ERROR: 40}
WANTED = [
    Wanted(after=after, skip=skip, limit=limit, level=level, text=text, last=last)
    for after, skip, limit, level, text, last in product(
        (0, 3, 9, 20), (0, 1, 4, 20), (1, 3, 50), LEVELS, TEXTS, (False, True)
    )
]


def folded(text: str) -> str:
    """Without the case of ASCII letters."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def model(wanted: Wanted) -> tuple[list[int], int, int]:
    """The numbers of the lines in the window, the index of the first among all that match, and how many match."""
    matching = [
        number
        for number, (level, text) in enumerate(LOG, 1)
        if level >= LEVELS[wanted.level] and folded(wanted.text) in folded(text)
    ]
    open_to = [number for number in matching if number > wanted.after]
    if wanted.last:
        rest = open_to[: max(0, len(open_to) - wanted.skip)]
        found = rest[-wanted.limit :]
    else:
        found = open_to[wanted.skip : wanted.skip + wanted.limit]
    return found, matching.index(found[0]) if found else -1, len(matching)


def check(wanted: Wanted, numbers: Sequence[int], start: int, total: int) -> None:
    found, first, matching = model(wanted)
    assert (list(numbers), total) == (found, matching), wanted
    if found:
        assert start == first, wanted


@pytest.fixture
def job(database: Engine) -> str:
    """A job with that log, beside one with another."""
    rows = add_jobs(database, [job_values(), job_values()])
    lines = [
        {"seq": i, "attempt": 1, "at": START, "level": level, "text": text} for i, (level, text) in enumerate(LOG, 1)
    ]
    with write(database) as connection:
        connection.execute(insert(JobLog), [{**line, "job_n": rows[0]["n"]} for line in lines])
        connection.execute(insert(JobLog), [{**line, "job_n": rows[1]["n"], "text": "fetch"} for line in lines])
    job_id: str = rows[0]["id"]
    return job_id


@pytest.fixture
def run(database: Engine) -> str:
    """A run with that log and other events among its lines, beside one with another."""
    ids = [new_id(), new_id()]
    values = {
        "schedule_id": "s",
        "schedule_name": "nightly",
        "schedule_version": 1,
        "tenant": "acme",
        "job_type": "test.echo",
        "queue": "test",
        "spec": "{}",
        "trigger_kind": "manual",
        "state": "running",
        "created_at": START,
    }
    told = [
        [tell_state(RunState.RUNNING)] * (i % 3) + [Entry(RunEventKind.LOG, text, level)]
        for i, (level, text) in enumerate(LOG)
    ]
    with write(database) as connection:
        rows = connection.execute(insert(RUN).returning(RUN.c.n), [{**values, "id": one} for one in ids])
        numbers = list(rows.scalars())
        entries = [entry for few in told for entry in few]
        open_feeds(connection, {numbers[0]: entries, numbers[1]: [Entry(RunEventKind.LOG, "fetch", 20)] * 5}, START)
    return ids[0]


def test_every_window_of_a_jobs_log_is_the_models(database: Engine, job: str) -> None:
    reader = LogReader(database)
    for wanted in WANTED:
        part = reader.window(job, wanted, tenants=None)
        assert part is not None
        check(wanted, [line.seq for line in part.lines], part.start, part.total)


def test_every_window_of_a_runs_log_is_the_models(database: Engine, run: str) -> None:
    for wanted in WANTED:
        part = run_log(database, run, wanted)
        check(wanted, [line.line for line in part.lines], part.start, part.total)
        assert part.by_level == {LogLevel.DEBUG: 2, LogLevel.INFO: 2, LogLevel.WARNING: 2, LogLevel.ERROR: 3}
    assert [line.text for line in run_log(database, run, Wanted()).lines] == [text for _, text in LOG]
