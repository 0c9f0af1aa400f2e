"""A walk by everything there is to see: pictures for people, and what a program can see of each.

At a desk in both themes, on a phone and at a zoom of 200 %: no rule of accessibility is broken, nothing is wider
than its window, nothing that can be pressed is cut off. The pictures are in `.shots/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain, starmap
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from execution_ops import routes
from execution_ops.settings import Settings
from tests import shots_access, shots_audit, shots_frame, shots_overview, shots_workers
from tests.e2e.failing_jobs import WEB, WORKER
from tests.e2e.servers import Console, await_answer, complete, new_console, running
from tests.execution import Bench
from tests.overview_samples import fill
from tests.shots import FOLDER, Camera, Picture, camera_on
from tests.shots_carried import carried
from tests.shots_dialogs import letter_dialogs, scanner_dialogs, schedule_dialogs
from tests.shots_jobs import jobs
from tests.shots_letters import letters
from tests.shots_runs import runs
from tests.shots_scanner import scanner
from tests.shots_scheduler import scheduler

pytestmark = [pytest.mark.long, pytest.mark.timeout(7200)]

# What happens on a console with a worker, and what is looked at while it does.
AREAS: dict[str, Callable[[Camera, Console], Iterator[Picture]]] = {
    "jobs": jobs,
    "letters": lambda _, console: chain(starmap(Picture, letters(console)), letter_dialogs(console)),
    "schedules": lambda _, console: chain(
        starmap(Picture, runs(console)), starmap(Picture, scheduler(console)), schedule_dialogs(console)
    ),
    "scanner": lambda _, console: chain(scanner(console), carried(console), scanner_dialogs(console)),
}


@pytest.fixture
def console(build: Path, tmp_path: Path) -> Console:
    FOLDER.mkdir(exist_ok=True)
    return new_console(tmp_path)


@pytest.mark.parametrize("area", AREAS)
def test_every_page_drawer_and_dialog(browser: Browser, console: Console, area: str) -> None:
    with complete(console, WEB, WORKER), camera_on(browser, console) as camera:
        for picture in AREAS[area](camera, console):
            camera.take(*picture)
    assert not camera.problems, "\n".join(camera.problems)


def test_an_empty_console(browser: Browser, console: Console) -> None:
    with running(console, WEB, "web") as web, camera_on(browser, console) as camera:
        await_answer(web, f"{console.url}{routes.HEALTH}", console.data_dir.parent / "web.log")
        for route in routes.ROUTES:
            if route.built and not route.dynamic:
                camera.take(f"empty-{route.name}", route.pattern)
    assert not camera.problems, "\n".join(camera.problems)


def test_the_workers_in_every_state(browser: Browser, console: Console) -> None:
    with camera_on(browser, console) as camera, ExitStack() as stack:
        shots_workers.photograph(camera, console, stack)
    assert not camera.problems, "\n".join(camera.problems)


def test_jobs_and_queues_in_all_that_it_shows(browser: Browser, console: Console) -> None:
    folder = console.data_dir.parent
    with running(console, WEB, "web") as web, camera_on(browser, console) as camera:
        await_answer(web, f"{console.url}{routes.HEALTH}", folder / "web.log")
        bench = Bench(Settings(data_dir=console.data_dir).url(), folder)
        shots_overview.photograph(camera, bench)
        bench.close()
    assert not camera.problems, "\n".join(camera.problems)


def test_the_frame_of_every_page_with_all_that_it_opens(browser: Browser, console: Console) -> None:
    folder = console.data_dir.parent
    console.environment.update(shots_frame.ENVIRONMENT)
    # It knows the tenants of all jobs when its first page opens.
    bench = Bench(Settings(data_dir=console.data_dir).url(), folder)
    fill(bench)
    with running(console, WEB, "web") as web, camera_on(browser, console) as camera:
        await_answer(web, f"{console.url}{routes.HEALTH}", folder / "web.log")
        shots_frame.photograph(camera, console)
    bench.close()
    assert not camera.problems, "\n".join(camera.problems)


def test_the_audit_in_all_that_it_shows(browser: Browser, console: Console) -> None:
    with running(console, WEB, "web") as web, camera_on(browser, console) as camera:
        await_answer(web, f"{console.url}{routes.HEALTH}", console.data_dir.parent / "web.log")
        shots_audit.photograph(camera, console)
    assert not camera.problems, "\n".join(camera.problems)


def test_who_one_is_and_the_tokens_in_every_state(browser: Browser, console: Console) -> None:
    with running(console, WEB, "web") as web, camera_on(browser, console) as camera:
        await_answer(web, f"{console.url}{routes.HEALTH}", console.data_dir.parent / "web.log")
        shots_access.photograph(camera, console)
    assert not camera.problems, "\n".join(camera.problems)
