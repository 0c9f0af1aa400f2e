"""The dead letters that the pictures show (`tests/shots.py`): groups, a quarantined entry, plans at every stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from execution_ops import routes
from execution_ops.domain.replays import ItemStatus
from execution_ops.domain.states import ReplayState
from execution_ops.routes import Rest
from tests.e2e.letters import await_entries, die, entries, replay
from tests.e2e.servers import Console, await_condition

REASON = {"X-Stella-Operator-Reason": "the error is still there"}
ERRORS = (
    ("PkgInfoDecodeError", "invalid byte at offset {} in PKG-INFO", "acme", 14),
    ("PkgInfoDecodeError", "invalid byte at offset {} in PKG-INFO", "borealis", 9),
    ("MavenPomResolveError", "parent POM not found: https://mirror.example/{}/pom.xml", "acme", 7),
    ("RegistryRateLimited", "mirror.example:443 answered 429 after {} tries", "harbor-ci", 4),
)


def letters(console: Console) -> Iterator[tuple[str, str]]:
    """Let jobs die, plan their replay, and name the addresses to look at."""
    cure = console.data_dir.parent / "cure"
    for kind, error, tenant, number in ERRORS:
        die(console, tenant, *(error.format(1000 + 37 * n) for n in range(number)), kind=kind, cure=cure)
    die(console, "stellar", "<img src=x onerror=alert(1)> \u202egnp.exe is damaged", kind="Hostile")
    for deaths in (2, 3, 4):
        replay(console, entries(console, "stellar")[0]["id"])
        await_entries(console, "stellar", deaths)
    yield "dead_letter", routes.dead_letter()
    yield "dead_letter-nothing", routes.dead_letter([("tenant", "nobody")])
    yield "dead_letter_queue-quarantined", routes.dead_letter_queue([("state", "quarantined")])
    yield "dead_letter_queue-bad", routes.dead_letter_queue([("group", "none")])
    yield "dead_letter_entry-quarantined", routes.dead_letter_entry(entries(console, "stellar")[0]["id"])
    yield "dead_letter_entry-pending", routes.dead_letter_entry(entries(console, "acme")[0]["id"])
    yield "dead_letter_entry-unknown", routes.dead_letter_entry("019a0000-0000-7000-8000-000000000000")
    yield from plans(console, cure)


def plans(console: Console, cure: Path) -> Iterator[tuple[str, str]]:
    """A draft, a plan that runs, one that was aborted, one that resolved."""
    draft = make_plan(console, Rest.LETTERS_REPLAY_BATCH, filter="state=pending&state=quarantined")
    await_plan(console, draft, lambda plan: plan["prepared"])
    yield "replay-draft", routes.replay(draft)
    aborted = make_plan(console, Rest.LETTERS_REPLAY_BATCH, filter="tenant=borealis", start=True, rate=0.3)
    await_plan(console, aborted, lambda plan: plan["counts"]["by_status"].get(ItemStatus.DIED_SAME, 0) > 0)
    yield "replay-running", routes.replay(aborted)
    abort = Rest.REPLAY_ABORT.format(plan_id=aborted)
    httpx.post(f"{console.url}{abort}", headers=REASON).raise_for_status()
    yield "replay-aborted", routes.replay(aborted)
    resolved = make_plan(console, Rest.LETTERS_RESOLVE_BATCH, filter="tenant=harbor-ci")
    await_plan(console, resolved, lambda plan: plan["state"] == ReplayState.COMPLETED)
    yield "replay-resolved", routes.replay(resolved)
    cure.touch()
    cured = make_plan(console, Rest.LETTERS_REPLAY_BATCH, filter="tenant=acme", start=True)
    await_plan(console, cured, lambda plan: plan["state"] == ReplayState.COMPLETED)
    yield "replay-completed", routes.replay(cured)
    yield "replays", routes.replays()
    yield "dead_letter_queue", routes.dead_letter_queue()


def make_plan(console: Console, address: str, **body: Any) -> str:
    """Make a plan; its id."""
    answer = httpx.post(f"{console.url}{address}", json=body, headers=REASON)
    answer.raise_for_status()
    plan_id: str = answer.json()["id"]
    return plan_id


def await_plan(console: Console, plan_id: str, reached: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until a plan is as wanted."""
    address = f"{console.url}{routes.api_replay(plan_id)}"
    await_condition(lambda: reached(httpx.get(address).json()), f"The plan {plan_id} did not get there.\n")
