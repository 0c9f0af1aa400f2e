"""nginx and Caddy as child processes on a loopback port, with an export and the rule files that came with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from execution_ops.edge.rules import RULES_FOLDER
from execution_ops.frontend import ROOT
from tests.e2e.servers import STOP_S, await_condition

# Where `make servers` unpacks Debian's packages.
UNPACKED = ROOT / ".servers"
_MODULES = (UNPACKED / "usr/lib/nginx/modules", Path("/usr/lib/nginx/modules"))
_BROTLI = "ngx_http_brotli_static_module.so"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@contextmanager
def nginx(export: Path, port: int, folder: Path) -> Iterator[str]:
    """nginx with the export's own rules, the address of its port put in; gives its origin."""
    rules = (export / RULES_FOLDER.lstrip("/") / "nginx.conf").read_text()
    assert rules.count("listen 80;") == 1
    (folder / "rules.conf").write_text(rules.replace("listen 80;", f"listen 127.0.0.1:{port};"))
    module = next(path / _BROTLI for path in _MODULES if (path / _BROTLI).is_file())
    temporary = "\n".join(f'{name}_temp_path "{folder}/{name}";' for name in _TEMPORARY)
    (folder / "nginx.conf").write_text(
        f"""
        load_module "{module}";
        {"user root;" if os.geteuid() == 0 else ""}
        daemon off;
        worker_processes 1;
        pid "{folder}/nginx.pid";
        events {{}}
        http {{
            access_log off;
            brotli_static on;
            {temporary}
            include "{folder}/rules.conf";
        }}
        """
    )
    command = [_program("nginx", "usr/sbin/nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with _serving([*command, "-e", "stderr"], port, folder / "nginx.log") as origin:
        yield origin


@contextmanager
def caddy(export: Path, port: int, folder: Path) -> Iterator[str]:
    """Caddy with the export's own Caddyfile, which has to be made for the origin of that port; gives the origin."""
    rules = (export / RULES_FOLDER.lstrip("/") / "Caddyfile").read_text()
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + rules)
    command = [_program("caddy", "usr/bin/caddy"), "run", "--adapter", "caddyfile"]
    with _serving([*command, "--config", str(folder / "Caddyfile")], port, folder / "caddy.log") as origin:
        yield origin


@contextmanager
def _serving(command: list[str], port: int, log: Path) -> Iterator[str]:
    origin = f"http://127.0.0.1:{port}"
    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(log.parent))
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **homes})

    def answers() -> bool:
        assert process.poll() is None, f"The process ended.\n{log.read_text()}"
        try:
            return httpx.get(f"{origin}/favicon.svg").is_success
        except httpx.TransportError:
            return False

    try:
        await_condition(answers, f"{command[0]} did not answer.\n", log)
        yield origin
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _program(name: str, unpacked: str) -> str:
    found = UNPACKED / unpacked
    program = str(found) if found.is_file() else shutil.which(name)
    assert program, f"There is no {name}. Run: make servers"
    return program
