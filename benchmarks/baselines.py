"""How long it takes to compare two baselines of very many components, and to see that on its page.

    python -m benchmarks.baselines [--components 50000] [--no-page]

Makes pairs of documents (few changes, and a changed version of every package), keeps them as baselines in an empty
ledger, and measures the first comparison of a pair, which reads both files of packages, and a page of one that was
compared before. Then it opens the comparison in a real browser on a web process that has compared nothing yet, and
measures until the first row is painted; the list of baselines next to it says what any page takes on the machine.
Both load the whole console anew. The pages need the production build: `python -m execution_ops.frontend`.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from rich.console import Console as Terminal
from rich.table import Table

from execution_ops import routes
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.domain.access import local_operator
from execution_ops.domain.baselines import Baseline, NewBaseline
from execution_ops.domain.sbom_diff import ChangeKind, DiffFilter
from execution_ops.domain.sbom_exports import DiffFormat
from execution_ops.domain.verbs import Stamp
from execution_ops.services.baselines import BaselineService
from execution_ops.settings import Settings
from tests.e2e.servers import WEB, await_answer, chromium, new_console, running

ECOSYSTEMS = ("npm", "pypi", "maven", "deb", "golang")
LICENCES = ("MIT", "Apache-2.0", "BSD-3-Clause", "GPL-2.0-only", "")
ROUNDS = 5
WAIT_MS = 30_000
ANN = local_operator()
# The time since the navigation began at which the first row of the table is painted.
_PAINTED = """
new Promise((done) => {
  const look = () =>
    document.querySelector("main tbody tr[data-row]")
      ? requestAnimationFrame(() => setTimeout(() => done(performance.now())))
      : setTimeout(look, 5);
  look();
})
"""


def document(count: int, changed: float, seed: int) -> dict[str, Any]:
    """A document of `count` packages, of which that part has another version in each seed."""
    chance = random.Random(seed)
    components = []
    for i in range(count):
        name, ecosystem = f"package-{i}", ECOSYSTEMS[i % len(ECOSYSTEMS)]
        version = f"1.{i % 50}.{seed if chance.random() < changed else 0}"
        licence = LICENCES[i % len(LICENCES)]
        components.append(
            {
                "bom-ref": f"{ecosystem}-{i}",
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:{ecosystem}/{name}@{version}",
                "licenses": [{"license": {"id": licence}}] if licence else [],
                "properties": [{"name": "syft:location:0:path", "value": f"/srv/app/{name}/manifest.json"}],
            }
        )
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}


def keep(backend: EmbeddedBackend, count: int, changed: float, seed: int) -> Baseline:
    """Such a document as a baseline."""
    path = backend.artifacts.incoming() / "benchmark"
    path.write_text(json.dumps(document(count, changed, seed)), encoding="utf-8")
    kept = backend.artifacts.keep(path, name="merged.cdx.json", media_type=DiffFormat.CYCLONEDX.media_type)
    new = NewBaseline(
        tenant="default",
        source=f"/srv/{changed}",
        label=str(seed),
        sha256=kept.sha256,
        size=kept.size,
        components=count,
        green=True,
    )
    return backend.keep_baseline(new, Stamp(actor=ANN))


def median_ms(call: Callable[[], object]) -> float:
    """The median of a few calls."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def measure(backend: EmbeddedBackend, one: Baseline, two: Baseline, what: str, out: Table) -> None:
    """The comparison of a pair, for the first time and again."""
    kept = BaselineService(backend)
    counts = kept.counts(ANN, one.id, two.id)
    first = median_ms(lambda: BaselineService(backend).counts(ANN, one.id, two.id))
    narrow = DiffFilter(kind=(ChangeKind.VERSION,), text="package-4")
    again = median_ms(lambda: kept.compare(ANN, one.id, two.id, narrow))
    out.add_row(f"{what}: {counts.total:,} rows, compared for the first time", "≤ 500 ms", f"{first:.0f} ms")
    out.add_row(f"{what}: a filtered page of a known comparison", "", f"{again:.0f} ms")


def measure_page(folder: Path, pairs: dict[str, tuple[str, str]], out: Table) -> None:
    """The page of each comparison on a web process that has compared nothing yet."""
    for what, (left, right) in pairs.items():
        console = new_console(folder / what.replace(" ", "-"))
        console.environment["EXECUTION_OPS_DATA_DIR"] = str(folder / "data")
        with running(console, WEB, "web") as process, chromium() as browser:
            await_answer(process, f"{console.url}{routes.HEALTH}", console.data_dir.parent / "web.log")
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(WAIT_MS)
            plain = [painted_ms(page, console.url + routes.baselines()) for _ in range(ROUNDS)]
            compared = painted_ms(page, console.url + routes.compare_baselines(left, right))
            out.add_row(
                "The list of baselines, from the navigation to its rows", "", f"{statistics.median(plain):.0f} ms"
            )
            out.add_row(f"{what}: the page, compared for the first time", "≤ 1,500 ms", f"{compared:.0f} ms")


def painted_ms(page: Page, url: str) -> float:
    """The time from the navigation until the first row is painted."""
    page.goto(url)
    return float(page.evaluate(_PAINTED))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--components", type=int, default=50_000)
    parser.add_argument("--no-page", action="store_true")
    given = parser.parse_args()
    out = Table("What", "Target", "Seen")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        backend = EmbeddedBackend(Settings(data_dir=folder / "data", scan_roots=(folder,)))
        pairs = {}
        for what, changed in (("2 % changed", 0.02), ("all changed", 1.0)):
            start = time.perf_counter()
            one, two = (keep(backend, given.components, changed, seed) for seed in (1, 2))
            out.add_row(f"{what}: kept, each", "", f"{(time.perf_counter() - start) * 500:.0f} ms")
            measure(backend, one, two, what, out)
            pairs[what] = (one.id, two.id)
        backend.close()
        if not given.no_page:
            measure_page(folder, pairs, out)
    Terminal().print(out)


if __name__ == "__main__":
    main()
