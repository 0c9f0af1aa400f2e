"""The compiled frontend as a directory that any server of files can serve, with rules for the usual ones."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import brotli

from execution_ops.access_settings import as_origin
from execution_ops.domain.errors import InvalidInput
from execution_ops.edge import caddy, cloudfront, guide, nginx, pages
from execution_ops.edge.rules import BACKEND_FILE, RULES_FOLDER, Rules, make_rules
from execution_ops.static_site import TWINS

_HEAD_END = "</head>"
_SCRIPT_END = "</script>"
# Read before the console itself runs: what the file says, if it is the address of a host.
_READER = """\
(()=>{let o;try{const u=new URL(globalThis.EXECUTION_OPS_BACKEND);\
if(/^https?:$/.test(u.protocol)&&u.href===u.origin+"/")o=u.origin}catch{}\
globalThis.EXECUTION_OPS_BACKEND_UNKNOWN=!o;globalThis.EXECUTION_OPS_BACKEND=o})()"""
_SCRIPTS = f'<script src="{BACKEND_FILE}"></script><script>{_READER}</script>'
# Reflex takes these for the host of the page itself, whatever that is.
_PAGE_HOSTS = frozenset({"localhost", "0.0.0.0", "::"})


@dataclass(frozen=True)
class Target:
    """Where the export goes and what it talks to. `origin` is where the pages will be, "" if nobody knows yet."""

    out: Path
    backends: tuple[str, ...]
    origin: str = ""
    force: bool = False


@dataclass(frozen=True)
class Exported:
    """What was written: how many files of the console, their bytes, and the same compressed with brotli."""

    files: int
    size: int
    compressed: int
    rules: tuple[str, ...]


def target(out: Path, backends: Sequence[str], origin: str = "", *, force: bool = False) -> Target:
    """The same, checked: InvalidInput for what is no address of a host, or a path that no rule file can hold."""
    if set(str(out.resolve())) & set('"$`{}\\\n'):
        raise InvalidInput(f"{out} has a character in its path that rule files can't hold.")
    return Target(
        out.resolve(), tuple(_backend(address) for address in backends), _origin(origin) if origin else "", force
    )


def export(build: Path, wanted: Target) -> Exported:
    """Write the export; the directory is there only once it is whole.

    InvalidInput if it can't be written, or if it holds something that is not an export.
    """
    part = wanted.out.with_name(f"{wanted.out.name}.part")
    try:
        _check_free(wanted)
        shutil.rmtree(part, ignore_errors=True)
        exported = _write(build, part, wanted)
        if wanted.out.exists():
            shutil.rmtree(wanted.out)
        part.rename(wanted.out)
    except OSError as error:
        raise InvalidInput(f"{wanted.out} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return exported


def backend_file(origin: str) -> str:
    """What says where the server is: a script, because it has to be read before the others run."""
    return (
        "// The address of the console's server. It may be changed at any time; pages that are opened then use it.\n"
        f"globalThis.EXECUTION_OPS_BACKEND = {json.dumps(origin)};\n"
    )


def with_backend(html: str) -> str:
    """The page, made to read the address of its server first. ValueError if Reflex has changed its form."""
    head, end, body = html.partition(_HEAD_END)
    # React takes the first scripts of a head for those that it knows; and before a style sheet nothing waits for it.
    before, script, after = head.rpartition(_SCRIPT_END)
    if not end or not script:
        raise ValueError("A page of the frontend has no place for its first script.")
    return f"{before}{script}{_SCRIPTS}{after}{end}{body}"


def _write(build: Path, part: Path, wanted: Target) -> Exported:
    html: dict[str, str] = {}
    files = [path for path in sorted(build.rglob("*")) if path.is_file()]
    for path in files:
        address = path.relative_to(build)
        copy = part / address
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".html":
            html[f"/{address.as_posix()}"] = text = with_backend(path.read_text())
            _write_with_twins(copy, text)
        elif path.suffix not in TWINS.values() or ".html" not in path.suffixes:
            shutil.copy2(path, copy)
    (part / BACKEND_FILE.lstrip("/")).write_text(backend_file(wanted.backends[0]))
    rules = _rule_files(make_rules(html, wanted.backends), wanted)
    for name, text in rules.items():
        copy = part / name.lstrip("/")
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text)
    plain = [path for path in files if path.suffix not in TWINS.values()]
    return Exported(
        files=len(plain),
        size=sum(path.stat().st_size for path in plain),
        compressed=sum(_smallest(path).stat().st_size for path in plain),
        rules=tuple(rules),
    )


def _rule_files(rules: Rules, wanted: Target) -> Mapping[str, str]:
    host = urlsplit(wanted.origin)
    return {
        f"{RULES_FOLDER}/README.md": guide.render(rules, wanted.origin),
        f"{RULES_FOLDER}/nginx.conf": nginx.render(rules, str(wanted.out), host.hostname or "_"),
        f"{RULES_FOLDER}/Caddyfile": caddy.render(rules, str(wanted.out), wanted.origin or ":80"),
        f"{RULES_FOLDER}/cloudfront-function.js": cloudfront.function(rules),
        f"{RULES_FOLDER}/cloudfront-headers.json": cloudfront.headers_policy(rules),
        "/_redirects": pages.redirects(rules),
        "/_headers": pages.headers(rules),
    }


def _write_with_twins(path: Path, text: str) -> None:
    content = text.encode()
    path.write_bytes(content)
    # Without a time in it, so that the same page is the same file.
    path.with_name(f"{path.name}{TWINS['gzip']}").write_bytes(gzip.compress(content, mtime=0))
    path.with_name(f"{path.name}{TWINS['br']}").write_bytes(brotli.compress(content))


def _smallest(path: Path) -> Path:
    twin = path.with_name(f"{path.name}{TWINS['br']}")
    return twin if twin.is_file() else path


def _check_free(wanted: Target) -> None:
    out = wanted.out
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / RULES_FOLDER.lstrip("/")).is_dir():
        raise InvalidInput(f"{out} holds something else than an export. Choose an empty directory.")
    if not wanted.force:
        raise InvalidInput(f"{out} holds an export already. --force replaces it.")


def _backend(address: str) -> str:
    origin = _origin(address)
    if urlsplit(origin).hostname in _PAGE_HOSTS:
        raise InvalidInput(f"{address} is another host for every browser. Use a name, or 127.0.0.1 for this machine.")
    return origin


def _origin(address: str) -> str:
    try:
        return as_origin(address)
    except ValueError as error:
        raise InvalidInput(f"{error}.") from error
