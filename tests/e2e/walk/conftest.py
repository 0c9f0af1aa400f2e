"""The consoles of the walk: one with one of everything and a fault switch, one with nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from execution_ops import routes
from tests.e2e.servers import WEB, Console, await_answer, new_console, running
from tests.e2e.walk.faulty import Fault, Switch, switch
from tests.e2e.walk.furnished import Furnished, furnished


@pytest.fixture(scope="package")
def whole(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """The console with one of everything."""
    with furnished(tmp_path_factory.mktemp("furnished")) as console:
        yield console


@pytest.fixture
def fault(whole: Furnished) -> Iterator[Switch]:
    """Its switch; at the end nothing is wrong any more."""
    yield whole.switch
    whole.switch.turn(Fault.NONE)


@pytest.fixture(scope="package")
def bare(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """An ordinary web process without data and without a worker. The switch of the tests says that all fails."""
    console = new_console(tmp_path_factory.mktemp("bare"))
    switch(console).turn(Fault.FAILING)
    with running(console, WEB, "web") as process:
        await_answer(process, f"{console.url}{routes.HEALTH}", console.data_dir.parent / "web.log")
        yield console
