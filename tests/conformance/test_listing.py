"""The list enumerates what a plain loop over the same rows finds, each job once, in order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from execution_ops.backends.embedded import listing, matching, tokens, walks
from execution_ops.backends.embedded.engines import ledger_engine
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.query_values import Sort
from execution_ops.domain.states import JobState
from execution_ops.domain.times import from_ms, iso, to_ms
from tests.conftest import KINDS
from tests.databases import migrated
from tests.factories import START, add_jobs, job_values

JOBS = 5_000
TENANTS = ("acme", "globex", "initech", "rare")
TYPES = ("scan.catalog", "scan.merge", "mail.send")
QUEUES = ("scan", "mail")
WORKERS = ("", "worker-1", "worker-2")
ERRORS = (("", ""), ("TimeoutError", "no answer from host"), ("ValueError", "größe is wrong: host"))
IMAGES = ("alpine", "debian", "=cmd()")
EXAMPLES = hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def _population() -> list[dict[str, Any]]:
    """Jobs in few distinct milliseconds, so most of the order rests on the second key."""
    chance = random.Random(7)
    rows = []
    for i in range(JOBS):
        error_type, error_message = chance.choice(ERRORS)
        rows.append(
            job_values(
                created_at=START + chance.choice((0, 0, 0, 1, 2, 60_000)),
                tenant=TENANTS[min(int(chance.expovariate(1.0)), 2)] if i != 1234 else "rare",
                job_type=chance.choice(TYPES),
                queue=chance.choice(QUEUES),
                state=chance.choice(tuple(JobState)),
                worker_id=chance.choice(WORKERS),
                finished_at=chance.choice((None, START + 5_000, START + 70_000)),
                error_type=error_type,
                error_message=error_message,
                payload={"image": chance.choice(IMAGES), "n": i % 7} if i % 10 == 0 else None,
            )
        )
    for i in range(60):
        rows[i * 50]["dag_id"] = rows[0]["id"]
    return rows


@pytest.fixture(scope="module", params=KINDS)
def crowd(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, list[dict[str, Any]]]]:
    """A database with 5,000 jobs, and the jobs."""
    server, name = None, ""
    if request.param == "sqlite":
        path: Path = tmp_path_factory.mktemp("crowd") / "ledger.db"
        url = f"sqlite:///{path}"
        migrated(url)
    else:
        server = request.getfixturevalue("postgres")
        name, url = server.create(request.getfixturevalue("postgres_template"))
    engine = ledger_engine(url)
    yield engine, add_jobs(engine, _population())
    engine.dispose()
    if server is not None:
        server.drop(name)


def _some(values: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Mostly no condition, else one or two values, also one that no job has."""
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)
    return st.one_of(st.just(()), st.just(()), chosen)


MOMENTS = st.sampled_from(("", "", "", iso(from_ms(START + 1)), iso(from_ms(START + 2)), iso(from_ms(START + 90_000))))
FILTERS = st.builds(
    JobFilter,
    state=_some(tuple(JobState)),
    job_type=_some((*TYPES, "no.such")),
    queue=_some(QUEUES),
    tenant=_some((*TENANTS, "nobody")),
    after=MOMENTS,
    before=MOMENTS,
    ended_after=MOMENTS,
    worker=st.sampled_from(("", "", "", "worker-1", "worker-9")),
    error=st.sampled_from(("", "", "", "host", "timeout", "GRÖSSE wrong", "nothing")),
    payload=st.sampled_from(((), (), (), (("image", "debian"),), (("image", "=cmd()"), ("n", "0")), (("image", "x"),))),
    sort=st.sampled_from(Sort),
)
VIEWERS = st.sampled_from((None, None, frozenset({"acme", "rare"}), frozenset[str]()))


def brute_force(rows: list[dict[str, Any]], where: JobFilter, tenants: frozenset[str] | None) -> list[str]:
    """The ids that match, in order, by a plain loop."""
    after, before = where.window(from_ms(START))
    ended = where.ended_from(from_ms(START))
    found = [
        row
        for row in rows
        if (not where.state or row["state"] in where.state)
        and (not where.job_type or row["job_type"] in where.job_type)
        and (not where.queue or row["queue"] in where.queue)
        and (not where.tenant or row["tenant"] in where.tenant)
        and (tenants is None or row["tenant"] in tenants)
        and row["created_at"] >= to_ms(after)
        and (before is None or row["created_at"] < to_ms(before))
        and (ended is None or (row["finished_at"] is not None and row["finished_at"] >= to_ms(ended)))
        and row["id"].startswith(where.id)
        and (not where.dag or row["dag_id"] == where.dag)
        and (not where.worker or row["worker_id"] == where.worker)
        and (not where.error or tokens.error_has(where.error, row["error_type"], row["error_message"]))
        and all(row["payload"] is not None and tokens.payload_has(row["payload"], *pair) for pair in where.payload)
    ]
    found.sort(key=lambda row: (row["created_at"], row["n"]), reverse=where.sort is Sort.NEWEST)
    return [row["id"] for row in found]


def walk(engine: Engine, where: JobFilter, tenants: frozenset[str] | None, limit: int) -> tuple[list[str], list[str]]:
    """The ids page by page to the end, and from there page by page back to the start."""
    there: list[str] = []
    cursor: str | None = None
    while True:
        page = listing.list_jobs(engine, where, tenants=tenants, cursor=cursor, limit=limit)
        assert len(page.rows) <= limit
        assert page.searched is None
        there += [row.id for row in page.rows]
        cursor = page.following(where.sort)
        if cursor is None:
            break
    back: list[str] = [row.id for row in page.rows]
    while (cursor := page.newer if where.sort is Sort.NEWEST else page.older) is not None:
        page = listing.list_jobs(engine, where, tenants=tenants, cursor=cursor, limit=limit)
        back = [row.id for row in page.rows] + back
    return there, back


@EXAMPLES
@given(where=FILTERS, tenants=VIEWERS, limit=st.integers(97, 900))
def test_pages_enumerate_each_match_once_in_both_directions(
    crowd: tuple[Engine, list[dict[str, Any]]], where: JobFilter, tenants: frozenset[str] | None, limit: int
) -> None:
    engine, rows = crowd
    there, back = walk(engine, where, tenants, limit)
    expected = brute_force(rows, where, tenants)
    assert there == expected
    assert back == expected


@EXAMPLES
@given(where=FILTERS, tenants=VIEWERS, batch=st.integers(100, 2_000))
def test_iteration_and_counts_agree_with_a_plain_loop(
    crowd: tuple[Engine, list[dict[str, Any]]], where: JobFilter, tenants: frozenset[str] | None, batch: int
) -> None:
    engine, rows = crowd
    found = [row.id for part in listing.iterate_jobs(engine, where, tenants=tenants, batch=batch) for row in part]
    assert found == brute_force(rows, where, tenants)
    counts = listing.count_jobs(engine, where, tenants=tenants)
    assert counts.exact
    for state in JobState:
        alone = where.model_copy(update={"state": (state,)})
        assert counts.by_state[state] == len(brute_force(rows, alone, tenants)), state
    assert counts.total == sum(counts.by_state.values())


@pytest.mark.parametrize("length", [1, 2, 8, 9, 13, 14, 24, 35, 36])
def test_an_id_is_found_by_its_beginning(crowd: tuple[Engine, list[dict[str, Any]]], length: int) -> None:
    engine, rows = crowd
    where = JobFilter(id=rows[2_500]["id"][:length])
    there, back = walk(engine, where, None, 900)
    assert there == back == brute_force(rows, where, None)
    assert rows[2_500]["id"] in there


@pytest.mark.parametrize("prefix", ["-", "0-", "01234567890"])
def test_what_no_id_begins_with_finds_nothing(crowd: tuple[Engine, list[dict[str, Any]]], prefix: str) -> None:
    page = listing.list_jobs(crowd[0], JobFilter(id=prefix), tenants=None, cursor=None, limit=10)
    assert (page.rows, page.older, page.newer) == ((), None, None)


def test_the_jobs_of_a_dag_are_found_and_filtered(crowd: tuple[Engine, list[dict[str, Any]]]) -> None:
    engine, rows = crowd
    for where in (
        JobFilter(dag=rows[0]["id"]),
        JobFilter(dag=rows[0]["id"], queue=("mail",), sort=Sort.OLDEST),
        JobFilter(dag=rows[0]["id"], error="host", tenant=("acme",)),
    ):
        there, back = walk(engine, where, None, 7)
        assert there == back == brute_force(rows, where, None)
        assert there


def test_more_stretches_than_are_merged_are_searched(crowd: tuple[Engine, list[dict[str, Any]]]) -> None:
    engine, rows = crowd
    where = JobFilter(
        tenant=(*(f"none{i}" for i in range(17)), "acme", "rare"), job_type=TYPES, queue=("scan", "mail", "none")
    )
    there, back = walk(engine, where, None, 800)
    assert there == back == brute_force(rows, where, None)
    assert len(there) > 1_000


def test_a_search_stops_at_its_bound_says_so_and_goes_on(
    crowd: tuple[Engine, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, rows = crowd
    monkeypatch.setattr(walks, "PORTIONS", (50, 150))
    monkeypatch.setattr(listing, "SEARCH_MAX", 200)
    where = JobFilter(worker="worker-1", error="timeout", tenant=("initech",), queue=("mail",))
    found: list[str] = []
    stops = 0
    cursor: str | None = None
    while True:
        page = listing.list_jobs(engine, where, tenants=None, cursor=cursor, limit=50)
        found += [row.id for row in page.rows]
        stops += page.searched == 200
        cursor = page.older
        if cursor is None:
            break
    assert found == brute_force(rows, where, None)
    assert stops >= 5


def test_a_hash_collision_shows_nothing_wrong(
    crowd: tuple[Engine, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, _ = crowd
    monkeypatch.setattr(matching, "pair_token", lambda key, value: tokens.pair_token("image", "debian"))
    monkeypatch.setattr(matching, "word_token", lambda word: tokens.word_token("timeout"))
    for where in (JobFilter(payload=(("image", "other"),)), JobFilter(error="other")):
        found = [row for part in listing.iterate_jobs(engine, where, tenants=None, batch=500) for row in part]
        assert found == []


def test_counts_beyond_the_bound_are_said_to_be_bounded(
    crowd: tuple[Engine, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, _ = crowd
    monkeypatch.setattr(listing, "COUNT_MAX", 100)
    counts = listing.count_jobs(engine, JobFilter(after=iso(from_ms(START))), tenants=None)
    assert not counts.exact
    assert counts.total == 7 * 101
    counts = listing.count_jobs(engine, JobFilter(worker="worker-1"), tenants=None)
    assert (counts.exact, counts.total) == (False, 100)
    assert listing.count_jobs(engine, JobFilter(), tenants=None).total == JOBS


def test_a_cursor_survives_the_job_that_it_names_and_an_empty_page_leads_back(database: Engine) -> None:
    rows = add_jobs(database, [job_values(created_at=START + i) for i in range(4)])
    first = listing.list_jobs(database, JobFilter(), tenants=None, cursor=None, limit=2)
    where = JobFilter(after=iso(from_ms(START) + timedelta(milliseconds=2)))
    beyond = listing.list_jobs(database, where, tenants=None, cursor=first.older, limit=2)
    assert beyond.rows == ()
    assert beyond.older is None
    back = listing.list_jobs(database, where, tenants=None, cursor=beyond.newer, limit=2)
    assert [row.id for row in back.rows] == [rows[3]["id"], rows[2]["id"]]


@pytest.mark.parametrize("cursor", ["", "x", "A" * 30, "AQAAAAGgHQgAAAAAAAAAAAAAAAAAAA"])
def test_garbage_is_refused(database: Engine, cursor: str) -> None:
    if cursor:
        with pytest.raises(InvalidInput):
            listing.list_jobs(database, JobFilter(), tenants=None, cursor=cursor, limit=10)
    with pytest.raises(InvalidInput):
        listing.list_jobs(database, JobFilter(error="!?"), tenants=None, cursor=None, limit=10)
