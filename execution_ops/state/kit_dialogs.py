"""The dialogs of the page of offline kits: upload one, verify a path, export one. Which is open is in the address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.baselines import name_of
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Submission
from execution_ops.domain.kits import Channel
from execution_ops.domain.states import BaselineState
from execution_ops.domain.text import encodable, visible
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner.plan import PATH_MAX
from execution_ops.services.container import services
from execution_ops.services.kit_orders import BASELINES_MAX, KitRecipe, KitSource
from execution_ops.services.kit_reads import KitStatus
from execution_ops.state.actor import actor_of
from execution_ops.texts import kits as words

DIALOGS = ("upload", "verify", "export")
CHOICE = "baseline:"


@dataclass(frozen=True)
class BaselineChoice:
    """A baseline that a kit can carry."""

    field: str
    name: str
    source: str
    promoted: bool


class KitDialogs(rx.State, mixin=True):
    """What the dialogs show. `dialog` names the open one, "" for none."""

    dialog: str = ""
    dialog_problem: str = ""
    busy: bool = False
    export_off: str = ""
    key_place: str = ""
    upload_max: int = 0
    choices: rx.Field[list[BaselineChoice]] = rx.field(default_factory=list)

    _dialog_key: str = ""

    # what the page says of itself

    def _plain(self) -> str:
        """The address without a dialog."""
        raise NotImplementedError

    # events

    @rx.event
    def open_dialog(self, name: str) -> Any:
        """Open a dialog: the same page with its name in the address."""
        known = str(name) if str(name) in DIALOGS else DIALOGS[0]
        address = self._plain()
        return rx.redirect(f"{address}{'&' if '?' in address else '?'}do={known}")

    @rx.event
    def close_dialog(self) -> Any:
        """Close it."""
        return rx.redirect(self._plain())

    @rx.event
    async def uploaded(self, upload_id: str, wanted: str) -> AsyncIterator[Any]:
        """The browser has sent a kit: verify it, or import it if that is `wanted`."""
        source = KitSource(upload=str(upload_id) or "none")
        async for event in self._start(self._begin(source, wanted=str(wanted) == "import")):
            yield event

    @rx.event
    async def verify_path(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Verify what lies at the path of the form; import it, too, if the form says so."""
        path = encodable(str(form.get("path", "")).strip()[:PATH_MAX])
        if not path:
            self.dialog_problem = words.GIVE_THE_ABSOLUTE_PATH
            return
        async for event in self._start(self._begin(KitSource(path=path), wanted=bool(form.get("import")))):
            yield event

    @rx.event
    async def export(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Build the kit that the form describes."""
        try:
            recipe = _recipe(form)
        except InvalidInput as error:
            self.dialog_problem = error.message
            return

        def start(stamp: Stamp) -> Submission:
            return services().kits.export(stamp.actor, recipe, stamp)

        async for event in self._start(start):
            yield event

    @rx.event
    async def import_verified(self, job_id: str) -> AsyncIterator[Any]:
        """Import what a verification has found to be sound: it is verified once more."""

        def start(stamp: Stamp) -> Submission:
            kits = services().kits
            return kits.import_kit(stamp.actor, kits.source_of(stamp.actor, str(job_id)), stamp)

        async for event in self._start(start):
            yield event

    # helpers

    @staticmethod
    def _begin(source: KitSource, *, wanted: bool) -> Callable[[Stamp], Submission]:
        def start(stamp: Stamp) -> Submission:
            kits = services().kits
            act = kits.import_kit if wanted else kits.verify
            return act(stamp.actor, source, stamp)

        return start

    async def _start(self, start: Callable[[Stamp], Submission]) -> AsyncIterator[Any]:
        """Start a job and open it; pressed twice it is started once."""
        self.dialog_problem, self.busy = "", True
        yield
        self._dialog_key = self._dialog_key or new_id()
        stamp = Stamp(actor=actor_of(self), idempotency_key=self._dialog_key)
        try:
            started = await asyncio.to_thread(start, stamp)
        except OpsError as error:
            self.dialog_problem = error.message
        else:
            self._dialog_key = new_id()
            job_id = next(iter(started.job_ids.values()))
            yield rx.redirect(routes.offline_kits([("job", job_id)]))
        finally:
            self.busy = False

    async def _show_dialog(self, name: str, status: KitStatus) -> None:
        """Fill the dialog when the address opens it."""
        self.key_place, self.upload_max = visible(status.key), services().settings.kit_max_bytes
        if name == self.dialog:
            return
        self.dialog, self.dialog_problem, self._dialog_key = name, "", new_id()
        if name != "export":
            self.choices = []
            return
        try:
            found = await asyncio.to_thread(services().kits.exportable, actor_of(self))
        except OpsError as error:
            self.dialog_problem = error.message
            return
        self.choices = [
            BaselineChoice(
                field=f"{CHOICE}{one.id}",
                name=visible(name_of(one)),
                source=visible(one.source),
                promoted=one.state is BaselineState.PROMOTED,
            )
            for one in found
        ]


def _recipe(form: dict[str, Any]) -> KitRecipe:
    chosen = tuple(str(name)[len(CHOICE) :] for name, value in form.items() if str(name).startswith(CHOICE) and value)
    try:
        channel = Channel(str(form.get("channel", "")))
    except ValueError as error:
        raise InvalidInput("Choose one of the channels.") from error
    if len(chosen) > BASELINES_MAX:
        raise InvalidInput(f"A kit carries at most {BASELINES_MAX:,} baselines.")
    return KitRecipe(
        version=encodable(str(form.get("version", "")).strip()[:100]),
        channel=channel,
        baselines=chosen,
        settings=bool(form.get("settings")),
        syft=bool(form.get("syft")),
    )
