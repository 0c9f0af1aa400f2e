"""A console with one of everything, for what is walked through on every page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from execution_ops import routes
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.routes import Rest
from tests.baselines import keep
from tests.e2e import failing_jobs
from tests.e2e.letters import die
from tests.e2e.scheduled import station
from tests.e2e.servers import Console, complete, new_console
from tests.e2e.walk import faulty
from tests.e2e.walk.faulty import Switch

TENANT = "acme"
NOBODY = "019a0000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Furnished:
    """The console, its switch, and the things that pages about one thing show, by the page's name."""

    console: Console
    switch: Switch
    things: Mapping[str, dict[str, str]]

    def address(self, route: str) -> str:
        """Where a page is, shown with what is there."""
        return routes.href(route, **self.things.get(route, {}))

    def nowhere(self, route: str) -> str:
        """Where a page about one thing would be, of a thing that is not there."""
        return routes.href(route, **dict.fromkeys(self.things[route], NOBODY))


# A filter that hides all that is there, by the page's name.
HIDDEN: Mapping[str, Callable[[], str]] = {
    "jobs_queues": lambda: routes.jobs_queues([("tab", "jobs"), ("tenant", "nobody")]),
    "jobs": lambda: routes.jobs([("queue", "none-such")]),
    "quotas": lambda: routes.quotas([("tenant", "nobody")]),
    "dead_letter": lambda: routes.dead_letter([("tenant", "nobody")]),
    "dead_letter_queue": lambda: routes.dead_letter_queue([("tenant", "nobody")]),
    "runs": lambda: routes.runs([("tenant", "nobody")]),
    "schedules": lambda: routes.schedules([("tenant", "nobody")]),
    "workers": lambda: routes.workers([("host", "none")]),
    "audit": lambda: routes.audit([("actor", "nobody")]),
    "baselines": lambda: routes.baselines([("tenant", "nobody")]),
}


@contextmanager
def furnished(folder: Path) -> Iterator[Furnished]:
    """Start a console with a fault switch, and let one of everything happen on it."""
    console = new_console(folder)
    switch = faulty.switch(console)
    with complete(console, faulty.WEB, failing_jobs.WORKER):
        yield Furnished(console, switch, _things(console))


def _things(console: Console) -> dict[str, dict[str, str]]:
    [letter] = die(console, TENANT, "the disk of the mirror is full")
    with station(console) as made:
        schedule = made.schedule("nightly", ("core/a", "core/bad-one"), tenant=TENANT)
        (made.folder(TENANT) / "go").touch()
        run = made.start(schedule)
        made.until_ended(run)
        assert isinstance(made.services.backend, EmbeddedBackend)
        keep(made.services.backend, [("openssl", "3.0.13")], label="nightly", tenant=TENANT)
    _post(console, routes.api_quotas(), {"tenant": TENANT, "job_type": failing_jobs.TYPE, "max_active": 2})
    plan = _post(console, Rest.LETTERS_REPLAY_BATCH, {"filter": f"tenant={TENANT}"})
    job = {"job_id": letter["job_id"]}
    return {
        "job": job,
        "job_dag": job,
        "dead_letter_entry": {"entry_id": letter["id"]},
        "replay": {"plan_id": str(plan["id"])},
        "run_stream": {"run_id": run},
    }


def _post(console: Console, address: str, body: dict[str, object]) -> dict[str, object]:
    answer = httpx.post(f"{console.url}{address}", json=body, headers={"X-Stella-Operator-Reason": "a story"})
    answer.raise_for_status()
    made: dict[str, object] = answer.json()
    return made
