"""The parts of a container image: an OCI layout or what `docker save` writes."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

from execution_ops.scanner.archives import safe_path
from execution_ops.scanner.failures import Damaged
from execution_ops.scanner.sources import Kind

_JSON_MAX = 16 << 20
_DIGEST = re.compile(r"(sha256|sha512):([0-9a-f]{64,128})")


class TarBlobs:
    """The files of an image tarball."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        # Images have few members; their headers fit the memory, which the survey has checked.
        self._tar = tar
        self._members = {safe_path(info.name): info for info in tar.getmembers()}

    def open(self, name: str) -> IO[bytes]:
        """A file by its path in the image. ValueError if the image has none."""
        info = self._members.get(safe_path(name))
        # docker save before version 25 writes a layer that it already has as a link to the other.
        if info is not None and (info.issym() or info.islnk()):
            base = name.rsplit("/", 1)[0] + "/" if info.issym() and "/" in name else ""
            info = self._members.get(_normal(base + info.linkname))
        file = self._tar.extractfile(info) if info is not None and info.isreg() else None
        if file is None:
            raise Damaged(f"{name} is missing")
        return file


class DirectoryBlobs:
    """The files of an OCI layout directory."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def open(self, name: str) -> IO[bytes]:
        """A file by its path in the image. ValueError if the image has none."""
        path = (self._root / safe_path(name)).resolve()
        if not path.is_relative_to(self._root) or not path.is_file():
            raise Damaged(f"{name} is missing")
        return path.open("rb")


def _normal(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def image_kind(blobs: TarBlobs, top: Collection[str]) -> Kind | None:
    """Which image a tar is; None if it is no image. `top` holds the names at its top."""
    if "manifest.json" in top:
        try:
            images = _json(blobs, "manifest.json")
        except ValueError:
            images = None
        # Web extensions and asset bundles have a manifest.json too, but not this one.
        if isinstance(images, list) and images and isinstance(images[0], dict) and "Layers" in images[0]:
            return Kind.DOCKER_TAR
    return Kind.OCI_TAR if {"oci-layout", "index.json"} <= set(top) else None


def layer_names(blobs: TarBlobs | DirectoryBlobs, kind: Kind) -> list[str] | None:
    """The paths of the image's layers; None if there is not exactly one plain image manifest.

    ValueError if the image's own description is not what it must be.
    """
    if kind is Kind.DOCKER_TAR:
        images = _json(blobs, "manifest.json")
        return _items(images[0], "Layers", str) if len(images) == 1 else None
    manifests = _items(_json(blobs, "index.json"), "manifests", dict)
    if len(manifests) != 1:
        return None
    manifest = _json(blobs, _blob(manifests[0]))
    if isinstance(manifest, dict) and "manifests" in manifest:
        return None
    return [_blob(layer) for layer in _items(manifest, "layers", dict)]


def _json(blobs: TarBlobs | DirectoryBlobs, name: str) -> Any:
    with blobs.open(name) as file:
        text = file.read(_JSON_MAX + 1)
    if len(text) > _JSON_MAX:
        raise Damaged(f"{name} is larger than 16 MiB")
    return json.loads(text)


def _items(value: Any, name: str, kind: type) -> list[Any]:
    items = value.get(name) if isinstance(value, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, kind) for item in items):
        raise Damaged(f"the image has no list of {name}")
    return items


def _blob(descriptor: dict[str, Any]) -> str:
    digest = descriptor.get("digest")
    match = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
    if match is None:
        raise Damaged("the image names a layer without a digest")
    return f"blobs/{match[1]}/{match[2]}"
