"""The payload of a kit, once unpacked and verified: what it carries, and the files to pack for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from execution_ops.domain.kit_payload import (
    ANALYZERS,
    INDEX,
    SYFT,
    SYFT_ABOUT,
    KitAnalyzers,
    KitBaseline,
    KitIndex,
    KitPayload,
    KitSyft,
    baseline_file,
)
from execution_ops.domain.kits import ExitCode, KitEntry, KitManifest
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.strict_json import Malformed, read_model

_INDEX_MAX = 16 << 20
_REBUILD = "Ask who made the kit to build it anew."
M = TypeVar("M", bound=BaseModel)


class PayloadFile(NamedTuple):
    """One file to pack: `name` in the payload, and its content as bytes or as the file that holds it."""

    name: str
    content: bytes | Path


def read_payload(directory: Path, manifest: KitManifest) -> KitPayload:
    """What the payload that `verify` unpacked to `directory` carries.

    Small files alone are read; documents and binary are known by their digests in the manifest, which `verify`
    checked. Files of other names are left alone: kits may carry what this console has no use for. KitRefused (exit
    code 11) if an index does not fit what is there.
    """
    entries = {entry.name: entry for entry in manifest.entries}
    index = _read(KitIndex, directory, INDEX, entries)
    baselines = index.baselines if index else ()
    _check_baselines(baselines, entries)
    syft = _read(KitSyft, directory, SYFT_ABOUT, entries)
    binary = entries.get(SYFT)
    if (binary.sha256 if binary else None) != (syft.sha256 if syft else None):
        raise _refused(f"{SYFT_ABOUT} and the binary {SYFT} do not belong together.")
    return KitPayload(baselines=baselines, analyzers=_read(KitAnalyzers, directory, ANALYZERS, entries), syft=syft)


def payload_files(
    baselines: Sequence[tuple[KitBaseline, Path]],
    disabled: Sequence[str] | None,
    syft: tuple[KitSyft, Path] | None = None,
) -> list[PayloadFile]:
    """The files to pack for these baselines (each with its document; `file` is set here), the analyzers that are
    disabled (None: the kit says nothing of them) and a Syft binary."""
    listed = [one.model_copy(update={"file": baseline_file(at)}) for at, (one, _) in enumerate(baselines, 1)]
    files = [PayloadFile(INDEX, _json(KitIndex(baselines=tuple(listed))))]
    files += [PayloadFile(one.file, path) for one, (_, path) in zip(listed, baselines, strict=True)]
    if disabled is not None:
        files.append(PayloadFile(ANALYZERS, _json(KitAnalyzers(disabled=tuple(sorted(disabled))))))
    if syft is not None:
        about, path = syft
        files += [PayloadFile(SYFT_ABOUT, _json(about)), PayloadFile(SYFT, path)]
    return files


def _json(model: BaseModel) -> bytes:
    return model.model_dump_json(indent=2).encode() + b"\n"


def _read(model: type[M], directory: Path, name: str, entries: Mapping[str, KitEntry]) -> M | None:
    entry = entries.get(name)
    if entry is None:
        return None
    if entry.size > _INDEX_MAX:
        raise _refused(f"{name} has {entry.size:,} bytes; at most {_INDEX_MAX:,} are read.")
    try:
        return read_model(model, (directory / name).read_bytes())
    except Malformed as error:
        raise _refused(f"{name} is not what it should be. {error}") from None


def _check_baselines(baselines: Sequence[KitBaseline], entries: Mapping[str, KitEntry]) -> None:
    files: set[str] = set()
    promoted: set[str] = set()
    for one in baselines:
        entry = entries.get(one.file)
        if entry is None or (entry.sha256, entry.size) != (one.sha256, one.size) or one.file in files:
            raise _refused(
                f"The document {one.file[:200]!r} of a baseline is not in the kit, is another, or is of two."
            )
        files.add(one.file)
        if one.promoted and one.source in promoted:
            raise _refused(f"Two baselines of {one.source[:200]!r} are promoted.")
        promoted.update([one.source] if one.promoted else [])


def _refused(found: str) -> KitRefused:
    return KitRefused(ExitCode.VALIDATION, "payload:content", found, _REBUILD)
