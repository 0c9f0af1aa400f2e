"""`execution-ops analyzers …`: what the console's page of the analyzers does, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from execution_ops.commands.following import follow_until
from execution_ops.commands.output import (
    EXIT_CODES,
    Exit,
    JsonOption,
    complain,
    note,
    opened,
    out,
    print_json,
    safe,
    table,
    warn_without_worker,
)
from execution_ops.domain.access import Actor
from execution_ops.domain.analyzers import Analyzer, AnalyzerList
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Dag, Submission
from execution_ops.domain.scan_cache import DAYS_MAX
from execution_ops.domain.scanner_settings import AnalyzerDefaults
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import ENDED, AnalyzerState, JobState
from execution_ops.domain.times import describe_duration, iso
from execution_ops.domain.verbs import Stamp

if TYPE_CHECKING:
    from execution_ops.services.container import Services

QUEUE = "catalog"
_STYLES = {
    AnalyzerState.HEALTHY: "green",
    AnalyzerState.DEGRADED: "yellow",
    AnalyzerState.FAILED: "bold red",
    AnalyzerState.UNTRIED: "dim",
}
_WORDS = {AnalyzerState.UNTRIED: "not tried yet"}

app = typer.Typer(no_args_is_help=True, help="See what analyzers do; test them, choose the default ones.")
defaults = typer.Typer(no_args_is_help=True, help="Which analyzers scans run that are started afterwards.")
cache = typer.Typer(no_args_is_help=True, help="The cache of what analyzers found.")
app.add_typer(defaults, name="defaults")
app.add_typer(cache, name="cache")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of an analyzer.")]
Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Analyzers; without any, all.")]
Required = Annotated[str, typer.Option(help="Why; required.")]
Ticket = Annotated[str, typer.Option(help="The ticket that this belongs to.")]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait at most; 0: as long as it takes.")]
Of = Annotated[str, typer.Option("--analyzer", help="Only what this analyzer found.")]
Older = Annotated[int, typer.Option("--older-than", min=0, max=DAYS_MAX, help="Only what is older than so many days.")]


@app.command("list", epilog=EXIT_CODES)
def list_analyzers(as_json: JsonOption = False) -> None:
    """List the analyzers of the Syft in use with their health."""
    with opened(as_json=as_json) as (services, actor):
        found = services.analyzers.list(actor)
        if as_json:
            print_json(found)
            return
        if found.analyzers:
            columns = ("NAME", "HEALTH", "DEFAULT", "LAST RAN", "RUNS", "SUCCESS", "P50", "P95", "COMPONENTS")
            out().print(table(columns, [_cells(one) for one in found.analyzers]))
        note(_syft(found))


@app.command(epilog=EXIT_CODES)
def show(name: Name, as_json: JsonOption = False) -> None:
    """Show one analyzer: its health and the rule that decided, its self-test, its last runs."""
    with opened(as_json=as_json) as (services, actor):
        detail = services.analyzers.get(actor, name)
        if as_json:
            print_json(detail)
            return
        one = detail.analyzer
        test = one.test
        facts = [
            ("Analyzer", one.name),
            ("Ecosystem", one.ecosystem),
            ("Health", f"{_word(one.health)}: {one.health_words}"),
            ("Syft", detail.syft_version),
            ("Default", "yes" if one.is_default else "no: scans leave it out"),
            ("Catalogers", ", ".join(one.catalogers)),
            ("Capabilities", ", ".join(one.capabilities)),
            ("Self-test", _test_words(one)),
            ("Self-test job", test.job_id if test else ""),
            *(("Last run", f"{iso(run.ended_at)} {run.state.value} {run.job_id}") for run in detail.runs[:5]),
        ]
        out().print(table(("", ""), [fact for fact in facts if fact[1]]))


@app.command(epilog=EXIT_CODES)
def refresh(timeout: Timeout = 0, as_json: JsonOption = False) -> None:
    """Ask Syft again which version it is and what it offers; wait for the answer."""
    with opened(as_json=as_json) as (services, actor):
        started = services.analyzers.refresh(actor, Stamp(actor=actor, idempotency_key=new_id()))
        dag = _await(services, actor, started, timeout, "the question")
        found = services.analyzers.list(actor)
        if as_json:
            print_json({"succeeded": _succeeded(dag), "syft": found.inventory.model_dump(mode="json")})
        elif _succeeded(dag):
            out().print(safe(_syft(found)))
        _fail_unless(dag, quiet=as_json)


@app.command("test", epilog=EXIT_CODES)
def run_self_tests(names: Names = None, timeout: Timeout = 0, as_json: JsonOption = False) -> None:
    """Run analyzers on the fixtures of their ecosystems and wait; exit with 1 if one fails."""
    with opened(as_json=as_json) as (services, actor):
        started = services.analyzers.test(actor, names or [], Stamp(actor=actor, idempotency_key=new_id()))
        dag = _await(services, actor, started, timeout, "the self-test")
        tested = sorted((node for node in dag.nodes), key=lambda node: node.row.node_key)
        if as_json:
            rows = [
                {"analyzer": node.row.node_key, "job_id": node.row.id, "state": node.row.state.value} for node in tested
            ]
            print_json({"succeeded": _succeeded(dag), "tests": rows})
        else:
            for node in tested:
                if node.row.state is JobState.SUCCEEDED:
                    out().print(safe(f"passed  {node.row.node_key}", "green"))
        _fail_unless(dag, quiet=as_json)


@defaults.command("show", epilog=EXIT_CODES)
def show_defaults(as_json: JsonOption = False) -> None:
    """Show which analyzers scans leave out that are started now."""
    with opened(as_json=as_json) as (services, actor):
        found = services.analyzers.defaults(actor)
        _say_defaults(found, as_json=as_json)


@defaults.command("set", epilog=EXIT_CODES)
def set_defaults(
    without: Annotated[list[str] | None, typer.Option("--without", help="One to leave out; may be repeated.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Leave none out.")] = False,
    reason: Required = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Save the next version: scans started afterwards run all analyzers but these."""
    with opened(as_json=as_json) as (services, actor):
        if bool(without) == everything:
            raise InvalidInput("Name the analyzers to leave out with --without, or say --all.")
        seen = services.analyzers.defaults(actor).version
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
        saved = services.analyzers.save_defaults(actor, without or [], stamp, seen=seen)
        _say_defaults(saved, as_json=as_json)


@defaults.command("rollback", epilog=EXIT_CODES)
def roll_back_defaults(
    version: Annotated[int, typer.Argument(metavar="VERSION", min=0, help="As `history` lists it; 0: all analyzers.")],
    reason: Required = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Save what an earlier version says as the next one."""
    with opened(as_json=as_json) as (services, actor):
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
        _say_defaults(services.analyzers.roll_back_defaults(actor, version, stamp), as_json=as_json)


@defaults.command("history", epilog=EXIT_CODES)
def history(as_json: JsonOption = False) -> None:
    """List the versions that were saved, the newest first."""
    with opened(as_json=as_json) as (services, actor):
        versions = services.analyzers.defaults_versions(actor)
        if as_json:
            print_json({"items": [one.model_dump(mode="json") for one in versions]})
            return
        rows = [
            (str(one.version), iso(one.at) if one.at else "", one.by, ", ".join(one.disabled) or "none", one.reason)
            for one in versions
        ]
        out().print(table(("VERSION", "SAVED", "BY", "LEFT OUT", "REASON"), rows))


@cache.command("show", epilog=EXIT_CODES)
def show_cache(as_json: JsonOption = False) -> None:
    """Show how the cache stands to its limits."""
    with opened(as_json=as_json) as (services, actor):
        found = services.scan_cache.figures(actor)
        if as_json:
            print_json(found)
            return
        rate = "" if found.hit_percent is None else f"{found.hit_percent:.0f} %: "
        facts = [
            ("Entries", f"{found.entries:,}"),
            ("Used", f"{found.used_percent:.1f} %: {found.used_level()[1]}"),
            ("Hit rate", f"{rate}{found.hit_level()[1]}"),
            ("Evicted, expired", f"{found.evicted:,}, {found.expired:,} in 7 days"),
        ]
        out().print(table(("", ""), facts))


@cache.command("clear", epilog=EXIT_CODES)
def clear_cache(
    analyzer: Of = "",
    older_than: Older = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be dropped.")] = False,
    reason: Required = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Drop entries: all, those of one analyzer, those older than some days, or both."""
    with opened(as_json=as_json) as (services, actor):
        seen = services.scan_cache.preview(actor, analyzer=analyzer, older_days=older_than)
        if not dry_run:
            stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
            seen = services.scan_cache.clear(actor, seen, stamp)
        if as_json:
            print_json({"cleared": not dry_run, **seen.model_dump(mode="json")})
        else:
            verb = "Would drop" if dry_run else "Dropped"
            noun = "entry" if seen.entries == 1 else "entries"
            out().print(f"{verb} {seen.entries:,} {noun}, {describe_bytes(seen.bytes)}.")


def _await(services: Services, actor: Actor, started: Submission, timeout: float, what: str) -> Dag:
    """The DAG once all of its jobs have ended."""
    warn_without_worker(services, actor, QUEUE, what)
    return follow_until(
        lambda: services.jobs.dag(actor, started.dag_id),
        lambda dag: all(node.row.state in ENDED for node in dag.nodes),
        timeout=timeout,
        see=f"jobs list --dag {started.dag_id}",
    )


def _succeeded(dag: Dag) -> bool:
    return all(node.row.state is JobState.SUCCEEDED for node in dag.nodes)


def _fail_unless(dag: Dag, *, quiet: bool) -> None:
    for node in dag.nodes:
        if node.row.state is not JobState.SUCCEEDED and not quiet:
            complain(f"{node.row.node_key}: {node.row.error_message}  (execution-ops jobs show {node.row.id})")
    if not _succeeded(dag):
        raise typer.Exit(Exit.FAILED)


def _syft(found: AnalyzerList) -> str:
    inventory = found.inventory
    if inventory.problem:
        return f"Syft could not be asked: {inventory.problem}"
    if inventory.answer is None or inventory.asked_at is None:
        return "Syft was never asked what it offers: execution-ops analyzers refresh"
    if found.replaced_at:
        return (
            f"This is what Syft {inventory.answer.version} said before another offline kit became active at "
            f"{iso(found.replaced_at)}. Ask the Syft in use now: execution-ops analyzers refresh"
        )
    counts = ", ".join(f"{count} {_word(state)}" for state, count in found.by_health.items() if count)
    return f"Syft {inventory.answer.version}, asked at {iso(inventory.asked_at)} on {inventory.worker}. {counts}."


def _word(state: AnalyzerState) -> str:
    return _WORDS.get(state, state.value)


def _test_words(one: Analyzer) -> str:
    if one.test is None:
        return "not tested yet" if one.has_fixture else "there is no fixture for it"
    return f"{'passed' if one.test.result.passed else 'failed'} at {iso(one.test.at)}: {one.test.result.sentence()}"


def _say_defaults(found: AnalyzerDefaults, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    left_out = ", ".join(found.disabled) or "none"
    out().print(safe(f"Version {found.version}, for scans started from now on; left out: {left_out}."))


def _cells(one: Analyzer) -> tuple[str | Text, ...]:
    figures = one.figures
    rate = figures.success_percent
    return (
        one.name,
        Text(_word(one.health), style=_STYLES[one.health]),
        "yes" if one.is_default else "no",
        iso(figures.last.ended_at) if figures.last else "",
        f"{figures.runs:,}" if figures.runs else "",
        "" if rate is None else f"{rate:.1f} %",
        describe_duration(figures.p50_ms),
        describe_duration(figures.p95_ms),
        f"{figures.components:,}" if figures.runs else "",
    )
