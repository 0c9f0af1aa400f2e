"""Journeys through what died: a pipeline behind a failed job, and many deaths of one error."""

from __future__ import annotations

import tarfile
from pathlib import Path

import httpx
import pytest

from execution_ops import routes
from execution_ops.domain.states import JobState
from tests.e2e.fleet import await_job
from tests.e2e.journeys.operator import Operator
from tests.e2e.letters import die
from tests.e2e.servers import Console


@pytest.mark.long
def test_from_the_pipeline_that_stands_still_to_its_end(operator: Operator, console: Console) -> None:
    """4. Jobs wait behind a parent that failed: the archive is damaged. It is made anew, and the parent is replayed."""
    archive = console.scan_root / "nightly.tar"
    archive.write_bytes(b"this is no archive")
    broken_scan(console, archive)
    operator.begins()
    operator.navigates("JobEngine", routes.jobengine())
    operator.counts("Behind a parent", "3", f"{routes.jobs()}?state=pending")
    operator.opens("scan.merge", routes.job("*"))
    operator.badge("pending")
    operator.reads("Its parent scan.inspect failed. It continues when that is retried.")
    operator.follows("Open what it waits for", routes.job("*"))
    operator.badge("failed")
    operator.follows("Dead letter", f"{routes.dead_letter_queue()}?job=*")
    operator.opens("scan.inspect", routes.dead_letter_entry("*"))
    operator.reads("Waits behind it")
    pack(archive)  # The operator makes it anew.
    operator.presses("Replay")
    operator.answers("Replay this dead letter?", "Replay 1 dead letter")
    operator.badge("replayed")
    operator.follows("Scan nightly.tar", routes.job_dag("*") + "…")
    operator.reads("All succeeded.")
    operator.walks_back()


def broken_scan(console: Console, archive: Path) -> None:
    """A scan whose first job fails."""
    answer = httpx.post(f"{console.url}{routes.api_scans()}", json={"path": str(archive)})
    answer.raise_for_status()
    await_job(console, answer.json()["job_ids"]["inspect"], JobState.FAILED)


def pack(archive: Path) -> None:
    """A sound archive in its place."""
    needs = archive.with_name("requirements.txt")
    needs.write_text("click==8.1.7\n", encoding="utf-8")
    with tarfile.open(archive, "w") as made:
        made.add(needs, "requirements.txt")


@pytest.mark.long
def test_from_the_error_of_many_to_the_end_of_their_replay(operator: Operator, console: Console) -> None:
    """7. Many died of the same error. It is mended: a plan says what it would send, sends it, and tells what came."""
    cure = console.data_dir.parent / "cure"
    die(console, "acme", *(f"invalid byte at offset {n}" for n in (14, 208, 511)), kind="DecodeError", cure=cure)
    operator.begins()
    operator.counts("Dead letters", "3", f"{routes.dead_letter_queue()}?…")
    operator.navigates("Dead letters", routes.dead_letter())
    operator.reads("invalid byte at offset")
    cure.touch()  # The operator mends the parser.
    operator.presses("Plan a replay")
    operator.answers("Plan a replay of 3 dead letters?", "Plan a replay of 3", Reason="the parser is mended")
    operator.stands(routes.replay("*"))
    operator.badge("draft")
    operator.reads("Dry run", "3 of 3 eligible")
    operator.presses("Start")
    operator.answers("Replay 3 dead letters?", "Replay 3 dead letters")
    operator.badge("completed")
    operator.reads("3 of 3 sent", "succeeded")
    operator.follows("3", f"{routes.replay('*')}?status=succeeded")
    operator.opens("DecodeError", routes.dead_letter_entry("*"))
    operator.badge("replayed")
    operator.walks_back()
