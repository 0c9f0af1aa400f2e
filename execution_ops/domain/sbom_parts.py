"""The packages of a CycloneDX document, in the compact form that two documents are compared in.

A package is a line of fields between tabs. What is the same in two documents is the same line, so a comparison takes
apart only what differs. No text in a line has a control character: those are spelled out. A package that was found
in two places of a source is one package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from execution_ops.domain.text import visible

# Of a purl's qualifiers, these tell packages apart; others say where one came from or for which distribution
# it was built, and change with its version.
IDENTIFYING = frozenset({"arch", "classifier", "type"})
MEDIA_TYPE = "application/vnd.execution-ops.parts"
_HEAD = b"execution-ops parts 1\n"
LICENCE_BETWEEN = "; "
BETWEEN = "\t"


class Part(NamedTuple):
    """One package of a document. `key` is its purl without the version, or `type:group/name` where it has none;
    `licences` are its declared licences, joined by `; `."""

    key: str
    version: str
    licences: str
    name: str
    group: str
    type: str

    @property
    def line(self) -> str:
        """The package as an inventory has it."""
        return BETWEEN.join(self)

    @property
    def ecosystem(self) -> str:
        """The type of its purl (npm, deb), or of the component where it has none."""
        return self.key.removeprefix("pkg:").split("/", 1)[0] if self.key.startswith("pkg:") else self.type


class Inventory(NamedTuple):
    """The packages of one document, each a line."""

    lines: frozenset[str]


class Damaged(ValueError):
    """What was read is no CycloneDX document, or no file of packages."""


def inventory(document: Any) -> Inventory:
    """The packages of a CycloneDX document; Damaged if it is none."""
    if not isinstance(document, Mapping) or document.get("bomFormat") != "CycloneDX":
        raise Damaged("This is no CycloneDX document.")
    return Inventory(frozenset(_part(component).line for component in _components(document)))


def read_part(line: str) -> Part:
    """The package of a line; Damaged if it is none."""
    try:
        return Part._make(line.split(BETWEEN))
    except TypeError as error:
        raise Damaged("This is no file of packages.") from error


def pack(found: Inventory) -> bytes:
    """The file of an inventory; the same packages give the same bytes."""
    return _HEAD + "\n".join(sorted(found.lines)).encode()


def unpack(content: bytes) -> Inventory:
    """The inventory of such a file; Damaged if it is none."""
    if not content.startswith(_HEAD):
        raise Damaged("This is no file of packages.")
    try:
        text = content[len(_HEAD) :].decode()
    except UnicodeDecodeError as error:
        raise Damaged("This is no file of packages.") from error
    return Inventory(frozenset(text.split("\n")) if text else frozenset())


def syft_version(document: Mapping[str, Any]) -> str:
    """The version of the Syft that made a document, "" if it does not say."""
    metadata = document.get("metadata")
    tools = metadata.get("tools") if isinstance(metadata, Mapping) else None
    listed = tools.get("components") if isinstance(tools, Mapping) else tools
    for tool in listed if isinstance(listed, list) else ():
        if isinstance(tool, Mapping) and tool.get("name") == "syft":
            return _text(tool, "version")
    return ""


def split_purl(purl: str) -> tuple[str, str] | None:
    """A purl as its identity and its version; None if it is no purl."""
    if not purl.startswith("pkg:"):
        return None
    rest, _, subpath = purl[4:].partition("#")
    path, _, query = rest.partition("?")
    kind, slash, named = path.lstrip("/").partition("/")
    if not kind or not slash or not named:
        return None
    # The name of a scoped package may begin with an @ that nobody encoded.
    cut = named.rfind("@")
    versioned = cut > 0 and named[cut - 1] != "/" and "/" not in named[cut:]
    name, version = (named[:cut], named[cut + 1 :]) if versioned else (named, "")
    kept = sorted(pair for pair in query.split("&") if pair.partition("=")[0].lower() in IDENTIFYING)
    key = f"pkg:{kind.lower()}/{name}"
    return key + (f"?{'&'.join(kept)}" if kept else "") + (f"#{subpath}" if subpath else ""), unquote(version)


def _components(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every component, those within others too."""
    found: list[Mapping[str, Any]] = []
    waiting = [document.get("components")]
    while waiting:
        for component in _listed(waiting.pop()):
            found.append(component)
            waiting.append(component.get("components"))
    return found


def _listed(value: Any) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise Damaged("The components of this document are no list of components.")
    return value


def _part(component: Mapping[str, Any]) -> Part:
    name, group, kind = (_text(component, field) for field in ("name", "group", "type"))
    named = split_purl(_text(component, "purl"))
    key, version = named or (f"{kind}:{group}/{name}" if group else f"{kind}:{name}", "")
    return Part(key, _text(component, "version") or version, _licences(component.get("licenses")), name, group, kind)


def _licences(value: Any) -> str:
    found = set()
    for choice in value if isinstance(value, list) else ():
        if isinstance(choice, Mapping):
            licence = choice.get("license")
            inner = licence if isinstance(licence, Mapping) else {}
            found.add(_text(choice, "expression") or _text(inner, "id") or _text(inner, "name"))
    return LICENCE_BETWEEN.join(sorted(found - {""}))


def _text(of: Mapping[str, Any], field: str) -> str:
    value = of.get(field)
    if not isinstance(value, str):
        return ""
    return value if value.isprintable() else visible(value)
