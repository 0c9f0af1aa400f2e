"""Who may see and change which quota, and what a held job says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from execution_ops.domain.ids import new_id
from execution_ops.domain.quota_exports import QuotaExportFormat
from execution_ops.domain.quota_filters import QuotaFilter
from execution_ops.domain.quota_verbs import QUOTA_VERBS
from execution_ops.domain.quotas import ANY, WAITING_MAX, Limits
from execution_ops.domain.states import JobState
from execution_ops.domain.verbs import Stamp
from execution_ops.services.jobs import JobService
from execution_ops.services.quotas import QuotaService, why_quota_off
from tests.doubles import EPOCH, MemoryBackend
from tests.job_samples import job_detail, job_row
from tests.quota_double import quota_row

ANN = Actor(name="ann", scopes=frozenset(Scope))
BOB = ANN.model_copy(update={"name": "bob", "tenants": frozenset({"borealis"})})
LIMITS = Limits(max_active=9)


def stamp(actor: Actor = ANN, reason: str = "a test") -> Stamp:
    return Stamp(actor=actor, reason=reason)


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def quotas(backend: MemoryBackend) -> QuotaService:
    return QuotaService(backend)


def do(quotas: QuotaService, verb: str, actor: Actor, quota_id: str, **more: Any) -> object:
    """Do a verb in its own way."""
    if verb == "quota_create":
        return quotas.create(actor, "lumen", "demo.work", LIMITS, stamp(actor))
    if verb == "quota_delete":
        return quotas.delete(actor, quota_id, stamp(actor), **more)
    limits = LIMITS if verb in ("quota_edit", "quota_override") else None
    return quotas.act(actor, verb, quota_id, stamp(actor), limits=limits, **more)


@pytest.mark.parametrize("verb", QUOTA_VERBS, ids=lambda verb: verb.name)
def test_every_verb_asks_for_its_own_scope(quotas: QuotaService, backend: MemoryBackend, verb: Any) -> None:
    row = backend.add_quota(quota_row())
    weak = ANN.model_copy(update={"scopes": frozenset(Scope) - {Scope.QUOTA}})
    with pytest.raises(Forbidden, match="ops:quota"):
        do(quotas, verb.name, weak, row.id)
    assert not backend.stamps
    assert why_quota_off(weak, "acme") == "Needs the permission ops:quota."


@pytest.mark.parametrize(
    "read",
    [
        lambda quotas, actor: quotas.all(actor),
        lambda quotas, actor: quotas.list(actor, QuotaFilter()),
        lambda quotas, actor: quotas.get(actor, new_id()),
        lambda quotas, actor: quotas.summary(actor),
        lambda quotas, actor: quotas.export(actor, QuotaFilter(), QuotaExportFormat.CSV, stamp(actor)),
    ],
)
def test_reading_needs_the_scope_to_read(quotas: QuotaService, read: Callable[..., object]) -> None:
    with pytest.raises(Forbidden, match="ops:read"):
        read(quotas, ANN.model_copy(update={"scopes": frozenset({Scope.QUOTA})}))


@pytest.mark.parametrize("verb", [verb.name for verb in QUOTA_VERBS if verb.name != "quota_create"])
def test_quotas_of_other_tenants_are_not_found_and_those_of_any_are_not_changed(
    quotas: QuotaService, backend: MemoryBackend, verb: str
) -> None:
    theirs, everyones = backend.add_quota(quota_row()), backend.add_quota(quota_row(tenant=ANY, job_type=ANY))
    assert [row.id for row in quotas.all(BOB)] == [everyones.id]
    with pytest.raises(NotFound):
        quotas.get(BOB, theirs.id)
    with pytest.raises(NotFound):
        do(quotas, verb, BOB, theirs.id)
    with pytest.raises(Forbidden, match="all tenants"):
        do(quotas, verb, BOB, everyones.id)
    assert "all tenants" in why_quota_off(BOB, ANY)
    assert why_quota_off(BOB, "borealis") == ""
    assert not backend.stamps


@pytest.mark.parametrize("verb", [verb.name for verb in QUOTA_VERBS if verb.name != "quota_create"])
def test_bad_ids_and_revisions_are_refused(quotas: QuotaService, verb: str) -> None:
    for bad in ("", "1", "../..", "x" * 36):
        with pytest.raises(InvalidInput):
            do(quotas, verb, ANN, bad)
    with pytest.raises(NotFound):
        do(quotas, verb, ANN, new_id())
    for revision in (0, -1, 2**40):
        with pytest.raises(InvalidInput, match="revision"):
            do(quotas, verb, ANN, new_id(), revision=revision)


def test_a_pause_needs_a_reason(quotas: QuotaService, backend: MemoryBackend) -> None:
    row = backend.add_quota(quota_row())
    with pytest.raises(InvalidInput, match="needs a reason"):
        quotas.act(ANN, "quota_pause", row.id, stamp(reason=" "))
    assert quotas.act(ANN, "quota_pause", row.id, stamp(reason="password=hunter2 broke")).paused_by == "ann"
    assert "hunter2" not in quotas.get(ANN, row.id).pause_reason


def test_the_later_of_two_operators_is_told(quotas: QuotaService, backend: MemoryBackend) -> None:
    row = backend.add_quota(quota_row())
    quotas.act(ANN, "quota_edit", row.id, stamp(), limits=LIMITS, revision=1)
    with pytest.raises(Conflict, match="ann changed this quota"):
        quotas.act(ANN, "quota_override", row.id, stamp(), limits=Limits(), revision=1)
    assert quotas.get(ANN, row.id).revision == 2


@pytest.mark.parametrize("verb", ["quota_create", "quota_delete", "cancel", "", "quota_edit"])
def test_verbs_that_are_not_done_like_this_are_refused(quotas: QuotaService, backend: MemoryBackend, verb: str) -> None:
    row = backend.add_quota(quota_row())
    with pytest.raises(InvalidInput):
        quotas.act(ANN, verb, row.id, stamp())
    with pytest.raises(InvalidInput):
        quotas.act(ANN, "quota_resume", row.id, stamp(), limits=LIMITS)


def test_the_summary_adds_up(quotas: QuotaService, backend: MemoryBackend) -> None:
    backend.add_quota(quota_row(waiting=WAITING_MAX + 1, at_limit=True))
    backend.add_quota(quota_row(tenant="lumen", paused_at=EPOCH, waiting=5))
    found = quotas.summary(ANN)
    assert (found.quotas, found.paused, found.at_limit, found.waiting) == (2, 1, 1, WAITING_MAX + 5)
    assert not found.exact


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"paused_at": EPOCH, "paused_by": "bob", "pause_reason": "repo is down"},
            "bob paused its quota acme / demo.work at 23 Jan 12:00 UTC: repo is down",
        ),
        (
            {"at_limit": True, "active": 5, "waiting": 1},
            "All 5 slots of its quota acme / demo.work are taken.",
        ),
        (
            {"at_limit": True, "active": 1, "configured": Limits(max_active=1), "waiting": WAITING_MAX + 1},
            "The one slot of its quota acme / demo.work is taken, and 10,000 other jobs wait for it.",
        ),
        (
            {
                "at_limit": True,
                "configured": Limits(max_per_hour=3),
                "next_token_at": EPOCH + timedelta(minutes=3),
                "waiting": 20,
            },
            "Its quota acme / demo.work allows no more starts now; the next one at 23 Jan 12:03 UTC, "
            "and 19 other jobs wait for it.",
        ),
        ({}, "No worker that is online serves the queue demo. Start one: execution-ops worker"),
    ],
)
def test_a_held_job_names_its_quota_and_why(backend: MemoryBackend, changes: dict[str, Any], words: str) -> None:
    jobs, row = JobService(backend), backend.add_quota(quota_row(**changes))
    backend.add_quota(quota_row(tenant=ANY, job_type=ANY, paused_at=EPOCH, paused_by="ann"))
    waiting = jobs.why_waiting(ANN, job_detail(job_row(state=JobState.SCHEDULED)))
    assert waiting.sentence == words
    assert waiting.quota_id == (row.id if changes else None)
