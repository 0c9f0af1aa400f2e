"""Rules of the house that a search through the files can check."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    if name and (ROOT / name).is_file()
]
SOURCE_SUFFIXES = {".py", ".js", ".jsx", ".css", ".toml", ".md", ".mako", ".json", ".lock", ".in", ".html", ".yml", ""}
SOURCES = [path for path in TRACKED if path.suffix in SOURCE_SUFFIXES]
PACKAGE = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in ("execution_ops", "assets")]

ADDRESS = re.compile(
    r"""["'`](/(ops|platform|platform-ops|api|_event)\b|/(healthz|readyz|metrics|openapi\.json)["'`?])"""
)
ABSOLUTE = re.compile(r"https?://(?!127\.0\.0\.1|localhost|\{|\[|www\.w3\.org/)[^\s\"'`)]+")
# Spelled in two parts, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(("registry" + r"\.npm", "npm" + "mirror", "pythonhosted" + r"\.org", "pypi" + r"\.org"))
)
MACHINE = re.compile("|".join(("/" + "work/", "/tmp/" + "wt", "/" + "root/", "/home/" + r"\w")))
# Not what other libraries call so: `.cancelled()`, CANCELLED.
SPELLING = re.compile(r"(?<![.\w])[Cc]ancel" + r"led\b(?!\()|[Cc]ancel" + r"lation")
# The places that read the other spelling, and their tests.
SPELLING_EDGE = {
    "execution_ops/domain/states.py",
    "execution_ops/backends/gateway/profile.py",
    "tests/unit/domain/test_states.py",
    "tests/unit/domain/test_filters.py",
}


def matches(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """Where the pattern occurs: file, line number, text."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in files
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_only_the_url_table_spells_addresses() -> None:
    assert matches(ADDRESS, [path for path in PACKAGE if path.parent != ROOT / "execution_ops" / "routes"]) == []


def test_the_search_for_addresses_finds_one() -> None:
    assert matches(ADDRESS, [ROOT / "execution_ops" / "routes" / "rest.py"])
    assert ADDRESS.search('href="/ops/operations/jobengine"')
    assert not ADDRESS.search('"/opsx"')


def test_nothing_that_a_page_loads_names_another_host() -> None:
    assert matches(ABSOLUTE, [path for path in PACKAGE if path.suffix in (".js", ".jsx", ".css", ".html")]) == []


@pytest.mark.parametrize("pattern", [REGISTRIES, MACHINE], ids=["registry", "machine"])
def test_no_file_names_a_registry_host_or_a_path_of_one_machine(pattern: re.Pattern[str]) -> None:
    assert matches(pattern, SOURCES) == []


def test_canceled_is_spelled_with_one_l() -> None:
    files = [path for path in SOURCES if path.relative_to(ROOT).as_posix() not in SPELLING_EDGE]
    assert matches(SPELLING, [path for path in files if path.suffix in (".py", ".md", ".js", ".jsx")]) == []


def test_locks_pin_every_package_with_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        packages = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
        assert len(packages) > 50
        assert [package for package in packages if not re.match(r"[\w.\[\]-]+==\S+", package)] == []
        assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_the_lock_for_running_is_part_of_the_one_for_developing() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==\S+", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.lock") < pins("requirements-dev.lock")
