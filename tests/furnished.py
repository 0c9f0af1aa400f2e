"""A ledger with one of everything for each of some tenants, and requests that reach it as the contract says."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Send

from execution_ops import job_types
from execution_ops.api.app import create_api
from execution_ops.api.deps import actor_of
from execution_ops.api.example_values import VALUES
from execution_ops.backends.embedded.identities import Identities
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.job_types import REGISTRY
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.quotas import Limits
from execution_ops.domain.scanner_settings import TrustUse
from execution_ops.domain.states import JobState
from execution_ops.domain.tokens import NewToken
from execution_ops.domain.trust_keys import read_public_key
from execution_ops.services.container import Services, compose
from execution_ops.services.own_jobs import LEDGER
from tests import letters, schedule_bench
from tests.api.document import CHECKED, Operation, resolved
from tests.baselines import keep, promote
from tests.bench_samples import new_result
from tests.execution import STAMP, Bench, node, operator
from tests.jobs import REGISTRY as TYPES
from tests.kits import KEY, Site, imported
from tests.trust_keys import ed25519_pem

ORIGIN = "http://127.0.0.1:8420"
MARK = "mark-{}"


@dataclass
class Things:
    """The things of one tenant, by the parameter of an address that names each."""

    tenant: str
    ids: dict[str, str] = field(default_factory=dict)


@dataclass
class Furnished:
    """The ledger, its services, and what is in it."""

    bench: Bench
    services: Services
    of: Mapping[str, Things]

    @property
    def shared(self) -> dict[str, str]:
        """What belongs to no tenant."""
        return self.of[""].ids


@contextmanager
def furnished(
    folder: Path, template: Path, tenants: tuple[str, ...] = ("acme", "zeta"), text: str = ""
) -> Iterator[Furnished]:
    """A new ledger. `text` is what the things of every tenant carry in their names and errors, beside its mark."""
    job_types.load()
    with pytest.MonkeyPatch.context() as patch:
        # As if the package with the tests' job types were installed.
        for entry in TYPES.all():
            patch.setitem(REGISTRY._types, entry.name, entry)
        made = _furnish(folder, template, tenants, text)
        try:
            yield made
        finally:
            made.bench.close()


def _furnish(folder: Path, template: Path, tenants: tuple[str, ...], text: str) -> Furnished:
    shutil.copyfile(template, folder / "ledger.db")
    bench = Bench(f"sqlite:///{folder / 'ledger.db'}", folder, REGISTRY)
    services = compose(bench.settings, bench.backend, Identities(bench.backend.engine))
    LEDGER.bind(bench.backend)
    things = {tenant: _things(bench, tenant, text) for tenant in tenants}
    things[""] = Things("", _shared(bench, services))
    return Furnished(bench, services, things)


def _things(bench: Bench, tenant: str, text: str) -> Things:
    name = f"{MARK.format(tenant)}{text}"
    [dead] = letters.dead(bench, 1, tenant=tenant, error_type="ValueError", message=name)
    dag = bench.submit(node("one", "test.echo", {"name": name}), tenant=tenant)
    [done] = letters.submit(bench, 1, tenant=tenant)
    letters.succeed(bench, [done])
    schedule = schedule_bench.schedule(bench, tenant=tenant, name=name, description=name)
    [letter] = letters.entries(bench, job_id=dead)
    base = keep(bench.backend, [("openssl", "3.0.13")], label=name, tenant=tenant, source=f"/srv/{tenant}")
    promote(bench.backend, base.id)
    other = keep(bench.backend, [("openssl", "3.0.14")], label=name, tenant=tenant, source=f"/srv/{tenant}")
    bench.backend.create_quota(tenant, "test.number", Limits(max_active=1), STAMP)
    quota = next(row for row in bench.backend.quotas(tenants=frozenset({tenant})) if row.tenant == tenant)
    n = bench.rows("SELECT max(n) AS n FROM audit_event")[0]["n"]
    plan = letters.plan_for(bench, where=DeadLetterFilter(tenant=(tenant,)), stamp=operator("ann", [tenant]))
    assert bench.state(dead) is JobState.FAILED
    ids = {
        "dead_job_id": dead,
        "done_job_id": done,
        "job_id": dag.job_ids["one"],
        "dag_id": dag.dag_id,
        "entry_id": letter["id"],
        "plan_id": plan.id,
        "quota_id": quota.id,
        "schedule_id": schedule.id,
        "run_id": schedule_bench.run_now(bench, schedule).id,
        "baseline_id": other.id,
        "promoted_id": base.id,
        "result_id": bench.backend.keep_benchmark(new_result(100.0, tenant=tenant)).id,
        "n": str(n),
        "sha256": other.sha256,
    }
    return Things(tenant, ids)


def _shared(bench: Bench, services: Services) -> dict[str, str]:
    schedule_bench.stand_in(bench)
    site = Site(bench.backend, bench.settings)
    site.trust(KEY)
    kit_id = imported(site, bench.marks, "1.2.3")
    pem = ed25519_pem()
    services.scanner_settings.add_key(STAMP.actor, pem, "older", TrustUse.KIT, STAMP)
    asked = NewToken(name="a script", scopes=frozenset({Scope.READ}))
    token, _ = services.identities.create_token(STAMP.actor, asked, STAMP)
    return {
        "token_id": token.id,
        "worker_id": "stand-in",
        "fingerprint": read_public_key(pem).fingerprint,
        "analyzer": "python",
        "version": "1",
        "kit_id": kit_id,
        "path": str(bench.marks),
    }


@dataclass(frozen=True)
class Request:
    """What is sent to an operation."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None


# What an example says, by what stands in its place here.
_IN_EXAMPLES = ("job_id", "entry_id", "plan_id", "quota_id", "schedule_id", "run_id", "baseline_id", "result_id")


def request_for(operation: Operation, there: Furnished, tenant: str, **own: str) -> Request:
    """A request that the operation carries out if the actor may, about the things of the tenant."""
    ids = {**there.shared, **there.of[tenant].ids, **_dead_for(operation, there.of[tenant].ids), **own}
    path = operation.path
    for parameter in operation.parameters:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", ids.get(parameter["name"], str(parameter.get("example"))))
    query = "&".join(f"{name}={value}" for name, value in _query(operation, ids).items())
    headers = {one["name"]: "a test" for one in operation.parameters if one["in"] == "header" and one["required"]}
    return Request(operation.method.upper(), f"{path}?{query}" if query else path, headers, _body(operation, ids))


def _dead_for(operation: Operation, ids: dict[str, str]) -> dict[str, str]:
    return {"job_id": ids["dead_job_id"]} if operation.id in ("retry_job", "retry_jobs") else {}


def _query(operation: Operation, ids: dict[str, str]) -> dict[str, str]:
    wanted = {"left": ids["baseline_id"], "right": ids["promoted_id"], "scenario": "go_modules", "analyzer": "go"}
    wanted |= {"after": "999999", "cron": "0 2 * * *", "id": ids["job_id"][:12]}
    wanted |= {"since": "2026-01-01T00:00:00Z", "thing": f"job:{ids['job_id']}", "source": "core"}
    wanted |= {"tenant": ids.get("tenant", "acme")}
    names = {one["name"] for one in operation.parameters if one["in"] == "query"}
    required = {one["name"] for one in operation.parameters if one["in"] == "query" and one["required"]}
    # A stream goes on until its run has ended: one that asks for what is not there yet is told so at once.
    required |= {"look_up": {"id"}, "stream_run": {"after"}}.get(operation.id, set())
    return {name: wanted[name] for name in sorted(required & names)}


def _body(operation: Operation, ids: dict[str, str]) -> bytes | None:
    content = operation.spec.get("requestBody", {}).get("content", {})
    if "application/x-tar" in content:
        return b"no kit at all"
    if "application/json" not in content:
        return None
    [shown] = content["application/json"]["examples"].values()
    text = json.dumps(resolved(shown)["value"])
    for name in _IN_EXAMPLES:
        text = text.replace(str(VALUES.get(name, VALUES["letter_id"])), ids[name])
    body: dict[str, Any] = json.loads(text)
    body |= _BODIES.get(operation.id, {})
    if "path" in body:
        body["path"] = ids["path"]
    if "targets" in body:
        body["targets"] = [ids["path"]]
    if "tenant" in body:
        body["tenant"] = ids.get("tenant", body["tenant"])
    return json.dumps(body).encode()


# Where an example alone does not fit what is there.
_BODIES: dict[str, dict[str, Any]] = {
    "submit_job": {"job_type": "test.number", "payload": {"value": 7}},
    **{name: {"job_type": "test.echo"} for name in ("create_schedule", "edit_schedule", "preview_schedule_candidates")},
    "check_schedule": {"job_type": "test.echo"},
    "submit_dag": {"nodes": [{"key": "one", "job_type": "test.number", "payload": {"value": 7}}]},
}


class LeavesStreams:
    """The interface as clients know it that have heard enough of an event stream after its first words.

    httpx's transport waits for the end of an answer, which a stream of events has only when its client goes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Pass it on, until the first words of a stream."""
        left = asyncio.Event()
        streams = False

        async def hear() -> Message:
            asked, gone = asyncio.ensure_future(receive()), asyncio.ensure_future(left.wait())
            done, _ = await asyncio.wait((asked, gone), return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            if asked in done:
                return asked.result()
            asked.cancel()
            return {"type": "http.disconnect"}

        async def tell(message: Message) -> None:
            nonlocal streams
            if message["type"] == "http.response.start":
                kinds = [value for name, value in message["headers"] if name.lower() == b"content-type"]
                streams = any(kind.startswith(b"text/event-stream") for kind in kinds)
            elif streams and left.is_set():
                return
            elif streams:
                left.set()
                message = {**message, "more_body": False}
            await send(message)

        await self._app(scope, hear, tell)


class Asking:
    """The interface on that ledger, asked by whoever the test says."""

    def __init__(self, there: Furnished) -> None:
        self.there = there
        self._actor: Actor = STAMP.actor
        app = create_api(lambda: there.services)
        app.dependency_overrides[actor_of] = lambda: self._actor
        self._transport = httpx.ASGITransport(LeavesStreams(app))

    async def send(
        self, wanted: Request, scopes: frozenset[Scope], tenants: frozenset[str] | None = None
    ) -> httpx.Response:
        """The answer to somebody with these permissions in these tenants."""
        self._actor = Actor(name="vera", scopes=scopes, tenants=tenants)
        headers = {"content-type": "application/json"} | wanted.headers
        async with httpx.AsyncClient(transport=self._transport, base_url=ORIGIN, event_hooks=CHECKED) as client:
            return await client.request(wanted.method, wanted.url, headers=headers, content=wanted.body)
