"""Looking through a source without Syft: which files it holds, and so which analyzers apply."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from execution_ops.scanner.analyzers import Survey
from execution_ops.scanner.archives import (
    LIMITS,
    Budget,
    Checkpoint,
    Limits,
    Member,
    open_tar,
    open_tar_stream,
    tar_members,
    zip_members,
)
from execution_ops.scanner.failures import as_archive, corrupt, in_words
from execution_ops.scanner.images import DirectoryBlobs, TarBlobs, image_kind, layer_names
from execution_ops.scanner.sources import ZSTD, Kind, Source

Tick = Callable[[int], None]


def survey(
    source: Source, log: logging.Logger, checkpoint: Checkpoint, tick: Tick, limits: Limits = LIMITS
) -> tuple[Source, Survey]:
    """List the source; the answer's source has its final kind (a tar may turn out to be an image).

    `tick` is told the number of files so far, now and then. Raises JobFailed.
    """
    seen = Survey()
    path = Path(source.path)

    def step() -> None:
        checkpoint()
        if seen.files % 5000 == 0:
            tick(seen.files)

    if source.kind is Kind.DIRECTORY:
        _survey_directory(path, seen, log, step)
    elif source.kind is Kind.JAVA:
        # Syft reads it as one file and looks inside by itself; listing it shows that it is whole.
        for _ in zip_members(path, Budget(source.path, limits), step):
            pass
        seen.add(source.name, source.size)
    elif source.kind is Kind.ZIP:
        _survey_members(zip_members(path, Budget(source.path, limits), step), seen)
    elif source.kind is Kind.OCI_LAYOUT:
        _survey_layers(DirectoryBlobs(path), Kind.OCI_LAYOUT, source.path, seen, step, limits)
    else:
        return _survey_tar(source, seen, step, limits)
    return source, seen


def _survey_directory(root: Path, seen: Survey, log: logging.Logger, step: Checkpoint) -> None:
    unreadable = 0
    for relative, entry in _walk(root, root, "", log, frozenset()):
        step()
        try:
            is_file = entry.is_file(follow_symlinks=False)
            if not is_file and not entry.is_symlink():
                continue
            seen.add(relative, entry.stat(follow_symlinks=False).st_size if is_file else 0)
            if is_file and not seen.executables:
                with open(entry.path, "rb") as file:
                    seen.add_head(relative, file.read(Survey.HEAD))
        except OSError as error:
            unreadable += 1
            log.warning("Left out, cannot be read: %s (%s)", relative, error.strerror)
    if unreadable:
        log.warning("%d files cannot be read; what they hold is missing from the result.", unreadable)


def _walk(
    root: Path, directory: Path, prefix: str, log: logging.Logger, through: frozenset[str]
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every entry below `directory` that is no directory, with its path below `root`.

    A link to a directory inside the root is walked under its own name too, as Syft does, but not
    links behind it (`through`), so that circles end.
    """
    pending = [(directory, prefix)]
    while pending:
        here, name = pending.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            if here == root:
                with in_words(str(root)):
                    raise
            log.warning("Left out, cannot be listed: %s (%s)", name, error.strerror)
            continue
        for entry in entries:
            path = f"{name}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                pending.append((here / entry.name, f"{path}/"))
                continue
            yield path, entry
            if entry.is_symlink() and not through:
                target = _target(root, here, entry.path)
                if target is not None:
                    yield from _walk(root, target, f"{path}/", log, frozenset({path}))


def _target(root: Path, here: Path, link: str) -> Path | None:
    """The directory that a link leads to when `root` is the root of all links, None if there is none."""
    try:
        text = os.readlink(link)
        base = root if os.path.isabs(text) else here
        target = Path(os.path.normpath(f"{base}/{text}")).resolve()
        inside = target.is_relative_to(root) and target.is_dir() and not here.is_relative_to(target)
    except (OSError, RuntimeError):
        return None
    return target if inside else None


def _survey_members(members: Iterator[Member], seen: Survey, prefix: str = "") -> None:
    for member in members:
        if not member.path or (member.content is None and member.link is None and member.twin is None):
            continue
        seen.add(prefix + member.path, member.size)
        if member.content is not None and not seen.executables and member.size >= Survey.HEAD:
            with member.content() as file:
                seen.add_head(member.path, file.read(Survey.HEAD))


def _survey_tar(source: Source, seen: Survey, step: Checkpoint, limits: Limits) -> tuple[Source, Survey]:
    path = Path(source.path)
    markers: set[str] = set()

    def watched(members: Iterator[Member]) -> Iterator[Member]:
        for member in members:
            if "/" not in member.path:
                markers.add(member.path)
            yield member

    with open_tar(path) as tar:
        _survey_members(watched(tar_members(tar, Budget(source.path, limits), step)), seen)
    if markers.isdisjoint({"manifest.json", "oci-layout"}):
        return source, seen
    image = Survey()
    with open_tar(path) as tar:
        blobs = TarBlobs(tar)
        kind = image_kind(blobs, markers)
        if kind is None:
            return source, seen
        _survey_layers(blobs, kind, source.path, image, step, limits)
    return source.model_copy(update={"kind": kind}), image


def _survey_layers(
    blobs: DirectoryBlobs | TarBlobs, kind: Kind, path: str, seen: Survey, step: Checkpoint, limits: Limits
) -> None:
    with as_archive(path):
        layers = layer_names(blobs, kind)
        if layers is None:
            seen.opaque = "the image has several platforms or manifests"
            return
        budget = Budget(path, limits)
        for layer in layers:
            with blobs.open(layer) as file:
                _survey_layer(file, layer, path, budget, seen, step)


def _survey_layer(file: IO[bytes], layer: str, path: str, budget: Budget, seen: Survey, step: Checkpoint) -> None:
    head = file.read(len(ZSTD))
    if head == ZSTD:
        seen.opaque = "a layer is packed with zstd, which cannot be listed here"
        return
    file.seek(0)
    try:
        with open_tar_stream(file, path) as tar:
            _survey_members(tar_members(tar, budget, step), seen)
    except KeyError as error:
        raise corrupt(path, error) from error
