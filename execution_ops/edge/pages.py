"""The rules as `_redirects` and `_headers`, which Cloudflare Pages and Netlify read from the root of the files."""

from __future__ import annotations

import re

from execution_ops.edge.rules import BACKEND_FILE, NO_STORE, RULES_FOLDER, Rules
from execution_ops.routes import Tail
from execution_ops.static_site import FALLBACK, IMMUTABLE, REVALIDATED

# What Cloudflare Pages takes: dynamic redirects in the file, and characters in one line of the headers.
DYNAMIC_MAX = 100
LINE_MAX = 2000

_PARAMETER = re.compile(r"\[(\w+)\]")
# Reflex writes the fallback under this name, too. The one of the 404 page would answer 404 on both platforms.
_FALLBACK = "/__spa-fallback"

_REDIRECTS = """\
# Made by `execution-ops export-site` from the URL table, for Cloudflare Pages and Netlify.
# Pages with an HTML file of their own need no rule, and unknown addresses get 404.html with status 404.
# What the platforms can't do, the pages do in the browser: a slash at the end of an old address is kept, empty
# segments in it are not removed, and Netlify, which prefers a file to a rule, gives index.html at /.
"""
_HEADERS = """\
# Made by `execution-ops export-site` from the URL table, for Cloudflare Pages and Netlify.
# A header that two rules set would be sent twice, so one policy, with the scripts of all pages, fits every page.
"""


def redirects(rules: Rules) -> str:
    """The file `_redirects`: old addresses, then pages without a file of their own."""
    lines = []
    for rule in rules.redirects:
        prefix = rule.prefix.rstrip("/")
        lines += [f"{source} {rule.target} 308" for source in ((prefix, f"{prefix}/") if prefix else ("/",))]
        if rule.tail is Tail.ANY:
            lines.append(f"{prefix}/* {rule.target}/:splat 308")
        elif rule.tail is Tail.ONE:
            lines += [f"{prefix}/:page{end} {rule.target}/:page 308" for end in ("", "/")]
    for page in rules.pages:
        if page.file == FALLBACK:
            path = _PARAMETER.sub(r":\1", page.pattern)
            lines += [f"{path}{end} {_FALLBACK} 200" for end in ("", "/")]
    # Fixed sources first, as Cloudflare wants it; within each kind the order of the table.
    lines.sort(key=lambda line: "*" in line or ":" in line)
    return _REDIRECTS + "".join(f"{line}\n" for line in lines)


def headers(rules: Rules) -> str:
    """The file `_headers`."""
    common = {**rules.headers, "Content-Security-Policy": rules.any_policy}
    blocks = {
        "/*": common,
        **{page.pattern: {"Cache-Control": REVALIDATED} for page in rules.pages if not page.dynamic},
        f"{rules.immutable}*": {"Cache-Control": IMMUTABLE},
        BACKEND_FILE: {"Cache-Control": NO_STORE},
        f"{RULES_FOLDER}/*": {"X-Robots-Tag": "noindex"},
    }
    text = (
        "\n".join((address, *(f"  {name}: {value}" for name, value in lines.items())))
        for address, lines in blocks.items()
    )
    return _HEADERS + "\n".join(text) + "\n"
