"""How dead letters look in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from execution_ops.commands.output import note, out, safe, table
from execution_ops.domain.dead_letters import DeadLetter, DeadLetterDetail, ErrorGroup, Groups
from execution_ops.domain.error_categories import MEANING
from execution_ops.domain.jobs import error_text
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.times import iso

_BARS = "▁▂▃▄▅▆▇█"
_STYLES = {
    DeadLetterState.PENDING: "bold red",
    DeadLetterState.REPLAYING: "blue",
    DeadLetterState.REPLAYED: "green",
    DeadLetterState.RESOLVED: "dim",
    DeadLetterState.QUARANTINED: "yellow",
}


def _state(state: DeadLetterState) -> Text:
    return Text(state.value, style=_STYLES[state])


def cells(row: DeadLetter) -> tuple[str | Text, ...]:
    """One line of the list."""
    error = error_text(row.error_type, row.error_message)[:80]
    category = row.category.value.replace("_", " ")
    died = iso(row.died_at)
    return (row.id, _state(row.state), row.job_type, row.label, row.tenant, died, category, row.job_id, error)


def print_letter(detail: DeadLetterDetail) -> None:
    """One entry with everything about it."""
    row = detail.row
    changed = f"{row.changed_by} at {iso(row.changed_at)} {row.note}".strip() if row.changed_at else ""
    facts: list[tuple[str, str | Text]] = [
        ("Dead letter", row.id),
        ("State", _state(row.state)),
        ("Job", f"{row.job_id} {detail.job_state}".strip()),
        ("Type", f"{row.job_type} {row.label}".strip()),
        ("Queue", row.queue),
        ("Tenant", row.tenant),
        ("DAG", f"{detail.dag_id} ({detail.dag_title}, jobs that wait behind it: {detail.blocked_children})"),
        (
            "Died",
            f"{iso(row.died_at)} at attempt {row.attempts} of {detail.max_attempts}, on worker {detail.worker}",
        ),
        ("Error", error_text(row.error_type, row.error_message)),
        ("Group", row.fingerprint),
        ("Category", f"{row.category.value.replace('_', ' ')}: {MEANING[row.category]}"),
        ("Last change", changed),
        ("Replay plan", row.plan_id),
        ("Beware", detail.side_effects),
        ("No replay", detail.replay_off),
    ]
    console = out()
    console.print(table(("", ""), [(name, value) for name, value in facts if str(value)]))
    if len(detail.chain) > 1:
        deaths = [
            (link.id, _state(link.state), iso(link.died_at), error_text(link.error_type, link.error_message)[:80])
            for link in detail.chain
        ]
        console.print()
        console.print(table(("DEATH", "STATE", "AT", "ERROR"), deaths))
    if detail.error_stack:
        console.print()
        console.print(safe(detail.error_stack, "dim", lines=True))


def print_groups(found: Groups) -> None:
    """The error groups, each with what usually helps."""
    health = found.health
    if not found.groups:
        note("There are no dead letters that match.")
        return
    oldest = f", the oldest since {iso(health.oldest)}" if health.oldest else ""
    out().print(f"{health.open:,} open dead letters, {health.retryable:,} of them retryable{oldest}.")
    for group in found.groups:
        _say_group(group)
    if found.more:
        note(f"{found.more:,} more groups: --limit")


def _say_group(group: ErrorGroup) -> None:
    console = out()
    category = group.category.value.replace("_", " ")
    console.print()
    console.print(
        safe(f"{group.fingerprint}  {group.open:,} open of {group.total:,}  ", "bold"),
        safe(f"{sparkline(group.trend)} 24 h  {category}{', retryable' if group.retryable else ''}"),
    )
    console.print(safe(f"  {error_text(group.error_type, group.template)}", "red"))
    if group.frame:
        console.print(safe(f"  at {group.frame}", "dim"))
    last = f"last seen {iso(group.last_seen)}, first {iso(group.first_seen)}"
    console.print(safe(f"  {last}; tenants: {group.tenants:,}, job types: {group.job_types:,}"))
    console.print(f"  {MEANING[group.category]}")
    command = (
        f"replay --filter 'state=pending&group={group.fingerprint}'" if group.retryable else f"show {group.sample_id}"
    )
    console.print(f"  execution-ops dead-letters {command}", style="dim")


def sparkline(counts: Sequence[int]) -> str:
    """The counts as bars, a dot where there is none."""
    highest = max(counts, default=0)
    return "".join(_BARS[(count * len(_BARS) - 1) // highest] if count else "·" for count in counts)
