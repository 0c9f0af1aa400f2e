"""Uploads of kits: nothing of what is cut off or refused stays, and the disk is left room."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from execution_ops.domain.disk import is_disk_full
from execution_ops.domain.errors import Conflict
from execution_ops.scanner import kit_store
from execution_ops.scanner.kit_store import UPLOADS_MAX, KitStore


def send(store: KitStore, data: bytes) -> str:
    """Upload a file; its id."""
    with store.receive("kit.tar", 1 << 30) as receiving:
        receiving.write(data)
        return receiving.finish().id


def test_an_upload_that_would_leave_too_little_free_is_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit_store, "KEEP_FREE", 1 << 62)
    with pytest.raises(OSError, match="No space left") as refused:
        send(KitStore(tmp_path), b"x")
    assert is_disk_full(refused.value)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_only_so_many_uploads_wait(tmp_path: Path) -> None:
    store = KitStore(tmp_path)
    ids = [send(store, b"x") for _ in range(UPLOADS_MAX)]
    with pytest.raises(Conflict, match=f"{UPLOADS_MAX} uploads wait"):
        send(store, b"x")
    store.drop_upload(ids[0])
    send(store, b"x")
    old = time.time() - 2 * kit_store.UPLOAD_TTL_S
    os.utime(tmp_path / "incoming" / ids[1], (old, old))
    send(store, b"x")
    assert not (tmp_path / "incoming" / ids[1]).exists()
