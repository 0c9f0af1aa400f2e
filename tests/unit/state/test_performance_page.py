"""What the page of performance shows, and what its events do for any client."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.access import local_operator
from execution_ops.domain.benchmarks import Judged, Result, Series, judge
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import BENCH_TYPE
from execution_ops.domain.job_types import REGISTRY as KNOWN
from execution_ops.domain.job_verbs import CANCEL
from execution_ops.domain.scanner_settings import BenchBudget
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE
from execution_ops.domain.states import JobState
from execution_ops.services import container
from execution_ops.state.bench_dialog import OWN, BenchDialog, field_of
from execution_ops.state.performance import PerformancePage, ResultRows, read_page
from execution_ops.state.performance_facts import chart_view, history_lines
from execution_ops.state.performance_view import result_line, running_line
from execution_ops.state.shell import ShellState
from tests.bench_samples import new_result, result
from tests.execution import Bench
from tests.job_samples import job_row
from tests.jobs import REGISTRY

HOSTILE = "path:/srv/<script>\u202egnp"


@pytest.fixture
def ledger(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    made = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    own = KNOWN.get(BENCH_TYPE)
    assert own is not None
    monkeypatch.setitem(REGISTRY._types, BENCH_TYPE, own)
    monkeypatch.setattr(container, "_shared", container.compose(made.settings, made.backend))
    yield made
    made.close()


def state_at(kind: type[Any], query: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The state of a page at an address, with its neighbours."""
    states = {one: one(_reflex_internal_init=True) for one in (ResultRows, ShellState)}

    async def get_state(_: rx.State, wanted: type[rx.State]) -> rx.State:
        return states[wanted]  # type: ignore[index]

    monkeypatch.setattr(rx.State, "get_state", get_state)
    made = kind(_reflex_internal_init=True)
    address = f"{routes.performance()}{query}"
    data = {"pathname": routes.performance(), "asPath": address, "headers": {"origin": "http://x"}}
    made.router = RouterData.from_router_data(data)
    return made


async def shown(page: PerformancePage) -> list[Any]:
    """Read and show the page; its rows."""
    address = page._address()
    answer = read_page(local_operator(), address)
    await page._show(answer)
    rows = await page.get_state(ResultRows)
    assert isinstance(rows, ResultRows)
    return list(rows.rows)


def judged(now: Result, baseline: Result | None = None) -> Judged:
    return judge(Series(result=now, baseline=baseline, results=2), BenchBudget())


def test_a_row_says_how_it_stands_in_words() -> None:
    line = result_line(judged(result(1340.0, scenario=HOSTILE), result(1000.0)), [("analyzer", "go")])
    assert (line.mean, line.state, line.against, line.against_look) == ("1,340 ms", "breach", "34.0 % slower", "t-bad")
    assert line.against_more == "mean, was 1,000 ms"
    assert "\u202e" not in line.title
    assert line.href == routes.performance([("analyzer", "go"), ("result", line.id)])
    assert not line.over
    assert result_line(judged(result(6_000.0)), []).over
    own = result(5.0)
    assert result_line(judged(own, own), []).against == "is the baseline"
    assert result_line(judged(own), []).against == "no baseline yet"
    assert result_line(judged(result(900.0), result(1000.0)), []).against == "10.0 % faster"


def test_what_runs_says_how_far_it_is() -> None:
    row = job_row(
        state=JobState.RUNNING, label="Go", progress_done=2, progress_total=6, progress_note="go: pass 2 of 5"
    )
    line = running_line(row)
    assert (line.progress, line.parts, line.whole, line.note) == ("2 of 6 passes", [("run", 2)], 6, "go: pass 2 of 5")
    waiting = running_line(job_row(state=JobState.SCHEDULED))
    assert (waiting.progress, waiting.note) == ("", "waits for a worker that is free")


def test_the_history_is_a_chart_and_a_table_of_the_same() -> None:
    base = result(100.0, syft="1.0")
    rows = [judged(one, base) for one in (result(200.0, syft="1.1"), base)]
    lines = history_lines(rows, base.id, [])
    assert [(line.note, line.here) for line in lines] == [("breach", False), ("baseline", True)]
    found = chart_view(rows, base.id, [], BenchBudget())
    assert [point.look for point in found.points] == ["here", "bad"]
    assert [point.href for point in found.points] == [line.href for line in lines[::-1]]
    assert [(mark.text, mark.side) for mark in found.marks] == [("Syft 1.0", "right"), ("Syft 1.1", "left")]
    assert [rule.look for rule in found.rules] == ["base"]


async def test_the_address_is_the_filter_and_the_drawer(ledger: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ledger.backend.keep_benchmark(new_result(100.0))
    ledger.backend.keep_benchmark(new_result(9.0, analyzer="rust"))
    page = state_at(PerformancePage, f"?analyzer=go&result={first.id}", monkeypatch)
    (line,) = await shown(page)
    assert (line.id, page.measured, page.hidden, page.without_baseline) == (first.id, 2, "1", 2)
    assert (page.open_id, page.facts.title, page.is_missing) == (first.id, "Go modules", False)
    assert (len(page.compare), len(page.samples), len(page.history)) == (4, 1, 1)
    assert "format=csv" in page.csv_href
    closed = page.close_drawer()
    assert routes.performance([("analyzer", "go")]) in str(closed)
    gone = state_at(PerformancePage, f"?result={new_id()}", monkeypatch)
    await shown(gone)
    assert gone.is_missing
    page.apply("state=fine")
    assert "no state" in page.complaint


async def test_a_result_is_promoted_after_its_question(ledger: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ledger.backend.keep_benchmark(new_result(100.0))
    page = state_at(PerformancePage, f"?result={first.id}", monkeypatch)
    await shown(page)

    async def quiet(**_: object) -> None:
        await shown(page)

    monkeypatch.setattr(type(page), "_refresh", lambda self, **_: quiet())
    page.ask_verb(BENCH_PROMOTE.name)
    assert page.question_title == "Make this the baseline of Go modules?"
    await page.do_verb("", "")
    assert "needs a reason" in page.verb_problem
    await page.do_verb("release", "")
    assert (page.asking, page.facts.is_baseline) == ("", True)
    assert [line.reason for line in page.promotions] == ["release"]
    page.ask_verb("retry")
    assert page.asking == ""
    page.ask_cancel(new_id())
    assert page.asking == ""


async def test_a_benchmark_is_started_shown_and_canceled(ledger: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = state_at(BenchDialog, "?run=go_modules&with=rust", monkeypatch)
    dialog.prepare()
    assert (dialog.chosen, dialog.ticked) == ("go_modules", ["rust"])
    dialog.choose("none")
    dialog.choose("java_demo_archive")
    assert dialog.ticked == ["java"]
    bad = {"iterations": "two", "warm_up": "1"}
    assert [event async for event in dialog.start(bad)] == [None]
    assert dialog.problem == "Iterations and warm-up are whole numbers."
    form = {"iterations": "2", "warm_up": "0", field_of("java"): "on"}
    assert len([event async for event in dialog.start(form)]) == 2
    assert [event async for event in dialog.start(form)] == []
    page = state_at(PerformancePage, "", monkeypatch)
    actor = local_operator()
    (job,) = container.services().benchmarks.running(actor)
    page._show_beside([job])
    assert page.running[0].title == "Java archives"
    page.ask_cancel(job.id)
    assert (page.asking, page.question_title) == (CANCEL.name, "Cancel the benchmark of Java archives?")


def test_the_dialog_begins_with_a_path(ledger: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = state_at(BenchDialog, "?run=path%3A%2Fsrv%2Fapp&state=breach", monkeypatch)
    dialog.prepare()
    assert (dialog.chosen, dialog.path, dialog.ticked, dialog.shown) == (OWN, "/srv/app", [], True)
    assert "state=breach" in str(dialog.close())
    assert not state_at(BenchDialog, "", monkeypatch).shown
