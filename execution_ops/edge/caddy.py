"""The rules as a Caddyfile."""

from __future__ import annotations

from execution_ops.edge.rules import (
    BACKEND_FILE,
    DOT_SEGMENT,
    HIDDEN_FILES,
    NO_STORE,
    RULES_FOLDER,
    Rules,
)
from execution_ops.static_site import FALLBACK, IMMUTABLE, REVALIDATED

# How many runs of slashes in an old address are made one slash each; no browser is led to a path with more.
_RUNS = 5


def render(rules: Rules, root: str, site: str) -> str:
    """A whole Caddyfile. `root` is the directory of the export, `site` the address that Caddy serves it at."""
    return "\n".join(
        (
            _HEAD,
            _headers(rules),
            f"{site} {{",
            f'\troot * "{root}"',
            *_path_maps(),
            _map(f"{{console_path{_RUNS}}}", "{console_old}", _redirects(rules)),
            _map("{console_path}", "{console_file}", _pages(rules)),
            _map("{console_file}", "{console_policy}", _policies(rules)),
            _map("{http.request.uri}", "{console_query}", ['"~^[^?]*[?](.+)$" "?${1}"', 'default ""']),
            "\timport console",
            _routes(rules),
            "}",
            "",
        )
    )


_HEAD = """\
# Made by `execution-ops export-site` from the URL table, for Caddy >= 2.6. The address in the first line of the block
# decides about TLS: with the name of a host in it, Caddy gets the certificate itself.
"""


def _map(source: str, target: str, lines: list[str]) -> str:
    return "\n".join((f"\tmap {source} {target} {{", *(f"\t\t{line}" for line in lines), "\t}"))


def _path_maps() -> list[str]:
    """The path as it was sent, then with each run of slashes but one at the beginning made one slash."""
    maps = [_map("{http.request.uri}", "{console_path}", ['"~^([^?]*)" "${1}"'])]
    before = "{console_path}"
    for number in range(1, _RUNS + 1):
        after = f"{{console_path{number}}}"
        # RE2 has no look-ahead, but what is not matched by the first pattern is kept by the second.
        maps.append(_map(before, after, ['"~^(/[^/].*?)//+(.*)$" "${1}/${2}"', '"~^(.*)$" "${1}"']))
        before = after
    return maps


def _redirects(rules: Rules) -> list[str]:
    lines = [f'"~{DOT_SEGMENT}" ""']
    for rule in rules.redirects:
        regex = rule.regex()
        lines.append(f'"~{regex}" "{rule.target}{"${1}" if "(" in regex else ""}"')
    return [*lines, 'default ""']


def _pages(rules: Rules) -> list[str]:
    return [*(f'"~{page.regex}" "{page.file}"' for page in rules.pages), 'default ""']


def _policies(rules: Rules) -> list[str]:
    own = [f'"{file}" "{text}"' for file, text in rules.policies.items() if file != FALLBACK]
    return [*own, f'default "{rules.policies[FALLBACK]}"']


def _headers(rules: Rules) -> str:
    """A snippet: an error is answered by routes of its own, which know nothing of what was set before."""
    lines = "\n".join(f'\t\t{name} "{value}"' for name, value in rules.headers.items())
    return f'(console) {{\n\theader {{\n{lines}\n\t\tCache-Control "{REVALIDATED}"\n\t}}\n\theader -Server\n}}'


def _routes(rules: Rules) -> str:
    files = "file_server {\n\t\t\tprecompressed br gzip\n\t\t\tdisable_canonical_uris\n\t\t}"
    accept = "{http.request.header.Accept}"
    lost, accepts = "{http.error.status_code} == 404", f'{accept} == "" || {accept}.contains("text/html")'
    hidden = " ".join((*HIDDEN_FILES, f"{RULES_FOLDER}/*", "*.html", "*.gz", "*.br"))
    return f"""\
	route {{
		@other not method GET HEAD
		respond @other 405
		@old expression `{{console_old}} != ""`
		redir @old "{{console_old}}{{console_query}}" 308
		@page expression `{{console_file}} != ""`
		handle @page {{
			header Content-Security-Policy "{{console_policy}}"
			rewrite * {{console_file}}
			{files}
		}}
		# Pages answer at their own addresses only.
		@hidden path {hidden}
		error @hidden 404
		@kept path {rules.immutable}*
		header @kept Cache-Control "{IMMUTABLE}"
		header {BACKEND_FILE} Cache-Control "{NO_STORE}"
		{files}
	}}
	handle_errors {{
		import console
		@page expression `{lost} && !{{http.request.uri}}.startsWith("{rules.immutable}") && ({accepts})`
		handle @page {{
			header Content-Security-Policy "{{console_policy}}"
			rewrite * {FALLBACK}
			{files}
		}}
		respond "{{http.error.status_code}} {{http.error.status_text}}"
	}}"""
