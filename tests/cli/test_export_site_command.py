"""`execution-ops export-site`: what it writes, and what it refuses."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import brotli
import pytest
from typer.testing import CliRunner

from execution_ops import frontend
from execution_ops.cli import app
from execution_ops.edge import export
from execution_ops.edge.rules import BACKEND_FILE

API = "https://api.example.org"


def run(*arguments: str) -> tuple[int, str, str]:
    """The exit code, what went to stdout, and what to stderr."""
    result = CliRunner().invoke(app, ["export-site", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def out(build: Path, tmp_path: Path) -> Path:
    """Where an export goes; the frontend is built."""
    return tmp_path / "dist"


def test_the_export_is_the_build_with_its_rules_and_the_address_of_the_server(out: Path) -> None:
    code, stdout, _ = run(
        "--api-url", f"{API}/", "--out", str(out), "--origin", "https://console.example.org", "--json"
    )
    assert code == 0
    told = json.loads(stdout)
    assert (told["out"], told["api_url"]) == (str(out), API)
    assert told["brotli_bytes"] < told["bytes"] / 3
    assert {f"/{path.relative_to(out).as_posix()}" for path in (out / "_edge").iterdir()} < set(told["rules"])
    assert f'"{API}"' in (out / BACKEND_FILE.lstrip("/")).read_text()
    built = {path.relative_to(frontend.BUILD) for path in frontend.BUILD.rglob("*") if path.is_file()}
    written = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    assert written >= {path for path in built if ".zst" not in path.suffixes}
    nginx = (out / "_edge/nginx.conf").read_text()
    assert "server_name console.example.org;" in nginx
    assert f"connect-src 'self' {API} wss://api.example.org;" in nginx
    assert "PAGE_ORIGINS=https://console.example.org" in (out / "_edge/README.md").read_text()
    assert not list(out.parent.glob("*.part"))


def test_twins_of_the_pages_are_the_pages(out: Path) -> None:
    assert run("--api-url", API, "--out", str(out))[0] == 0
    pages = sorted(out.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        content = page.read_bytes()
        assert gzip.decompress(page.with_name(f"{page.name}.gz").read_bytes()) == content
        assert brotli.decompress(page.with_name(f"{page.name}.br").read_bytes()) == content
        # The address is read before any script that asks for it, and is not held up by a style sheet.
        before, _, after = content.decode().partition(f'<script src="{BACKEND_FILE}">')
        assert after
        assert 'type="module"' not in before
        assert 'rel="stylesheet"' not in before


def test_the_same_export_is_the_same_files(out: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    for folder in (out, again):
        assert run("--api-url", API, "--out", str(folder))[0] == 0
    for path in out.rglob("*"):
        if path.is_file() and path.name not in ("nginx.conf", "Caddyfile"):
            assert path.read_bytes() == (again / path.relative_to(out)).read_bytes(), path


def test_pages_may_be_sent_to_a_server_that_stands_by(out: Path) -> None:
    assert run("--api-url", API, "--standby", "https://other.example.org", "--out", str(out))[0] == 0
    policy = re.search(r"connect-src [^;]*", (out / "_headers").read_text())
    assert policy is not None
    assert policy[0].split()[2:] == [
        API,
        "https://other.example.org",
        "wss://api.example.org",
        "wss://other.example.org",
    ]


def test_only_an_export_is_replaced_and_only_when_told(out: Path, tmp_path: Path) -> None:
    assert run("--api-url", API, "--out", str(out))[0] == 0
    code, _, stderr = run("--api-url", API, "--out", str(out))
    assert (code, "--force" in stderr) == (2, True)
    assert run("--api-url", "https://new.example.org", "--out", str(out), "--force")[0] == 0
    assert "https://new.example.org" in (out / BACKEND_FILE.lstrip("/")).read_text()
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    code, _, stderr = run("--api-url", API, "--out", str(other), "--force")
    assert (code, "something else" in stderr) == (2, True)
    assert (other / "thesis.txt").read_text() == "mine"
    (tmp_path / "file").write_text("")
    assert run("--api-url", API, "--out", str(tmp_path / "file" / "dist"))[0] == 2


@pytest.mark.parametrize(
    "address",
    [
        *("api.example.org", "ftp://api.example.org", "https://api.example.org/console", "https://a@api.example.org"),
        *(
            "https://",
            "http://localhost:8420",
            "http://0.0.0.0:8420",
            "https://api.example.org?x",
            "javascript:alert(1)",
        ),
        *('https://x";alert(1)//', "https://a b", "https://a;b", "https://a'b", "https://a$host"),
    ],
)
def test_what_is_no_address_of_a_host_is_refused(out: Path, address: str) -> None:
    code, _, stderr = run("--api-url", address, "--out", str(out))
    assert code == 2
    assert stderr.strip()
    assert not out.exists()


def test_a_page_of_another_form_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place"):
        export.with_backend("<html></html>")
