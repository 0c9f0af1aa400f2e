"""`execution-ops bench …`: what the console's page of performance does, for a terminal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from execution_ops.commands.following import follow_until
from execution_ops.commands.output import (
    EXIT_CODES,
    Exit,
    JsonOption,
    note,
    opened,
    out,
    print_json,
    safe,
    save_export,
    table,
    warn_without_worker,
)
from execution_ops.domain.access import Actor
from execution_ops.domain.bench_exports import BenchExportFormat
from execution_ops.domain.bench_filters import BenchFilter
from execution_ops.domain.benchmarks import (
    ITERATIONS_DEFAULT,
    ITERATIONS_MAX,
    P95_MEANS,
    WARM_UP_DEFAULT,
    WARM_UP_MAX,
    BenchState,
    Judged,
    say_ms,
)
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import BENCH_QUEUE
from execution_ops.domain.jobs import JobRow
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.times import iso
from execution_ops.domain.verbs import Stamp
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX

if TYPE_CHECKING:
    from execution_ops.services.container import Services

BREACH = 6
RUN_EXIT_CODES = f"{EXIT_CODES} · with --wait {BREACH} measured, and it is a breach"

app = typer.Typer(no_args_is_help=True, help="Measure analyzers; list, export and promote the results.")

ResultId = Annotated[str, typer.Argument(metavar="ID", help="The id of a result.")]
ScenarioNames = Annotated[list[str] | None, typer.Option("--scenario", help="A scenario; may be repeated.")]
AnalyzerNames = Annotated[list[str] | None, typer.Option("--analyzer", help="An analyzer; may be repeated.")]
Tenants = Annotated[list[str] | None, typer.Option("--tenant", help="A tenant; may be repeated.")]
States = Annotated[list[BenchState] | None, typer.Option("--state", help="How they stand; may be repeated.")]


@app.command(epilog=RUN_EXIT_CODES)
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario (see: bench scenarios); none with --path.")] = "",
    path: Annotated[Path | None, typer.Option(help="A tree of your own below the scan roots.")] = None,
    analyzer: AnalyzerNames = None,
    iterations: Annotated[
        int, typer.Option(min=1, max=ITERATIONS_MAX, help="Measured passes of each analyzer.")
    ] = ITERATIONS_DEFAULT,
    warm_up: Annotated[
        int, typer.Option("--warm-up", min=0, max=WARM_UP_MAX, help="Passes before them that do not count.")
    ] = WARM_UP_DEFAULT,
    tenant: Annotated[str, typer.Option(help="The tenant that the benchmark belongs to.")] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it until it has ended.")] = False,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most; 0: as long as it takes.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure how long analyzers take over a scenario, or over a tree of your own."""
    from execution_ops.services.benchmarks import BenchOrder

    with opened(as_json=as_json) as (services, actor):
        order = BenchOrder(
            scenario=scenario,
            # Links stay: the worker resolves them, and says if they lead out of the roots.
            path=os.path.abspath(path) if path else "",
            analyzers=tuple(analyzer or ()),
            iterations=iterations,
            warm_up=warm_up,
        )
        stamp = Stamp(actor=actor, idempotency_key=new_id())
        started = services.benchmarks.start(actor, order, stamp, tenant=tenant)
        job_id = next(iter(started.job_ids.values()))
        warn_without_worker(services, actor, BENCH_QUEUE, "the benchmark")
        if not wait:
            if as_json:
                print_json(started)
            else:
                out().print(f"Benchmark started: job {job_id}")
                out().print(f"Look at it: execution-ops jobs show {job_id}", style="dim")
            return
        try:
            row = _follow(services, actor, job_id, timeout=timeout, quiet=as_json)
        except KeyboardInterrupt:
            note(f"The benchmark goes on. See it with: execution-ops jobs show {job_id}")
            raise typer.Exit(Exit.INTERRUPTED) from None
        _say_ended(services, actor, row, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def scenarios(as_json: JsonOption = False) -> None:
    """List the trees that come with the scanner."""
    with opened(as_json=as_json) as (services, actor):
        found = services.benchmarks.scenarios(actor)
        if as_json:
            print_json({"items": [one.model_dump(mode="json") for one in found]})
            return
        rows = [(one.name, one.ecosystem, ", ".join(one.analyzers), one.description) for one in found]
        out().print(table(("SCENARIO", "ECOSYSTEM", "ANALYZERS", "WHAT IT IS"), rows))


@app.command("list", epilog=EXIT_CODES)
def list_results(
    scenario: ScenarioNames = None,
    analyzer: AnalyzerNames = None,
    tenant: Tenants = None,
    state: States = None,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str, typer.Option(help="Where the previous page ended.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the latest result of each scenario and analyzer."""
    with opened(as_json=as_json) as (services, actor):
        where = _where(scenario, analyzer, tenant, state)
        page = services.benchmarks.page(actor, where, cursor=cursor or None, limit=limit)
        if as_json:
            items = [one.model_dump(mode="json") for one in page.rows]
            print_json({"items": items, "next_cursor": page.after, "figures": page.figures.model_dump(mode="json")})
            return
        if page.rows:
            _print_rows(page.rows)
        else:
            note(f"There are no {where.describe()}." if where.active() else "Nothing was measured yet: bench run")
        if page.after:
            note(f"There are more: --cursor {page.after}")
        note(page.figures.sentence)


@app.command(epilog=EXIT_CODES)
def show(result_id: ResultId, as_json: JsonOption = False) -> None:
    """Show one result: its samples, its machine, and how it stands against the baseline."""
    with opened(as_json=as_json) as (services, actor):
        one = services.benchmarks.get(actor, result_id)
        if as_json:
            print_json(one)
        else:
            _show(one)


@app.command(epilog=EXIT_CODES)
def export(
    scenario: ScenarioNames = None,
    analyzer: AnalyzerNames = None,
    tenant: Tenants = None,
    state: States = None,
    form: Annotated[BenchExportFormat, typer.Option("--format", help="csv or json.")] = BenchExportFormat.CSV,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; else it is printed.")] = None,
) -> None:
    """Write the latest results that match as CSV or JSON."""
    with opened() as (services, actor):
        where = _where(scenario, analyzer, tenant, state)
        save_export(output, lambda: services.benchmarks.export(actor, where, form, Stamp(actor=actor)))
        if output is not None:
            note(f"{output}: {output.stat().st_size:,} bytes")


@app.command(epilog=EXIT_CODES)
def promote(
    result_id: ResultId,
    reason: Annotated[str, typer.Option(help="Why; required.")] = "",
    ticket: Annotated[str, typer.Option(help="The ticket that this belongs to.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a result the baseline of its scenario and analyzer."""
    with opened(as_json=as_json) as (services, actor):
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
        one = services.benchmarks.promote(actor, result_id, stamp)
        if as_json:
            print_json(one)
        else:
            result = one.result
            out().print(safe(f"{result.id} is the baseline of {result.scenario} with {result.analyzer}."))


def _where(
    scenario: list[str] | None, analyzer: list[str] | None, tenant: list[str] | None, state: list[BenchState] | None
) -> BenchFilter:
    named = (("scenario", scenario), ("analyzer", analyzer), ("tenant", tenant), ("state", state))
    return BenchFilter.from_query([(key, str(value)) for key, values in named for value in values or ()])


def _follow(services: Services, actor: Actor, job_id: str, *, timeout: float, quiet: bool) -> JobRow:
    """The job as it ended, its steps printed on the way."""
    said = ""

    def look() -> JobRow:
        nonlocal said
        row = services.jobs.get(actor, job_id).row
        step = f"{row.progress_done} of {row.progress_total}  {row.progress_note}" if row.progress_note else ""
        if step not in ("", said) and not quiet:
            out().print(safe(step))
            said = step
        return row

    return follow_until(look, lambda row: row.state in ENDED, timeout=timeout, see=f"jobs show {job_id}")


def _say_ended(services: Services, actor: Actor, row: JobRow, *, as_json: bool) -> None:
    found = services.benchmarks.of_job(actor, row.id)
    if as_json:
        print_json({"state": row.state.value, "items": [one.model_dump(mode="json") for one in found]})
    else:
        _print_rows(found)
    if row.state is not JobState.SUCCEEDED:
        note(f"The benchmark {row.state.value}: {row.error_message}  (execution-ops jobs show {row.id})")
        raise typer.Exit(Exit.FAILED)
    if any(one.verdict.state is BenchState.BREACH for one in found):
        for one in found:
            for breach in one.verdict.breaches:
                note(f"{one.result.analyzer}: {breach}")
        raise typer.Exit(BREACH)


def _print_rows(rows: tuple[Judged, ...] | list[Judged]) -> None:
    columns = ("ID", "SCENARIO", "ANALYZER", "MEAN", "P95", "MAX", "PEAK", "SYFT", "AGAINST BASELINE", "STATE")
    out().print(table(columns, [_cells(one) for one in rows]))


def _cells(one: Judged) -> list[str | Text]:
    result, figures = one.result, one.figures
    breach = one.verdict.state is BenchState.BREACH
    return [
        result.id,
        result.scenario,
        result.analyzer,
        say_ms(figures.mean_ms),
        say_ms(figures.p95_ms),
        say_ms(figures.max_ms),
        describe_bytes(figures.peak_bytes),
        result.syft,
        _against(one),
        Text(one.verdict.state.value, style="bold red" if breach else "green"),
    ]


def _against(one: Judged) -> str:
    if one.verdict.is_baseline:
        return "is the baseline"
    return one.verdict.changes[0].words if one.verdict.changes else "no baseline yet"


def _show(one: Judged) -> None:
    result, figures = one.result, one.figures
    facts = [
        ("Result", result.id),
        ("Scenario", result.scenario),
        ("Analyzer", result.analyzer),
        ("State", " ".join([one.verdict.state.value, *one.verdict.breaches])),
        ("Mean", say_ms(figures.mean_ms)),
        ("p95", f"{say_ms(figures.p95_ms)}  ({P95_MEANS})"),
        ("Slowest pass", say_ms(figures.max_ms)),
        ("Peak memory", describe_bytes(figures.peak_bytes)),
        ("Passes", f"{figures.sample_count} measured of {result.iterations}, after {result.warm_up} to warm up"),
        ("Components", f"{result.components:,}"),
        ("Syft", result.syft),
        ("Machine", result.machine.words),
        ("Tenant", result.tenant),
        ("Job", result.job_id),
        ("Measured", f"{iso(result.created_at)} by {result.created_by}"),
    ]
    out().print(table(("", ""), facts))
    if one.verdict.is_baseline:
        note("It is the baseline.")
    for change in one.verdict.changes:
        out().print(safe(f"{change.label}: {change.words}", "red" if change.breach else ""))
    if one.verdict.other_machine:
        note("The baseline was measured on another machine.")
    samples = [
        (f"{n}", say_ms(s.wall_ms), describe_bytes(s.peak_bytes), f"{s.components:,}")
        for n, s in enumerate(result.samples, 1)
    ]
    out().print(table(("PASS", "TIME", "PEAK", "COMPONENTS"), samples))
