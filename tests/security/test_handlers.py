"""Events of the frame and of pages that show what others did, called by whoever may not: nothing is told or done."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.audit import SubjectKey, SubjectKind
from execution_ops.domain.quota_verbs import QUOTA_PAUSE
from execution_ops.domain.quotas import Limits, Quota
from execution_ops.domain.times import now_ms
from execution_ops.services import container
from execution_ops.services.live import viewer_key
from execution_ops.state import audit, overview, palette, shell, tenants
from execution_ops.state.audit import AuditListPage, AuditRows
from execution_ops.state.filtered import QUERY_MAX
from execution_ops.state.overview import ROWS, OverviewPage
from execution_ops.state.palette import PaletteState
from execution_ops.state.shell import ShellState, message
from execution_ops.state.tenants import TEXT_MAX, TenantState
from tests.execution import STAMP, Bench, operator
from tests.factories import add_jobs, job_values

MARK = "hush"
READER = Actor(name="vera", scopes=frozenset({Scope.READ}))
STRANGER = Actor(name="zoe", scopes=frozenset(Scope), tenants=frozenset({"zeta"}))
NOBODY = Actor(name="otto", scopes=frozenset())
DEEP: Any = []
for _ in range(300):
    DEEP = [DEEP]
HOSTILE: tuple[Any, ...] = (
    *(None, True, -1, 10**100, float("nan"), "", "x" * 100_000, "\ud800", "a\0b", "%00", "../..", "event=1"),
    *("tenant=" + "y" * 5_000, "&".join(["a=b"] * 2_000), [], {}, [{}], DEEP, {"id": None}, {"undo": "1"}),
)


@pytest.fixture
def bench(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A console with a job and a paused quota of one tenant, both named after it."""
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    made = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    monkeypatch.setattr(container, "_shared", container.compose(made.settings, made.backend))
    values = {"tenant": MARK, "job_type": f"{MARK}.type", "queue": f"{MARK}-queue", "created_at": now_ms()}
    add_jobs(made.backend.engine, [job_values(**values)])
    yield made
    made.close()


@pytest.fixture
def quota(bench: Bench) -> Quota:
    made = bench.backend.create_quota(MARK, f"{MARK}.type", Limits(max_active=1), STAMP)
    stamp = operator(MARK).model_copy(update={"correlation_id": "request-1"})
    return bench.backend.change_quota(made.id, QUOTA_PAUSE, None, stamp, revision=None)


def number(quota: Quota) -> int:
    """That of the event of the pause."""
    return container.services().audit.of(STAMP.actor, SubjectKey(SubjectKind.QUOTA, quota.id), limit=1)[0].n


def is_paused(bench: Bench, quota: Quota) -> bool:
    return next(row for row in bench.backend.quotas(tenants=None) if row.id == quota.id).paused_at is not None


class Tab:
    """The states of one tab, and who sits at it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, who: Actor) -> None:
        self.states: dict[Any, Any] = {}
        self.who = who

        async def get_state(_: rx.State, wanted: type[rx.State]) -> Any:
            return self.at(wanted)

        async def entered(state: rx.State) -> rx.State:
            return state

        async def left(*_: object) -> None:
            """Nothing is held."""

        monkeypatch.setattr(rx.State, "get_state", get_state)
        # Outside of an app there is no lock that a background event could take.
        monkeypatch.setattr(PaletteState, "__aenter__", entered, raising=False)
        monkeypatch.setattr(PaletteState, "__aexit__", left, raising=False)
        for module in (audit, overview, palette, shell, tenants):
            monkeypatch.setattr(module, "actor_of", lambda _state: self.who)

    def at(self, kind: type[Any], address: str = "/") -> Any:
        """The state of that kind; a page stands at the address."""
        made = self.states.setdefault(kind, kind(_reflex_internal_init=True))
        if address != "/":
            data = {"pathname": address.partition("?")[0], "asPath": address, "headers": {"origin": "http://x"}}
            made.router = RouterData.from_router_data(data)
        return made

    def told(self) -> str:
        """All that the browser was told."""
        return repr([state.dict() for state in self.states.values()])


@pytest.mark.parametrize("who", [READER, STRANGER, NOBODY], ids=lambda who: who.name)
async def test_a_message_takes_back_only_what_its_reader_may(
    bench: Bench, quota: Quota, monkeypatch: pytest.MonkeyPatch, who: Actor
) -> None:
    tab = Tab(monkeypatch, who)
    state: ShellState = tab.at(ShellState)
    # Whoever has the token of a tab has its messages.
    state._say(message("Paused.", undo=str(number(quota)), until="2100-01-01T00:00:00.000Z"))
    events = len(bench.rows("SELECT n FROM audit_event"))
    await ShellState.undo.fn(state, state.toasts[-1]["id"])
    assert (state.toasts[-1]["tone"], state.toasts[-1]["undo"]) == ("bad", "")
    assert state.toasts[-1]["text"].startswith("Not undone: ")
    assert is_paused(bench, quota)
    assert len(bench.rows("SELECT n FROM audit_event")) == events
    assert state._own == frozenset()


@pytest.mark.parametrize("who", [READER, STRANGER, NOBODY], ids=lambda who: who.name)
async def test_the_open_event_is_undone_only_by_who_may(
    bench: Bench, quota: Quota, monkeypatch: pytest.MonkeyPatch, who: Actor
) -> None:
    tab = Tab(monkeypatch, who)
    page: AuditListPage = tab.at(AuditListPage, routes.audit_event(number(quota)))
    await page._refresh(anew=True)
    # As if it had been open before the one who may left.
    page.open_n = number(quota)
    assert await AuditListPage.undo_open.fn(page) is None
    assert page.undo_problem != ""
    assert is_paused(bench, quota)
    # Who sees the event, and may only not undo it, is told of it.
    assert (MARK in tab.told()) is (who is READER)
    assert bool(tab.at(AuditRows).rows) is (who is READER)


@pytest.mark.parametrize("who", [STRANGER, NOBODY, READER], ids=lambda who: who.name)
async def test_only_who_may_see_it_finds_it(
    bench: Bench, quota: Quota, monkeypatch: pytest.MonkeyPatch, who: Actor
) -> None:
    sees = who is READER
    (job,) = bench.rows("SELECT id FROM job")
    tab = Tab(monkeypatch, who)
    found = tab.at(PaletteState)
    await PaletteState.find.fn(found, job["id"])
    assert bool(found.found) is sees
    await TenantState.open.fn(tab.at(TenantState))
    await TenantState.search.fn(tab.at(TenantState), "us")
    assert tab.at(TenantState).names == ([MARK] if sees else [])
    for query in ("", f"?tenant={MARK}", "?tab=jobs", f"?tab=jobs&tenant={MARK}", "?tab=runs", "?tab=dead-letters"):
        page: Any = tab.at(OverviewPage, f"{routes.jobs_queues()}{query}")
        await page._refresh(anew=True)
        if page.problem == "":
            page._show_beside(await page._ask().beside())
        shown = [rows for rows in ROWS.values() if tab.at(rows).rows]
        assert bool(shown) is (sees and query not in ("?tab=runs", "?tab=dead-letters")), query
        # Of the address only the tenant that it asks for is told back.
        assert (f"{MARK}.type" in tab.told()) is sees, query
        assert (f"{MARK}-queue" in tab.told()) is sees, query


HANDLERS: dict[str, tuple[type[Any], str, Callable[[Any, Any], Any]]] = {
    "undo": (ShellState, "/", lambda state, value: ShellState.undo.fn(state, value)),
    "dismiss": (ShellState, "/", lambda state, value: ShellState.dismiss.fn(state, value)),
    "find": (PaletteState, "/", lambda state, value: PaletteState.find.fn(state, value)),
    "search": (TenantState, "/", lambda state, value: TenantState.search.fn(state, value)),
    "filter the audit": (AuditListPage, routes.audit(), lambda state, value: AuditListPage.apply.fn(state, value)),
    "filter the overview": (
        OverviewPage,
        routes.jobs_queues(),
        lambda state, value: OverviewPage.apply.fn(state, value),
    ),
}


@pytest.mark.parametrize("name", HANDLERS)
async def test_any_json_is_bounded_and_refused_in_words(
    bench: Bench, quota: Quota, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kind, address, call = HANDLERS[name]
    tab = Tab(monkeypatch, STAMP.actor)
    state = tab.at(kind, address)
    tab.at(ShellState)._say(message("Paused.", undo=str(number(quota)), until="2100-01-01T00:00:00.000Z"))
    for value in HOSTILE:
        answer = call(state, value)
        if hasattr(answer, "__await__"):
            await answer
        echoed = [getattr(state, field, "") for field in ("answered", "asked", "trouble", "complaint")]
        assert max(map(len, echoed)) <= QUERY_MAX, value
    assert len(tab.at(PaletteState).answered) <= 200
    assert len(tab.at(TenantState).asked) <= TEXT_MAX
    assert is_paused(bench, quota)
    assert [toast["text"] for toast in tab.at(ShellState).toasts] == ["Paused."]


def test_an_address_that_names_no_event_opens_none(bench: Bench) -> None:
    for query in ("event=-1", "event=1e3", "event=" + "9" * 19, "event=\u0661", "event= 1", "event=0x1", "event=00"):
        with pytest.raises(Exception, match="by its number"):
            audit.Address.read(query)


async def test_what_one_reader_may_do_is_not_told_to_another(
    bench: Bench, quota: Quota, monkeypatch: pytest.MonkeyPatch
) -> None:
    mighty = Actor(name="ann", scopes=frozenset(Scope))
    assert viewer_key(READER) != viewer_key(mighty)
    # One after the other asks the same, within the age of a sample.
    for who, off in ((mighty, ""), (READER, "Needs the permission ops:quota."), (mighty, "")):
        page: AuditListPage = Tab(monkeypatch, who).at(AuditListPage, routes.audit_event(number(quota)))
        await page._refresh()
        assert page.view.undo_off == off
    for name in ("zoe", "zara"):
        tab = Tab(monkeypatch, STRANGER.model_copy(update={"name": name}))
        of_one: Any = tab.at(AuditListPage, routes.audit())
        await of_one._refresh()
        of_one._show_beside(await of_one._ask().beside())
        assert of_one.values["actor"] == [name]
