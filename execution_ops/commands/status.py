"""`execution-ops status`: what Jobs & Queues tells, for a terminal and for a check that a script makes."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from execution_ops.commands.output import Exit, JsonOption, note, opened, out, print_json, safe, table
from execution_ops.domain.overview import QueueStanding
from execution_ops.domain.overview_filters import OverviewFilter
from execution_ops.domain.rates import Trend, Window
from execution_ops.domain.standing import Standing
from execution_ops.domain.times import describe_duration, iso

_COLUMNS = ("QUEUE", "WAITING", "RUNNING", "OLDEST", "ARRIVED", "DONE", "FAILED", "DRAINS IN", "WORKERS")


def status(
    queue: Annotated[list[str] | None, typer.Option(help="Only these queues; repeatable.")] = None,
    tenant: Annotated[list[str] | None, typer.Option(help="Only the jobs of these tenants; repeatable.")] = None,
    window: Annotated[Window, typer.Option(help="How far the rates reach back.")] = Window.HOUR,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if anything blocks.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what blocks, and how the queues stand."""
    named = {"queue": queue or [], "tenant": tenant or [], "window": [window.value]}
    with opened(as_json=as_json) as (services, actor):
        where = OverviewFilter.from_query([(key, value) for key, values in named.items() for value in values])
        standing, queues = services.overview.read(actor), services.overview.queues_now(actor, where).standing
        if as_json:
            print_json({"standing": standing.model_dump(mode="json"), "queues": queues.model_dump(mode="json")})
        else:
            _say(standing)
            if queues.items:
                out().print(table(_COLUMNS, map(_cells, queues.items)))
            else:
                note(f"There are no {where.describe()}." if where.active() else "No queue has had a job yet.")
    if check and standing.blocks:
        raise typer.Exit(Exit.FAILED)


def _say(standing: Standing) -> None:
    if not standing.blocks:
        since = f" Nothing has since {iso(standing.clear_since)}." if standing.clear_since else ""
        note(f"Nothing blocks.{since}")
    for block in standing.blocks:
        out().print(Text.assemble(safe(block.sentence, "bold red"), f" Since {iso(block.since)}."))


def _cells(queue: QueueStanding) -> tuple[str, ...]:
    rate = f" ({queue.failure_rate:.1%})" if queue.failure_rate else ""
    return (
        queue.queue,
        f"{queue.waiting:,}",
        f"{queue.running:,}" if queue.limit is None else f"{queue.running:,}/{queue.limit:,}",
        describe_duration(queue.oldest_wait_ms),
        f"{queue.arrived:,}",
        f"{queue.done:,}",
        f"{queue.failed:,}{rate}",
        describe_duration(queue.drain_ms) if queue.trend is Trend.DRAINS else queue.trend.value,
        f"{queue.workers:,}",
    )
