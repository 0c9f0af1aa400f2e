"""What a server of the exported files has to do with an address, as data; each target has its own renderer.

The rules say what `routes.match` and `routes.resolve_alias` say, as patterns over the path of the request as it was
sent: percent-encoded and not normalised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from execution_ops.routes import ROUTES, Alias, Tail, aliases
from execution_ops.static_site import FALLBACK, HASHED, SECURITY_HEADERS, policy

BACKEND_FILE = "/backend.js"
# The folder of the rule files themselves. Nobody needs to read it from outside.
RULES_FOLDER = "/_edge"
HIDDEN_FILES = ("/_redirects", "/_headers")
NO_STORE = "no-store"

_ANY = re.compile(r"\[\w+\]")
# What `resolve_alias` leaves as it is. A browser sends nothing else in a path.
SEGMENT = "[A-Za-z0-9_.~%!$&'()*+,;=:@-]+"
# A segment that is taken for the folder or its parent: such a path is no old address.
DOT_SEGMENT = "/([.]|%2[eE])([.]|%2[eE])?(/|$)"


@dataclass(frozen=True)
class PageRule:
    """A page and the file that answers for it. `pattern` as in the URL table: `[job_id]` is any one segment."""

    pattern: str
    file: str

    @property
    def regex(self) -> str:
        """All of the page's paths; one slash at the end makes no difference."""
        parts = _ANY.split(self.pattern)
        return f"^{'[^/]+'.join(_escape(part) for part in parts)}/?$"

    @property
    def dynamic(self) -> bool:
        """Whether the address has a part that varies."""
        return bool(_ANY.search(self.pattern))


@dataclass(frozen=True)
class RedirectRule:
    """Old addresses and where they lead; `tail` is what may follow `prefix`, and follows `target` then."""

    prefix: str
    target: str
    tail: Tail

    def regex(self, group: str = "") -> str:
        """All of the old paths, with what follows as the group of that name (or the first)."""
        name = f"?P<{group}>" if group else ""
        many = {Tail.NONE: "", Tail.ONE: f"({name}(?:/{SEGMENT})?)", Tail.ANY: f"({name}(?:/{SEGMENT})*)"}[self.tail]
        return f"^{_escape(self.prefix.rstrip('/'))}{many}/?$"


@dataclass(frozen=True)
class Rules:
    """All that a server of the export has to know.

    `policies`: the content security policy of each file that a page rule or `FALLBACK` names; `any_policy`: one that
    fits all of them, for servers that can't tell them apart. `headers`: those of every answer. `backends`: the origins
    that the pages may talk to; the first one is used.
    """

    pages: tuple[PageRule, ...]
    redirects: tuple[RedirectRule, ...]
    policies: Mapping[str, str]
    any_policy: str
    headers: Mapping[str, str]
    backends: tuple[str, ...]

    @property
    def immutable(self) -> str:
        """The folder whose files never change under their names."""
        return HASHED


def make_rules(html: Mapping[str, str], backends: Iterable[str]) -> Rules:
    """The rules for the files in `html` (address to content), whose pages may talk to `backends`; the first is used.

    KeyError if the fallback is not among the files.
    """
    origins = tuple(dict.fromkeys(backends))
    connect = [*origins, *(origin.replace("http", "ws", 1) for origin in origins)]
    built = [route for route in ROUTES if route.built]
    pages = tuple(
        PageRule(route.pattern, file if (file := f"{route.pattern}.html") in html else FALLBACK)
        for route in sorted(built, key=lambda route: route.dynamic)
    )
    files = dict.fromkeys((FALLBACK, *(page.file for page in pages)))
    return Rules(
        pages=pages,
        redirects=tuple(_redirect(alias) for alias in aliases()),
        policies={file: policy(html[file], connect) for file in files},
        any_policy=policy("".join(html[file] for file in files), connect),
        headers=SECURITY_HEADERS,
        backends=origins,
    )


def _redirect(alias: Alias) -> RedirectRule:
    return RedirectRule(alias.prefix, alias.target, alias.tail)


def _escape(text: str) -> str:
    """Literal in the regular expressions of all targets; the table has nothing but letters, digits, `/` and `-`."""
    if not re.fullmatch(r"[A-Za-z0-9/_-]*", text):
        raise ValueError(f"{text!r} would need escaping in the rules of the edge.")
    return text
