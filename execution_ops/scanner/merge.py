"""One CycloneDX document out of the documents of the analyzers. Pure: same input, same bytes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any, NamedTuple

from execution_ops.domain.scanner_settings import Determinism

Document = Mapping[str, Any]
_NAMESPACE = uuid.UUID("6f2c1b9e-3d0a-5c47-9a51-8b8f1f6f0c2d")
_SUBJECT_REF = "source"
DEFAULTS = Determinism()
# The properties of a document that name what its results belong to.
FEED_SNAPSHOT = "execution-ops:feed-snapshot"
POLICY_SNAPSHOT = "execution-ops:policy-snapshot"


class Subject(NamedTuple):
    """What was scanned: `type` is a CycloneDX component type (file or container)."""

    name: str
    type: str
    version: str = ""


class Identity(NamedTuple):
    """What makes two components the same package."""

    purl: str
    name: str
    version: str
    type: str


def identity(component: Document) -> Identity:
    """The identity of a component."""
    return Identity(*(str(component.get(field, "")) for field in Identity._fields))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def merge(documents: Iterable[Document], subject: Subject, fixed: Determinism = DEFAULTS) -> dict[str, Any]:
    """Join documents of one source: components by their bom-ref, dependencies, tools, properties.

    Syft derives a bom-ref from all that it knows of a package, so equal refs are one package found
    by two analyzers, and the same package found in two places stays two components.
    """
    parts = list(documents)
    components = _components(parts)
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": _metadata(parts, subject, fixed),
        "components": components,
        "dependencies": _dependencies(parts, {component.get("bom-ref") for component in components}),
    }
    document["serialNumber"] = _serial(document, fixed.seed)
    return document


def settled(document: dict[str, Any], fixed: Determinism) -> dict[str, Any]:
    """The document of one run of Syft with nothing of the clock and of chance: the same run gives the same."""
    made = {name: value for name, value in document.items() if name != "serialNumber"}
    made["metadata"] = {**document.get("metadata", {}), "timestamp": _timestamp(fixed)}
    return {**made, "serialNumber": _serial(made, fixed.seed)}


def _serial(document: Document, seed: int) -> str:
    """Neither clock nor chance: the serial number is that of the content, and of the seed."""
    return uuid.uuid5(uuid.uuid5(_NAMESPACE, str(seed)), _canonical(document)).urn


def _timestamp(fixed: Determinism) -> str:
    return fixed.fixed_instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _components(parts: Sequence[Document]) -> list[dict[str, Any]]:
    by_ref: dict[str, dict[str, Any]] = {}
    for part in parts:
        for component in part.get("components", ()):
            key = component.get("bom-ref") or _canonical(component)
            known = by_ref.get(key)
            if known is None or _fuller(component, known):
                by_ref[key] = component
    return sorted(by_ref.values(), key=lambda component: (*identity(component), _canonical(component)))


def _fuller(one: Document, other: Document) -> bool:
    texts = _canonical(one), _canonical(other)
    return (len(texts[0]), texts[0]) > (len(texts[1]), texts[1])


def _dependencies(parts: Sequence[Document], refs: set[Any]) -> list[dict[str, Any]]:
    edges: dict[str, set[str]] = {}
    for part in parts:
        for dependency in part.get("dependencies", ()):
            if dependency.get("ref") in refs:
                edges.setdefault(dependency["ref"], set()).update(refs.intersection(dependency.get("dependsOn", ())))
    return [{"ref": ref, "dependsOn": sorted(edges[ref])} for ref in sorted(edges) if edges[ref]]


def _unique(parts: Sequence[Document], *path: str) -> list[Any]:
    found: dict[str, Any] = {}
    for part in parts:
        value: Any = part.get("metadata", {})
        for step in path:
            value = value.get(step, {}) if isinstance(value, Mapping) else {}
        for item in value or ():
            found[_canonical(item)] = item
    return [found[key] for key in sorted(found)]


def _metadata(parts: Sequence[Document], subject: Subject, fixed: Determinism) -> dict[str, Any]:
    component = {"bom-ref": _SUBJECT_REF, "type": subject.type, "name": subject.name}
    if subject.version:
        component["version"] = subject.version
    metadata: dict[str, Any] = {"timestamp": _timestamp(fixed), "component": component}
    tools = _unique(parts, "tools", "components")
    if tools:
        metadata["tools"] = {"components": tools}
    snapshots = {FEED_SNAPSHOT: fixed.feed_snapshot_id, POLICY_SNAPSHOT: fixed.policy_snapshot_id}
    properties = _unique(parts, "properties")
    properties += [{"name": name, "value": value} for name, value in snapshots.items() if value]
    if properties:
        metadata["properties"] = properties
    return metadata


def to_text(document: Document) -> str:
    """The document as it is stored."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


class Problem(NamedTuple):
    """One place where a document breaks the CycloneDX schema; `path` leads there from the top."""

    path: tuple[str | int, ...]
    message: str


def without(document: dict[str, Any], found: Iterable[Problem]) -> list[str]:
    """Take the parts of components that break the schema out of the document, in place.

    Package authors write what they like into URLs and licences. What is optional goes; the answer
    names it. Problems anywhere else stay, for `problems` to find again.
    """
    left_out: list[str] = []
    doomed = {problem.path[:4] for problem in found if problem.path[:1] == ("components",) and len(problem.path) >= 3}
    # From the back, so that earlier positions in a list stay true.
    for path in sorted(doomed, key=lambda steps: [(isinstance(step, int), step) for step in steps], reverse=True):
        component = document["components"][path[1]]
        field = path[2]
        if field in {"type", "name", "bom-ref"} or field not in component:
            continue
        value = component[field]
        if isinstance(value, list) and len(path) > 3 and len(value) > 1:
            del value[int(path[3])]
        else:
            del component[field]
        left_out.append(f"{field} of {component.get('name', '')} {component.get('version', '')}".strip())
    return left_out


def problems(text: str) -> list[Problem]:
    """Where the text breaks the strict CycloneDX 1.6 schema; empty if it is valid."""
    # Its import builds some forty parsers, which takes longer than the rest of a start: only who merges pays for it.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text, all_errors=True)
    return [Problem(tuple(error.data.absolute_path), error.data.message) for error in found or ()]
