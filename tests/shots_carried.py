"""Offline kits and baselines that the pictures show (`tests/shots.py`), with drawers, dialogs and a comparison."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.domain.kit_payload import KitBaseline
from execution_ops.domain.states import JobState
from execution_ops.routes import Rest
from execution_ops.settings import Settings
from tests.baselines import Package, document, keep, promote
from tests.e2e.fleet import await_job
from tests.e2e.servers import Console
from tests.kits import Key, make_kit, tamper
from tests.shots import Picture
from tests.shots_scanner import WHY

KEY = Key.new()
SOURCE = "/srv/images/checkout"


def carried(console: Console) -> Iterator[Picture]:
    """Keep baselines, carry kits in, let one be refused, and name what to look at."""
    old, new = _baselines(console)
    yield Picture("baselines", routes.baselines())
    yield Picture("baselines-drawer", routes.baseline(new))
    yield Picture("baselines-choose", routes.baselines([("left", old)]))
    yield Picture("baselines-compare", routes.compare_baselines(old, new))
    yield Picture("baselines-promote", routes.compare_baselines(old, new), _ask("Promote"))
    yield Picture("baselines-export", routes.compare_baselines(old, new), _open("Export"))
    yield from _kits(console)


def _baselines(console: Console) -> tuple[str, str]:
    """A promoted baseline and a newer candidate of the same source, among others."""
    common: list[Package] = [(f"package-{i}", f"1.{i}.0") for i in range(40)]
    old: list[Package] = [*common, ("openssl", "3.0.13"), ("log4j-core", "2.17.0", "Apache-2.0"), ("left-pad", "1.3.0")]
    new: list[Package] = [*common, ("openssl", "3.0.15"), ("log4j-core", "2.17.1", "Apache-2.0"), ("zlib", "1.3.1", "")]
    backend = EmbeddedBackend(Settings(data_dir=console.data_dir, scan_roots=(console.scan_root,)))
    try:
        told = {"source": SOURCE, "tenant": "default"}
        kept = [keep(backend, found, label=label, **told) for found, label in ((old, "2026.10"), (new, "2026.11"))]
        for i in range(8):
            keep(backend, common[i:], label=f"nightly {i}", source=f"/srv/images/service-{i}", tenant="default")
        promote(backend, kept[0].id)
    finally:
        backend.close()
    return kept[0].id, kept[1].id


def _kits(console: Console) -> Iterator[Picture]:
    media = console.scan_root / "media"
    media.mkdir()
    key = {"pem": KEY.public, "name": "ops-kit-2026", "use": "kit"}
    httpx.post(f"{console.url}{Rest.SCANNER_SETTINGS_TRUST}", json=key, headers=WHY).raise_for_status()
    now = datetime.now(UTC)
    first, second = (
        make_kit(media / f"{version}.tar", KEY, version, baselines=[_carried(media)], created_at=now - age)
        for version, age in (("2026.11.7", timedelta(hours=90)), ("2026.11.14", timedelta(hours=30)))
    )
    kit_id = str(_job(console, Rest.KITS_IMPORT, {"path": str(first)})["kit_id"])
    _job(console, Rest.KIT_ACTIVATE.format(kit_id=kit_id), {})
    newer = str(_job(console, Rest.KITS_IMPORT, {"path": str(second)})["kit_id"])
    _job(console, Rest.KITS_IMPORT, {"path": str(tamper(second, media / "tampered.tar"))})
    runs = httpx.get(f"{console.url}{Rest.KITS_RUNS}").json()["items"]
    yield Picture("kits", routes.offline_kits())
    yield Picture("kits-kit", routes.offline_kits([("kit", newer)]))
    yield Picture("kits-refused", routes.offline_kits([("job", runs[0]["job_id"])]))
    yield Picture("kits-activate", routes.offline_kits([("kit", newer)]), _ask("Activate"))
    for do in ("upload", "verify", "export"):
        yield Picture(f"kits-{do}", routes.offline_kits([("do", do)]))
    yield Picture("scanner-ops", routes.scanner())


def _carried(folder: Path) -> tuple[KitBaseline, Path]:
    """A baseline as a kit carries it."""
    path = folder / "carried.cdx.json"
    path.write_text(json.dumps(document([("openssl", "3.0.14"), ("zlib", "1.3.1")])), encoding="utf-8")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    size = path.stat().st_size
    entry = KitBaseline(file="", source=SOURCE, label="carried", sha256=sha256, size=size, components=2, promoted=True)
    return entry, path


def _job(console: Console, address: str, body: dict[str, Any]) -> dict[str, Any]:
    """Start a job and wait for it; its result."""
    answer = httpx.post(f"{console.url}{address}", json=body, headers=WHY)
    answer.raise_for_status()
    (job_id,) = answer.json()["job_ids"].values()
    await_job(console, job_id, JobState.SUCCEEDED)
    told = httpx.get(f"{console.url}{routes.api_job(job_id, 'result')}")
    told.raise_for_status()
    found: dict[str, Any] = told.json()
    return found


def _ask(verb: str) -> Callable[[Page], None]:
    def opener(page: Page) -> None:
        page.get_by_role("main").get_by_role("button", name=verb).first.click()
        expect(page.get_by_role("dialog", name=re.compile(f"^{verb}"))).to_be_visible()

    return opener


def _open(menu: str) -> Callable[[Page], None]:
    def opener(page: Page) -> None:
        page.get_by_role("main").get_by_role("button", name=menu).click()

    return opener
