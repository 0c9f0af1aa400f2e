"""Baselines: a result is kept once, one of a source is promoted, and a roll-back goes back step by step."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import select

from execution_ops.backends.embedded import baselines
from execution_ops.backends.embedded.baseline_rows import BASELINE
from execution_ops.backends.embedded.engines import write
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import Baseline, PromotionOrder
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.ids import new_id
from execution_ops.domain.sbom_parts import read_part, unpack
from execution_ops.domain.states import BaselineState
from tests.baselines import SOURCE, keep, new, promote, store
from tests.execution import STAMP, Bench, operator

EVERYTHING = BaselineFilter()


def promoted_now(bench: Bench) -> str:
    """The label of what scans of the source compare with, "" if nothing."""
    found = bench.backend.promoted_baseline("acme", SOURCE)
    return "" if found is None else found.label


def order(held: str) -> PromotionOrder:
    """What a job of its own promotes for."""
    return PromotionOrder(job_id=new_id(), held=held)


def three(bench: Bench) -> tuple[Baseline, Baseline, Baseline]:
    """Three candidates of one source, the oldest first."""
    one, two, three = (keep(bench.backend, [("react", f"{n}.0.0")], label=f"v{n}") for n in (1, 2, 3))
    return one, two, three


def test_a_result_is_kept_once_with_its_packages(bench: Bench) -> None:
    made = keep(bench.backend, [("react", "18.0.0"), ("lodash", "4.17.21")], label="v1", green=False, dag_id="d")
    assert (made.state, made.syft, made.created_by) == (BaselineState.CANDIDATE, "1.42.0", STAMP.actor.name)
    # A file is asked for with a baseline that was read.
    assert bench.backend.get_baseline(made.id, tenants=None) == made
    path = bench.backend.baseline_file(made.parts)
    assert path is not None
    assert sorted(read_part(line).key for line in unpack(path.read_bytes()).lines) == [
        "pkg:npm/lodash",
        "pkg:npm/react",
    ]
    again = keep(bench.backend, [("react", "18.0.0"), ("lodash", "4.17.21")], dag_id="another")
    assert (again.id, again.label, again.green, again.dag_id) == (made.id, "v1", True, "d")
    other = keep(bench.backend, [("react", "18.0.0"), ("lodash", "4.17.21")], source="/srv/other")
    assert other.id != made.id
    assert other.parts == made.parts
    assert bench.backend.get_baseline(made.id, tenants=frozenset({"umbrella"})) is None
    assert bench.backend.find_baseline("acme", SOURCE, made.sha256) == again
    audit = bench.rows("SELECT verb, subject, before, after FROM audit_event WHERE verb = 'baseline_save' ORDER BY n")
    assert [bool(row["before"]) for row in audit] == [False, True, False]
    assert json.loads(audit[1]["after"])["green"] is True


@pytest.mark.parametrize("content", ["[]", "{}", "{", '{"bomFormat": "CycloneDX", "components": [1]}', "[" * 200_000])
def test_what_is_no_document_is_refused_in_words(bench: Bench, content: str) -> None:
    sha256, size = store(bench.backend, content)
    bad = new(bench.backend, [("a", "1")]).model_copy(update={"sha256": sha256, "size": size})
    with pytest.raises(InvalidInput, match="no CycloneDX document"):
        bench.backend.keep_baseline(bad, STAMP)
    with pytest.raises(InvalidInput, match="not stored"):
        bench.backend.keep_baseline(bad.model_copy(update={"sha256": "0" * 64}), STAMP)
    assert bench.backend.baselines(EVERYTHING, tenants=None, cursor=None, limit=10).rows == ()


def test_pages_are_by_time_and_filters_narrow_them(bench: Bench) -> None:
    made = [keep(bench.backend, [("react", f"{n}")], label=f"Release {n}") for n in range(5)]
    foreign = keep(bench.backend, [("react", "9")], tenant="umbrella", source="/srv/100%_sure")
    promote(bench.backend, made[1].id)

    def ids(where: BaselineFilter, tenants: frozenset[str] | None = frozenset({"acme"})) -> list[str]:
        return [row.id for row in bench.backend.baselines(where, tenants=tenants, cursor=None, limit=10).rows]

    newest_first = [one.id for one in reversed(made)]
    assert ids(EVERYTHING) == newest_first
    assert ids(EVERYTHING, None) == [foreign.id, *newest_first]
    assert ids(BaselineFilter(tenant=("umbrella",))) == []
    assert ids(BaselineFilter(state=(BaselineState.PROMOTED,))) == [made[1].id]
    assert ids(BaselineFilter(label="release 3")) == [made[3].id]
    assert ids(BaselineFilter(source="0%_s"), None) == [foreign.id]
    assert ids(BaselineFilter(source="%"), frozenset({"acme"})) == []
    assert ids(BaselineFilter(before="1h")) == []
    first = bench.backend.baselines(EVERYTHING, tenants=None, cursor=None, limit=4)
    assert first.newer is None
    second = bench.backend.baselines(EVERYTHING, tenants=None, cursor=first.older, limit=4)
    assert [row.id for row in (*first.rows, *second.rows)] == [foreign.id, *newest_first]
    assert second.older is None
    assert bench.backend.baselines(EVERYTHING, tenants=None, cursor=second.newer, limit=4).rows == first.rows
    with pytest.raises(InvalidInput, match="damaged"):
        bench.backend.baselines(EVERYTHING, tenants=None, cursor="x", limit=4)


def test_one_of_a_source_is_promoted_and_roll_backs_go_back_step_by_step(bench: Bench) -> None:
    one, two, three_ = three(bench)
    backend = bench.backend
    with pytest.raises(Conflict, match="Only a promoted"):
        backend.rollback_baseline(one.id, STAMP)
    for made in (one, two, one, three_):
        assert promote(backend, made.id, operator("ada")).promote_reason == "ada wants it"
    assert [row.label for row in backend.baselines_of("acme", SOURCE, limit=2)] == ["v3", "v2"]
    with pytest.raises(Conflict, match="promoted already"):
        promote(backend, three_.id)
    for label in ("v1", "v2", "v1"):
        current = backend.promoted_baseline("acme", SOURCE)
        assert current is not None
        assert backend.rollback_baseline(current.id, STAMP).label == promoted_now(bench) == label
    with pytest.raises(Conflict, match="nothing to go back to"):
        backend.rollback_baseline(one.id, STAMP)
    log = backend.promotions("acme", SOURCE, limit=10)
    assert [(entry.label, entry.previous_label) for entry in log] == [
        ("v1", "v2"),
        ("v2", "v1"),
        ("v1", "v3"),
        ("v3", "v1"),
        ("v1", "v2"),
        ("v2", "v1"),
        ("v1", ""),
    ]
    assert [entry.verb for entry in log] == ["baseline_rollback"] * 3 + ["baseline_promote"] * 4
    (source,) = backend.baseline_sources(tenants=frozenset({"acme"}), limit=10)
    assert (source.source, source.baselines, source.promoted and source.promoted.id) == (SOURCE, 3, one.id)
    assert backend.baseline_sources(tenants=frozenset({"umbrella"}), limit=10) == []


def test_a_promotion_after_a_roll_back_leads_back_to_what_stood(bench: Bench) -> None:
    one, two, three_ = three(bench)
    for made in (one, two):
        promote(bench.backend, made.id)
    bench.backend.rollback_baseline(two.id, STAMP)
    promote(bench.backend, three_.id)
    assert bench.backend.rollback_baseline(three_.id, STAMP).id == one.id


def test_only_candidates_are_deleted_and_no_roll_back_leads_to_them(bench: Bench) -> None:
    one, two, _ = three(bench)
    for made in (one, two):
        promote(bench.backend, made.id)
    with pytest.raises(Conflict, match="can't be deleted"):
        bench.backend.remove_baseline(two.id, STAMP)
    with pytest.raises(NotFound):
        bench.backend.remove_baseline(one.id, operator("eve", ["umbrella"]))
    bench.backend.remove_baseline(one.id, STAMP)
    assert bench.backend.get_baseline(one.id, tenants=None) is None
    with pytest.raises(NotFound):
        promote(bench.backend, one.id)
    with pytest.raises(Conflict, match="was deleted"):
        bench.backend.rollback_baseline(two.id, STAMP)
    assert promoted_now(bench) == "v2"
    # What was deleted can be kept anew.
    again = keep(bench.backend, [("react", "1.0.0")])
    assert again.id != one.id


def test_of_several_at_once_one_is_promoted_and_the_others_are_told(bench: Bench) -> None:
    made = three(bench)
    go, told = threading.Barrier(len(made)), []

    def compete(one: Baseline) -> None:
        go.wait(10)
        try:
            told.append(bench.backend.promote_baseline(one.id, order(held=""), operator(one.label)).label)
        except Conflict as error:
            told.append(error.code)

    threads = [threading.Thread(target=compete, args=(one,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told) == sorted(["CHANGED_MEANWHILE"] * 2 + [promoted_now(bench)])
    assert len(bench.backend.promotions("acme", SOURCE, limit=10)) == 1


def test_a_promotion_is_of_what_was_seen_and_a_second_try_of_its_job_changes_nothing(bench: Bench) -> None:
    one, two, three_ = three(bench)
    promote(bench.backend, one.id)
    seen = order(held=one.id)
    assert bench.backend.promote_baseline(two.id, seen, STAMP).state is BaselineState.PROMOTED
    assert bench.backend.promote_baseline(two.id, seen, STAMP).id == two.id
    with pytest.raises(Conflict, match="look at the difference again"):
        bench.backend.promote_baseline(three_.id, order(held=one.id), STAMP)
    with pytest.raises(Conflict, match="promoted already"):
        bench.backend.promote_baseline(two.id, order(held=one.id), STAMP)
    log = bench.backend.promotions("acme", SOURCE, limit=10)
    assert [entry.job_id for entry in log][:1] == [seen.job_id]
    assert len(log) == 2
    bench.backend.rollback_baseline(two.id, STAMP)
    # The job did its work once: another try after a roll-back must not undo that.
    with pytest.raises(Conflict, match="was promoted or rolled back meanwhile"):
        bench.backend.promote_baseline(two.id, seen.model_copy(update={"held": two.id}), STAMP)


def test_what_a_kit_promoted_is_taken_back_with_it(bench: Bench) -> None:
    one, two, three_ = three(bench)
    lone = keep(bench.backend, [("flask", "3")], source="/srv/lone", label="lone", kit_id="k1")
    kept = keep(bench.backend, [("flask", "3")], source="/srv/kept", label="kept")
    newer = keep(bench.backend, [("flask", "4")], source="/srv/kept", label="newer")
    backend = bench.backend
    promote(backend, one.id)

    def activate(kit: str, *wanted: Baseline) -> None:
        with write(backend.engine) as connection:
            for baseline in wanted:
                n = connection.execute(select(BASELINE.c.n).where(BASELINE.c.id == baseline.id)).scalar_one()
                baselines.promote_of_kit(connection, n, STAMP, kit_id=kit, job_id=new_id())

    def take_back(kit: str) -> None:
        with write(backend.engine) as connection:
            baselines.unpromote_kit(connection, kit, STAMP, since=0)

    activate("k1", two, lone, kept)
    promote(backend, newer.id)
    activate("k2", three_, lone)
    assert promoted_now(bench) == "v3"
    take_back("k2")
    assert promoted_now(bench) == "v2"
    assert backend.promoted_baseline("acme", "/srv/lone") is not None
    take_back("k1")
    assert promoted_now(bench) == "v1"
    assert backend.promoted_baseline("acme", "/srv/lone") is None
    current = backend.promoted_baseline("acme", "/srv/kept")
    assert current is not None
    assert current.label == "newer"
    take_back("k1")
    assert promoted_now(bench) == "v1"
    entry = backend.promotions("acme", "/srv/lone", limit=1)[0]
    assert (entry.verb, entry.baseline_id, entry.previous_label, entry.kit_id) == ("kit_rollback", "", "lone", "k1")


def test_nobody_touches_what_another_tenant_has(bench: Bench) -> None:
    one, _, _ = three(bench)
    eve = operator("eve", ["umbrella"])
    with pytest.raises(NotFound, match="There is no baseline"):
        promote(bench.backend, one.id, eve)
    for act in (bench.backend.rollback_baseline, bench.backend.remove_baseline):
        with pytest.raises(NotFound, match="There is no baseline"):
            act(one.id, eve)
    assert promoted_now(bench) == ""
