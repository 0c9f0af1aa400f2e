"""The audit can be searched, pages through index reads, and tells nobody of what they may not see."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import MetaData, event, insert, text

from execution_ops.backends.embedded.audit import AUDIT, SUBJECT, WORD
from execution_ops.backends.embedded.engines import ledger_engine, read, write
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.backends.embedded.tokens import reason_token
from execution_ops.domain.audit import EVERYONE, AuditPage, SubjectKey, SubjectKind
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.exports import ExportFormat
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.query_values import Sort
from execution_ops.domain.quota_verbs import QUOTA_PAUSE
from execution_ops.domain.quotas import ANY, Limits
from execution_ops.services.container import compose
from tests.execution import STAMP, Bench, node, operator
from tests.factories import add_jobs, job_values
from tests.quota_bench import act, quota
from tests.schema import upgrade_to

ACME = frozenset({"acme"})
START = 1_790_000_000_000


def found(bench: Bench, query: str = "", tenants: frozenset[str] | None = None, limit: int = 50) -> list[int]:
    where = AuditFilter.from_query(query)
    return [row.n for row in bench.backend.list_audit(where, tenants=tenants, cursor=None, limit=limit).rows]


def add(bench: Bench, count: int, **values: Any) -> None:
    """That many events, a second apart, with their words and what they touched; values may be functions of i."""
    plain = {"actor": "ann", "source": "", "verb": "quota_edit", "subject": "", "count": 1, "reason": "", "ticket": ""}
    plain |= {"before": "", "after": "", "inverse": "", "correlation_id": "", "kind": "quota", "tenant": "acme"}
    with write(bench.beneath.engine) as connection:
        rows = []
        for i in range(count):
            own = {name: value(i) if callable(value) else value for name, value in values.items()}
            rows.append({**plain, "created_at": START + 1000 * i, **own})
        first = connection.execute(text("SELECT coalesce(max(n), 0) FROM audit_event")).scalar_one()
        connection.execute(insert(AUDIT), rows)
        places = [{"created_at": row["created_at"], "n": first + i} for i, row in enumerate(rows, 1)]
        named = [
            {"kind": row["kind"], "id": row["subject_id"], **place}
            for row, place in zip(rows, places, strict=True)
            if row.get("subject_id")
        ]
        words = [
            {"token": reason_token(word), **place}
            for row, place in zip(rows, places, strict=True)
            for word in sorted(set(row["reason"].split()))
        ]
        for table, side in ((SUBJECT, named), (WORD, words)):
            if side:
                connection.execute(insert(table), side)


def test_a_verb_leaves_an_event_that_every_field_finds(bench: Bench) -> None:
    known = quota(bench, max_active=5)
    stamp = operator("ann").model_copy(
        update={"reason": "Rush hour, see the Plan", "ticket": "OPS-1", "correlation_id": "request-7"}
    )
    bench.backend.change_quota(known.id, QUOTA_PAUSE, None, stamp, revision=None)
    (made, paused) = found(bench, "sort=oldest")
    for query in (
        *("actor=ann", "verb=quota_pause", f"id={known.id}&verb=quota_pause", "ticket=OPS-1", "text=rush+PLAN"),
        *("correlation=request-7", "actor=ann&actor=zoe&kind=quota&tenant=acme&ticket=OPS-1&text=hour&after=1h"),
    ):
        assert found(bench, query) == [paused], query
    assert found(bench, f"id={known.id}&kind=quota") == [paused, made]
    for query in ("actor=zoe", "text=rush+nothing", "kind=job", f"id={known.id}&kind=job", "before=1h", "tenant=zeta"):
        assert found(bench, query) == [], query
    detail = bench.backend.audit_event(paused, tenants=None)
    assert detail is not None
    assert detail.subjects == (SubjectKey(SubjectKind.QUOTA, known.id),)
    assert (detail.event.tenant, detail.event.subject_id, detail.event.inverse) == ("acme", known.id, "quota_resume")
    assert json.loads(detail.event.before)["paused_at"] is None
    assert json.loads(detail.event.after)["pause_reason"] == stamp.reason
    with pytest.raises(InvalidInput, match="at least one word"):
        found(bench, "text=...")


def test_pages_meet_without_a_gap_either_way(bench: Bench) -> None:
    add(bench, 25, actor=lambda i: ("ann", "zoe")[i % 2], verb=lambda i: ("quota_edit", "quota_pause")[i % 3 == 0])
    for query in ("", "actor=ann", "actor=ann&actor=zoe", "actor=ann&verb=quota_pause", "sort=oldest&actor=zoe"):
        whole, where = found(bench, query, limit=100), AuditFilter.from_query(query)
        there: list[int] = []
        pages: list[AuditPage] = []
        cursor = None
        while True:
            page = bench.backend.list_audit(where, tenants=None, cursor=cursor, limit=4)
            pages.append(page)
            there += [row.n for row in page.rows]
            cursor = page.following(where.sort)
            if cursor is None:
                break
        assert there == whole, query
        back = pages[-1].newer if where.sort is Sort.NEWEST else pages[-1].older
        before = bench.backend.list_audit(where, tenants=None, cursor=back, limit=4)
        assert before.rows == pages[-2].rows, query
        batches = list(bench.backend.iterate_audit(where, tenants=None, batch=4))
        assert [row.n for batch in batches for row in batch] == whole


def test_a_search_that_finds_little_is_bounded_and_goes_on(bench: Bench) -> None:
    add(bench, 12_000, verb="quota_edit", ticket=lambda i: "OPS-1" if i == 3 else "")
    where = AuditFilter.from_query("actor=ann&verb=quota_edit&kind=quota&tenant=acme&id=none")
    assert bench.backend.list_audit(where, tenants=None, cursor=None, limit=5).rows == ()
    # The ticket has one event, so nothing has to be searched.
    assert len(found(bench, "actor=ann&verb=quota_edit&ticket=OPS-1")) == 1
    add(bench, 12_000, actor="zoe", created_at=lambda i: START - 1 - i, kind="job")
    where = AuditFilter.from_query("verb=quota_edit&kind=quota&kind=job&actor=zoe&tenant=acme&sort=newest")
    page = bench.backend.list_audit(where, tenants=None, cursor=None, limit=5)
    assert [row.actor for row in page.rows] == ["zoe"] * 5


def test_what_others_did_to_other_tenants_is_not_told(bench: Bench) -> None:
    own, other = quota(bench, max_active=1), quota(bench, tenant="zeta", max_active=1)
    shared = bench.backend.create_quota(ANY, "test.echo", Limits(max_active=1), STAMP)
    everything = found(bench)
    assert len(everything) == 3
    seen = found(bench, tenants=ACME)
    names = {row["n"]: row["subject_id"] for row in bench.rows("SELECT n, subject_id FROM audit_event")}
    assert {names[n] for n in seen} == {own.id, shared.id}
    (hidden,) = set(everything) - set(seen)
    assert bench.backend.audit_event(hidden, tenants=ACME) is None
    assert found(bench, "tenant=zeta", tenants=ACME) == found(bench, f"id={other.id}", tenants=ACME) == []
    assert bench.backend.audit_of([SubjectKey(SubjectKind.QUOTA, other.id)], tenants=ACME, limit=5) == ()
    assert bench.backend.count_audit(tenants=ACME) == 2
    assert [row.tenant for batch in bench.backend.iterate_audit(AuditFilter(), tenants=ACME) for row in batch] == [
        EVERYONE,
        "acme",
    ]


def test_a_batch_over_tenants_is_an_event_for_each(bench: Bench) -> None:
    ours, theirs = (bench.submit(*_nodes(2), tenant=tenant).job_ids.values() for tenant in ("acme", "zeta"))
    ids = [*ours, *theirs]
    assert all(outcome.done for outcome in bench.backend.cancel(ids, STAMP))
    events = {
        row.tenant: row
        for row in bench.backend.list_audit(AuditFilter(verb=("cancel",)), tenants=None, cursor=None, limit=5).rows
    }
    assert set(events) == {"acme", "zeta"}
    assert json.loads(events["acme"].subject) == list(ours)
    key = SubjectKey(SubjectKind.JOB, next(iter(ours)))
    assert [row.verb for row in bench.backend.audit_of([key], tenants=ACME, limit=5)] == ["cancel"]


def _nodes(count: int) -> list[Any]:
    return [node(str(i), "test.echo") for i in range(count)]


def test_pages_are_index_reads(bench: Bench) -> None:
    add(
        bench,
        3_000,
        actor=lambda i: f"who-{i % 7}",
        verb=lambda i: f"verb-{i % 11}",
        reason=lambda i: f"word{i % 13} common",
        subject_id=lambda i: f"thing-{i % 500}",
        ticket=lambda i: f"T-{i}" if i % 100 == 0 else "",
    )
    act(bench, quota(bench, max_active=1), QUOTA_PAUSE)
    engine, statements = bench.beneath.engine, []
    if engine.dialect.name == "postgresql":
        with write(engine) as connection:
            connection.execute(text("ANALYZE audit_event, audit_subject, audit_word"))

    def remember(*arguments: Any) -> None:
        statements.append((arguments[2], arguments[3]))

    event.listen(engine, "before_cursor_execute", remember)
    try:
        for query in ("", "actor=who-1", "verb=verb-1&actor=who-2", "text=word1", "id=thing-7", "ticket=T-100"):
            found(bench, query)
            found(bench, query, tenants=ACME)
        bench.backend.audit_of([SubjectKey(SubjectKind.QUOTA, "thing-7")], tenants=None, limit=50)
    finally:
        event.remove(engine, "before_cursor_execute", remember)
    asked = [(sql, values) for sql, values in statements if "audit_" in sql]
    assert len(asked) > 12
    with read(engine) as connection:
        for sql, values in asked:
            explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
            plan = [str(row[-1]) for row in connection.exec_driver_sql(explain + sql, values)]
            if engine.dialect.name == "sqlite":
                read_whole = [step for step in plan if step.startswith("SCAN audit_") and "USING" not in step]
            else:
                read_whole = [step for step in plan if "Seq Scan on audit_" in step]
            assert not read_whole, (sql, plan)


def test_events_of_before_are_searchable_as_far_as_they_tell(empty_url: str) -> None:
    engine = ledger_engine(empty_url)
    upgrade_to(engine, "0012")
    old = MetaData()
    old.reflect(engine, only=("audit_event", "dag"))
    ids = [f"01a2b3c4-0000-7000-8000-00000000000{i}" for i in range(10)]
    told = [
        ("quota_pause", f"{ids[0]} acme, scan", '{"tenant": "acme"}', '{"tenant": "acme"}'),
        ("cancel", json.dumps([ids[1], ids[2]]), "", ""),
        ("submit", "Scan", "", ids[3]),
        ("export", "dead letters csv: state=pending", "", ""),
        ("reveal", f"{ids[4]} payload", "", ""),
        ("worker_drain", "w-1 one, w-2 two", '{"w-1": "", "w-2": ""}', "{}"),
        ("replay", json.dumps({"plan": ids[5], "entries": [ids[6]]}), "", ""),
        ("plan replay", f"plan {ids[5]}: all", "", "{}"),
        ("scanner_settings_edit", "settings 2", "{}", "{}"),
        ("kit_activate", f"kit {ids[7]} 1.0", "{}", "{}"),
        ("kit_activate", f"{ids[8]} /srv", '{"tenant": "zeta"}', ""),
        ("schedule_run", f"run {ids[9]} of nightly", "", ""),
    ]
    with write(engine) as connection:
        dag = {"id": ids[3], "title": "Scan", "tenant": "acme", "created_at": 1, "size": 1, "correlation_id": ""}
        connection.execute(old.tables["dag"].insert(), dag)
        plain = {"actor": "ann", "source": "", "count": 1, "reason": "Rush hour", "ticket": "", "inverse": ""}
        rows = [
            {**plain, "at": 5 + i, "verb": verb, "subject": subject, "before": before, "after": after}
            for i, (verb, subject, before, after) in enumerate(told)
        ]
        connection.execute(old.tables["audit_event"].insert(), [{**row, "correlation_id": ""} for row in rows])
    upgrade(engine)
    with read(engine) as connection:
        events = connection.execute(
            text("SELECT kind, subject_id, tenant, scope FROM audit_event ORDER BY created_at")
        ).all()
        named = connection.execute(text("SELECT kind, id, created_at FROM audit_subject ORDER BY created_at, id")).all()
        words = connection.execute(
            text("SELECT count(*) FROM audit_word WHERE token = :token"), {"token": reason_token("rush")}
        ).scalar_one()
    engine.dispose()
    assert [tuple(row) for row in events] == [
        ("quota", ids[0], "acme", ""),
        ("job", "", "", ""),
        ("dag", ids[3], "acme", ""),
        ("dead_letter", "", "", "state=pending"),
        ("job", ids[4], "", ""),
        ("worker", "", EVERYONE, ""),
        ("replay_plan", ids[5], "", ""),
        ("replay_plan", ids[5], "", ""),
        ("scanner_settings", "settings", EVERYONE, ""),
        ("kit", ids[7], EVERYONE, ""),
        ("baseline", ids[8], "zeta", ""),
        ("run", ids[9], "", ""),
    ]
    assert [tuple(row) for row in named if row.created_at == 6] == [("job", ids[1], 6), ("job", ids[2], 6)]
    assert [row.id for row in named if row.created_at == 10] == ["w-1", "w-2"]
    assert words == len(told)


def test_an_export_is_told_by_its_beginning_and_its_end_and_changes_nothing(bench: Bench) -> None:
    add_jobs(bench.beneath.engine, [job_values() for _ in range(1_100)])
    services = compose(bench.settings, bench.backend)
    held = quota(bench, max_active=1)
    act(bench, held, QUOTA_PAUSE)
    for whole in (True, False):
        chunks = services.jobs.export(STAMP.actor, JobFilter(job_type=("test.echo",)), ExportFormat.NDJSON, STAMP)
        lines = sum(chunk.count(b"\n") for chunk in chunks) if whole else next(chunks).count(b"\n")
        chunks.close()
        ended, begun, *_ = bench.backend.list_audit(AuditFilter(), tenants=None, cursor=None, limit=2).rows
        end = "export_finished" if whole else "export_cut_off"
        assert (begun.verb, begun.kind, begun.scope) == ("export", SubjectKind.JOB, "job_type=test.echo")
        assert (ended.verb, ended.count, ended.scope) == (end, lines, begun.scope)
        assert lines == (1_100 if whole else 500)
    # It is nothing that came after what can be undone.
    assert (
        bench.backend.audit_later(
            bench.backend.audit_of([SubjectKey(SubjectKind.QUOTA, held.id)], tenants=None, limit=1)[0].n
        )
        is None
    )
