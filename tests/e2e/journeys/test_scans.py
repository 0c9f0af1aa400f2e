"""A journey that begins with nothing: a first scan, and one that differs from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from execution_ops import routes
from tests.e2e.journeys.operator import Operator
from tests.e2e.servers import Console

PATH = "Directory, archive or image tarball"


@pytest.mark.long
def test_from_the_scan_that_differs_to_the_new_baseline(operator: Operator, console: Console) -> None:
    """8. What changed since the release? Two scans, a comparison, and the second is what counts from now on."""
    source = console.scan_root / "checkout"
    source.mkdir()
    requires(source, "requests==2.32.3")
    operator.begins()
    scan(operator, source)
    merged_job(operator)
    save(operator, "1.0")
    operator.presses("Promote")
    operator.answers(re.compile("^Promote: 1.0"), "Promote", Reason="the release")
    operator.reads("promoted", "the release")

    requires(source, "requests==2.32.4", "flask==3.0.0")
    operator.closes(f"{routes.baselines()}…")
    operator.navigates("Jobs & Queues", routes.jobs_queues())
    scan(operator, source)
    merged_job(operator)
    operator.reads("This scan was compared with the promoted baseline 1.0. Save its result as a candidate")
    save(operator, "1.1")
    operator.follows("1.0", routes.compare_baselines("*", "*"))
    operator.heading("Compare baselines")
    operator.reads("flask", "2.32.3", "2.32.4")
    operator.presses("Promote")
    operator.answers(re.compile("^Promote: 1.1"), "Promote", Reason="what changed is wanted")
    operator.reads("promoted")
    operator.walks_back()


def requires(source: Path, *lines: str) -> None:
    """What the source needs from now on."""
    (source / "requirements.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def scan(operator: Operator, source: Path) -> None:
    """Scan it from the home page, and wait until all is done."""
    operator.presses("Scan a directory")
    operator.stands(f"{routes.home()}?scan=1")
    operator.answers("Scan a directory", "Start the scan", **{PATH: str(source)})
    operator.stands(routes.job_dag("*"))
    operator.reads("All succeeded.")


def merged_job(operator: Operator) -> None:
    """From the graph to the job that has the whole result."""
    operator.follows("Table", f"{routes.job_dag('*')}?…view=table…")
    operator.opens("scan.merge", f"{routes.job_dag('*')}?…node=*…")
    operator.follows("Open job", routes.job("*"))


def save(operator: Operator, label: str) -> None:
    """Keep the result as a baseline, and open that."""
    operator.presses("Save as candidate")
    operator.answers("Save the result of this scan?", "Save as candidate", Label=label)
    operator.reads("This result is kept as the baseline")
    operator.follows(label, routes.baseline("*"))
    # Its drawer: in the list behind it are others of the same name.
    expect(operator.page.get_by_role("dialog")).to_be_visible()
