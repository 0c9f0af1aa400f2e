"""One table of addresses for every server of the console's pages, and what each has to answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from execution_ops import routes
from execution_ops.edge.rules import SEGMENT
from execution_ops.routes import ROUTES, Alias, Tail, aliases
from execution_ops.static_site import FALLBACK

QUERY = "state=failed&state=timed_out&empty=&path=a%2Fb+c&state=failed&{x}=1&=&"
_CASES = json.loads((Path(__file__).parents[1] / "address_cases.json").read_text())
# What can't stand in the first line of a request, or would end the path there.
_NOT_SENT = re.compile(r"[\x00-\x20?#]")
_SENT_BY_BROWSERS = re.compile(f"(/|{SEGMENT})*")


@dataclass(frozen=True)
class Case:
    """A request's target as it is sent, and what has to come back.

    `file` is what the body is, an address in the build; None: a short text. `location` stands with 308.
    """

    target: str
    status: int
    file: str | None = None
    location: str | None = None

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def odd(self) -> bool:
        """Whether no browser sends this path."""
        return not _SENT_BY_BROWSERS.fullmatch(self.path)


def pages() -> Iterator[Case]:
    """Every page, plain, with a slash at its end, and with a query."""
    for route in ROUTES:
        path = re.sub(r"\[\w+\]", "0198-a%2Fb%20c", route.pattern)
        file = FALLBACK if route.dynamic else f"{route.pattern}.html"
        # The thing of a page may be called like a file.
        named = re.sub(r"\[\w+\]", "index.html", route.pattern)
        for target in dict.fromkeys((path, f"{path}/", f"{path}?{QUERY}", f"{path}/?next=//evil.example", named)):
            yield Case(target, 200, file)


def old_addresses() -> Iterator[Case]:
    """Every alias with the tails and queries that it may have, and the cases of the redirect in the page."""
    for alias in aliases():
        for old, new in _variants(alias):
            yield Case(old, 308, location=new)
    for case in _CASES:
        path, query = case["path"], case.get("query", "")
        if not path.startswith("/") or _NOT_SENT.search(path):
            continue
        target = path + (f"?{query}" if query else "")
        if case["target"] is not None:
            yield Case(target, 308, location=case["target"].replace("HOME", routes.home()).partition("#")[0])
        elif routes.match(path) is None:
            yield Case(target, 404, FALLBACK)


def unknown() -> Iterator[Case]:
    """Addresses that nothing has, among them files that are there for the server alone."""
    tricks = (
        "//evil.example",
        "//evil.example/ops/jobengine",
        "/\\evil.example",
        "/%5Cevil.example",
        "/%2Fevil.example",
    )
    pages = ("/nowhere", "/ops/nowhere", f"{routes.jobs()}x", f"{routes.job('7')}/dag/x", "/OPS/operations", *tricks)
    files = ("/404.html", "/index.html", f"{routes.jobs()}.html", f"{routes.audit()}/index.html", "/404.html.gz")
    hidden = ("/_edge/nginx.conf", "/_edge/", "/_edge", "/_redirects", "/_headers", "/css", "/fonts/")
    for target in (*pages, *files, *hidden):
        yield Case(target, 404, FALLBACK)
    yield Case("/assets/nothing-12345678.js", 404)
    yield Case("/assets/", 404)


def files(build: Path) -> Iterator[Case]:
    """Files besides the pages: a script, a style sheet, a font, an image."""
    for pattern in ("assets/vendor-*.js", "assets/__reflex_global_styles-*.css", "fonts/*mono*.woff2", "favicon.svg"):
        found = next(build.glob(pattern))
        yield Case(f"/{found.relative_to(build).as_posix()}", 200, f"/{found.relative_to(build).as_posix()}")


def _variants(alias: Alias) -> list[tuple[str, str]]:
    old, new = alias.prefix.rstrip("/"), alias.target
    found = [
        (old or "/", new),
        (f"{old}/", new),
        (f"{old or '/'}?", new),
        (f"{old or '/'}?{QUERY}", f"{new}?{QUERY}"),
        (f"{old}/?{QUERY}", f"{new}?{QUERY}"),
        (f"{old or '/'}?next=//evil.example&u=\\evil", f"{new}?next=//evil.example&u=\\evil"),
    ]
    if alias.tail is not Tail.NONE:
        found += [
            (f"{old}/tail", f"{new}/tail"),
            (f"{old}/a%2Fb/?{QUERY}", f"{new}/a%2Fb?{QUERY}"),
            (f"{old}//evil.example", f"{new}/evil.example"),
            (f"{old}/%5Cevil.example", f"{new}/%5Cevil.example"),
            (f"{old}/{{env.HOME}}", f"{new}/%7Benv.HOME%7D"),
            (f"{old}/$host", f"{new}/$host"),
        ]
    if alias.tail is Tail.ANY:
        found.append((f"{old}/deep/tail/?{QUERY}", f"{new}/deep/tail?{QUERY}"))
    return found
