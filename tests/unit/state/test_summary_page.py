"""What the JobEngine summary shows, from the samples that all pages share; on a real ledger."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.services import container
from execution_ops.state.summary import SummaryPage, SummaryQueues
from tests.execution import Bench
from tests.overview_samples import QUEUES, fill


@pytest.fixture
def ledger(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    made = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    monkeypatch.setattr(container, "_shared", container.compose(made.settings, made.backend))
    yield made
    made.close()


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> SummaryQueues:
    """The rows of the queues, beside any page."""
    rows = SummaryQueues(_reflex_internal_init=True)  # type: ignore[call-arg]

    async def get_state(_: rx.State, kind: type[rx.State]) -> rx.State:
        assert kind is SummaryQueues
        return rows

    monkeypatch.setattr(rx.State, "get_state", get_state)
    return rows


async def look(*pairs: tuple[str, str]) -> SummaryPage:
    """Open the page and what stands around its queues."""
    page = SummaryPage(_reflex_internal_init=True)  # type: ignore[call-arg]
    data = {"pathname": routes.jobengine(), "asPath": routes.jobengine(pairs), "headers": {"origin": "http://x"}}
    page.router = RouterData.from_router_data(data)
    await page._refresh()
    beside = page._ask().beside
    assert beside is not None
    page._show_beside(await beside())
    return page


@pytest.mark.usefixtures("ledger", "queues")
async def test_an_empty_system_says_so() -> None:
    page = await look()
    assert (page.problem, page.empty, page.sentence) == ("", True, "No queue has had a job yet.")
    assert page.strip.known
    assert page.strip.lines == []


async def test_the_figures_are_those_of_all_queues_and_what_blocks_is_named(
    ledger: Bench, queues: SummaryQueues
) -> None:
    fill(ledger)
    page = await look()
    assert (page.problem, page.empty) == ("", False)
    assert {line.queue for line in queues.rows} >= set(QUEUES)
    assert queues.ways.keys() == queues.curves.keys() == {line.queue for line in queues.rows}
    assert page.waiting == sum(line.waiting for line in queues.rows)
    assert page.done == sum(done for _, _, _, _, done, _ in QUEUES.values())
    assert (page.strip.count, len(page.strip.lines), page.strip.other) == ("5", 3, "and 2 more")
    whole = await look(("blocks", "all"))
    assert len(whole.strip.lines) == 5
    assert whole.sentence.startswith(f"{whole.queue_count} queues, 5 things need attention.")
