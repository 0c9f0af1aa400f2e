"""What the console reads of jobs, DAGs, logs, queues, workers and the change feed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, text

from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.reads import LedgerReads
from execution_ops.backends.embedded.tables import JobArtifact, JobAttempt, JobEvent, JobLog, JobValue
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.states import AttemptState, JobState
from execution_ops.domain.times import from_ms, now_ms
from tests.conformance.conftest import STORED
from tests.factories import START, add_edges, add_jobs, add_rows, job_values

OTHERS = frozenset({"globex"})


@pytest.fixture
def family(ledger: LedgerReads) -> list[dict[str, Any]]:
    """A DAG: one parent, two children, and a stranger of another tenant."""
    dag = new_id()
    rows = add_jobs(
        ledger.engine,
        [
            job_values(dag_id=dag, node_key="inspect", payload={"path": "/srv"}),
            job_values(dag_id=dag, node_key="java", group_key="catalog", state="running", label="java"),
            job_values(dag_id=dag, node_key="python", group_key="catalog", state="pending"),
            job_values(tenant="globex"),
        ],
    )
    add_edges(ledger.engine, [(rows[0]["n"], rows[1]["n"]), (rows[0]["n"], rows[2]["n"])])
    return rows


def test_a_job_comes_with_everything_about_it(ledger: LedgerReads, family: list[dict[str, Any]]) -> None:
    n = family[1]["n"]
    add_rows(
        ledger.engine,
        JobAttempt,
        {"job_n": n, "number": 1, "state": "lost", "worker_id": "w1", "started_at": START, "finished_at": START + 40},
        {
            "job_n": n,
            "number": 2,
            "state": "running",
            "worker_id": "w2",
            "started_at": now_ms() - 5_000,
            "finished_at": None,
        },
    )
    add_rows(
        ledger.engine, JobEvent, {"job_n": n, "seq": 1, "at": START, "kind": "cancel", "actor": "eva", "reason": "why"}
    )
    digest = "a" * 64
    add_rows(
        ledger.engine,
        JobArtifact,
        {"job_n": n, "name": "sbom", "sha256": digest, "size": 2**40, "media_type": "application/json"},
    )
    add_rows(ledger.engine, JobValue, {"job_n": n, "which": "result", "body": '{"n": 1e400}', "size": 12})

    job = ledger.get_job(family[1]["id"], tenants=None)
    assert job is not None
    assert (job.row.id, job.row.label, job.row.state) == (family[1]["id"], "java", JobState.RUNNING)
    assert [(a.number, a.state, a.duration_ms) for a in job.attempts[:1]] == [(1, AttemptState.LOST, 40)]
    assert job.attempts[1].duration_ms is not None
    assert job.attempts[1].duration_ms >= 5_000
    assert [(e.kind, e.actor, e.reason, e.at) for e in job.events] == [("cancel", "eva", "why", from_ms(START))]
    assert [(a.name, a.size) for a in job.artifacts] == [("sbom", 2**40)]
    assert [parent.id for parent in job.parents] == [family[0]["id"]]
    assert job.children == ()
    assert (job.payload_bytes, job.result_bytes, job.dag_size) == (0, 12, 3)
    assert ledger.get_value(family[1]["id"], "result", tenants=None) == '{"n": 1e400}'
    assert ledger.get_value(family[1]["id"], "payload", tenants=None) is None

    parent = ledger.get_job(family[0]["id"], tenants=frozenset({"acme"}))
    assert parent is not None
    assert {child.id for child in parent.children} == {family[1]["id"], family[2]["id"]}
    assert parent.row.duration_ms == 240


def test_a_file_is_found_by_its_digest_for_those_who_see_its_job(
    ledger: LedgerReads, family: list[dict[str, Any]]
) -> None:
    digest = "b" * 64
    file = {"job_n": family[0]["n"], "name": "x", "sha256": digest, "size": 1, "media_type": "text/plain"}
    add_rows(ledger.engine, JobArtifact, file)
    assert ledger.artifact(digest, tenants=frozenset({"acme"})) == STORED / digest
    assert ledger.artifact(digest, tenants=OTHERS) is None
    assert ledger.artifact("c" * 64, tenants=None) is None


def test_of_very_many_relatives_the_ones_that_matter_come_and_all_are_counted(ledger: LedgerReads) -> None:
    dag = new_id()
    states = ["succeeded"] * 90 + ["scheduled"] * 3 + ["running", "failed"]
    rows = add_jobs(
        ledger.engine,
        [job_values(dag_id=dag, node_key=f"n{i}", state=state) for i, state in enumerate([*states, "pending"])],
    )
    *many, last = rows
    add_edges(ledger.engine, [(row["n"], last["n"]) for row in many])
    job = ledger.get_job(last["id"], tenants=None)
    assert job is not None
    assert (len(job.parents), job.parents_total, job.children_total) == (50, 95, 0)
    assert {row["id"] for row in many[90:]} < {parent.id for parent in job.parents}
    assert [parent.node_key for parent in job.parents[:2]] == ["n0", "n1"]
    parent = ledger.get_job(many[0]["id"], tenants=None)
    assert parent is not None
    assert (len(parent.children), parent.children_total, parent.parents_total) == (1, 1, 0)


def test_other_tenants_and_unknown_ids_read_nothing(ledger: LedgerReads, family: list[dict[str, Any]]) -> None:
    for job_id, tenants in ((family[0]["id"], OTHERS), (family[0]["id"], frozenset[str]()), (new_id(), None)):
        assert ledger.get_job(job_id, tenants=tenants) is None
        assert ledger.get_value(job_id, "payload", tenants=tenants) is None
        assert ledger.get_log(job_id, tenants=tenants) is None
        assert ledger.get_dag(family[0]["dag_id"] if tenants is not None else job_id, tenants=tenants) is None


def test_a_dag_has_its_nodes_and_edges(ledger: LedgerReads, family: list[dict[str, Any]]) -> None:
    dag = ledger.get_dag(family[0]["dag_id"], tenants=frozenset({"acme"}))
    assert dag is not None
    assert [(node.row.node_key, node.group) for node in dag.nodes] == [
        ("inspect", ""),
        ("java", "catalog"),
        ("python", "catalog"),
    ]
    assert set(dag.edges) == {(family[0]["id"], family[1]["id"]), (family[0]["id"], family[2]["id"])}


@pytest.fixture
def logged(ledger: LedgerReads) -> str:
    """A job with 1,000 lines: every 100th an error, every 10th of the rest a warning."""
    row = add_jobs(ledger.engine, [job_values()])[0]
    levels = [40 if i % 100 == 0 else 30 if i % 10 == 0 else 20 if i % 2 else 10 for i in range(1, 1_001)]
    add_rows(
        ledger.engine,
        JobLog,
        *(
            {
                "job_n": row["n"],
                "seq": i,
                "at": START + i,
                "attempt": 1,
                "level": level,
                "text": f"Line {i} 100% of a_b",
            }
            for i, level in enumerate(levels, 1)
        ),
    )
    return str(row["id"])


@pytest.mark.parametrize(
    ("asked", "seqs", "total"),
    [
        ({"limit": 3}, [1, 2, 3], 1_000),
        ({"skip": 500, "limit": 2}, [501, 502], 1_000),
        ({"skip": 3, "limit": 2, "level": LogLevel.ERROR}, [400, 500], 10),
        ({"after": 998}, [999, 1_000], 1_000),
        ({"after": 1_000}, [], 1_000),
        ({"last": True, "limit": 2}, [999, 1_000], 1_000),
        ({"level": LogLevel.ERROR, "limit": 2}, [100, 200], 10),
        ({"level": LogLevel.WARNING, "limit": 2, "last": True}, [990, 1_000], 100),
        ({"level": LogLevel.DEBUG, "limit": 1}, [1], 1_000),
        ({"text": "LINE 77 "}, [77], 1),
        ({"text": "0%", "limit": 1}, [1], 1_000),
        ({"text": "a%b"}, [], 0),
        ({"text": "a!b"}, [], 0),
        ({"text": "line 9", "level": LogLevel.WARNING, "limit": 2}, [90, 900], 11),
    ],
)
def test_a_log_is_read_in_windows(
    ledger: LedgerReads, logged: str, asked: dict[str, Any], seqs: list[int], total: int
) -> None:
    window = ledger.get_log(logged, tenants=None, **asked)
    assert window is not None
    assert [line.seq for line in window.lines] == seqs
    assert window.total == total
    if window.lines:
        whole = ledger.get_log(logged, tenants=None, limit=1_000, level=asked.get("level"), text=asked.get("text", ""))
        assert whole is not None
        assert whole.lines[window.start : window.start + len(seqs)] == window.lines
    assert window.by_level == {LogLevel.ERROR: 10, LogLevel.WARNING: 90, LogLevel.INFO: 500, LogLevel.DEBUG: 400}


def test_a_growing_log_is_counted_on(ledger: LedgerReads, logged: str) -> None:
    assert ledger.get_log(logged, tenants=None) is not None
    for more in range(1, 4):
        with write(ledger.engine) as connection:
            n = connection.scalar(text("SELECT n FROM job WHERE id = :id"), {"id": logged})
            line = {"job_n": n, "seq": 1_000 + more, "at": START, "attempt": 2, "level": 50, "text": "more"}
            connection.execute(insert(JobLog), [line])
        window = ledger.get_log(logged, tenants=None, level=LogLevel.ERROR, last=True, limit=1)
        assert window is not None
        assert (window.total, window.by_level[LogLevel.INFO]) == (10 + more, 500)
        assert window.lines[0].seq == 1_000 + more


def test_an_idempotency_key_is_shown(ledger: LedgerReads) -> None:
    row = add_jobs(ledger.engine, [job_values()])[0]
    with write(ledger.engine) as connection:
        connection.execute(text("UPDATE dag SET idempotency_key = 'once'"))
    job = ledger.get_job(row["id"], tenants=None)
    assert job is not None
    assert job.idempotency_key == "once"


def test_ping_answers(ledger: LedgerReads) -> None:
    ledger.ping()
