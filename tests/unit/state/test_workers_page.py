"""What the page of workers shows, and what its events do for any client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.fleet import Asked, FleetWarning, WarningKind, WorkerJob
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_STOP
from execution_ops.services import container
from execution_ops.settings import Settings
from execution_ops.state import workers as module
from execution_ops.state.audit_trail import AuditTrail
from execution_ops.state.shell import ShellState
from execution_ops.state.workers import WorkerRows, WorkersPage
from execution_ops.state.workers_view import fleet_values, question, warning_line, worker_line
from tests.doubles import EPOCH, MemoryBackend
from tests.fleet_double import fleet_of, fleet_worker
from tests.job_samples import job_row

HOSTILE = '<script>alert(1)</script>\u202egnp.exe\x1b[2J"'


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryBackend:
    made = MemoryBackend()
    monkeypatch.setattr(container, "_shared", container.compose(Settings(data_dir=tmp_path), made))
    return made


def page_at(query: str, monkeypatch: pytest.MonkeyPatch) -> WorkersPage:
    """The page at an address, with its neighbours."""
    kinds: list[Any] = [WorkerRows, ShellState, AuditTrail]
    states = {kind: kind(_reflex_internal_init=True) for kind in kinds}

    async def get_state(_: rx.State, kind: type[rx.State]) -> rx.State:
        return states[kind]

    monkeypatch.setattr(rx.State, "get_state", get_state)
    page = WorkersPage(_reflex_internal_init=True)  # type: ignore[call-arg]
    address = f"{routes.workers()}{query}"
    data = {"pathname": routes.workers(), "asPath": address, "headers": {"origin": "http://x"}}
    page.router = RouterData.from_router_data(data)
    return page


async def beside(page: WorkersPage) -> None:
    """Read what the drawer shows beside the fleet, as the loop of the tab does."""
    read = page._ask().beside
    assert read is not None
    page._show_beside(await read())


async def rows_of(page: WorkersPage) -> WorkerRows:
    found = await page.get_state(WorkerRows)
    assert isinstance(found, WorkerRows)
    return found


def test_a_row_is_told_in_words_and_links_to_its_jobs() -> None:
    jobs = tuple(WorkerJob(id=f"j{n}", job_type="demo", label=str(n), tenant="a", started_at=EPOCH) for n in range(4))
    line = worker_line(fleet_worker(running=4, jobs=jobs, memory_bytes=127_000_000, cpu_percent=7))
    assert (line.href, line.jobs_href, line.running_href) == (
        routes.worker("w1"),
        routes.jobs([("worker", "w1")]),
        routes.jobs([("state", "running"), ("worker", "w1")]),
    )
    assert ([job.name for job in line.jobs], line.more) == (["demo 0"], "+3 more")
    assert (line.running_text, line.full, line.memory, line.cpu) == ("/ 4", True, "127.0 MB", "7 % of a core")
    two = worker_line(fleet_worker(running=2, jobs=jobs[:2]))
    assert ([job.href for job in two.jobs], two.more) == ([routes.job("j0"), routes.job("j1")], "")
    # Those of other tenants are counted, and not named.
    assert worker_line(fleet_worker(running=3)).more == ""
    assert worker_line(fleet_worker(memory_bytes=None)).memory == ""


def test_what_is_asked_is_told_with_who_and_why() -> None:
    asked = {"asked": Asked.DRAIN, "asked_by": "ann", "asked_reason": "deploy", "asked_at": EPOCH}
    line = worker_line(fleet_worker(state=WorkerState.DRAINING, running=1, **asked))
    assert (line.asked, line.asked_text, line.asked_reason) == ("drain", "Asked to drain by ann", "deploy")
    assert (line.takes, line.running_text, line.resume_off) == (False, "to finish", "")
    gone = worker_line(fleet_worker(state=WorkerState.DRAINED, ended_at=EPOCH, **asked))
    assert (gone.asked, gone.word, gone.lived) == ("", "ended", "0 ms")
    assert worker_line(fleet_worker(), "No.").drain_off == "No."


def test_hostile_text_is_shown_and_does_nothing() -> None:
    texts = {"name": HOSTILE, "host": HOSTILE, "version": HOSTILE, "queues": (HOSTILE,)}
    asked = {"asked": Asked.DRAIN, "asked_by": HOSTILE, "asked_reason": HOSTILE}
    line = worker_line(fleet_worker(**texts, **asked))
    warning = warning_line(FleetWarning(kind=WarningKind.VERSIONS, sentence=HOSTILE, version=HOSTILE))
    title, _, facts = question(WORKER_DRAIN, [fleet_worker(**texts)], fleet_of(fleet_worker(**texts)))
    shown = [line.name, line.place, line.queues, line.asked_text, line.asked_reason, warning.text, warning.link]
    for text in (*shown, title, json.dumps(facts, ensure_ascii=False)):
        assert "\u202e" not in text
        assert "\x1b" not in text
        assert "<script>" in text  # As text: the page escapes it.
    assert "<" not in warning.href


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (WarningKind.NO_WORKER, routes.jobs([("state", "scheduled"), ("queue", "q")])),
        (WarningKind.ALL_DRAIN, routes.workers([("queue", "q")])),
        (WarningKind.LATE, routes.worker("w")),
        (WarningKind.VERSIONS, routes.workers([("version", "1")])),
    ],
)
def test_a_warning_leads_to_what_it_is_about(kind: WarningKind, address: str) -> None:
    assert warning_line(FleetWarning(kind=kind, sentence="x", queue="q", worker_id="w", version="1")).href == address


def test_the_question_says_what_stays_without_a_worker() -> None:
    first, second = fleet_worker(running=2, queues=("demo", "mail")), fleet_worker(id="w2")
    title, button, facts = question(WORKER_STOP, [first], fleet_of(first, second))
    assert (title, button) == ("Stop builder?", "Stop")
    assert facts[0] == ("Finishes", "2 jobs now running")
    assert facts[1] == ("Waits then", "what is in mail: no other worker takes jobs there")
    assert "starts no other" in facts[2][1]
    assert question(WORKER_DRAIN, [first, second], fleet_of(first, second))[0] == "Drain 2 workers?"


def test_suggestions_are_the_values_of_the_fleet() -> None:
    values = fleet_values(fleet_of(fleet_worker(queues=("b", "a")), fleet_worker(id="w2", host="h2")))
    assert (values["queue"], values["host"], values["id"]) == (["a", "b", "demo"], ["h2", "vm"], ["w1", "w2"])


async def test_the_page_shows_its_address_and_drains_what_matches(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.add_worker(id="a", version="1")
    backend.add_worker(id="b", version="2")
    backend.add_worker(id="c", state=WorkerState.LOST, ended_at=EPOCH)
    page = page_at("?version=1", monkeypatch)
    await page.refresh()
    rows = await rows_of(page)
    assert ([row.id for row in rows.rows], rows.gone) == (["a"], [])
    assert (page.total, page.living, page.hidden) == (3, 2, "2")
    assert (page.drain_label, page.drain_off) == ("Drain the 1 that match", "")
    assert page.resume_off == "No worker here is drained."
    assert [line.href for line in page.warnings] == [routes.workers([("version", "1")])]

    page.ask_matching("worker_drain")
    assert (page.asking, page.question_title) == ("worker_drain", "Drain builder?")
    await page.do_verb("", "")
    assert "needs a reason" in page.verb_problem
    await page.do_verb("deploy", "OPS-1")
    assert (page.asking, page.verb_problem) == ("", "")
    assert backend.known_workers["a"].asked is Asked.DRAIN
    assert backend.known_workers["b"].asked is Asked.NOTHING
    assert (await rows_of(page)).rows[0].state == "draining"


async def test_the_drawer_shows_one_worker_with_what_it_runs_and_did(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = WorkerJob(id="j1", job_type="demo", label="1", tenant="a", started_at=EPOCH)
    backend.add_worker(queues=("demo", "mail"), running=3, jobs=(running,), slots=8)
    for job_id, state in (("j1", JobState.RUNNING), ("j2", JobState.FAILED)):
        ended = None if state is JobState.RUNNING else EPOCH
        backend.add(job_row(id=job_id, state=state, worker_id="w1", started_at=EPOCH, finished_at=ended))
    page = page_at("?queue=mail&worker=w1", monkeypatch)
    await page.refresh()
    assert (page.open_id, page.opened.name, page.is_missing) == ("w1", "builder", False)
    assert (await rows_of(page)).rows[0].href == routes.workers([("queue", "mail"), ("worker", "w1")])
    assert page.concurrency == "4 jobs of a queue, 8 in all"
    assert [one.href for one in page.serves] == [routes.jobs([("queue", name)]) for name in ("demo", "mail")]
    assert ([one.name for one in page.runs], page.runs_more) == (["demo 1"], "+2 more")
    assert not page.has_lately
    await beside(page)
    assert page.has_lately
    assert [(one.href, one.state) for one in page.done] == [(routes.job("j2"), "failed")]
    assert f'"{routes.workers([("queue", "mail")])}"' in str(page.close_drawer().args)


async def test_the_drawer_of_a_worker_that_is_listed_no_more_or_was_never_there(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = backend.add_worker(id="old", name="night", state=WorkerState.LOST, ended_at=EPOCH)
    monkeypatch.setattr(backend, "fleet", lambda tenants: fleet_of())
    page = page_at("?worker=old", monkeypatch)
    await page.refresh()
    assert (page.open_id, page.opened.id, page.is_missing) == ("old", "", False)
    await beside(page)
    assert (page.opened.name, page.opened.is_gone, page.is_missing) == (old.name, True, False)
    nowhere = page_at("?worker=nobody", monkeypatch)
    await nowhere.refresh()
    assert not nowhere.is_missing
    await beside(nowhere)
    assert (nowhere.is_missing, nowhere.opened.id, nowhere.has_lately) == (True, "", False)
    # What was read of another worker is none of this one's.
    nowhere._show_drawer("another", (), "")
    assert not nowhere.is_missing


async def test_what_somebody_else_changed_meanwhile_is_refused(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.add_worker()
    page = page_at("", monkeypatch)
    await page.refresh()
    page.ask_worker("worker_stop", "w1")
    backend.add_worker(revision=2, asked_by="bob", asked_at=EPOCH)
    await page.do_verb("deploy", "")
    assert page.verb_problem.startswith("bob changed what is asked of it")
    assert page.asking == "worker_stop"
    assert backend.known_workers["w1"].state is WorkerState.ONLINE


async def test_any_client_can_send_anything(backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend.add_worker()
    page = page_at("", monkeypatch)
    await page.refresh()
    wrong: list[Any] = [None, 7, {"a": 1}, "quota_pause", "cancel", "x" * 10_000]
    for one in wrong:
        page.ask_worker(one, "w1")
        assert page.asking == ""
        page.ask_matching(one)
        assert page.asking == ""
        page.ask_worker("worker_drain", one)
        assert page.asking == ""
        await page.do_verb("deploy", "")
    page.ask_worker("worker_drain", "w1")
    await page.do_verb("\ud800", "")
    assert "whole characters" in page.verb_problem
    page.apply("state=asleep")
    assert page.complaint.startswith("There is no state of a worker")
    assert backend.known_workers["w1"].asked is Asked.NOTHING


async def test_who_may_not_is_told_so_and_refused(backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend.add_worker()
    for actor, why in (
        (Actor(name="eve", scopes=frozenset({Scope.READ})), "Needs the permission ops:operate."),
        (Actor(name="eve", scopes=frozenset(Scope), tenants=frozenset({"acme"})), "all tenants"),
    ):
        monkeypatch.setattr(module, "actor_of", lambda _, actor=actor: actor)
        monkeypatch.setattr("execution_ops.state.verbs.actor_of", lambda _, actor=actor: actor)
        page = page_at("", monkeypatch)
        await page.refresh()
        assert why in page.drain_off
        assert why in (await rows_of(page)).rows[0].stop_off
        page.ask_worker("worker_drain", "w1")
        await page.do_verb("deploy", "")
        assert why in page.verb_problem
    assert not backend.stamps


@pytest.mark.parametrize(
    "query", ["?state=asleep", "?cursor=x", f"?host={'x' * 5000}", f"?worker={'x' * 201}", "?worker=%00"]
)
async def test_a_bad_address_is_said(backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    page = page_at(query, monkeypatch)
    await page.refresh()
    assert page.refused
    page.ask_matching("worker_drain")
    assert page.asking == ""
