"""The page of offline kits: its address names the kit or the job that is open, and the dialog."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import SubjectKind
from execution_ops.domain.kit_records import Kit, why_kit_off
from execution_ops.domain.scanner_verbs import (
    KIT_ACTIVATE,
    KIT_EXPORT,
    KIT_RELEASE,
    KIT_REMOVE,
    KIT_ROLLBACK,
    KIT_VERIFY,
)
from execution_ops.domain.topics import KITS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.services.kit_orders import KitSource
from execution_ops.services.kit_reads import KitStatus
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import trail_of
from execution_ops.state.kit_dialogs import KitDialogs
from execution_ops.state.kit_panel_view import CheckLine, PanelView, WorkLine, check_line, work_line
from execution_ops.state.kits_reading import (
    Activation,
    Address,
    Answer,
    carry_out,
    list_view,
    open_panel,
    read_page,
)
from execution_ops.state.kits_view import (
    ActiveKit,
    KitLine,
    ListView,
    LockedLine,
    PastLine,
    Question,
    active_kit,
    kit_line,
    locked_line,
    past_line,
    question,
    summary,
    takes_force,
)
from execution_ops.state.live import Ask
from execution_ops.state.shell import ShellState, message
from execution_ops.state.verbs import VerbQuestion

ASKED = (KIT_ACTIVATE, KIT_ROLLBACK, KIT_RELEASE, KIT_REMOVE)
_ADDRESS_FAULTS = ("INVALID_INPUT", "BAD_CURSOR")


class KitRows(rx.State):
    """The rows, apart from all else."""

    kits: rx.Field[list[KitLine]] = rx.field(default_factory=list)
    locked: rx.Field[list[LockedLine]] = rx.field(default_factory=list)
    work: rx.Field[list[WorkLine]] = rx.field(default_factory=list)
    past: rx.Field[list[PastLine]] = rx.field(default_factory=list)
    checks: rx.Field[list[CheckLine]] = rx.field(default_factory=list)


class KitsPage(KitDialogs, VerbQuestion, rx.State):
    """The page around its rows, and the questions before its verbs."""

    summary: str = ""
    trust_roots: int = 0
    nothing_yet: bool = False
    verify_off: str = ""
    upload_off: str = ""
    active: ActiveKit = ActiveKit()
    around: ListView = ListView()
    panel: PanelView = PanelView()
    question: Question = Question()

    # Whether the open question is about a forced activation, as it said when it was asked.
    _asked_force: bool = False
    # Whose baselines the activation that is asked for changes, "" for the operator's own.
    _asked_tenant: str = ""
    _tenants: tuple[str, ...] = ()
    _status: KitStatus | None = None
    _by_id: dict[str, Kit] = {}  # noqa: RUF012 - a Reflex field; every instance gets its own
    _chosen: str = ""

    @rx.var
    def refused(self) -> bool:
        """Whether the address itself is at fault, so that reading again would not help."""
        return self.problem_code in _ADDRESS_FAULTS

    # LivePage

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _plain(self) -> str:
        return routes.offline_kits(self._address().pairs())

    def _ask(self) -> Ask:
        address, actor = self._address(), actor_of(self)
        key = ("kits", viewer_key(actor), address.kit, address.job, address.removed, address.cursor)
        return Ask(KITS, key, lambda: read_page(actor, address), trail=trail_of(actor, SubjectKind.KIT, address.kit))

    async def _show(self, answer: Any) -> None:
        found: Answer = answer
        address, actor = self._address(), actor_of(self)
        self._status = found.status
        self._by_id = {kit.id: kit for kit in (*found.page.rows, *found.locked)}
        if found.kit is not None:
            self._by_id[found.kit.kit.id] = found.kit.kit
        self._tenants = found.tenants
        self.summary, self.trust_roots = summary(found.status), found.status.trust_roots
        self.nothing_yet = not (found.page.rows or found.runs or found.past)
        self.verify_off, self.export_off = why_kit_off(actor, KIT_VERIFY), why_kit_off(actor, KIT_EXPORT)
        self.upload_off = self.verify_off or services().kits.why_no_files
        self.active, self.around = active_kit(found.status, actor), list_view(found, address)
        before = self.panel.job_href
        self.panel, checks = open_panel(found, address, actor)
        if self.panel.job_href != before and not self.dialog:
            # It was said of what was open before.
            self.dialog_problem = ""
        rows = await self.get_state(KitRows)
        active, moment = found.status.place.active, datetime.now(UTC)
        told: dict[str, Sequence[object]] = {
            "kits": [kit_line(kit, active, address.kit) for kit in found.page.rows],
            "locked": [locked_line(kit, moment) for kit in found.locked],
            "work": [work_line(run, address.job) for run in found.runs],
            "past": [past_line(one) for one in found.past],
            "checks": [check_line(check) for check in checks],
        }
        for name, lines in told.items():
            if getattr(rows, name) != lines:
                setattr(rows, name, lines)
        await self._show_dialog(address.dialog, found.status)

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return ASKED

    def _noun(self) -> tuple[str, str]:
        return ("kit", "kits")

    def _subjects(self) -> list[str]:
        return [self._chosen] if self._chosen else []

    def _about(self) -> tuple[Hashable, ...]:
        kit = self._by_id.get(self._chosen)
        return (self._chosen, kit.state.value if kit else "", self.active.id)

    def _phrase(self, verb: Verb) -> None:
        kit = self._by_id.get(self._chosen) or self._active(self._chosen)
        if kit is None or self._status is None:
            self.asking = ""
            return
        actor = actor_of(self)
        asks_tenant = verb is KIT_ACTIVATE and (actor.tenants is None or len(actor.tenants) > 1)
        asked = question(verb, kit, self._status)
        self.question = replace(asked, asks_tenant=asks_tenant, tenants=list(self._tenants) if asks_tenant else [])
        self._asked_force, self._asked_tenant = takes_force(verb, kit, self._status), ""

    def _active(self, kit_id: str) -> Kit | None:
        active = self._status.place.active if self._status else None
        return active if active and active.id == kit_id else None

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        how = Activation(force=self._asked_force, tenant=self._asked_tenant)
        said, job_id = await asyncio.to_thread(carry_out, verb, actor, self._asked_ids[0], stamp, how)
        (await self.get_state(ShellState))._say(message(said))
        await self._refresh(anew=True)
        return rx.redirect(routes.offline_kits([("job", job_id)])) if job_id else None

    # events

    @rx.event
    def ask_kit(self, verb: str, kit_id: str) -> None:
        """Open the question before a verb on one kit."""
        self._chosen = str(kit_id)
        self.ask_verb(str(verb))

    @rx.event
    def ask_open(self, verb: str) -> None:
        """Open the question before a verb on the kit that is open."""
        self._chosen = self._address().kit
        self.ask_verb(str(verb))

    @rx.event
    def choose_tenant(self, tenant: str) -> None:
        """Whose baselines the activation that is asked for changes; the service checks the name."""
        self._asked_tenant = str(tenant).strip()

    @rx.event
    async def verify_again(self) -> AsyncIterator[Any]:
        """Verify the kit that is open once more."""
        source = KitSource(kit=self._address().kit or "none")
        async for event in self._start(self._begin(source, wanted=False)):
            yield event

    @rx.event
    def ask_rollback(self) -> None:
        """Open the question before a roll-back."""
        self._chosen = self.active.id
        self.ask_verb(KIT_ROLLBACK.name)
