"""How long verifying and importing a kit of 1 GB takes: `python -m benchmarks.kits [--size MB] [--rounds N]`.

The kit is made first: three quarters of it cannot be packed any smaller, the rest is text. The measure of all is what
an operator would type, `zstd -d` on its payload and then `sha256sum` on it. An import copies the kit to where nobody
else changes it, verifies the copy and unpacks it (then it syncs the files, which is not measured). Each figure comes
from a process of its own, which tells its peak memory; the rounds take turns, so that what else the machine does meets
all of them. Files are in the cache of the system.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rich.console import Console
from rich.table import Table

from benchmarks.console_site import machine
from execution_ops.domain.kits import PAYLOAD, Channel
from execution_ops.domain.scanner_settings import TrustKey, TrustUse
from execution_ops.domain.trust_keys import read_public_key
from execution_ops.scanner.kit_bundle import copy_kit, opened_below
from execution_ops.scanner.kits.build import KitAbout, build
from execution_ops.scanner.kits.payload import PayloadFile
from execution_ops.scanner.kits.signing import SigningKey
from execution_ops.scanner.kits.verify import verify

RATIO = 1.5
MEMORY_MB = 150
_FILE = 16 << 20
_KEY = Ed25519PrivateKey.from_private_bytes(b"signs the kits of the benchmark!")


class Sample(NamedTuple):
    """One measurement: seconds on the clock and of a processor, and the peak of memory in MB."""

    seconds: float
    processor: float
    peak: float


def ignore(*_: object) -> None:
    """Nobody looks, nobody cancels."""


def make(folder: Path, size: int) -> Path:
    """A kit, as a directory, whose payload has about `size` bytes."""
    dice = random.Random(1)
    # Text that packs to about a tenth.
    line = [json.dumps({"purl": f"pkg:npm/part-{dice.randrange(1000)}@{n}", "type": "library"}) for n in range(2000)]
    text = "\n".join(line).encode()
    files = []
    for at in range(max(1, round(size / (0.775 * _FILE)))):
        path = folder / f"file-{at}"
        path.write_bytes(os.urandom(_FILE * 3 // 4) + (text * (_FILE // 4 // len(text) + 1))[: _FILE // 4])
        files.append(PayloadFile(f"baselines/{at}.cdx.json", path))
    about = KitAbout("2026.11.14", Channel.STABLE, datetime.now(UTC), "benchmark")
    work = folder / "work"
    work.mkdir()
    key = SigningKey(_KEY)
    build(folder / "kit", files, about, key, work_dir=work, checkpoint=ignore, progress=ignore, as_directory=True)
    for file in files:
        Path(str(file.content)).unlink()
    return folder / "kit"


def trusted() -> TrustKey:
    """The key that the kit is signed with, as a trust root."""
    pem = _KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    key = read_public_key(pem)
    return TrustKey(
        name="benchmark",
        use=TrustUse.KIT,
        pem=key.pem,
        fingerprint=key.fingerprint,
        algorithm=key.algorithm,
        added_at=datetime.now(UTC),
    )


def measured(kit: Path, work: Path | None) -> Sample:
    """Verify, in this process; with a folder to work in copy and unpack, too, as an import does before it syncs its
    files to the disk and writes the record."""
    started, processor = time.perf_counter(), time.process_time()
    bundle = kit
    if work is not None:
        work.mkdir()
        bundle = work / "bundle"
        with opened_below(str(kit), [kit.resolve().parent]) as found:
            copy_kit(found.descriptor, bundle, most=sys.maxsize, checkpoint=ignore)
    report = verify(
        bundle,
        trust=(trusted(),),
        active_version="2026.11.7",
        free_bytes=lambda: shutil.disk_usage(kit).free,
        on_check=ignore,
        checkpoint=ignore,
        progress=ignore,
        into=work and work / "payload",
    )
    if not report.verified:
        raise SystemExit(report.failure)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Sample(time.perf_counter() - started, time.process_time() - processor, peak)


def apart(kit: Path, work: Path | None) -> Sample:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.kits", "--measure", str(kit), *([str(work)] if work else [])]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if work is not None:
        shutil.rmtree(work)
    return Sample(*answer)


def reference(kit: Path, into: Path) -> Sample:
    """What is typed without a console."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(["zstd", "-d", "-q", "-f", kit / PAYLOAD, "-o", into], check=True)
    subprocess.run(["sha256sum", kit / PAYLOAD], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    into.unlink()
    return Sample(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 0.0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1000, help="MB of the payload as it is packed")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", nargs="+", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        kit, *work = arguments.measure
        print(json.dumps(measured(kit, work[0] if work else None)))
        return
    if shutil.which("zstd") is None or shutil.which("sha256sum") is None:
        raise SystemExit("This compares with the programs zstd and sha256sum; install them.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kit = make(folder, arguments.size * 1_000_000)
        size = (kit / PAYLOAD).stat().st_size
        rows: dict[str, list[Sample]] = {"zstd -d, sha256sum": [], "verify": [], "import": []}
        for _ in range(arguments.rounds):
            rows["zstd -d, sha256sum"].append(reference(kit, folder / "out"))
            rows["verify"].append(apart(kit, None))
            rows["import"].append(apart(kit, folder / "import"))
    report(rows, size)


def report(rows: dict[str, list[Sample]], size: int) -> None:
    """The figures against what they should be."""
    title = f"A kit of {size / 1e9:.2f} GB. {machine()}"
    table = Table("what", "median s", "worst s", "of the first", "target", "CPU s", "peak MB", "target", title=title)
    base = statistics.median(sample.seconds for sample in rows["zstd -d, sha256sum"])
    for what, samples in rows.items():
        seconds = [sample.seconds for sample in samples]
        ratio = statistics.median(seconds) / base
        peak = max(sample.peak for sample in samples)
        table.add_row(
            what,
            f"{statistics.median(seconds):.2f}",
            f"{max(seconds):.2f}",
            f"{ratio:.2f}×",
            f"≤ {RATIO}×: {'yes' if ratio <= RATIO else 'no'}" if peak else "",
            f"{statistics.median(sample.processor for sample in samples):.2f}",
            f"{peak:.0f}" if peak else "",
            f"< {MEMORY_MB}: {'yes' if peak < MEMORY_MB else 'no'}" if peak else "",
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
