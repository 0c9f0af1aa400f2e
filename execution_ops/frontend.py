"""The compiled frontend: building it when its sources changed, and how it finds its server."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from reflex.config import get_config
from reflex.constants import DefaultPorts
from reflex.plugins import Plugin

from execution_ops.routes import API_PREFIXES

# A wheel carries the compiled console (see `deploy/wheel.py`): then nothing is built, and Node.js is not needed.
_PACKED = Path(__file__).parent / "_console"
CARRIED = (_PACKED / "rxconfig.py").is_file()
ROOT = _PACKED if CARRIED else Path(__file__).parents[1]
BUILD = ROOT / "client" if CARRIED else ROOT / ".web" / "build" / "client"
COMMAND = "python -m execution_ops.frontend"
REFLEX_ENVIRONMENT = {"REFLEX_TELEMETRY_ENABLED": "false", "REFLEX_CHECK_LATEST_VERSION": "false"}

# Reflex empties its build directory before it builds, so a stamp there means a finished build.
_STAMP = ROOT / ".web" / "build" / "sources.sha256"
_SOURCES = ("assets", "execution_ops", "rxconfig.py")
_LOCK = ("reflex.lock",)
_STDERR = 2
# No page is made from these.
_APART = (
    *("execution_ops/api", "execution_ops/backends", "execution_ops/commands", "execution_ops/edge"),
    *("execution_ops/scanner", "execution_ops/server.py", "execution_ops/static_site.py"),
)
_SKIPPED = ("__pycache__", "external")

_CHUNKS = r"""            { test: /public\/islands\//, name: "islands" },
            { test: /node_modules\/(?!(@xyflow|d3-|zustand|classcat))/, name: "vendor" },
"""
_BAKED = re.compile(r"""(["'`])(ws|http)s?://[^/"'`]+(/[^"'`]*)\1""")
# What `backend.js` beside a static export sets (see `execution_ops/edge`); else the server that gave the page.
_ORIGIN = "(globalThis.EXECUTION_OPS_BACKEND??location.origin)"
_ORIGINS = {"http": _ORIGIN, "ws": f'{_ORIGIN}.replace(/^http/,"ws")'}


def fingerprint() -> str:
    """A hash of everything that the frontend is made from."""
    return f"{version('reflex')} {_hash(_SOURCES)} {_hash(_LOCK)}"


def is_current() -> bool:
    """Whether there is a finished build of the present sources; of one that is carried, whether Reflex is the one that
    made it."""
    if CARRIED:
        made_by = ROOT / "reflex-version"
        return made_by.is_file() and made_by.read_text() == version("reflex")
    return _STAMP.is_file() and _STAMP.read_text() == fingerprint()


def ensure() -> bool:
    """Build the frontend unless that is done already; True if it was built now.

    Several processes may call it at once; one builds, the others wait. One that is carried stays. CalledProcessError if
    the build fails; it has said why by then.
    """
    if CARRIED or is_current():
        return False
    with _lock():
        if is_current():
            return False
        # From before: a file that changes during the build needs another one. Not so the lock,
        # which Reflex itself brings up to date when the pages import other packages.
        built = _hash(_SOURCES)
        subprocess.run(
            [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"],
            cwd=ROOT,
            env=build_environment(),
            # What is on its way to standard output may be the JSON of a command.
            stdout=_STDERR,
            check=True,
        )
        _STAMP.write_text(f"{version('reflex')} {built} {_hash(_LOCK)}")
        return True


def same_origin(script: str) -> str:
    """The environment chunk with every absolute address made relative to the origin of the server.

    That is the page's own, or what was said before the script runs (`EXECUTION_OPS_BACKEND`).

    ValueError if there is no address in it: then Reflex has changed its form.
    """
    text, count = _BAKED.subn(lambda match: f'{_ORIGINS[match[2]]}+"{match[3]}"', script)
    if not count:
        raise ValueError("The environment chunk of the frontend has no address in it.")
    return text


def with_api_proxy(vite_config: str, backend: str) -> str:
    """Vite's configuration, with the addresses of the API sent on to `backend` in development.

    ValueError if it has no place for it: then Reflex has changed its form.
    """
    start, server, rest = vite_config.partition("\n  server: {\n")
    if not server:
        raise ValueError("Vite's configuration has no server section.")
    if rest.startswith("    proxy: "):
        rest = rest.split("\n", 1)[1]
    return f"{start}{server}    proxy: {json.dumps(dict.fromkeys(API_PREFIXES, backend))},\n{rest}"


def with_few_chunks(vite_config: str) -> str:
    """Vite's configuration with the packages in one file and the islands in another.

    A dozen small files cost a cold page 50 ms. The packages of the graph stay with its page.
    ValueError if it has no place for it: then Reflex has changed its form.
    """
    start, groups, rest = vite_config.partition("          groups: [\n")
    if not groups:
        raise ValueError("Vite's configuration has no groups of chunks.")
    return f"{start}{groups}{_CHUNKS}{rest.removeprefix(_CHUNKS)}"


class SameOriginPlugin(Plugin):
    """Makes pages, API and socket one origin.

    One build serves any port: Reflex bakes the server's address into it, this takes it out, unless
    REFLEX_API_URL names a server: then the frontend is meant to live elsewhere.
    """

    def pre_compile(self, **context: Any) -> None:
        """Called by Reflex before it compiles the pages."""
        backend = f"http://127.0.0.1:{get_config().backend_port or DefaultPorts.BACKEND_PORT}"
        context["add_modify_task"]("vite.config.js", lambda text: with_few_chunks(with_api_proxy(text, backend)))

    def post_build(self, **context: Any) -> None:
        """Called by Reflex between the build and the compression of its files."""
        if os.environ.get("REFLEX_API_URL"):
            return
        static_dir: Path = context["static_dir"]
        chunks = list((static_dir / "assets").glob("reflex-env-*.js"))
        if len(chunks) != 1:
            raise ValueError(f"Expected one environment chunk in the frontend, found {len(chunks)}.")
        chunks[0].write_text(same_origin(chunks[0].read_text()))


def _hash(names: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for path in sorted(_files(names)):
        digest.update(f"\0{path.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(names: tuple[str, ...]) -> Iterator[Path]:
    for name in names:
        top = ROOT / name
        for path in top.rglob("*") if top.is_dir() else (top,):
            relative = path.relative_to(ROOT)
            apart = relative.as_posix().startswith(_APART) or set(_SKIPPED) & set(relative.parts)
            if path.is_file() and not apart:
                yield path


def build_environment() -> dict[str, str]:
    """The environment in which Reflex finds its tools and asks nobody else."""
    tools = str(Path(sys.executable).parent)
    environment = {**os.environ, **REFLEX_ENVIRONMENT, "REFLEX_USE_NPM": "true"}
    environment["PATH"] = f"{tools}{os.pathsep}{environment.get('PATH', os.defpath)}"
    if "NPM_CONFIG_REGISTRY" not in environment:
        # Else Reflex measures the speed of several public registries.
        npm = subprocess.run(
            ["npm", "config", "get", "registry"], env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        environment["NPM_CONFIG_REGISTRY"] = npm.stdout.strip()
    return environment


@contextmanager
def _lock() -> Iterator[None]:
    path = ROOT / ".web.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    print("The frontend is built." if ensure() else "The frontend is up to date.")
