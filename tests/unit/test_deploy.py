"""What `deploy/` says: parsed as its readers do, and held against what the program knows."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.main import get_group

from execution_ops.cli import app
from execution_ops.settings import PREFIX, Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
KNOWN = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
COMMANDS = frozenset(get_group(app).commands)
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "RestrictNamespaces": "yes",
    "CapabilityBoundingSet": "",
}


class _Unit(configparser.RawConfigParser):
    """A unit file: names of options have capitals, and some stand more than once."""

    def __init__(self) -> None:
        super().__init__(strict=False, interpolation=None)

    def optionxform(self, optionstr: str) -> str:
        """As it is written."""
        return optionstr


def unit(path: Path) -> _Unit:
    """A parsed unit."""
    parsed = _Unit()
    parsed.read(path)
    return parsed


@pytest.mark.parametrize("path", [path for path in DEPLOY.rglob("*") if path.is_file()], ids=lambda path: path.name)
def test_every_variable_that_is_named_is_a_setting(path: Path) -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z0-9_]+", path.read_text()))
    assert named <= KNOWN


def test_the_image_runs_as_nobody_in_particular_and_tells_how_it_is() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    assert all(re.match(r"python:3\.\d+-slim\b", stage) for stage in stages)
    last = stages[-1]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "/healthz" in last
    assert not re.search(r"^(ADD|RUN .*(curl|wget))", DOCKERFILE, re.MULTILINE)
    # Secrets belong to the environment of a container, not to an image.
    assert not re.search(r"(PASSWORD|SECRET|TOKEN)=", DOCKERFILE)
    command = re.search(r'^CMD \["(\w+)"\]$', last, re.MULTILINE)
    assert command is not None
    assert command[1] in COMMANDS


def test_the_image_copies_what_is_there() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (DEPLOY.parent / name).exists(), name
            assert any(Path(name).match(rule.removeprefix("!")) for rule in ignored if rule.startswith("!")), name


def test_the_compose_file_joins_what_belongs_together() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"database", "web", "worker", "nginx"}
    for name, commands in (("web", ["web"]), ("worker", ["worker"])):
        service = services[name]
        assert service["command"] == commands
        assert set(service["command"]) <= COMMANDS
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["environment"]["EXECUTION_OPS_DATABASE_URL"].startswith("postgresql://")
        assert service["depends_on"]["database"]["condition"] == "service_healthy"
        assert any(volume == "data:/data" for volume in service["volumes"])
    assert services["worker"]["deploy"]["replicas"] == 2
    # Only nginx is reached from outside, and on loopback unless it is told otherwise.
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert services["nginx"]["ports"] == ["${LISTEN:-127.0.0.1:8080}:8080"]
    for name in {volume.split(":")[0] for service in services.values() for volume in service["volumes"]}:
        assert name in COMPOSE["volumes"] or name.startswith(("./", "${"))


def test_the_example_asks_for_what_the_compose_file_needs() -> None:
    lines = (DEPLOY / "example.env").read_text().splitlines()
    given = {line.partition("=")[0] for line in lines if "=" in line and not line.startswith("#")}
    needed = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    assert needed <= given


def test_its_grants_are_such_as_the_settings_take(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    for line in (DEPLOY / "example.env").read_text().splitlines():
        name, _, value = line.partition("=")
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, value)
    assert Settings().grants[0].role == "admin"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_hardened_and_starts_what_there_is(path: Path) -> None:
    parsed = unit(path)
    service = dict(parsed["Service"])
    assert HARDENED.items() <= service.items()
    assert service["User"] == "execution-ops"
    assert service["ExecStart"].split()[1] in COMMANDS
    # It gets the time that the program needs to end by itself.
    assert int(service["TimeoutStopSec"]) >= 15
    assert parsed["Install"]["WantedBy"] == "multi-user.target"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_understands_each_unit(path: Path, tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    # A program that is there: systemd asks for it.
    text = path.read_text().replace("/opt/execution-ops/bin/execution-ops", shutil.which("true") or "/bin/true")
    copy = tmp_path / path.name.replace("@.", "@2.")
    copy.write_text(text)
    if verify is None:
        # Not on every system; the parse above is what remains.
        assert unit(copy)["Service"]["Type"] == "exec"
        return
    done = subprocess.run([verify, "verify", str(copy)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_nginx_passes_the_socket_on_and_keeps_the_host() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    for line in (
        "proxy_set_header Host $http_host;",
        "proxy_set_header Upgrade $http_upgrade;",
        "proxy_set_header Connection $connection_upgrade;",
        "proxy_buffering off;",
    ):
        assert line in text
    assert text.count("{") == text.count("}")
