"""The page of the audit, the trails of other pages, and the way back in a message, on a real ledger."""

from __future__ import annotations

from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.audit import AuditEvent, SubjectKey, SubjectKind
from execution_ops.domain.jobs import JobEvent
from execution_ops.domain.quota_verbs import QUOTA_PAUSE
from execution_ops.domain.quotas import Limits, Quota
from execution_ops.domain.times import iso
from execution_ops.domain.verbs import Stamp
from execution_ops.services import container
from execution_ops.state import shell
from execution_ops.state.audit import AuditListPage, AuditRows
from execution_ops.state.audit_trail import AuditTrail, trail_of, trail_view
from execution_ops.state.audit_view import scope_href, subject_href
from execution_ops.state.job_view import timeline_views
from execution_ops.state.shell import ShellState, message, way_back
from tests.execution import STAMP, operator
from tests.kits import Site
from tests.unit.domain.test_audit import ID, event
from tests.unit.state.letter_samples import HOSTILE

STATES: tuple[Any, ...] = (AuditRows, AuditTrail, ShellState)


def page_at(monkeypatch: pytest.MonkeyPatch, query: str = "") -> tuple[AuditListPage, dict[Any, Any]]:
    """The page at an address, with its neighbours."""
    states = {kind: kind(_reflex_internal_init=True) for kind in STATES}

    async def get_state(_: rx.State, kind: type[rx.State]) -> Any:
        return states[kind]

    monkeypatch.setattr(rx.State, "get_state", get_state)
    page = AuditListPage(_reflex_internal_init=True)  # type: ignore[call-arg]
    address = routes.audit() + (f"?{query}" if query else "")
    page.router = RouterData.from_router_data(
        {"pathname": routes.audit(), "asPath": address, "headers": {"origin": "http://x"}}
    )
    return page, states


async def shown(monkeypatch: pytest.MonkeyPatch, query: str = "") -> tuple[AuditListPage, dict[Any, Any]]:
    page, states = page_at(monkeypatch, query)
    await page._refresh(anew=True)
    return page, states


def paused(site: Site, reason: str = "rush") -> tuple[Quota, AuditEvent]:
    """A quota that ann has just paused, and the event that says so."""
    stamp = operator("ann").model_copy(update={"reason": reason, "ticket": "OPS-1", "correlation_id": "request-1"})
    made = site.backend.create_quota("acme", "test.echo", Limits(max_active=1), STAMP)
    site.backend.change_quota(made.id, QUOTA_PAUSE, None, stamp, revision=None)
    return made, container.services().audit.of(STAMP.actor, SubjectKey(SubjectKind.QUOTA, made.id), limit=1)[0]


async def test_rows_and_drawer_are_what_was_written_and_safe(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    quota, done = paused(site, HOSTILE.replace("\0", "")[:200])
    page, states = await shown(monkeypatch, f"id={quota.id}&event={done.n}")
    assert page.problem == ""
    pause, made = states[AuditRows].rows
    assert (pause.verb, pause.what, pause.ticket, made.verb) == (
        "Pause",
        "quota acme / test.echo",
        "OPS-1",
        "New quota",
    )
    assert pause.what_href == routes.quota(quota.id)
    assert pause.href == routes.audit_event(done.n, [("id", quota.id)])
    assert "\x1b" not in pause.reason + page.view.reason
    changed = {line.path: (line.before, line.after) for line in page.view.changes}
    assert changed["state"] == ("active", "paused")
    assert '"paused_at": null' in page.view.before
    assert (page.view.undo_off, page.view.undo_left) == ("", "10 minutes left")
    assert page.tokens[0]["label"] == "id"
    assert "format=json" in page.json_href


async def test_an_address_that_names_nothing_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for query, words in (
        ("kind=thing", "no kind of thing"),
        ("event=x", "by its number"),
        ("event=0", "by its number"),
    ):
        page, _ = await shown(monkeypatch, query)
        assert words in page.problem
        assert page.refused
    page, _ = await shown(monkeypatch, "event=999")
    assert (page.open_n, page.view.n, page.missing) == (999, 0, "There is no audit event 999.")


async def test_the_open_event_is_undone_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    quota, done = paused(site)
    page, states = await shown(monkeypatch, f"event={done.n}")
    assert await AuditListPage.undo_open.fn(page) is not None
    assert states[ShellState].toasts[-1]["text"] == "Undone: Pause: quota acme / test.echo."
    assert next(row for row in site.backend.quotas(tenants=None) if row.id == quota.id).paused_at is None
    assert await AuditListPage.undo_open.fn(page) is None
    assert "undone already" in page.undo_problem
    # Without an open event there is nothing to undo, whatever a client sends.
    page, _ = await shown(monkeypatch)
    assert await AuditListPage.undo_open.fn(page) is None


async def test_a_message_takes_back_what_it_tells_of_and_nothing_else(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota, done = paused(site)
    _, states = page_at(monkeypatch)
    told: ShellState = states[ShellState]
    offered = await way_back(Stamp(actor=STAMP.actor, correlation_id="request-1"))
    assert offered["undo"] == str(done.n)
    assert offered["until"] > iso(done.at)
    assert await way_back(Stamp(actor=STAMP.actor, correlation_id="another")) == {}
    told._say(message("It is paused.", **offered))
    monkeypatch.setattr(shell, "actor_of", lambda _state: Actor(name="bob", scopes=frozenset({Scope.READ})))
    await ShellState.undo.fn(told, told.toasts[-1]["id"])
    assert (told.toasts[-1]["tone"], "ops:quota" in told.toasts[-1]["text"]) == ("bad", True)
    monkeypatch.setattr(shell, "actor_of", lambda _state: STAMP.actor)
    told._say(message("It is paused.", **offered))
    await ShellState.undo.fn(told, told.toasts[-1]["id"])
    assert told.toasts[-1]["text"] == "Undone: It is paused."
    assert told.toasts[-1]["undo"] != ""
    assert next(row for row in site.backend.quotas(tenants=None) if row.id == quota.id).paused_at is None
    before = list(told.toasts)
    for key in ("none", before[0]["id"]):
        await ShellState.undo.fn(told, key)
    assert told.toasts == before


async def test_a_trail_is_the_thing_s_own(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    quota, done = paused(site)
    ask = trail_of(STAMP.actor, SubjectKind.QUOTA, quota.id)
    assert ask is not None
    trail = ask.read()
    assert trail.events[0].n == done.n
    assert trail.href == routes.audit([("kind", "quota"), ("id", quota.id)])
    _, states = page_at(monkeypatch)
    states[AuditTrail]._show(trail)
    entry = states[AuditTrail].rows[0]
    assert (entry.title, entry.detail, entry.audit) == ("Pause", "ann · OPS-1 · “rush”", True)
    assert entry.href == routes.audit_event(done.n)
    assert trail_of(STAMP.actor, SubjectKind.QUOTA, "") is None


def test_a_job_tells_once_what_was_done_to_it() -> None:
    resolve = event(kind=SubjectKind.DEAD_LETTER, verb="resolve", subject="[]", subject_id="", reason="known")
    cancel = event(kind=SubjectKind.JOB, verb="cancel", subject=f'["{ID}"]')
    told = JobEvent(seq=1, at=cancel.at, kind="cancel", detail="", attempt=0, actor="ann", reason="", ticket="")
    assert [one.kind for one in timeline_views((told,), [resolve, cancel])] == ["resolve", "cancel"]
    assert "undone by event 9" in trail_view(resolve.model_copy(update={"undone_by": 9})).detail


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_everything_that_is_touched_leads_somewhere(kind: SubjectKind) -> None:
    href = subject_href(event(kind=kind))
    assert bool(href) == (kind is not SubjectKind.AUDIT)
    assert href == "" or routes.table.match(href.partition("?")[0])


def test_a_filter_leads_to_its_list() -> None:
    exported = event(kind=SubjectKind.DEAD_LETTER, subject="x", subject_id="", scope="state=pending&tenant=a%26b")
    assert scope_href(exported) == routes.dead_letter_queue([("state", "pending"), ("tenant", "a&b")])
    assert scope_href(event()) == ""
