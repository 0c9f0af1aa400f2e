"""What blocks and how the queues stand, over HTTP; on a real ledger."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from execution_ops import routes
from execution_ops.api.app import create_api
from execution_ops.api.deps import actor_of
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.standing import BlockKind
from execution_ops.domain.states import WorkerState
from execution_ops.services.container import compose
from tests.api.conftest import ORIGIN
from tests.api.document import CHECKED
from tests.execution import Bench
from tests.overview_samples import QUEUES, add_queue, add_worker, fill


@pytest.fixture
def own(tmp_path: Path, sqlite_template: Path) -> Iterator[Bench]:
    """A ledger for one test."""
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    made = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    yield made
    made.close()


@pytest.fixture
def api(own: Bench) -> FastAPI:
    services = compose(own.settings, own.backend)
    return create_api(lambda: services)


@pytest.fixture
async def asking(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url=ORIGIN, event_hooks=CHECKED) as made:
        yield made


async def test_an_empty_system_blocks_nobody(asking: httpx.AsyncClient) -> None:
    assert routes.api_standing() == "/api/v1/jobengine/standing"
    body = (await asking.get(routes.api_standing())).json()
    assert body["items"] == []
    assert body["as_of"].endswith("Z")
    queues = (await asking.get(routes.api_queues())).json()
    assert (queues["items"], queues["window"], queues["bucket_ms"]) == ([], "1h", 60_000)


async def test_all_that_blocks_is_told_the_most_severe_first(asking: httpx.AsyncClient, own: Bench) -> None:
    fill(own)
    body = (await asking.get(routes.api_standing())).json()
    kinds = [one["kind"] for one in body["items"]]
    assert kinds == [
        BlockKind.NO_WORKER,
        BlockKind.QUOTA_PAUSED,
        BlockKind.LETTERS_RISING,
        BlockKind.SCHEDULE_MISSED,
        BlockKind.WORKER_LOST,
    ]
    first = body["items"][0]
    assert first["sentence"] == "No worker serves the queue compare: 18 jobs wait."
    assert (first["subject"], first["count"], first["mend"]) == ("compare", 18, routes.workers())
    assert first["held_list"] == routes.jobs([("state", "scheduled"), ("queue", "compare")])
    assert all(one["since"].endswith("Z") for one in body["items"])


async def test_queues_are_told_with_their_rates(asking: httpx.AsyncClient, own: Bench) -> None:
    add_worker(own, "builder", WorkerState.ONLINE, ["maven"])
    add_queue(own, "maven")
    add_queue(own, "compare")
    body = (await asking.get(routes.api_queues([("window", "6h")]))).json()
    assert [one["queue"] for one in body["items"]] == ["compare", "maven"]
    maven = body["items"][1]
    _, waits, _, runs, well, badly = QUEUES["maven"]
    assert (maven["waiting"], maven["running"], maven["done"], maven["failed"]) == (waits, runs, well, badly)
    assert maven["arrived"] == sum(maven["arrived_series"]) == waits + runs + well + badly
    assert maven["failure_rate"] == pytest.approx(badly / (well + badly))
    assert (body["window"], body["bucket_ms"], len(maven["done_series"])) == ("6h", 300_000, 72)
    one = (await asking.get(routes.api_queues([("queue", "maven"), ("tenant", "acme")]))).json()
    assert [queue["queue"] for queue in one["items"]] == ["maven"]
    assert 0 < one["items"][0]["done"] < well


@pytest.mark.parametrize("query", [[("window", "2h")], [("job_type", "x")], [("tab", "jobs")], [("queue", "")]])
async def test_what_means_nothing_here_is_refused(asking: httpx.AsyncClient, query: list[tuple[str, str]]) -> None:
    assert (await asking.get(routes.api_queues(query))).status_code == 400
    assert (await asking.get(routes.api_standing(), params=query)).status_code == 400


async def test_it_is_for_those_who_may_read_and_of_their_tenants(
    asking: httpx.AsyncClient, api: FastAPI, own: Bench
) -> None:
    add_queue(own, "compare")
    api.dependency_overrides[actor_of] = lambda: Actor(name="eve", scopes=frozenset())
    for address in (routes.api_standing(), routes.api_queues()):
        assert (await asking.get(address)).status_code == 403
    stranger = Actor(name="ada", scopes=frozenset({Scope.READ}), tenants=frozenset({"elsewhere"}))
    api.dependency_overrides[actor_of] = lambda: stranger
    assert (await asking.get(routes.api_standing())).json()["items"] == []
    assert (await asking.get(routes.api_queues([("tenant", "acme")]))).json()["items"] == []
