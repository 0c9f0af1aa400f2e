"""`execution-ops scan`: start a scan, and follow it if wanted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from execution_ops.commands.following import follow_until
from execution_ops.commands.output import (
    Exit,
    JsonOption,
    note,
    opened,
    out,
    print_json,
    safe,
    state_text,
    warn_without_worker,
)
from execution_ops.domain.access import Actor
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Dag, JobRow, Submission
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.waiting import name_of

if TYPE_CHECKING:
    from execution_ops.services.container import Services

QUEUE = "scan"


def scan(
    path: Annotated[Path, typer.Argument(help="Directory, archive or image tarball, below the scan roots.")],
    tenant: Annotated[str, typer.Option(help="The tenant that the scan belongs to.")] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the scan until it has ended.")] = False,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most; 0: as long as it takes.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Scan a directory, archive or image tarball for its software components.

    Prints the id of the scan's DAG. With --wait every step is shown as it happens, and the exit
    code is 0 if the scan succeeded and 1 if not.
    """
    with opened(as_json=as_json) as (services, actor):
        # Links stay: the worker resolves them, and says if they lead out of the roots.
        source = os.path.abspath(path)
        stamp = Stamp(actor=actor, idempotency_key=new_id())
        started = services.scans.submit(actor, source, tenant=tenant, stamp=stamp)
        warn_without_worker(services, actor, QUEUE, "the scan")
        if not wait:
            _say_started(started, source, as_json=as_json)
            return
        try:
            dag = _follow(services, actor, started.dag_id, timeout=timeout, quiet=as_json)
        except KeyboardInterrupt:
            note(f"The scan goes on. See it with: execution-ops jobs list --dag {started.dag_id}")
            raise typer.Exit(Exit.INTERRUPTED) from None
        _say_ended(services, actor, dag, as_json=as_json)


def _follow(services: Services, actor: Actor, dag_id: str, *, timeout: float, quiet: bool) -> Dag:
    """The DAG as it ended, each change of state printed on the way."""
    seen: dict[str, tuple[JobState, int]] = {}

    def look() -> Dag:
        dag = services.jobs.dag(actor, dag_id)
        for node in dag.nodes:
            now = (node.row.state, node.row.attempts)
            if seen.get(node.row.id) != now and not quiet and node.row.state is not JobState.PENDING:
                _say_step(node.row)
            seen[node.row.id] = now
        return dag

    return follow_until(look, is_over, timeout=timeout, see=f"jobs list --dag {dag_id}")


def is_over(dag: Dag) -> bool:
    """Whether nothing of the DAG moves any more: all ended, or the rest waits behind what did not succeed."""
    stuck: set[str] = {
        node.row.id for node in dag.nodes if node.row.state in ENDED and node.row.state is not JobState.SUCCEEDED
    }
    waiting = {node.row.id for node in dag.nodes if node.row.state is JobState.PENDING}
    while behind := {child for parent, child in dag.edges if parent in stuck} & waiting - stuck:
        stuck |= behind
    return all(node.row.state in ENDED or node.row.id in stuck for node in dag.nodes)


def _say_step(row: JobRow) -> None:
    line = state_text(row.state, canceling=row.canceling)
    line.pad_right(max(0, 10 - len(line.plain)))
    line.append_text(safe(f"  {name_of(row)}", "default"))
    if row.attempts > 1:
        line.append(f"  attempt {row.attempts} of {row.max_attempts}", style="dim")
    if row.error_message and row.state is not JobState.SUCCEEDED:
        line.append_text(safe(f"  {row.error_message}", "red"))
    out().print(line)


def _say_started(started: Submission, source: str, *, as_json: bool) -> None:
    if as_json:
        print_json(started)
        return
    out().print(safe(f"Scanning {source}"))
    out().print(f"DAG {started.dag_id}")
    out().print(f"Follow it: execution-ops jobs list --dag {started.dag_id}", style="dim")


def _say_ended(services: Services, actor: Actor, dag: Dag, *, as_json: bool) -> None:
    succeeded = all(node.row.state is JobState.SUCCEEDED for node in dag.nodes)
    parents = {parent for parent, _ in dag.edges}
    if as_json:
        print_json({"succeeded": succeeded, "dag": dag.model_dump(mode="json")})
    elif succeeded:
        for node in dag.nodes:
            for artifact in services.jobs.get(actor, node.row.id).artifacts if node.row.id not in parents else ():
                out().print(safe(f"{artifact.name}  {artifact.size:,} bytes  sha256:{artifact.sha256}"))
        out().print("The scan succeeded.", style="green")
    else:
        for node in dag.nodes:
            if node.row.state in ENDED and node.row.state is not JobState.SUCCEEDED:
                note(f"{name_of(node.row)}: {node.row.error_message}  (execution-ops jobs show {node.row.id})")
        note("The scan did not succeed.")
    if not succeeded:
        raise typer.Exit(Exit.FAILED)
