"""A comparison as a file: CSV for spreadsheets, JSON for programs, CycloneDX for tools that know packages."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any
from urllib.parse import quote

from execution_ops.domain.exports import csv_lines
from execution_ops.domain.sbom_diff import Change, DiffCounts
from execution_ops.domain.sbom_parts import LICENCE_BETWEEN, Part

COLUMNS = (
    *("change", "ecosystem", "name", "group", "type", "version_before", "version_after"),
    *("licences_before", "licences_after", "purl"),
)
_BATCH = 1_000
_NAMESPACE = uuid.UUID("b0a4a8a7-6e0d-5a0c-8a8f-3f5a3f0c9d11")
_PROPERTY = "execution-ops:"
# The types of CycloneDX 1.6; a document from elsewhere may name others.
_TYPES = frozenset(
    {"application", "framework", "library", "container", "platform", "operating-system", "device", "device-driver"}
    | {"firmware", "file", "machine-learning-model", "data", "cryptographic-asset"}
)


class DiffFormat(StrEnum):
    """How a comparison is written."""

    CSV = "csv"
    JSON = "json"
    CYCLONEDX = "cyclonedx"

    @property
    def media_type(self) -> str:
        """The media type of the whole document."""
        return _MEDIA[self]

    @property
    def ending(self) -> str:
        """The end of the name of such a file."""
        return "cdx.json" if self is DiffFormat.CYCLONEDX else self.value


_MEDIA = {
    DiffFormat.CSV: "text/csv; charset=utf-8",
    DiffFormat.JSON: "application/json",
    DiffFormat.CYCLONEDX: "application/vnd.cyclonedx+json",
}


def row_of(change: Change) -> dict[str, str]:
    """A row of a comparison as plain texts, by COLUMNS. Both kinds of a row that has two are in `change`."""
    part, before, after = change.part, change.before, change.after
    return {
        "change": "+".join(change.kinds),
        "ecosystem": part.ecosystem,
        "name": part.name,
        "group": part.group,
        "type": part.type,
        "version_before": before.version if before else "",
        "version_after": after.version if after else "",
        "licences_before": before.licences if before else "",
        "licences_after": after.licences if after else "",
        "purl": part.key if part.key.startswith("pkg:") else "",
    }


def write_diff(
    rows: Sequence[Change], counts: DiffCounts, sides: Mapping[str, Mapping[str, Any]], form: DiffFormat
) -> Iterator[bytes]:
    """The rows in chunks; `sides` says of `left` and `right` what they are. Same input, same bytes."""
    if form is DiffFormat.CSV:
        return _csv(rows)
    return _json(rows, counts, sides) if form is DiffFormat.JSON else _cyclonedx(rows, sides)


def _csv(rows: Sequence[Change]) -> Iterator[bytes]:
    yield csv_lines([COLUMNS])
    for batch in _batches(rows):
        yield csv_lines([row_of(row).values() for row in batch])


def _json(rows: Sequence[Change], counts: DiffCounts, sides: Mapping[str, Mapping[str, Any]]) -> Iterator[bytes]:
    head = json.dumps({**sides, "counts": counts.model_dump()})
    yield f'{head[:-1]}, "changes": ['.encode()
    yield from _items(map(row_of, rows))
    yield b"]}\n"


def _cyclonedx(rows: Sequence[Change], sides: Mapping[str, Mapping[str, Any]]) -> Iterator[bytes]:
    about = [
        {"name": f"{_PROPERTY}{side}:{name}", "value": str(value)}
        for side, facts in sides.items()
        for name, value in facts.items()
    ]
    head = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # Neither clock nor chance: the number is that of what is compared.
        "serialNumber": uuid.uuid5(_NAMESPACE, json.dumps([about, len(rows)])).urn,
        "version": 1,
        "metadata": {"properties": about},
    }
    yield f'{json.dumps(head)[:-1]}, "components": ['.encode()
    yield from _items(_component(i, row) for i, row in enumerate(rows, 1))
    yield b"]}\n"


def _component(number: int, change: Change) -> dict[str, Any]:
    """What changed as a component: as it is now, or was, with properties that say how it was."""
    part, before = change.part, change.before
    told = [("change", kind.value) for kind in change.kinds]
    if before is not None and change.after is not None:
        told += [("version-before", before.version), ("licences-before", before.licences)]
    component: dict[str, Any] = {
        "type": part.type if part.type in _TYPES else "library",
        "bom-ref": f"change-{number}",
        "name": part.name,
        "properties": [{"name": f"{_PROPERTY}{name}", "value": value} for name, value in told],
    }
    optional = {
        "group": part.group,
        "version": part.version,
        "purl": purl_of(part),
        "licenses": [{"license": {"name": name}} for name in part.licences.split(LICENCE_BETWEEN) if name],
    }
    return component | {name: value for name, value in optional.items() if value}


def purl_of(part: Part) -> str:
    """The purl of a package with its version; "" if it has none."""
    if not part.key.startswith("pkg:"):
        return ""
    cut = min(place for place in (part.key.find("?"), part.key.find("#"), len(part.key)) if place >= 0)
    version = f"@{quote(part.version, safe='.-_~:+')}" if part.version else ""
    return f"{part.key[:cut]}{version}{part.key[cut:]}"


def _items(items: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    between = ""
    for batch in _batches(items):
        yield (between + ",\n".join(map(json.dumps, batch))).encode()
        between = ",\n"


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    waiting = iter(items)
    while batch := list(islice(waiting, _BATCH)):
        yield batch
