"""The services of dead letters and replay plans authorise, validate, redact and sign; on a real ledger."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.dead_letters import LetterOutcome
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from execution_ops.domain.exports import ExportFormat
from execution_ops.domain.ids import new_id
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import LETTER_VERBS, PLAN_VERBS
from execution_ops.domain.redaction import MASK
from execution_ops.domain.replays import PlanKind
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.verbs import Stamp
from execution_ops.services.dead_letters import GROUPS_MAX, DeadLetterService
from execution_ops.services.replays import ReplayService
from execution_ops.services.requests import IDS_MAX
from tests.execution import Bench
from tests.letters import dead, entries, send_all

ANN = local_operator()
SECRET = "password=hunter2"
ALL = DeadLetterFilter()
LetterCall = Callable[[DeadLetterService, Actor, str], Any]
PlanCall = Callable[[ReplayService, Actor, str], Any]


def viewer(*scopes: Scope, tenants: frozenset[str] | None = None) -> Actor:
    return Actor(name="vera", scopes=frozenset(scopes), tenants=tenants)


def stamp(actor: Actor = ANN, **changes: str) -> Stamp:
    return Stamp(actor=actor, **{"reason": "because", **changes})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Bench]:
    directory = tmp_path_factory.mktemp("letters")
    shutil.copyfile(sqlite_template, directory / "ledger.db")
    made = Bench(f"sqlite:///{directory / 'ledger.db'}", directory)
    yield made
    made.close()


@pytest.fixture
def letters(bench: Bench) -> DeadLetterService:
    return DeadLetterService(bench.backend)


@pytest.fixture
def replays(bench: Bench) -> ReplayService:
    return ReplayService(bench.backend)


def entry_of(bench: Bench, job_id: str) -> str:
    """The id of the dead letter of a job."""
    return str(entries(bench, job_id=job_id)[-1]["id"])


def new_entry(bench: Bench, tenant: str = "acme", **death: Any) -> str:
    """A job that died just now: its dead letter."""
    (job_id,) = dead(bench, 1, tenant=tenant, **death)
    return entry_of(bench, job_id)


def written(bench: Bench) -> tuple[Any, ...]:
    """What a refused call may not have touched."""
    tables = ("audit_event", "replay_plan", "replay_item", "job", "change")
    counts = tuple(bench.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in tables)
    plans = tuple(tuple(row.values()) for row in bench.rows("SELECT state, rate, changed_at FROM replay_plan"))
    return counts, plans, tuple(row["revision"] for row in entries(bench))


LETTER_READS: dict[str, LetterCall] = {
    "list": lambda letters, actor, _: letters.list(actor, ALL),
    "counts": lambda letters, actor, _: letters.counts(actor, ALL),
    "groups": lambda letters, actor, _: letters.groups(actor, ALL),
    "get": lambda letters, actor, letter_id: letters.get(actor, letter_id),
    "facets": lambda letters, actor, _: letters.facets(actor),
    "export": lambda letters, actor, _: letters.export(actor, ALL, ExportFormat.CSV, stamp(actor)),
}
LETTER_WRITES: dict[str, LetterCall] = {
    verb.name: lambda letters, actor, letter_id, name=verb.name: letters.act(actor, name, [letter_id], stamp(actor))
    for verb in LETTER_VERBS
}
PLAN_READS: dict[str, PlanCall] = {
    "list": lambda replays, actor, _: replays.list(actor),
    "get": lambda replays, actor, plan_id: replays.get(actor, plan_id),
    "items": lambda replays, actor, plan_id: replays.items(actor, plan_id),
}
PLAN_WRITES: dict[str, PlanCall] = {
    **{
        f"plan {kind.value}": lambda replays, actor, _, kind=kind: replays.plan(
            actor, kind, where=ALL, stamp=stamp(actor)
        )
        for kind in PlanKind
    },
    **{
        verb.name: lambda replays, actor, plan_id, name=verb.name: replays.act(actor, name, plan_id, stamp(actor))
        for verb in PLAN_VERBS
    },
    "undo": lambda replays, actor, plan_id: replays.undo(actor, plan_id, stamp(actor)),
    "set_rate": lambda replays, actor, plan_id: replays.set_rate(actor, plan_id, 5, stamp(actor)),
}


def test_every_method_is_in_the_tables_of_permissions() -> None:
    def public(service: type) -> set[str]:
        return {name for name in vars(service) if not name.startswith("_")}

    assert public(DeadLetterService) == set(LETTER_READS) | {"act"}
    assert public(ReplayService) == set(PLAN_READS) | {"plan", "act", "undo", "set_rate"}


@pytest.mark.parametrize("name", LETTER_READS)
def test_reading_entries_needs_the_permission_to_read(bench: Bench, letters: DeadLetterService, name: str) -> None:
    letter_id = new_entry(bench)
    before = written(bench)
    with pytest.raises(Forbidden, match="ops:read"):
        LETTER_READS[name](letters, viewer(Scope.OPERATE), letter_id)
    assert written(bench) == before
    LETTER_READS[name](letters, viewer(Scope.READ), letter_id)


@pytest.mark.parametrize("name", LETTER_WRITES)
def test_every_verb_on_entries_needs_its_permission(bench: Bench, letters: DeadLetterService, name: str) -> None:
    letter_id = new_entry(bench)
    before = written(bench)
    with pytest.raises(Forbidden, match="ops:operate"):
        LETTER_WRITES[name](letters, viewer(*(set(Scope) - {Scope.OPERATE})), letter_id)
    assert written(bench) == before


@pytest.mark.parametrize("name", PLAN_READS)
def test_reading_plans_needs_the_permission_to_read(bench: Bench, replays: ReplayService, name: str) -> None:
    new_entry(bench)
    plan = replays.plan(ANN, PlanKind.RESOLVE, where=ALL, stamp=stamp())
    with pytest.raises(Forbidden, match="ops:read"):
        PLAN_READS[name](replays, viewer(Scope.OPERATE), plan.id)
    PLAN_READS[name](replays, viewer(Scope.READ), plan.id)


@pytest.mark.parametrize("name", PLAN_WRITES)
def test_every_verb_on_plans_needs_its_permission(bench: Bench, replays: ReplayService, name: str) -> None:
    new_entry(bench)
    plan = replays.plan(ANN, PlanKind.RESOLVE, where=ALL, stamp=stamp())
    before = written(bench)
    with pytest.raises(Forbidden, match="ops:operate"):
        PLAN_WRITES[name](replays, viewer(*(set(Scope) - {Scope.OPERATE})), plan.id)
    with pytest.raises(Forbidden, match="ops:read"):
        PLAN_WRITES[name](replays, viewer(Scope.OPERATE), plan.id)
    assert written(bench) == before


def test_entries_of_another_tenant_are_not_found(bench: Bench, letters: DeadLetterService) -> None:
    mine, other = new_entry(bench, "mine"), new_entry(bench, "theirs")
    vera = viewer(*Scope, tenants=frozenset({"mine"}))
    assert {row.id for row in letters.list(vera, ALL).rows} == {mine}
    assert letters.list(vera, DeadLetterFilter(tenant=("theirs",))).rows == ()
    with pytest.raises(NotFound):
        letters.get(vera, other)
    for verb in LETTER_VERBS:
        (outcome,) = letters.act(vera, verb.name, [other], stamp(vera))
        assert (outcome.done, outcome.why, outcome.state) == (False, "There is no such dead letter.", None)
    assert letters.get(ANN, other).row.state is DeadLetterState.PENDING


def test_suggestions_are_of_the_tenants_that_one_may_see(bench: Bench, letters: DeadLetterService) -> None:
    new_entry(bench, "mine", error_type="MineError")
    new_entry(bench, "theirs", error_type="TheirSecretPartnerError")
    mine = letters.facets(viewer(Scope.READ, tenants=frozenset({"mine"})))
    assert mine["tenant"] == ["mine"]
    assert "MineError" in mine["error_type"]
    assert "TheirSecretPartnerError" not in mine["error_type"]
    assert "TheirSecretPartnerError" in letters.facets(ANN)["error_type"]
    nothing = letters.facets(viewer(Scope.READ, tenants=frozenset()))
    assert nothing == {"job_type": [], "tenant": [], "error_type": []}


def test_a_plan_of_who_saw_more_tenants_is_not_found(bench: Bench, replays: ReplayService) -> None:
    new_entry(bench, "mine")
    plan = replays.plan(ANN, PlanKind.RESOLVE, where=ALL, stamp=stamp())
    vera = viewer(*Scope, tenants=frozenset({"mine"}))
    own = replays.plan(vera, PlanKind.RESOLVE, where=ALL, stamp=stamp(vera))
    assert plan.id not in {each.id for each in replays.list(vera, limit=500).plans}
    before = written(bench)
    for name, call in {**PLAN_READS, **PLAN_WRITES}.items():
        if name in ("list", *(f"plan {kind.value}" for kind in PlanKind)):
            continue
        with pytest.raises(NotFound):
            call(replays, vera, plan.id)
    assert written(bench) == before
    bench.backend.prepare_plan(own.id, batch=200)
    items = replays.items(vera, own.id, limit=500).items
    assert {item.tenant for item in items} == {"mine"}, "a plan never reaches beyond what its maker may see"


def test_a_key_makes_one_plan_for_its_tenants(bench: Bench, replays: ReplayService) -> None:
    new_entry(bench, "keys")
    new_entry(bench, "mine")
    where = DeadLetterFilter(tenant=("keys",))
    signed = stamp(idempotency_key="k")
    first = replays.plan(ANN, PlanKind.RESOLVE, where=where, stamp=signed)
    vera = ANN.model_copy(update={"tenants": frozenset({"mine"})})
    other = replays.plan(vera, PlanKind.RESOLVE, where=ALL, stamp=signed.model_copy(update={"actor": vera}))
    assert other.id != first.id
    bench.backend.prepare_plan(first.id, batch=200)
    replays.act(ANN, "start", first.id, stamp())
    assert send_all(bench, first.id) == 1
    again = replays.plan(ANN, PlanKind.RESOLVE, where=where, stamp=signed)
    assert again.id == first.id, "also when nothing matches any more"
    with pytest.raises(Conflict, match="Nothing matches"):
        replays.plan(ANN, PlanKind.RESOLVE, where=where, stamp=stamp(idempotency_key="k2"))


def test_what_is_shown_has_no_secrets(bench: Bench, letters: DeadLetterService, replays: ReplayService) -> None:
    letter_id = new_entry(bench, "secrets", error_type="Leak", message=f"login with {SECRET}", stack=f"at {SECRET}")
    where = DeadLetterFilter(tenant=("secrets",))
    plan = replays.plan(ANN, PlanKind.RESOLVE, where=where, stamp=stamp(reason=f"because {SECRET}"))
    bench.backend.prepare_plan(plan.id, batch=200)
    shown = [
        *(letters.list(ANN, where).model_dump_json(), letters.get(ANN, letter_id).model_dump_json()),
        letters.groups(ANN, where).model_dump_json(),
        replays.items(ANN, plan.id).model_dump_json(),
        *(plan.model_dump_json(), replays.get(ANN, plan.id).model_dump_json(), replays.list(ANN).model_dump_json()),
        replays.set_rate(ANN, plan.id, 5, stamp()).model_dump_json(),
        replays.act(ANN, "start", plan.id, stamp()).model_dump_json(),
        *(b"".join(letters.export(ANN, where, form, stamp())).decode() for form in ExportFormat),
    ]
    for text in shown:
        assert "hunter2" not in text
        assert MASK in text or MASK.encode("unicode_escape").decode() in text


def test_a_refusal_that_quotes_the_payload_has_no_secrets(
    bench: Bench, letters: DeadLetterService, monkeypatch: pytest.MonkeyPatch
) -> None:
    quoted = LetterOutcome(id=new_id(), done=False, why=f"It cannot be replayed: {SECRET}")
    monkeypatch.setattr(bench.backend, "act_on_letters", lambda *_: [quoted])
    (outcome,) = letters.act(ANN, "replay", [quoted.id], stamp())
    assert outcome.why == f"It cannot be replayed: password={MASK}"


def test_a_change_is_signed_by_the_one_who_makes_it(
    bench: Bench, letters: DeadLetterService, replays: ReplayService
) -> None:
    letter_id = new_entry(bench)
    eve = ANN.model_copy(update={"name": "eve"})
    before = written(bench)
    for call in (
        lambda: letters.act(ANN, "resolve", [letter_id], stamp(eve)),
        lambda: letters.export(ANN, ALL, ExportFormat.CSV, stamp(eve)),
        lambda: replays.plan(ANN, PlanKind.RESOLVE, where=ALL, stamp=stamp(eve)),
    ):
        with pytest.raises(Forbidden, match="signed by"):
            call()
    assert written(bench) == before


def test_what_makes_no_sense_is_refused(bench: Bench, letters: DeadLetterService, replays: ReplayService) -> None:
    letter_id = new_entry(bench)
    plan = replays.plan(ANN, PlanKind.REPLAY, ids=[letter_id], stamp=stamp())
    many = [new_id() for _ in range(IDS_MAX + 1)]
    before = written(bench)
    wrong: list[Callable[[], Any]] = [
        lambda: letters.act(ANN, "cancel", [letter_id], stamp()),
        lambda: letters.act(ANN, "resolve", [letter_id], stamp(reason=" ")),
        lambda: letters.act(ANN, "resolve", [], stamp()),
        lambda: letters.act(ANN, "resolve", many, stamp()),
        lambda: letters.act(ANN, "resolve", ["../.."], stamp()),
        lambda: letters.list(ANN, ALL, limit=0),
        lambda: letters.groups(ANN, ALL, limit=GROUPS_MAX + 1),
        lambda: replays.plan(ANN, PlanKind.REPLAY, stamp=stamp()),
        lambda: replays.plan(ANN, PlanKind.REPLAY, where=ALL, ids=[letter_id], stamp=stamp()),
        lambda: replays.plan(ANN, PlanKind.REPLAY, ids=many, stamp=stamp()),
        *(
            lambda rate=rate: replays.plan(ANN, PlanKind.REPLAY, where=ALL, rate=rate, stamp=stamp())
            for rate in (0, -1, float("nan"), float("inf"), 1e9, True)
        ),
        lambda: replays.act(ANN, "explode", plan.id, stamp()),
        lambda: replays.act(ANN, "abort", plan.id, stamp(reason="")),
        lambda: replays.undo(ANN, plan.id, stamp()),
        lambda: replays.items(ANN, plan.id, after=-1),
        lambda: replays.items(ANN, plan.id, after=2**53),
    ]
    for call in wrong:
        with pytest.raises(InvalidInput):
            call()
    assert written(bench) == before
