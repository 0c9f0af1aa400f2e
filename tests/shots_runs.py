"""The runs that the pictures show (`tests/shots.py`): completed, failed, running and waiting ones, and what comes."""

from __future__ import annotations

from collections.abc import Iterator

from execution_ops import routes
from tests.e2e.scheduled import Station, station
from tests.e2e.servers import Console
from tests.unit.state.letter_samples import HOSTILE

FILES = tuple(f"{part}/{name}" for part in ("core", "edge", "mirror") for name in "abcdefgh")


def runs(console: Console) -> Iterator[tuple[str, str]]:
    """Let runs of every kind happen, and name the addresses to look at."""
    with station(console) as made:
        yield from _addresses(made)


def _addresses(made: Station) -> Iterator[tuple[str, str]]:
    acme = made.folder("acme")
    nightly = made.schedule("nightly", FILES, tenant="acme", cron="0 3 * * *", zone="Europe/Berlin", parallelism=8)
    (acme / "go").touch()
    made.until_ended(made.start(nightly))
    broken = made.schedule(
        "registry-sweep", (*FILES, "mirror/bad-one", "edge/bad-two"), tenant="acme", cron="15 */6 * * 1-5"
    )
    failed = made.start(broken)
    made.until_ended(failed)
    hostile = made.schedule(HOSTILE * 3, ("core/one",), tenant="globex", cron="*/5 * * * *")
    (made.folder("globex") / "go").touch()
    made.until_ended(made.start(hostile))
    (acme / "go").unlink()
    running = made.start(nightly)
    made.until_running(running, 8)
    yield "runs", routes.runs()
    yield "runs-coming", routes.runs([("view", "coming")])
    yield "runs-nothing", routes.runs([("tenant", "nobody")])
    yield "runs-bad", routes.runs([("after", "yesterday")])
    yield "runs-running", routes.run(running)
    yield "runs-failed", routes.run(failed)
    yield "runs-unknown", routes.run("019a0000-0000-7000-8000-000000000000")
    yield "run-stream-running", routes.run_stream(running, [("segment", "1")])
    yield "run-stream-failed", routes.run_stream(failed, [("level", "error")])
    yield "run-stream-unknown", routes.run_stream("019a0000-0000-7000-8000-000000000000")
    (acme / "go").touch()
    made.until_ended(running)
