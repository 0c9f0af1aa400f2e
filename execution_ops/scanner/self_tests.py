"""The fixtures of the self-tests: a small source of each ecosystem, and the components that it holds.

A fixture is a directory of text files below `fixtures/`, with the purls that Syft must find in `expected.json`.
Two names stand for what text files can't be: `dot-x` is the hidden `.x`, and a directory that ends in `.jar` is
packed into that archive.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

_ROOT = Path(__file__).parent / "fixtures"
_EXPECTED = "expected.json"
_HIDDEN = "dot-"
# Every archive is the same to the byte, whenever it is made.
_MOMENT = (1980, 1, 1, 0, 0, 0)


class _Expected(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    components: tuple[str, ...] = Field(min_length=1)


@cache
def tested() -> frozenset[str]:
    """The analyzers that there is a fixture for."""
    return frozenset(path.parent.name for path in _ROOT.glob(f"*/{_EXPECTED}"))


def expected(analyzer: str) -> tuple[str, ...]:
    """The components that the fixture holds by purl, else in words (type, name, version), sorted.

    FileNotFoundError if there is no fixture.
    """
    text = (_ROOT / analyzer / _EXPECTED).read_text(encoding="utf-8")
    return tuple(sorted(_Expected.model_validate(json.loads(text)).components))


def lay_out(analyzer: str, into: Path) -> int:
    """Make the fixture in the directory `into`, which is made; how many files it has."""
    return _copy(_ROOT / analyzer, into)


def _copy(source: Path, into: Path) -> int:
    into.mkdir(parents=True)
    files = 0
    for entry in sorted(source.iterdir()):
        name = entry.name
        if name.startswith(_HIDDEN):
            name = f".{name.removeprefix(_HIDDEN)}"
        if entry.is_dir() and name.endswith(".jar"):
            _pack(entry, into / name)
            files += 1
        elif entry.is_dir():
            files += _copy(entry, into / name)
        elif name != _EXPECTED:
            shutil.copyfile(entry, into / name)
            files += 1
    return files


def _pack(source: Path, into: Path) -> None:
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in sorted(source.rglob("*")):
            if entry.is_file():
                archive.writestr(zipfile.ZipInfo(str(entry.relative_to(source)), _MOMENT), entry.read_bytes())
