"""One export for all tests of the edge, and the servers that give it out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from execution_ops.edge import export
from tests.e2e.servers import free_port
from tests.edge import programs

BACKEND = "http://127.0.0.1:8420"


@pytest.fixture(scope="package")
def port() -> int:
    """Where Caddy listens: its Caddyfile has the address in it."""
    return free_port()


@pytest.fixture(scope="package")
def site(build: Path, port: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of an export."""
    out = tmp_path_factory.mktemp("edge") / "site"
    export.export(build, export.target(out, [BACKEND], f"http://127.0.0.1:{port}"))
    return out


@pytest.fixture(scope="package")
def nginx(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of an nginx with the export's rules."""
    with programs.nginx(site, free_port(), tmp_path_factory.mktemp("nginx")) as origin:
        yield origin


@pytest.fixture(scope="package")
def caddy(site: Path, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of a Caddy with the export's rules."""
    with programs.caddy(site, port, tmp_path_factory.mktemp("caddy")) as origin:
        yield origin
