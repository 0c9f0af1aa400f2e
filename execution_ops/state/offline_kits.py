"""The page of offline kits: its address names the kit or the job that is open, and the dialog."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from shlex import quote
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.kit_records import Kit, KitReads, KitRun, is_lower, why_kit_off, why_opened_off
from execution_ops.domain.kits import AgeLevel
from execution_ops.domain.scanner_verbs import (
    KIT_ACTIVATE,
    KIT_EXPORT,
    KIT_IMPORT,
    KIT_RELEASE,
    KIT_REMOVE,
    KIT_ROLLBACK,
    KIT_VERIFY,
)
from execution_ops.domain.states import KitState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.topics import KITS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.kit_reads import KitStatus
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.kit_dialogs import KitDialogs
from execution_ops.state.kits_reading import Address, Answer, carry_out, read_page
from execution_ops.state.kits_view import (
    CheckLine,
    Fact,
    KitLine,
    LockedLine,
    PastLine,
    WorkLine,
    check_line,
    kit_facts,
    kit_line,
    locked_line,
    outcome,
    past_line,
    question,
    summary,
    takes_force,
    took,
    work_line,
    work_title,
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
    rows_on_page: int = 0
    locked_count: int = 0
    locked_words: str = ""
    removed: bool = False
    removed_href: str = ""
    after_href: str = ""
    first_href: str = ""
    trust_roots: int = 0
    nothing_yet: bool = False
    active_id: str = ""
    active_version: str = ""
    active_href: str = ""
    active_forced: bool = False
    age: str = ""
    age_tone: str = ""
    activated_at: str = ""
    activated_by: str = ""
    previous_version: str = ""
    rollback_off: str = ""
    verify_off: str = ""

    opened: str = ""
    open_title: str = ""
    open_state: str = ""
    open_icon: str = ""
    open_tone: str = ""
    open_word: str = ""
    open_took: str = ""
    open_failure: str = ""
    open_running: bool = False
    open_job: str = ""
    open_kit_href: str = ""
    open_file: str = ""
    open_log: str = ""
    open_command: str = ""
    open_facts: rx.Field[list[Fact]] = rx.field(default_factory=list)
    activate_off: str = ""
    release_off: str = ""
    remove_off: str = ""
    import_job: str = ""

    question_title: str = ""
    question_button: str = ""
    question_facts: rx.Field[list[Fact]] = rx.field(default_factory=list)

    # Whether the open question is about a forced activation, as it said when it was asked.
    _asked_force: bool = False
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
        return Ask(KITS, key, lambda: read_page(actor, address))

    async def _show(self, answer: Any) -> None:
        found: Answer = answer
        address, actor = self._address(), actor_of(self)
        self._status = found.status
        self._by_id = {kit.id: kit for kit in (*found.page.rows, *found.locked)}
        if found.kit is not None:
            self._by_id[found.kit.kit.id] = found.kit.kit
        self._show_status(found, actor)
        self._show_list(found, address)
        checks = self._show_open(found, address, actor)
        rows = await self.get_state(KitRows)
        active, moment = found.status.place.active, datetime.now(UTC)
        told: dict[str, Sequence[object]] = {
            "kits": [kit_line(kit, active, address.kit) for kit in found.page.rows],
            "locked": [locked_line(kit, moment) for kit in found.locked],
            "work": [work_line(run, address.job) for run in found.runs],
            "past": [past_line(one) for one in found.past],
            "checks": checks,
        }
        for name, lines in told.items():
            if getattr(rows, name) != lines:
                setattr(rows, name, lines)
        await self._show_dialog(address.dialog, found.status)

    def _show_status(self, found: Answer, actor: Actor) -> None:
        status, active = found.status, found.status.place.active
        self.summary = summary(status)
        self.trust_roots = status.trust_roots
        self.active_id = active.id if active else ""
        self.active_version = active.title if active else ""
        self.active_href = routes.offline_kit(active.id) if active else ""
        self.active_forced = active.forced if active else False
        self.age = visible(status.age)
        self.age_tone = {AgeLevel.AMBER: "warn", AgeLevel.RED: "bad"}.get(status.age_level or AgeLevel.OK, "ok")
        self.activated_at = iso(active.activated_at) if active and active.activated_at else ""
        self.activated_by = visible(active.activated_by) if active else ""
        self.previous_version = status.place.previous.title if status.place.previous else ""
        self.rollback_off = why_kit_off(actor, KIT_ROLLBACK) or status.place.rollback_off
        self.verify_off = why_kit_off(actor, KIT_VERIFY)
        self.export_off = why_kit_off(actor, KIT_EXPORT)

    def _show_list(self, found: Answer, address: Address) -> None:
        self.rows_on_page, self.locked_count = len(found.page.rows), len(found.locked)
        self.locked_words = found.status.quarantine_words
        self.nothing_yet = not (found.page.rows or found.runs or found.past)
        self.removed = address.removed
        self.removed_href = routes.offline_kits([] if address.removed else [("removed", "1")])
        shown = [("removed", "1")] if address.removed else []
        self.first_href = routes.offline_kits(shown) if address.cursor else ""
        self.after_href = routes.offline_kits([*shown, ("cursor", found.page.after)]) if found.page.after else ""

    def _show_open(self, found: Answer, address: Address, actor: Actor) -> list[CheckLine]:
        """Show the job or the kit that the address opens; the steps of its verification."""
        self.opened = "job" if address.job else "kit" if address.kit else ""
        missing = (address.job and found.run is None) or (not address.job and address.kit and found.kit is None)
        if missing:
            self.opened = "missing"
        self.open_job = self.open_kit_href = self.open_file = self.open_log = self.open_command = ""
        self.open_state = self.open_failure = self.import_job = ""
        self.open_running, self.open_facts = False, []
        if address.job:
            return self._show_run(found.run, actor) if found.run else []
        return self._show_kit(found.kit, found.status, actor) if found.kit else []

    def _show_run(self, run: KitRun, actor: Actor) -> list[CheckLine]:
        self.open_title, self.open_took = work_title(run), took(run.checks)
        self.open_icon, self.open_tone, self.open_word = outcome(run)
        self.open_running, self.open_failure = run.ended_at is None, visible(run.failure)
        self.open_job = routes.job(run.job_id)
        self.open_kit_href = routes.offline_kit(run.kit_id) if run.kit_id else ""
        sound = run.verb == KIT_VERIFY.name and run.exit_code in (0, 8) and not run.kit_id
        self.import_job = run.job_id if sound and not why_kit_off(actor, KIT_IMPORT) else ""
        if run.source.startswith("/"):
            self.open_command = f"execution-ops kits verify {quote(visible(run.source))}"
        return [check_line(check) for check in run.checks]

    def _show_kit(self, opened: KitReads, status: KitStatus, actor: Actor) -> list[CheckLine]:
        kit = opened.kit
        self.open_title, self.open_state = f"Kit {visible(kit.title)}", kit.state.value
        self.open_took, self.open_failure = took(opened.report.checks), visible(kit.failure)
        self.open_facts = kit_facts(kit)
        self.open_job = routes.job(kit.job_id)
        self.open_log = routes.api_kit(kit.id, "log")
        if kit.has_files and kit.state is not KitState.QUARANTINED:
            self.open_file = routes.api_kit(kit.id, "file")
        self.activate_off = why_opened_off(actor, KIT_ACTIVATE, opened)
        self.release_off = why_kit_off(actor, KIT_RELEASE, kit)
        # What lost its files can still be taken off the list.
        self.remove_off = why_kit_off(actor, KIT_REMOVE, kit.model_copy(update={"has_files": True}))
        if is_lower(kit, status.place.active) and not self.activate_off and kit.exit_code == 0:
            self.open_failure = "Lower than the active kit: activating it takes force, and it stays marked."
        return [check_line(check) for check in opened.report.checks]

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return ASKED

    def _noun(self) -> tuple[str, str]:
        return ("kit", "kits")

    def _subjects(self) -> list[str]:
        return [self._chosen] if self._chosen else []

    def _about(self) -> tuple[Hashable, ...]:
        kit = self._by_id.get(self._chosen)
        return (self._chosen, kit.state.value if kit else "", self.active_id)

    def _phrase(self, verb: Verb) -> None:
        kit = self._by_id.get(self._chosen) or self._active(self._chosen)
        if kit is None or self._status is None:
            self.asking = ""
            return
        self.question_title, self.question_button, self.question_facts = question(verb, kit, self._status)
        self._asked_force = takes_force(verb, kit, self._status)

    def _active(self, kit_id: str) -> Kit | None:
        active = self._status.place.active if self._status else None
        return active if active and active.id == kit_id else None

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        kit_id, forced = self._asked_ids[0], self._asked_force
        said, job_id = await asyncio.to_thread(carry_out, verb, actor, kit_id, stamp, forced=forced)
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
    def ask_rollback(self) -> None:
        """Open the question before a roll-back."""
        self._chosen = self.active_id
        self.ask_verb(KIT_ROLLBACK.name)
