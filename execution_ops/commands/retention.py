"""`execution-ops retention`: what is kept for how long, what was removed, and what would go now."""

from __future__ import annotations

from typing import Annotated

import typer

from execution_ops.commands.output import JsonOption, note, opened, out, print_json, table
from execution_ops.domain.times import iso
from execution_ops.settings import PREFIX


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be removed now, and why what is old stays.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Tell what is kept for how long. The leading worker removes it, every ten minutes."""
    with opened(as_json=as_json) as (services, actor):
        if dry_run:
            survey = services.retention.survey(actor)
            if as_json:
                print_json(survey)
                return
            stays = [", ".join(f"{number:,} {why}" for why, number in due.stays.items()) or "-" for due in survey.due]
            rows = [
                (due.kind.word, _days(due.days), f"{due.count:,}", why)
                for due, why in zip(survey.due, stays, strict=True)
            ]
            out().print(table(("KIND", "KEPT FOR", "WOULD GO", "OLD, BUT STAYS"), rows))
            note("Of jobs, what stays is counted by whole DAGs.")
            return
        status = services.retention.status(actor)
        if as_json:
            print_json(status)
            return
        out().print(
            table(
                ("KIND", "KEPT FOR", "REMOVED SO FAR", "LAST"),
                [
                    (one.kind.word, _days(one.days), f"{one.removed:,}", iso(one.removed_at) if one.removed_at else "-")
                    for one in status.kinds
                ],
            )
        )
        last = f"last at {iso(status.round_at)}" if status.round_at else "not yet"
        note(f"The leading worker went through all of it {last}. {PREFIX}RETENTION_JOBS and its like say for how long.")


def _days(days: int) -> str:
    return f"{days:,} days" if days else "ever"
