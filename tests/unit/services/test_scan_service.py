"""Starting scans, and what the Scan dialog may see of the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Forbidden, InvalidInput, NotFound
from execution_ops.domain.verbs import Stamp
from execution_ops.services.scans import ENTRIES_MAX, ScanService
from tests.doubles import MemoryBackend

ANN = local_operator()
STAMP = Stamp(actor=ANN)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "B.tar.gz").write_bytes(b"x" * 10)
    (root / "readme.txt").touch()
    (tmp_path / "outside").mkdir()
    (root / "way-out").symlink_to(tmp_path / "outside")
    (root / "loop").symlink_to(root / "loop")
    (root / "inside").symlink_to(root / "src")
    return root


def test_a_scan_is_submitted_for_its_tenant(root: Path) -> None:
    backend = MemoryBackend()
    scans = ScanService(backend, [root])
    scans.submit(ANN, str(root), stamp=STAMP)
    scans.submit(ANN, str(root), tenant="acme", stamp=STAMP)
    assert {row.tenant for row in backend.rows.values()} == {"default", "acme"}
    assert backend.specs[0].nodes[0].payload["source"] == str(root)


@pytest.mark.parametrize("tenant", ["../x", "a b", "x" * 64, "<b>"])
def test_a_tenant_that_cannot_be_is_refused(root: Path, tenant: str) -> None:
    with pytest.raises(InvalidInput):
        ScanService(MemoryBackend(), [root]).submit(ANN, str(root), tenant=tenant, stamp=STAMP)


def test_nobody_scans_for_another_tenant(root: Path) -> None:
    actor = Actor(name="a", scopes=frozenset(Scope), tenants=frozenset({"acme"}))
    backend = MemoryBackend()
    scans = ScanService(backend, [root])
    with pytest.raises(Forbidden):
        scans.submit(actor, str(root), tenant="other", stamp=Stamp(actor=actor))
    scans.submit(actor, str(root), stamp=Stamp(actor=actor))
    assert {row.tenant for row in backend.rows.values()} == {"acme"}


@pytest.mark.parametrize("path", ["", "relative/dir", "/a\0b", "/" + "x" * 5000])
def test_what_can_be_no_path_is_refused_at_once(root: Path, path: str) -> None:
    with pytest.raises(InvalidInput):
        ScanService(MemoryBackend(), [root]).submit(ANN, path, stamp=STAMP)


def test_one_key_starts_one_scan(root: Path) -> None:
    backend = MemoryBackend()
    scans = ScanService(backend, [root])
    stamp = STAMP.model_copy(update={"idempotency_key": "k"})
    assert [scans.submit(ANN, str(root), stamp=stamp).created for _ in range(2)] == [True, False]
    assert len(backend.specs) == 1


def test_browsing_shows_directories_then_archives_and_no_way_out(root: Path) -> None:
    found = ScanService(MemoryBackend(), [root]).browse(ANN)
    assert [(entry.name, entry.directory, entry.size) for entry in found.entries] == [
        ("inside", True, None),
        ("src", True, None),
        ("B.tar.gz", False, 10),
    ]
    assert (found.path, found.parent, found.more) == (str(root), None, 0)


def test_only_archives_that_can_be_read_are_offered(root: Path) -> None:
    for name in ("a.tar.zst", "a.hpi", "A.WAR", "a.tar.xz"):
        (root / "src" / name).touch()
    found = ScanService(MemoryBackend(), [root]).browse(ANN, str(root / "src"))
    assert [entry.name for entry in found.entries] == ["a.hpi", "a.tar.xz", "A.WAR"]


def test_browsing_goes_down_and_back_up_to_the_root(root: Path) -> None:
    found = ScanService(MemoryBackend(), [root]).browse(ANN, str(root / "src"))
    assert (found.path, found.parent, found.entries) == (str(root / "src"), str(root), ())


def test_several_roots_are_offered_first(root: Path, tmp_path: Path) -> None:
    scans = ScanService(MemoryBackend(), [root, tmp_path / "outside"])
    assert [entry.path for entry in scans.browse(ANN).entries] == [str(root), str(tmp_path / "outside")]
    assert scans.browse(ANN, str(root)).parent == ""


@pytest.mark.parametrize(
    "path", ["/", "..", "/etc", "{root}/..", "{root}/../outside", "{root}/way-out", "{root}/no", "/\ud800"]
)
def test_what_is_outside_or_absent_is_not_told_apart(root: Path, path: str) -> None:
    with pytest.raises(NotFound, match="no such directory below the scan roots"):
        ScanService(MemoryBackend(), [root]).browse(ANN, path.format(root=root))


def test_a_crowded_directory_is_cut_off_and_says_so(root: Path) -> None:
    for number in range(ENTRIES_MAX):
        (root / "src" / f"d{number}").mkdir()
    (root / "src" / "one-more").mkdir()
    found = ScanService(MemoryBackend(), [root]).browse(ANN, str(root / "src"))
    assert (len(found.entries), found.more) == (ENTRIES_MAX, 1)


def test_hostile_names_are_shown_spelled_out_and_still_open(root: Path) -> None:
    (root / "src" / "\u202eevil\x1b[2J").mkdir()
    (entry,) = ScanService(MemoryBackend(), [root]).browse(ANN, str(root / "src")).entries
    assert entry.name == "\\u202eevil\\x1b[2J"
    assert ScanService(MemoryBackend(), [root]).browse(ANN, entry.path).entries == ()


def test_browsing_needs_the_permission_to_scan(root: Path) -> None:
    with pytest.raises(Forbidden, match="ops:operate"):
        ScanService(MemoryBackend(), [root]).browse(Actor(name="v", scopes=frozenset({Scope.READ})))
