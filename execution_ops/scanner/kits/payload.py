"""The payload of a kit, once unpacked and verified: what it carries, and the files to pack for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from execution_ops.domain.kit_payload import KitBaseline, KitPayload, KitSyft
from execution_ops.domain.kits import KitManifest


class PayloadFile(NamedTuple):
    """One file to pack: `name` in the payload, and its content as bytes or as the file that holds it."""

    name: str
    content: bytes | Path


def read_payload(directory: Path, manifest: KitManifest) -> KitPayload:
    """What the payload that `verify` unpacked to `directory` carries.

    Small files alone are read; documents and binary are known by their digests in the manifest, which `verify`
    checked. KitRefused (exit code 11) if an index does not fit what is there.
    """
    raise NotImplementedError


def payload_files(
    baselines: Sequence[tuple[KitBaseline, Path]],
    disabled: Sequence[str] | None,
    syft: tuple[KitSyft, Path] | None = None,
) -> list[PayloadFile]:
    """The files to pack for these baselines (each with its document; `file` is set here), the analyzers that are
    disabled (None: the kit says nothing of them) and a Syft binary."""
    raise NotImplementedError
