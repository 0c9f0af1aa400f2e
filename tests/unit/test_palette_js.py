"""What the palette offers for what is typed, and what the tenant switch does to addresses, run by Node."""

from __future__ import annotations

from typing import Any

import pytest

from execution_ops.routes import ROUTES
from execution_ops.shell.palette import page_entry
from tests.unit.test_components_js import evaluate

MATCH, TENANT = "palette-match.js", "tenant.js"
PAGES = [page_entry(route) for route in ROUTES if not route.dynamic]
VERBS = [
    {"key": "verb-0", "label": "Retry", "also": "3 selected"},
    {"key": "verb-1", "label": "Cancel", "also": "3 selected", "off": "Needs the permission ops:operate."},
]


def labels(text: str, found: list[dict[str, str]] | None = None) -> list[tuple[str, list[str]]]:
    parts = evaluate(MATCH, "m.sections(v[0], v[1], v[2], v[3])", VERBS, PAGES, found or [], text)
    return [(part["name"], [entry["label"] for entry in part["entries"]]) for part in parts]


def test_without_a_word_the_verbs_come_before_all_pages_in_their_order() -> None:
    assert labels("") == [("Do", ["Retry", "Cancel"]), ("Go to", [page["label"] for page in PAGES])]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("jobs", "Jobs"),
        ("JOBENG", "JobEngine"),
        ("dead", "Dead letters"),
        ("dl", "Dead letters"),
        ("off ki", "Offline kits"),
        ("kits", "Offline kits"),
        ("sched run", "Runs"),
        ("replay", "Replays"),
        ("aud", "Audit"),
    ],
)
def test_the_page_that_is_meant_comes_first(text: str, first: str) -> None:
    parts = dict(labels(text))
    assert parts["Go to"][0] == first


def test_a_verb_that_fits_better_comes_before_the_pages() -> None:
    assert labels("retr")[0] == ("Do", ["Retry"])
    assert labels("cancel") == [("Do", ["Cancel"])]


@pytest.mark.parametrize("text", ["zzz", "jobs zzz", "<img>", "constructor", "__proto__"])
def test_what_fits_nothing_finds_nothing(text: str) -> None:
    assert labels(text) == []


def test_what_was_found_by_its_id_stands_last_so_that_nothing_moves() -> None:
    found = [{"key": "id-1", "label": "scan.merge", "kind": "Job"}]
    assert [name for name, _ in labels("dead", found)] == ["Go to", "With this id"]


def test_a_better_fit_has_more_points() -> None:
    points = evaluate(MATCH, "v[0].map((text) => m.score(text, 'run'))", ["Runs", "Prune runs", "Pruned", "Analyzers"])
    assert points[3] is None
    assert points[:3] == sorted(points[:3], reverse=True)


@pytest.mark.parametrize(
    ("text", "others", "asks"),
    [
        ("019a", 0, True),
        ("dead", 3, True),
        ("019ab107-5a2f-7c1e-9d40-61e88c3fb05e", 0, True),
        ("019", 0, False),
        ("builder-7", 0, True),
        ("jobs", 2, False),
        ("two words", 0, False),
        ("<script>", 0, False),
        ("a" * 81, 0, False),
    ],
)
def test_the_server_is_asked_for_what_can_be_an_id_only(text: str, others: int, asks: bool) -> None:
    assert evaluate(MATCH, "m.asksForIds(v[0], v[1])", text, others) is asks


# The tenant in the address


def tenant(expression: str, *values: Any) -> Any:
    return evaluate(TENANT, expression, *values)


def test_the_tenants_of_an_address_are_those_that_could_be_some() -> None:
    search = "?tenant=acme&tenant=*&tenant=acme&tenant=%3Cb%3E&tenant=lumen&state=failed"
    assert tenant("m.tenantsOf(v[0])", search) == ["acme", "lumen"]
    assert tenant("m.tenantsOf(v[0])", "") == []


@pytest.mark.parametrize(
    ("href", "search", "kept"),
    [
        ("/x", "?tenant=acme&state=failed", "/x?tenant=acme"),
        ("/x?state=failed", "?tenant=acme", "/x?state=failed&tenant=acme"),
        ("/x?a=%2F&b=#L7", "?tenant=a&tenant=b", "/x?a=%2F&b=&tenant=a&tenant=b#L7"),
        ("/x?tenant=lumen", "?tenant=acme", "/x?tenant=lumen"),
        ("/x?tenant=", "?tenant=acme", "/x?tenant="),
        ("/x", "?state=failed", "/x"),
        ("/x", "?tenant=%22%3E", "/x"),
    ],
)
def test_a_link_keeps_the_tenant_unless_it_names_one(href: str, search: str, kept: str) -> None:
    assert tenant("m.keepTenants(v[0], v[1])", href, search) == kept


@pytest.mark.parametrize(
    ("search", "name", "expected"),
    [
        ("", "acme", "?tenant=acme"),
        ("?state=failed&state=running&cursor=abc", "acme", "?state=failed&state=running&tenant=acme"),
        ("?tenant=acme&tenant=lumen&run=7", "", "?run=7"),
        ("?tenant=acme", "", ""),
    ],
)
def test_another_tenant_is_another_list_that_begins_anew(search: str, name: str, expected: str) -> None:
    assert tenant("m.withTenant(v[0], v[1])", search, name) == expected


def test_names_that_begin_so_come_before_those_that_contain_it() -> None:
    assert tenant("m.matching(v[0], v[1])", ["my-team", "Team-2", "x", "team-1"], " TEAM") == [
        "Team-2",
        "team-1",
        "my-team",
    ]
