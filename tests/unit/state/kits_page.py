"""The page of offline kits for tests: at an address, on a real ledger, with nobody who follows the change feed."""

from __future__ import annotations

import json
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.access import local_operator
from execution_ops.domain.filters import JobFilter
from execution_ops.services import container
from execution_ops.state.audit_trail import AuditTrail
from execution_ops.state.offline_kits import KitRows, KitsPage
from execution_ops.state.shell import ShellState


def page_at(monkeypatch: pytest.MonkeyPatch, *pairs: tuple[str, str]) -> KitsPage:
    """The page at an address, with its neighbours."""
    kinds: list[Any] = [KitRows, ShellState, AuditTrail]
    states = {kind: kind(_reflex_internal_init=True) for kind in kinds}

    async def get_state(_: rx.State, kind: type[rx.State]) -> rx.State:
        return states[kind]

    monkeypatch.setattr(rx.State, "get_state", get_state)
    page = KitsPage(_reflex_internal_init=True)  # type: ignore[call-arg]
    data = {"pathname": routes.offline_kits(), "asPath": routes.offline_kits(pairs), "headers": {"origin": "http://x"}}
    page.router = RouterData.from_router_data(data)
    return page


async def rows_of(page: KitsPage) -> KitRows:
    found = await page.get_state(KitRows)
    assert isinstance(found, KitRows)
    return found


async def shown(monkeypatch: pytest.MonkeyPatch, *pairs: tuple[str, str]) -> tuple[KitsPage, KitRows]:
    page = page_at(monkeypatch, *pairs)
    # Nobody follows the change feed here.
    await page._refresh(anew=True)
    assert page.problem == "", page.problem
    return page, await rows_of(page)


def submitted(job_type: str) -> dict[str, Any]:
    """The payload of the one job of that type that the page has started."""
    services = container.services()
    rows = services.jobs.list(local_operator(), JobFilter(job_type=(job_type,)), cursor=None, limit=10).rows
    assert len(rows) == 1
    value: dict[str, Any] = json.loads(services.jobs.value(local_operator(), rows[0].id, "payload"))
    return value
