"""The dialog that starts a benchmark: a scenario or a path, the analyzers, how many passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

import reflex as rx

from execution_ops import routes
from execution_ops.domain.benchmarks import ITERATIONS_DEFAULT, PATH_PREFIX, WARM_UP_DEFAULT
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.scanner_verbs import BENCH_RUN
from execution_ops.domain.text import encodable
from execution_ops.domain.verb import why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner.plan import PATH_MAX
from execution_ops.scanner.scenarios import SCENARIOS, scenario
from execution_ops.services.benchmarks import ANALYZERS, BenchOrder
from execution_ops.services.container import services
from execution_ops.state.actor import actor_of
from execution_ops.state.shell import ShellState, message
from execution_ops.texts import performance as words

OWN = "own"
FIRST = SCENARIOS[0].name
# What of the address is the dialog's: which scenario it begins with, and with which analyzer.
OPENED_BY, WITH = "run", "with"


class BenchDialog(rx.State):
    """The dialog. It is open while the address has `run=…`: 1, the name of a scenario, or a path of one's own.

    `form_key` changes with the scenario, so that the boxes of the analyzers are ticked anew.
    """

    chosen: str = FIRST
    about: str = ""
    ticked: rx.Field[list[str]] = rx.field(default_factory=list)
    path: str = ""
    problem: str = ""
    busy: bool = False
    form_key: str = ""

    _key: str = ""

    @rx.var
    def off(self) -> str:
        """Why this actor can't start one, in words; empty if they can."""
        return why_off(BENCH_RUN, actor_of(self))

    @rx.var
    def shown(self) -> bool:
        """Whether the address asks for the dialog."""
        return bool(self._own().get(OPENED_BY))

    @rx.event
    def prepare(self) -> None:
        """Fill the dialog when the address opens it; the page lists this in its `ON_LOAD`."""
        if not self.shown or self._key:
            return
        self._key, self.problem = new_id(), ""
        wanted, analyzer = self._own()[OPENED_BY], self._own().get(WITH, "")
        if wanted.startswith(PATH_PREFIX):
            self.path = encodable(wanted.removeprefix(PATH_PREFIX)[:PATH_MAX])
            self._choose(OWN)
        else:
            self._choose(wanted if scenario(wanted) else FIRST)
        if analyzer in ANALYZERS:
            self.ticked = [analyzer]

    @rx.event
    def ask(self) -> Any:
        """Open the dialog: the same page with `run=1`."""
        return self._go([*self._rest(), (OPENED_BY, "1")])

    @rx.event
    def close(self) -> Any:
        """Close the dialog."""
        self._key = self.problem = ""
        return self._go(self._rest())

    @rx.event
    def choose(self, name: str) -> None:
        """Take another scenario, with the analyzers that it was made for."""
        if name == OWN or scenario(str(name)):
            self._choose(str(name))

    @rx.event
    async def start(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Start what the form asks for; pressed twice it starts once."""
        if not self._key:
            return
        self.problem, self.busy = "", True
        # The form is laid out anew after an error: with what was in it.
        self.path = encodable(str(form.get("path", ""))[:PATH_MAX])
        yield
        actor = actor_of(self)
        try:
            order = _order(self.chosen, form)
            stamp = Stamp(actor=actor, idempotency_key=self._key)
            made = await asyncio.to_thread(services().benchmarks.start, actor, order, stamp)
        except OpsError as error:
            self.problem = error.message
        else:
            self._key = ""
            shell = await self.get_state(ShellState)
            href = routes.job(next(iter(made.job_ids.values())))
            shell._say(message(words.THE_BENCHMARK_WAS_STARTED, href=href, link=words.OPEN_ITS_JOB))
            yield self._go(self._rest())
        finally:
            self.busy = False

    # helpers

    def _choose(self, name: str) -> None:
        known = scenario(name)
        self.chosen, self.form_key = name, new_id()
        self.about = known.description if known else words.WITHOUT_A_CHOICE
        self.ticked = list(known.analyzers) if known else []

    def _own(self) -> dict[str, str]:
        return {key: value for key, value in parse_qsl(self.router.url.query) if key in (OPENED_BY, WITH)}

    def _rest(self) -> list[tuple[str, str]]:
        return [pair for pair in parse_qsl(self.router.url.query) if pair[0] not in (OPENED_BY, WITH)]

    def _go(self, pairs: list[tuple[str, str]]) -> Any:
        return rx.redirect(f"?{urlencode(pairs)}" if pairs else routes.performance())


def field_of(analyzer: str) -> str:
    """The name of an analyzer's box in the form."""
    return f"analyzer_{analyzer.replace('-', '_')}"


def _order(chosen: str, form: dict[str, Any]) -> BenchOrder:
    own = chosen == OWN
    return BenchOrder(
        scenario="" if own else chosen,
        path=str(form.get("path", "")).strip() if own else "",
        analyzers=tuple(name for name in ANALYZERS if form.get(field_of(name)) in (True, "on", "true")),
        iterations=_number(form, "iterations", ITERATIONS_DEFAULT),
        warm_up=_number(form, "warm_up", WARM_UP_DEFAULT),
    )


def _number(form: dict[str, Any], name: str, default: int) -> int:
    text = str(form.get(name, default)).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise InvalidInput("Iterations and warm-up are whole numbers.", field=name)
    return int(text)
