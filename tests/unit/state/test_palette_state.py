"""What the palette and the tenant switch show of what the services answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from execution_ops import routes
from execution_ops.domain.lookup import Found, Thing
from execution_ops.state.palette import _KINDS, found_entry
from execution_ops.state.tenants import NAMES_MAX, tenants_like

AT = datetime(2026, 11, 23, tzinfo=UTC)
ID = "019ab107-5a2f-7c1e-9d40-61e88c3fb05e"


@pytest.mark.parametrize("kind", list(Thing))
def test_every_kind_of_thing_leads_to_its_page(kind: Thing) -> None:
    entry = found_entry(Found(kind=kind, id=ID, name="n", state="timed_out", created_at=AT))
    assert ID in entry["href"]
    assert routes.match(entry["href"].partition("?")[0]) is not None
    assert entry["kind"] == _KINDS[kind][0]


def test_an_entry_says_what_the_thing_is_in_words_and_keeps_its_texts() -> None:
    found = Found(kind=Thing.JOB, id=ID, name="<b>", note="payments", tenant="acme", state="timed_out", created_at=AT)
    assert found_entry(found) == {
        "key": f"id-job-{ID}",
        "label": "<b>",
        "also": f"payments · acme · timed out · {ID}",
        "kind": "Job",
        "icon": "list",
        "href": routes.job(ID),
    }


def test_a_strange_id_can_not_leave_its_address() -> None:
    entry = found_entry(Found(kind=Thing.WORKER, id="a/../?x=1#&id=b", name="n", state="lost", created_at=AT))
    assert entry["href"] == routes.worker("a/../?x=1#&id=b")
    assert "#" not in entry["href"]


def test_tenants_that_begin_so_come_first_and_only_so_many() -> None:
    known = [f"team-{n:03d}" for n in range(NAMES_MAX + 10)] + ["a-team", "Teamster"]
    names, more = tenants_like(known, "TEAM")
    assert (names[0], len(names), more) == ("Teamster", NAMES_MAX, True)
    assert tenants_like(known, "a-t") == (["a-team"], False)
    assert tenants_like(known, "<b>") == ([], False)
