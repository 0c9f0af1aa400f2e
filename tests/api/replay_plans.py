"""What the tests of replay plans over HTTP share."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.dead_letters import LETTERS, REASON
from tests.execution import Bench
from tests.letters import dead

REPLAYS = f"{LETTERS}/replays"
RAW = {**REASON, "Content-Type": "application/json"}
Answer = dict[str, Any]


def prepare(bench: Bench, plan_id: str) -> None:
    """The dry run, as the plan's driver does it."""
    while not bench.backend.prepare_plan(plan_id, batch=7).finished:
        pass


async def planned(
    bench: Bench, console: httpx.AsyncClient, tenant: str, count: int = 3, verb: str = "replay", **body: Any
) -> Answer:
    """A plan for that many entries that died just now, its dry run done."""
    dead(bench, count, tenant=tenant)
    asked = {"filter": f"tenant={tenant}", **body}
    answer = await console.post(f"{LETTERS}/{verb}/batch", json=asked, headers=REASON)
    assert answer.status_code == 202, answer.text
    made: Answer = answer.json()
    prepare(bench, made["id"])
    return made


async def get(console: httpx.AsyncClient, path: str) -> Answer:
    answer = await console.get(path)
    assert answer.status_code == 200, answer.text
    found: Answer = answer.json()
    return found
