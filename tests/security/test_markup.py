"""Markup in every parameter and in every name: no answer is anything that a browser would run."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from execution_ops.domain.access import Scope
from tests.api.document import Operation, operations
from tests.furnished import Asking, Request, furnished, request_for
from tests.security.conftest import Tried

TENANT = "acme"
MARKUPS = (
    "<script>pwned=1</script>",
    "\"'><img src=x onerror=pwned=1>",
    "</title><svg/onload=pwned=1>",
    "javascript:pwned=1//",
    "{{7*7}}${7*7}",
)
# A name has 100 characters at most; this has an element, a way out of an attribute, and a script.
HOSTILE = "\"'></title><script>pwned=1</script><img src=x onerror=pwned=1>"
READS = [one for one in operations() if one.method == "get"]
# What these say in a request is no text of anybody: a name of a file of ours, a form, a number.
INERT = ("text/csv", "text/plain", "application/json", "application/x-ndjson", "application/x-tar", "text/event-stream")


class Elements(HTMLParser):
    """The elements and attributes that a browser would make of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [tag, *(name for name, _ in attrs)]


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Asking]:
    """A ledger in which every name, label, error and description is markup."""
    with furnished(tmp_path_factory.mktemp("markup"), sqlite_template, (TENANT,), HOSTILE) as made:
        yield Asking(made)


def assert_inert(answer: httpx.Response) -> None:
    """No browser runs it, takes it for something else, or lets it load anything."""
    assert answer.status_code != 500, answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    kind = answer.headers.get("content-type", "text/plain").partition(";")[0]
    if kind == "text/html":
        page = Elements()
        page.feed(answer.text)
        assert set(page.found) <= {"html", "lang", "title", "h1", "p", "a", "href"}
        return
    assert kind.startswith(INERT) or answer.headers["content-disposition"].startswith("attachment"), kind
    for name, value in answer.headers.items():
        assert "<" not in value, name


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.id)
async def test_markup_in_a_parameter_stays_text(asking: Asking, operation: Operation, tried: Tried) -> None:
    there = request_for(operation, asking.there, TENANT)
    cases = 0
    for parameter in operation.parameters:
        if parameter["in"] == "header":
            continue
        for markup in MARKUPS:
            name = parameter["name"]
            if parameter["in"] == "path":
                url = request_for(operation, asking.there, TENANT, **{name: quote(markup, safe="")}).url
            else:
                url = f"{there.url}{'&' if '?' in there.url else '?'}{name}={quote(markup)}"
            if operation.id == "stream_run" and name != "run_id" and "after=" not in url:
                continue
            assert_inert(await asking.send(Request("GET", url, there.headers, None), frozenset(Scope)))
            cases += 1
    tried(cases)


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
async def test_markup_in_names_and_errors_stays_text(asking: Asking, operation: Operation) -> None:
    """Queues, types, labels, errors, descriptions of schedules: whatever an engine or a job hands us."""
    assert_inert(await asking.send(request_for(operation, asking.there, TENANT), frozenset(Scope)))
