"""Rows of kits as what they mean."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from execution_ops.backends.embedded.transitions import table
from execution_ops.domain.kit_records import Kit, KitActivation, KitRun, NewKit
from execution_ops.domain.kits import Check
from execution_ops.domain.times import from_ms, to_ms

KIT = table("kit")
ACTIVATION = table("kit_activation")
RUN = table("kit_run")
# A list never reads the reports.
COLUMNS = tuple(column for column in KIT.columns if column.name != "report")
_INSTANTS = ("created_at", "received_at", "activated_at", "removed_at")
_CHECKS: TypeAdapter[tuple[Check, ...]] = TypeAdapter(tuple[Check, ...])


def kit_of(row: RowMapping) -> Kit:
    """A kit from its row."""
    values = {name: value for name, value in row.items() if name in Kit.model_fields}
    times = {name: None if row[name] is None else from_ms(row[name]) for name in _INSTANTS}
    return Kit(**{**values, **times})


def columns_of(new: NewKit) -> dict[str, Any]:
    """What is stored of a kit at its import."""
    values = new.model_dump(mode="python")
    return {**values, "state": new.state.value, "created_at": to_ms(new.created_at) if new.created_at else None}


def activation_of(row: RowMapping) -> KitActivation:
    """An activation from its row."""
    return KitActivation(
        generation=row["n"],
        kit_id=row["kit_id"],
        version=row["version"],
        at=from_ms(row["at"]),
        by=row["by"],
        reason=row["reason"],
        forced=row["forced"],
        undone_at=None if row["undone_at"] is None else from_ms(row["undone_at"]),
        undone_by=row["undone_by"],
        undone_reason=row["undone_reason"],
    )


def run_of(row: RowMapping) -> KitRun:
    """The work of a job from its row."""
    return KitRun(
        job_id=row["job_id"],
        verb=row["verb"],
        source=row["source"],
        by=row["by"],
        started_at=from_ms(row["started_at"]),
        ended_at=None if row["ended_at"] is None else from_ms(row["ended_at"]),
        checks=_CHECKS.validate_json(row["report"]),
        exit_code=row["exit_code"],
        kit_id=row["kit_id"],
        failure=row["failure"],
    )


def columns_of_run(run: KitRun) -> dict[str, Any]:
    """What is stored of the work of a job."""
    return {
        "job_id": run.job_id,
        "verb": run.verb,
        "source": run.source,
        "by": run.by,
        "started_at": to_ms(run.started_at),
        "ended_at": None if run.ended_at is None else to_ms(run.ended_at),
        "report": _CHECKS.dump_json(run.checks).decode(),
        "exit_code": run.exit_code,
        "kit_id": run.kit_id,
        "failure": run.failure,
    }


def disabled_json(disabled: tuple[str, ...]) -> str:
    """Names of analyzers as they are stored."""
    return json.dumps(disabled)


def disabled_of(stored: str) -> tuple[str, ...]:
    """Names of analyzers as they were stored."""
    return tuple(json.loads(stored))
