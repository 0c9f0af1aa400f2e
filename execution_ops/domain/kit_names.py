"""Names and versions of offline kits: which are safe, which are the same, which is newer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.text import visible

NAME_MAX = 512
PART_MAX = 200
VERSION_MAX = 64
# `2026.11.14`, or `2026.11.14-d3` for the third delta on top of it.
VERSION_PATTERN = r"^[0-9]{1,9}(\.[0-9]{1,9}){0,7}(-[a-z]{1,12}[0-9]{0,9})?$"
_VERSION = re.compile(r"([0-9.]+)(?:-([a-z]+)([0-9]*))?")


def name_fault(name: str) -> str:
    """Why a file of a kit can't have this name, in words; "" if it can.

    A good name is relative, leads nowhere but down, and can be shown as it is.
    """
    if not name or name != visible(name) or "\\" in name:
        return "it is empty or has characters that can't be shown"
    if name.startswith("/"):
        return "it is absolute"
    parts = name.split("/")
    if ".." in parts:
        return "it leads out of the kit"
    if "" in parts or "." in parts:
        return "it has an empty part"
    if len(name.encode()) > NAME_MAX or any(len(part.encode()) > PART_MAX for part in parts):
        return f"it is longer than {NAME_MAX} bytes, or a part of it than {PART_MAX}"
    return ""


def same_name(name: str) -> str:
    """Equal for names that some file system takes for the same: other case, other composition of a letter."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def parents(name: str) -> list[str]:
    """The directories that a name lies in, the outermost first."""
    parts = name.split("/")
    return ["/".join(parts[:at]) for at in range(1, len(parts))]


def names_fault(names: Iterable[str]) -> str:
    """Why these names can't lie beside each other, in words; "" if they can."""
    files: dict[str, str] = {}
    for name in names:
        if fault := name_fault(name):
            return f"The name {visible(name)[:NAME_MAX]!r} is refused: {fault}."
        key = same_name(name)
        if key in files:
            return f"Two entries have the same name: {files[key]} and {name}."
        files[key] = name
    folders = {folder for key in files for folder in parents(key)}
    return next((f"{files[key]} is a file and the folder of another entry." for key in files if key in folders), "")


def check_version(version: str) -> None:
    """InvalidInput, in words, for what no kit can have as its version."""
    if not re.fullmatch(VERSION_PATTERN, version):
        raise InvalidInput(
            "A version is up to eight numbers joined by dots, such as 2026.11.14, with a suffix such as -d3 if wanted.",
            field="version",
        )


def compare_versions(one: str, other: str) -> int:
    """-1 if `one` is lower than `other`, 1 if it is higher, 0 if neither.

    Numbers compare as numbers, missing ones count as 0. What has a suffix follows what has none: `2026.11.14-d3`
    is built on `2026.11.14`. ValueError for what is no version.
    """
    first, second = _key(one), _key(other)
    return (first > second) - (first < second)


def _key(version: str) -> tuple[list[int], str, int]:
    found = _VERSION.fullmatch(version) if re.fullmatch(VERSION_PATTERN, version) else None
    if found is None:
        raise ValueError(f"not a version of a kit: {version[:VERSION_MAX]!r}")
    numbers = [int(number) for number in found[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers, found[2] or "", int(found[3] or 0)
