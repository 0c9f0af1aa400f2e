"""Events of pages, sent over the socket by whoever may not: for every handler of every State and every single
permission, on a console with one of everything.

What was done is in the audit, by whom: no verb may be there whose permission its actor does not hold, and nothing of
another tenant may be told.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from execution_ops import routes
from execution_ops.backends.embedded.engines import ledger_engine, read
from execution_ops.domain.access import Scope
from execution_ops.domain.tokens import new_secret
from execution_ops.domain.verbs import VERBS
from execution_ops.routes import ROUTES, Rest
from execution_ops.settings import Settings
from tests.e2e.walk.furnished import TENANT, Furnished, furnished
from tests.security.test_socket import DIALOG, HYDRATE, Tab, Target, tab
from tests.security.test_states import states

# What an event of another tenant would tell: the error of its dead letter, and what its jobs are of.
MARKS = ("the disk of the mirror", "core/bad-one")
LISTS = (Rest.JOBS, f"{Rest.LETTERS}", Rest.QUOTAS, Rest.SCHEDULES, Rest.RUNS, Rest.WORKERS, Rest.BASELINES)
EVERYTHING = frozenset(Scope)


@dataclass(frozen=True)
class Attacked:
    """A furnished console, the ids of what is there, and where each page State stands."""

    furnished: Furnished
    ids: tuple[str, ...]
    places: dict[str, str]

    def token(self, name: str, scopes: frozenset[Scope], *tenants: str) -> str:
        """A new token."""
        asked = {"name": name, "scopes": sorted(scopes)} | ({"tenants": list(tenants)} if tenants else {})
        answer = httpx.post(f"{self.furnished.console.url}{Rest.TOKENS}", json=asked)
        assert answer.status_code == 201, answer.text
        secret: str = answer.json()["secret"]
        return secret

    def done_by(self, actor: str) -> list[tuple[str, str]]:
        """The verbs that the audit has of the actor, each with the tenant of what it was done to."""
        engine = ledger_engine(Settings(data_dir=self.furnished.console.data_dir).url())
        try:
            with read(engine) as connection:
                said = text("SELECT verb, tenant FROM audit_event WHERE actor = :actor")
                return [(row.verb, row.tenant) for row in connection.execute(said, {"actor": actor})]
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def attacked(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with furnished(tmp_path_factory.mktemp("roles")) as made:
        places = {}
        for route in ROUTES:
            for handler in getattr(import_module(f"execution_ops.pages.{route.name}"), "ON_LOAD", ()):
                places.setdefault(handler.state_full_name, made.address(route.name))
        found = [item.get("schedule", item)["id"] for address in LISTS for item in _items(made.console.url + address)]
        things = [value for thing in made.things.values() for value in thing.values()]
        yield Attacked(made, tuple(dict.fromkeys([*things, *found]))[:20], places)


def _items(address: str) -> list[dict[str, Any]]:
    answer = httpx.get(address)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def place(address: str) -> dict[str, Any]:
    """Where a tab says that it is."""
    parts = urlsplit(address)
    found = routes.match(parts.path)
    assert found is not None, address
    return {"pathname": parts.path, "asPath": address, "query": {**found[1], **dict(parse_qsl(parts.query))}}


def payloads(parameters: list[str], ids: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """What a handler is given: names of verbs where it takes one, each thing that is there elsewhere."""
    form = {"name": "x", "path": "/", "tenant": TENANT, "job_type": "scan.inspect", "cron": "@daily", "reason": "r"}
    form |= {"max_active": "1", "targets": "x", "rate": "5", "version": "1", "pem": "x", "label": "x", "revision": "1"}
    texts = {"reason": "r", "ticket": "", "text": "x", "form": form, "query": f"tenant={TENANT}"}
    if not parameters:
        yield {}
    elif "verb" in parameters:
        for verb in VERBS:
            yield {name: verb if name == "verb" else texts.get(name, ids[0]) for name in parameters}
    elif set(parameters) <= texts.keys():
        yield {name: texts[name] for name in parameters}
    else:
        for one in ids:
            yield {name: texts.get(name, one) for name in parameters}


async def attack(attacked: Attacked, secret: str) -> str:
    """Send every event that there is, each on its page, and answer every question of every verb; all that was told."""
    console = attacked.furnished.console
    target = Target(console, attacked.furnished.things["job"]["job_id"], console.data_dir.parent / "web.log")
    told: list[str] = []
    for state in states():
        name = state.get_full_name()
        if not (state.__module__ or "").startswith("execution_ops."):
            continue
        here = {"router_data": place(attacked.places.get(name, routes.jobs()))}
        handlers = {
            one: [*inspect.signature(handler.fn).parameters][1:] for one, handler in state.event_handlers.items()
        }
        async with tab(target, Authorization=f"Bearer {secret}") as attacker:
            await attacker.event(HYDRATE, **here)
            if "open" in handlers:
                await attacker.event(f"{name}.open", **here)
            if {"ask_verb", "do_verb"} <= handlers.keys():
                await _answer_questions(attacker, name, handlers, attacked.ids, here)
            for handler, parameters in sorted(handlers.items()):
                for payload in payloads(parameters, attacked.ids):
                    await attacker.event(f"{name}.{handler}", payload, **here)
            await attacker.answers()
            told += attacker.heard
    return "".join(told)


async def _answer_questions(
    attacker: Tab, name: str, handlers: dict[str, list[str]], ids: tuple[str, ...], here: dict[str, Any]
) -> None:
    """Pick all that can be picked, then ask each verb and answer it."""
    for handler, parameters in handlers.items():
        if handler.startswith(("pick", "toggle", "select")) and len(parameters) == 1:
            for one in ids:
                await attacker.event(f"{name}.{handler}", {parameters[0]: one}, **here)
    for verb in VERBS:
        await attacker.event(f"{name}.ask_verb", {"verb": verb}, **here)
        await attacker.event(f"{name}.do_verb", {"reason": "r", "ticket": ""}, **here)


def enough(verb: str) -> frozenset[Scope]:
    """The permissions of which one lets the audit have this verb of somebody.

    A plan is audited as "plan resolve", and what becomes of it as "complete"; many verbs of the scanner start a job.
    """
    if verb in ("submit", "complete"):
        return frozenset({Scope.OPERATE, Scope.SCANNER} if verb == "submit" else {Scope.OPERATE})
    return frozenset({VERBS[verb.removeprefix("plan ")].scope})


IDENTITIES = {
    **{scope.value.partition(":")[2]: frozenset({Scope.READ, scope}) for scope in Scope},
}


@pytest.mark.parametrize("name", IDENTITIES)
async def test_no_event_does_what_its_sender_may_not(attacked: Attacked, name: str) -> None:
    await attack(attacked, attacked.token(name, IDENTITIES[name]))
    done = {verb for verb, _ in attacked.done_by(f"token {name}")}
    assert {verb for verb in done if not enough(verb) & IDENTITIES[name]} == set()


async def test_who_belongs_to_another_tenant_does_and_hears_nothing(attacked: Attacked) -> None:
    told = await attack(attacked, attacked.token("zoe", EVERYTHING, "zeta"))
    assert [mark for mark in MARKS if mark in told] == []
    assert {tenant for _, tenant in attacked.done_by("token zoe")} <= {"zeta"}


async def test_nobody_does_and_hears_nothing(attacked: Attacked) -> None:
    told = await attack(attacked, new_secret())
    assert [mark for mark in (*MARKS, TENANT) if mark in told.replace(f"tenant={TENANT}", "")] == []
    assert attacked.done_by("nobody") == []


async def test_the_state_of_a_tab_is_for_whom_it_was_made(attacked: Attacked) -> None:
    console, token = attacked.furnished.console, str(uuid4())
    target = Target(console, attacked.furnished.things["job"]["job_id"], console.data_dir.parent / "web.log")
    owner = {"Authorization": f"Bearer {attacked.token('owner', EVERYTHING)}"}
    thief = {"Authorization": f"Bearer {attacked.token('thief', EVERYTHING)}"}
    async with tab(target, token, **owner) as mine:
        await mine.event(f"{DIALOG}.choose", {"path": "the owner's"})
        await mine.hear("the owner's")
    # The owner is away, so the framework alone would hand the state to whoever comes with its token.
    async with tab(target, token, **thief) as other:
        assert (await other.session())["client_token"] != token
        assert "the owner's" not in "".join(other.heard)
    async with tab(target, token, **owner) as again:
        assert (await again.session())["client_token"] == token
        assert "the owner's" in "".join(again.heard)


async def test_the_same_events_do_a_great_deal_for_who_may(attacked: Attacked) -> None:
    """Last, since it leaves little as it was: else nothing above would prove anything."""
    told = await attack(attacked, attacked.token("ann", EVERYTHING))
    assert [mark for mark in MARKS if mark not in told] == []
    assert len({verb for verb, _ in attacked.done_by("token ann")}) >= 8
