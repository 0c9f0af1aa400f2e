"""The dialogs of the settings page that start something: a key to trust, and a determinism check."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.errors import OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.scanner_settings import TrustUse
from execution_ops.domain.text import encodable, visible
from execution_ops.domain.trust_keys import PEM_MAX
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner.plan import PATH_MAX
from execution_ops.services.container import services
from execution_ops.state.actor import actor_of
from execution_ops.state.live import LivePage
from execution_ops.state.shell import ShellState
from execution_ops.texts import scanner_settings as words

_FIELDS = ("name", "use", "pem", "reason", "ticket")


class SettingsDialogs(LivePage, rx.State, mixin=True):
    """What the dialogs show. A key is added only after its fingerprint was on view; `key_shown` says that it is."""

    key_fingerprint: str = ""
    key_algorithm: str = ""
    key_problem: str = ""
    key_shown: bool = False
    key_form: str = ""
    check_problem: str = ""
    busy: bool = False

    # The key that is on view, and what makes a request pressed twice one.
    _key_pem: str = ""
    _request: str = ""

    # what the page says of itself

    def _plain_href(self) -> str:
        """The address without a dialog."""
        raise NotImplementedError

    # events

    @rx.event
    async def read_key(self, pem: str) -> None:
        """Show what a key is while it is pasted."""
        await self._read(encodable(str(pem)[: PEM_MAX + 1]))

    @rx.event
    async def add_key(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Trust the key that is on view."""
        typed = _typed(form)
        if self.busy:
            return
        if typed["pem"] != self._key_pem:
            # Pasted and sent at once: nobody has seen its fingerprint yet.
            await self._read(typed["pem"])
            return
        if not self.key_shown:
            return
        self.busy, self.key_problem = True, ""
        yield
        actor = actor_of(self)
        use = TrustUse(typed["use"]) if typed["use"] in {one.value for one in TrustUse} else TrustUse.KIT
        stamp = Stamp(
            actor=actor,
            reason=typed["reason"],
            ticket=typed["ticket"],
            idempotency_key=self._request,
            correlation_id=new_id(),
        )
        try:
            added = await asyncio.to_thread(
                services().scanner_settings.add_key, actor, typed["pem"], typed["name"], use, stamp
            )
        except OpsError as error:
            self.key_problem = error.message
            return
        finally:
            self.busy = False
        await (await self.get_state(ShellState))._tell(words.trusted_from_now_on(visible(added.name)), stamp)
        await self._refresh(anew=True)
        yield rx.redirect(self._plain_href())

    @rx.event
    async def start_check(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Scan a source twice, and open the graph of both scans."""
        if self.busy:
            return
        self.busy, self.check_problem = True, ""
        yield
        actor = actor_of(self)
        path = encodable(str((form if isinstance(form, dict) else {}).get("path") or "")[: PATH_MAX + 1]).strip()
        try:
            started = await asyncio.to_thread(
                services().determinism.start, actor, path, stamp=Stamp(actor=actor, idempotency_key=self._request)
            )
        except OpsError as error:
            self.check_problem = error.message
            return
        finally:
            self.busy = False
        self._request = new_id()
        yield rx.redirect(routes.job_dag(started.job_ids["determinism"]))

    # helpers

    def _begin_dialog(self) -> None:
        """Empty the dialogs: one was opened."""
        self.key_fingerprint = self.key_algorithm = self.key_problem = self.check_problem = self._key_pem = ""
        self.key_shown = False
        self.key_form, self._request = new_id(), new_id()

    async def _read(self, pem: str) -> None:
        self._key_pem, self.key_shown, self.key_problem = pem, False, ""
        self.key_fingerprint = self.key_algorithm = ""
        if not pem.strip():
            return
        try:
            facts = await asyncio.to_thread(services().scanner_settings.read_key, actor_of(self), pem)
        except OpsError as error:
            self.key_problem = error.message
            return
        self.key_fingerprint, self.key_algorithm = facts.fingerprint, facts.algorithm
        self.key_shown = not facts.known_as
        if facts.known_as:
            self.key_problem = words.key_is_there(visible(facts.known_as))


def _typed(form: object) -> dict[str, str]:
    """What the fields say; any client can send any JSON in their place."""
    given = form if isinstance(form, dict) else {}
    texts = {name: encodable(str(given.get(name) or "")) for name in _FIELDS}
    # The key as it was shown, to the letter: only what it is cut to differs.
    return {name: text[: PEM_MAX + 1] if name == "pem" else text.strip() for name, text in texts.items()}
