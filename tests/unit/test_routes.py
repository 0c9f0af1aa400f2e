"""The URL table: addresses, redirects of old ones, navigation, and that Python and JavaScript agree."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import asdict, replace
from itertools import combinations
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops import routes
from execution_ops.routes import ROUTES, Link, Route, aliases, resolve_alias, table

ROOT = Path(__file__).parents[2]
CASES = [
    (
        case["path"],
        case.get("query", ""),
        case.get("fragment", ""),
        case["target"] and case["target"].replace("HOME", routes.home(), 1),
    )
    for case in json.loads((ROOT / "tests/address_cases.json").read_text())
]
SEGMENTS = (
    *("ops", "operations", "jobengine", "jobs", "scheduler", "platform-ops", "platform", "scanner", "scanner-ops"),
    *("dead-letter", "", ".", "..", "%2e%2e", "%2F", "%5c", "\\", "a b", "ä", "𝄞", "\0", "evil.example", "%", "#", "?"),
)


@pytest.fixture
def all_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of the table, as if it were built."""
    built = tuple(replace(route, built=True) for route in ROUTES)
    monkeypatch.setattr(table, "ROUTES", built)
    monkeypatch.setattr(table, "BY_NAME", {route.name: route for route in built})


@pytest.fixture
def none_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of the table, as if it were not built."""
    absent = tuple(replace(route, built=False) for route in ROUTES)
    monkeypatch.setattr(table, "ROUTES", absent)
    monkeypatch.setattr(table, "BY_NAME", {route.name: route for route in absent})


def in_javascript(function: str, calls: list[list[object]]) -> list[object]:
    """What a function of assets/addresses.js answers to each list of arguments."""
    script = (
        f'import {{ {function} }} from "{(ROOT / "assets/addresses.js").as_uri()}";'
        'import { readFileSync } from "node:fs";'
        f"const calls = JSON.parse(readFileSync(0)); console.log(JSON.stringify(calls.map((c) => {function}(...c))));"
    )
    node = Path(sys.executable).parent / "node"
    answer = subprocess.run(
        [node, "--no-warnings", "--input-type=module", "--eval", script],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    result: list[object] = json.loads(answer.stdout)
    return result


def alias_table() -> list[dict[str, str]]:
    return [asdict(alias) for alias in aliases()]


# The table


def test_names_and_patterns_are_unique_and_parents_exist() -> None:
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert len({route.pattern for route in ROUTES}) == len(ROUTES)
    assert all(route.parent == "" or route.parent in table.BY_NAME for route in ROUTES)


def test_keys_to_go_to_a_page_are_unique_letters() -> None:
    keys = [route.go for route in ROUTES if route.go]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 1 and key.islower() for key in keys)


def test_a_page_with_parameters_is_no_entry_of_the_navigation() -> None:
    assert not [route.name for route in ROUTES if route.dynamic and (route.nav or route.go)]


def test_every_built_page_has_its_module() -> None:
    pages = ROOT / "execution_ops" / "pages"
    assert [route.name for route in ROUTES if route.built and not (pages / f"{route.name}.py").is_file()] == []


# Addresses of pages


@pytest.mark.usefixtures("all_built")
@given(st.text(min_size=1), st.integers(1, 10**6))
def test_an_id_survives_its_address(job_id: str, line: int) -> None:
    address = routes.job(job_id.encode("utf-8", "replace").decode(), [("tab", "log")], line=line)
    parts = urlsplit(address)
    found = routes.match(parts.path)
    assert found is not None
    assert (found[0].name, found[1]) == ("job", {"job_id": job_id.encode("utf-8", "replace").decode()})
    assert (parts.query, parts.fragment) == ("tab=log", f"L{line}")


def test_addresses_are_built_as_the_table_says() -> None:
    assert routes.jobs([("state", "failed"), ("q", "a/b c")]).endswith("/jobs?state=failed&q=a%2Fb+c")
    assert routes.job("a/b") == f"{routes.jobs()}/a%2Fb"
    assert routes.job_dag("7") == f"{routes.jobs()}/7/dag"
    with pytest.raises(KeyError):
        routes.href("job")


def test_api_addresses_encode_their_parts() -> None:
    assert routes.api_job("a/b", "logs", [("after", "5")]).endswith("/jobs/a%2Fb/logs?after=5")
    assert routes.is_api(routes.api_job("7"))
    assert routes.is_api(routes.HEALTH)
    assert not routes.is_api(f"{routes.jobs()}{routes.HEALTH}")
    assert not routes.is_api(f"{routes.API}x")


# Matching


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_page_is_found_by_its_own_address(route: Route) -> None:
    path = route.pattern.replace("[", "").replace("]", "")
    for address in (path, f"{path}/"):
        found = routes.match(address)
        assert found is not None
        assert found[0] == route


@pytest.mark.parametrize("path", ["", "/", "//", "/nope", "/ops", "/ops/operations", "/ops//operations/jobengine"])
def test_other_addresses_are_no_page(path: str) -> None:
    assert routes.match(path) is None
    assert routes.match(f"{routes.jobs()}//dag") is None
    assert routes.match(f"{routes.jobs()}/7/nope") is None


# Old addresses


@pytest.mark.parametrize(("path", "query", "fragment", "target"), CASES)
def test_old_addresses_lead_where_the_table_of_cases_says(
    path: str, query: str, fragment: str, target: str | None
) -> None:
    assert resolve_alias(path, query, fragment) == target


def test_javascript_agrees_on_the_table_of_cases() -> None:
    calls: list[list[object]] = [[alias_table(), path, query, fragment] for path, query, fragment, _ in CASES]
    assert in_javascript("resolveAlias", calls) == [target for *_, target in CASES]


def test_javascript_agrees_on_random_addresses() -> None:
    pick = random.Random(1)
    paths = ["/" + "/".join(pick.choices(SEGMENTS, k=pick.randint(1, 6))) for _ in range(3000)]
    resolved = [resolve_alias(path) for path in paths]
    assert sum(target is not None for target in resolved) > 50
    assert in_javascript("resolveAlias", [[alias_table(), path] for path in paths]) == resolved


def test_no_prefix_covers_another() -> None:
    for one, other in combinations([alias for alias in aliases() if alias.tail is routes.Tail.ANY], 2):
        assert not f"{one.prefix}/".startswith(f"{other.prefix}/")
        assert not f"{other.prefix}/".startswith(f"{one.prefix}/")


@given(
    st.sampled_from([alias.prefix for alias in aliases()]),
    st.lists(st.one_of(st.sampled_from(SEGMENTS), st.text(st.characters(exclude_categories=["Cs"])))),
    st.text(st.characters(exclude_characters="#", exclude_categories=["Cs"])),
)
def test_a_redirect_stays_on_the_origin_is_one_hop_and_keeps_the_query(
    prefix: str, tail: list[str], query: str
) -> None:
    target = resolve_alias("/".join([prefix, *tail]), query)
    if target is None:
        return
    path, _, kept = target.partition("?")
    assert kept == query
    assert path.isascii()
    assert path.isprintable()
    assert not set(path) & set('\\ "<>')
    assert "//" not in path
    assert any(path == alias.target or path.startswith(f"{alias.target}/") for alias in aliases())
    assert urlsplit(urljoin("http://here.example/x", path)).netloc == "here.example"
    assert urljoin("http://here.example/x", path).endswith(path), "a browser must not normalise it any further"
    assert resolve_alias(path) is None


@pytest.mark.usefixtures("all_built")
def test_home_is_the_overview_once_it_is_built() -> None:
    assert resolve_alias("/") == routes.home() == table.BY_NAME["jobs_queues"].pattern


@pytest.mark.usefixtures("none_built")
def test_home_is_the_jobengine_until_then() -> None:
    assert resolve_alias("/ops/operations") == routes.home() == routes.jobengine()


# Navigation, nearest pages


@pytest.mark.usefixtures("all_built")
def test_navigation_shows_built_pages_by_area() -> None:
    groups = routes.navigation()
    assert [group.title for group in groups] == ["Execution", "Scanner Ops", "Audit"]
    assert [route.name for group in groups for route in group.routes] == [r.name for r in ROUTES if r.nav]


@pytest.mark.usefixtures("none_built")
def test_navigation_hides_what_is_not_built() -> None:
    assert routes.navigation() == ()


@pytest.mark.usefixtures("all_built")
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/ops/operations/jobengine/job", "jobs"),
        ("/ops/operations/jobengine/jobs/7/dagg", "jobs"),
        ("/ops/scheduler/run", "runs"),
        ("/platform/ops/dead-letter/que", "dead_letter_queue"),
        ("/ops/scanner-op/baselines", "baselines"),
        ("/audit", "audit"),
        ("/", "jobs_queues"),
    ],
)
def test_the_nearest_page_comes_first(path: str, name: str) -> None:
    pages = [asdict(Link(route.title, route.pattern)) for route in table.ROUTES if not route.dynamic]
    (found,) = in_javascript("nearest", [[alias_table(), pages, path, 3]])
    assert len(found) == 3
    assert found[0]["href"] == table.BY_NAME[name].pattern
