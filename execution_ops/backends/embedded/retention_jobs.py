"""Which DAGs are old enough to go, and how they go: whole, with all that the ledger and DBOS have of their jobs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, RowMapping, delete, func, select, text

from execution_ops.backends.embedded import dbos_tables
from execution_ops.backends.embedded.counters import Gone, uncount
from execution_ops.backends.embedded.leftovers import leave
from execution_ops.backends.embedded.letters import ITEM, LETTER, PLAN, VALUE
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.retention_looks import Look, Position, Sweep
from execution_ops.backends.embedded.run_rows import RUN
from execution_ops.backends.embedded.tokens import error_tokens, payload_tokens, remove_tokens
from execution_ops.backends.embedded.transitions import DAG, JOB, announce, table
from execution_ops.domain.retention import DagFacts, JobFacts, Keep, Kind, LetterFacts, dag_stays
from execution_ops.domain.states import DeadLetterState, JobState

LOG = table("job_log")
ARTIFACT = table("job_artifact")
# Logs up to this length go with their job; longer ones by and by.
SHORT_LOG = 200
SEEN_MAX = 200_000
_OLDEST = text(
    "SELECT n, dag_id, finished_at FROM job WHERE finished_at IS NOT NULL AND finished_at < :before "
    "AND (finished_at, n) > (:at, :n) ORDER BY finished_at, n LIMIT :limit"
)
_SIZES = select(DAG.c.id, DAG.c.size).where(one_of(DAG.c.id, "dags"))
_FIELDS = (
    *(JOB.c.n, JOB.c.id, JOB.c.dag_id, JOB.c.state, JOB.c.finished_at, JOB.c.created_at, JOB.c.tenant),
    *(JOB.c.job_type, JOB.c.queue, JOB.c.dispatch, JOB.c.run_n, JOB.c.error_type, JOB.c.error_message),
)
_OF_DAGS = select(*_FIELDS).where(one_of(JOB.c.dag_id, "dags")).order_by(JOB.c.n)
_LOCK_DAGS = select(DAG.c.id).where(one_of(DAG.c.id, "dags")).order_by(DAG.c.id).with_for_update()
_LETTERS = select(LETTER.c.n, LETTER.c.job_id, LETTER.c.state, LETTER.c.created_at, LETTER.c.changed_at).where(
    one_of(LETTER.c.job_id, "ids")
)
_IN_PLANS = (
    select(ITEM.c.letter_n)
    .join(PLAN, PLAN.c.n == ITEM.c.plan_n)
    .where(~PLAN.c.settled, one_of(ITEM.c.letter_n, "letters"))
)
_OPEN_RUNS = select(RUN.c.n).where(one_of(RUN.c.n, "runs"), ~RUN.c.settled)
# One look at what is promoted or active now, of which there are few: what came from these jobs.
_USED = text(
    "SELECT dag_id FROM baseline WHERE state = 'promoted' AND deleted_at IS NULL UNION SELECT j.dag_id FROM job AS j "
    "JOIN (SELECT k.job_id FROM kit AS k WHERE k.state = 'active' "
    "UNION SELECT a.job_id FROM kit_activation AS a JOIN kit AS k ON k.id = a.kit_id WHERE k.state = 'active' "
    "UNION SELECT r.job_id FROM bench_series AS s JOIN bench_result AS r ON r.n = s.baseline_n) AS used "
    "ON used.job_id = j.id"
)
_NEWEST = select(func.max(JOB.c.n))
_PAYLOADS = select(VALUE.c.job_n, VALUE.c.body).where(one_of(VALUE.c.job_n, "ns"), VALUE.c.which == "payload")
_FILES = select(ARTIFACT.c.job_n, ARTIFACT.c.sha256).where(one_of(ARTIFACT.c.job_n, "ns"))
_LAST_LINES = select(JOB.c.n, select(func.max(LOG.c.seq)).where(LOG.c.job_n == JOB.c.n).scalar_subquery()).where(
    one_of(JOB.c.n, "ns")
)
_REMOVE_LOGS = delete(LOG).where(one_of(LOG.c.job_n, "ns"))
_REMOVE_JOBS = delete(JOB).where(one_of(JOB.c.n, "ns"))
_REMOVE_DAGS = delete(DAG).where(one_of(DAG.c.id, "dags"))


@dataclass
class JobParts:
    """What goes with jobs, by their numbers: tokens, digests of files; `long_logs` go later."""

    tokens: dict[int, set[int]]
    files: dict[int, list[str]]
    long_logs: set[int]


@dataclass
class JobsLook(Look):
    """A look at old jobs; `going` are those of the DAGs `dags`."""

    dags: list[str] = field(default_factory=list)
    parts: JobParts | None = None


class JobSweep(Sweep[JobsLook]):
    """Goes through the jobs by their end, the oldest first."""

    kind = Kind.JOBS

    def __init__(self) -> None:
        # Each DAG is looked at once, and not once for each of its jobs.
        self._seen: set[str] = set()

    def look(self, connection: Connection, before: int, now: int, position: Position, limit: int) -> JobsLook:
        """The next DAGs with about `limit` jobs."""
        if position == (0, 0) or len(self._seen) > SEEN_MAX:
            self._seen.clear()
        params = {"before": before, "at": position[0], "n": position[1], "limit": limit}
        rows = connection.execute(_OLDEST, params).all()
        unseen = {"dags": list({row.dag_id for row in rows} - self._seen)}
        sizes = {row.id: row.size for row in connection.execute(_SIZES, unseen)}
        look, jobs, seen = JobsLook(), 0, 0
        for row in rows:
            if row.dag_id in sizes and row.dag_id not in look.dags:
                if jobs >= limit:
                    break
                jobs += sizes[row.dag_id]
                look.dags.append(row.dag_id)
            seen += 1
            look.position = (row.finished_at, row.n)
        if seen == len(rows) < limit:
            look.position = None
        going, stays = judge_dags(connection, look.dags, before, now)
        self._seen.update(look.dags)
        look.dags, look.going = list(going), [job for rows in going.values() for job in rows]
        look.stays.update(why for why in stays.values() if why is not Keep.YOUNG)
        return look

    def prepare(self, connection: Connection, look: JobsLook) -> None:
        """Tokens, files and lengths of logs."""
        look.parts = _read_parts(connection, look.going)

    def remove(self, connection: Connection, look: JobsLook, before: int, now: int) -> int:
        """Remove whole DAGs; how many jobs they had."""
        parts = look.parts
        assert parts is not None
        connection.execute(_LOCK_DAGS, {"dags": look.dags})
        going, _ = judge_dags(connection, look.dags, before, now)
        # One that was retried in between, and whose jobs are others now, is left to the next round.
        whole = {dag_id: rows for dag_id, rows in going.items() if all(job["n"] in parts.tokens for job in rows)}
        jobs = [job for rows in whole.values() for job in rows]
        numbers = [job["n"] for job in jobs]
        leave(connection, "log", [n for n in numbers if n in parts.long_logs])
        leave(connection, "file", sorted({digest for n in numbers for digest in parts.files[n]}))
        remove_tokens(
            connection,
            [(token, job["created_at"], job["n"]) for job in jobs for token in sorted(parts.tokens[job["n"]])],
        )
        short = [n for n in numbers if n not in parts.long_logs]
        connection.execute(_REMOVE_LOGS, {"ns": short})
        dbos_tables.forget_jobs(connection, {job["id"]: job["dispatch"] for job in jobs})
        uncount(connection, map(_gone, jobs), now)
        connection.execute(_REMOVE_JOBS, {"ns": numbers})
        connection.execute(_REMOVE_DAGS, {"dags": list(whole)})
        return len(jobs)

    def tell(self, connection: Connection, look: JobsLook, now: int) -> None:
        """One of many is enough for the lists."""
        announce(connection, look.going[0], now)


def judge_dags(
    connection: Connection, dags: Sequence[str], before: int, now: int
) -> tuple[dict[str, list[RowMapping]], dict[str, Keep]]:
    """Of these DAGs those that may go, with their jobs, and why the others stay."""
    jobs: dict[str, list[RowMapping]] = defaultdict(list)
    for job in connection.execute(_OF_DAGS, {"dags": list(dags)}).mappings():
        jobs[job["dag_id"]].append(job)
    every = [job for rows in jobs.values() for job in rows]
    letters = letters_of(connection, [job["id"] for job in every])
    runs = {job["run_n"] for job in every if job["run_n"] is not None}
    open_runs = set(connection.execute(_OPEN_RUNS, {"runs": list(runs)}).scalars()) if runs else set()
    used = set(connection.execute(_USED).scalars())
    newest = connection.execute(_NEWEST).scalar()
    going: dict[str, list[RowMapping]] = {}
    stays: dict[str, Keep] = {}
    for dag_id, rows in jobs.items():
        facts = DagFacts(
            jobs=[JobFacts(JobState(job["state"]), job["finished_at"]) for job in rows],
            letters=[letter for job in rows for letter in letters.get(job["id"], ())],
            run_open=any(job["run_n"] in open_runs for job in rows),
            in_use=dag_id in used,
            newest=any(job["n"] == newest for job in rows),
        )
        why = dag_stays(facts, before, now)
        if why is None:
            going[dag_id] = rows
        else:
            stays[dag_id] = why
    return going, stays


def letters_of(connection: Connection, job_ids: Sequence[str]) -> dict[str, list[LetterFacts]]:
    """The dead letters of these jobs, by job id."""
    rows = connection.execute(_LETTERS, {"ids": list(job_ids)}).all()
    planned = in_open_plans(connection, [row.n for row in rows])
    found: dict[str, list[LetterFacts]] = defaultdict(list)
    for row in rows:
        facts = LetterFacts(DeadLetterState(row.state), row.created_at, row.changed_at, row.n in planned)
        found[row.job_id].append(facts)
    return found


def in_open_plans(connection: Connection, letters: Sequence[int]) -> set[int]:
    """Those of the dead letters that a replay plan has which is not over."""
    return set(connection.execute(_IN_PLANS, {"letters": list(letters)}).scalars()) if letters else set()


def _read_parts(connection: Connection, going: Sequence[RowMapping]) -> JobParts:
    """What goes with these jobs."""
    jobs = {job["n"]: job for job in going}
    parts = JobParts({}, defaultdict(list), set())
    params = {"ns": list(jobs)}
    bodies = {row.job_n: row.body for row in connection.execute(_PAYLOADS, params)}
    for n, job in jobs.items():
        payload = json.loads(bodies[n]) if n in bodies else {}
        parts.tokens[n] = payload_tokens(payload) | error_tokens(job["error_type"], job["error_message"])
    for row in connection.execute(_FILES, params):
        parts.files[row.job_n].append(row.sha256)
    for n, lines in connection.execute(_LAST_LINES, params):
        if (lines or 0) > SHORT_LOG:
            parts.long_logs.add(n)
    return parts


def _gone(job: RowMapping) -> Gone:
    state = JobState(job["state"])
    return Gone(job["tenant"], job["job_type"], job["queue"], state, job["created_at"], job["finished_at"])
