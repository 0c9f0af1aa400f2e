"""The artifact store: addressed by content, atomic, and in words when the disk is full."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.domain.disk import DISK_FULL
from execution_ops.domain.job_types import JobFailed


def test_content_is_found_by_its_digest(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    source = tmp_path / "report"
    source.write_bytes(b"content")
    kept = store.keep(source, name="report.json", media_type="application/json")
    assert kept.sha256 == hashlib.sha256(b"content").hexdigest()
    assert kept.size == 7
    path = store.path(kept.sha256)
    assert path is not None
    assert path.read_bytes() == b"content"
    assert not source.exists()


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")
        store.keep(tmp_path / name, name=name, media_type="text/plain")
    assert len([path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64])
def test_what_is_no_stored_digest_has_no_path(tmp_path: Path, digest: str) -> None:
    assert ArtifactStore(tmp_path).path(digest) is None


def test_a_full_disk_is_said_in_words_and_harms_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    source = tmp_path / "report"
    source.write_bytes(b"content")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(JobFailed) as caught:
        ArtifactStore(tmp_path).keep(source, name="report", media_type="text/plain")
    assert str(caught.value) == DISK_FULL
    assert source.exists()
    assert not (tmp_path / "artifacts").exists()
