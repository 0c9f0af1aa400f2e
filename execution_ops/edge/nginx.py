"""The rules as a configuration of nginx: two or three maps and a server."""

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
_TYPES = {
    "text/html": "html",
    "text/css": "css",
    "text/javascript": "js mjs",
    "application/json": "json",
    "image/svg+xml": "svg",
    "image/png": "png",
    "font/woff2": "woff2",
    "text/plain": "txt",
}


def render(rules: Rules, root: str, server_name: str, port: int = 80) -> str:
    """A file to include in the `http` block. `root` is the directory of the export."""
    return "\n".join(
        (
            _HEAD,
            *_path_maps(),
            _map(f"$console_path{_RUNS}", "$console_old", _redirects(rules)),
            _map("$console_path", "$console_file", _pages(rules)),
            _map("$uri", "$console_other", _other_files()),
            _map("$console_file", "$console_policy", _policies(rules)),
            _map("$sent_http_content_type", "$console_csp", ['"~^text/html" $console_policy;', 'default "";']),
            _map("$status$uri", "$console_cache", _caching(rules)),
            _map("$http_accept", "$console_missing", [f'"~text/html" {FALLBACK};', f'"" {FALLBACK};', _NO_FILE]),
            _server(rules, root, server_name, port),
        )
    )


_HEAD = """\
# Made by `execution-ops export-site` from the URL table. Include it in the http block of nginx >= 1.17.
# Brotli needs Debian's libnginx-mod-http-brotli-static and `brotli_static on;` in the http block; without it, gzip.
# TLS and HTTP/2 are yours to add: `listen 443 ssl http2;` and the certificate.
"""
_NO_FILE = f"default {RULES_FOLDER}/missing;"


def _map(source: str, target: str, lines: list[str]) -> str:
    return "\n".join((f"map {source} {target} {{", *(f"    {line}" for line in lines), "}"))


def _path_maps() -> list[str]:
    """The path as it was sent, then with each run of slashes but one at the beginning made one slash."""
    maps = [_map("$request_uri", "$console_path", ['"~^(?<console_sent>[^?]*)" $console_sent;'])]
    before = "$console_path"
    for number in range(1, _RUNS + 1):
        key = f'"~^(?<console_a{number}>/[^/].*?)//+(?<console_b{number}>.*)$"'
        after = f"$console_path{number}"
        maps.append(_map(before, after, [f"{key} $console_a{number}/$console_b{number};", f"default {before};"]))
        before = after
    return maps


def _redirects(rules: Rules) -> list[str]:
    lines = [f'"~{DOT_SEGMENT}" "";']
    for number, rule in enumerate(rules.redirects):
        tail = f"console_tail{number}"
        regex = rule.regex(tail)
        lines.append(f'"~{regex}" {rule.target}{f"${tail}" if tail in regex else ""};')
    return [*lines, 'default "";']


def _pages(rules: Rules) -> list[str]:
    return [*(f'"~{page.regex}" {page.file};' for page in rules.pages), f"default {RULES_FOLDER}/none;"]


def _other_files() -> list[str]:
    """Pages answer at their own addresses only, and compressed twins and rules at none."""
    hidden = "|".join((*HIDDEN_FILES, f"{RULES_FOLDER}/.*"))
    return [f'"~[.](html|gz|br)$|^({hidden})$" {RULES_FOLDER}/none;', "default $uri;"]


def _policies(rules: Rules) -> list[str]:
    own = [f'{file} "{text}";' for file, text in rules.policies.items() if file != FALLBACK]
    return [*own, f'default "{rules.policies[FALLBACK]}";']


def _caching(rules: Rules) -> list[str]:
    return [
        f'"~^(200|206|304){rules.immutable}" "{IMMUTABLE}";',
        f'"~^...{BACKEND_FILE}$" {NO_STORE};',
        f'default "{REVALIDATED}";',
    ]


def _server(rules: Rules, root: str, server_name: str, port: int) -> str:
    types = "\n".join(f"        {kind} {suffixes};" for kind, suffixes in _TYPES.items())
    headers = "\n".join(f'    add_header {name} "{value}" always;' for name, value in rules.headers.items())
    return f"""
server {{
    listen {port};
    server_name {server_name};
    root "{root}";

    server_tokens off;
    absolute_redirect off;
    merge_slashes off;
    default_type application/octet-stream;
    types {{
{types}
    }}
    charset utf-8;
    charset_types text/css text/javascript text/plain image/svg+xml application/json;
    gzip_static on;
    gzip_vary on;

{headers}
    add_header Cache-Control $console_cache always;
    add_header Content-Security-Policy $console_csp always;

    if ($request_method !~ "^(GET|HEAD)$") {{
        return 405;
    }}
    if ($console_old) {{
        return 308 $console_old$is_args$args;
    }}
    error_page 404 $console_missing;

    location / {{
        try_files $console_file $console_other =404;
    }}
    location = {FALLBACK} {{
        internal;
    }}
    location {RULES_FOLDER}/ {{
        internal;
        default_type text/plain;
        return 404 "There is no such file.\\n";
    }}
    location {rules.immutable} {{
        error_page 404 {RULES_FOLDER}/missing;
        try_files $uri =404;
    }}
}}
"""
