"""How replay plans are said in a terminal."""

from __future__ import annotations

from rich.text import Text

from execution_ops.commands.output import complain, note, out, print_json, table
from execution_ops.domain.jobs import error_text
from execution_ops.domain.letter_verbs import RESUME_PLAN, START_PLAN
from execution_ops.domain.replays import SAYS, ItemStatus, PlanKind, ReplayItem, ReplayPlan, Verdict
from execution_ops.domain.states import ReplayState
from execution_ops.domain.times import iso

_STYLES = {
    ReplayState.DRAFT: "dim",
    ReplayState.RUNNING: "blue",
    ReplayState.HELD: "yellow",
    ReplayState.COMPLETED: "green",
    ReplayState.ABORTED: "red",
}
# What came of entries, in the order in which it is told.
_RESULTS = {
    ItemStatus.SKIPPED: "skipped",
    ItemStatus.SUCCEEDED: "succeeded",
    ItemStatus.DIED_SAME: "died of the same error",
    ItemStatus.DIED_NEW: "died of another error",
    ItemStatus.CANCELED: "canceled",
}


def say(plan: ReplayPlan, *, as_json: bool) -> None:
    """The plan in full, and what to do next."""
    if as_json:
        print_json(plan)
        return
    counts = plan.counts
    facts: list[tuple[str, str | Text]] = [
        ("Plan", plan.id),
        ("State", _state(plan)),
        ("What", plan.description),
        ("By", f"{plan.actor} at {iso(plan.created_at)}"),
        ("Reason", f"{plan.reason} {plan.ticket}".strip()),
        ("Last change", f"{plan.changed_by} at {iso(plan.changed_at)}"),
        ("Rate", _rate(plan)),
        ("Progress", progress(plan)),
        *(("Not sent", f"{counts.by_verdict[v]:,} {SAYS[v]}") for v in _refused(plan)),
        *(("Beware", effect) for effect in plan.side_effects),
        ("Undoes", plan.undoes),
    ]
    out().print(table(("", ""), [(name, value) for name, value in facts if str(value)]))
    if plan.driver_failed:
        verb = START_PLAN if plan.state is ReplayState.DRAFT else RESUME_PLAN
        complain(
            f"The job that drives this plan has failed: execution-ops jobs show {plan.driver_job_id}. "
            f"Start another one: execution-ops replays {verb.name} {plan.id}"
        )
    elif plan.state is ReplayState.DRAFT and not plan.starts:
        note(f"Nothing is sent yet. Start it: execution-ops replays start {plan.id}")


def progress(plan: ReplayPlan) -> str:
    """How far the plan is, and what came of what was done."""
    if not plan.prepared:
        return f"dry run: {plan.total:,} of about {max(plan.expected, plan.total):,} judged"
    counts = plan.counts
    word = "sent" if plan.kind is PlanKind.REPLAY else "done"
    parts = [f"{counts.sent:,} of {counts.sent + counts.left:,} {word}"]
    parts += [
        f"{counts.by_status[status]:,} {text}" for status, text in _RESULTS.items() if counts.by_status.get(status)
    ]
    return ", ".join(parts)


def _refused(plan: ReplayPlan) -> list[Verdict]:
    return [verdict for verdict in Verdict if verdict is not Verdict.ELIGIBLE and plan.counts.by_verdict.get(verdict)]


def _state(plan: ReplayPlan) -> Text:
    return Text(plan.state.value, style=_STYLES[plan.state])


def _rate(plan: ReplayPlan) -> str:
    return f"{plan.rate:g}/s" if plan.rate is not None else "no limit"


def cells(plan: ReplayPlan) -> tuple[str | Text, ...]:
    """The line of a plan in the list of plans."""
    sent = f"{plan.counts.sent:,}"
    return (
        plan.id,
        _state(plan),
        plan.description,
        f"{plan.total:,}",
        sent,
        _rate(plan),
        plan.actor,
        iso(plan.created_at),
    )


def item_cells(item: ReplayItem) -> tuple[str | Text, ...]:
    """The line of a dead letter in the list of a plan's entries."""
    why = "" if item.verdict is Verdict.ELIGIBLE else item.detail or SAYS[item.verdict]
    status = item.status.value.replace("_", " ")
    error = error_text(item.error_type, item.error_message)[:80]
    return (item.letter_id, status, why, item.job_type, item.label, item.tenant, item.job_id, error)
