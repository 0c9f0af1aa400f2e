"""On the page of a scan's merge, compare or export job: its result as a baseline, and what it was compared with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.baselines import Baseline, name_of
from execution_ops.domain.errors import OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.scanner_verbs import BASELINE_SAVE
from execution_ops.domain.text import visible
from execution_ops.domain.verb import why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.services.baseline_answers import ScanStand
from execution_ops.services.container import services
from execution_ops.state.actor import actor_of
from execution_ops.state.live import LivePage
from execution_ops.state.shell import ShellState, message
from execution_ops.texts import baselines as words


class JobBaseline(LivePage, rx.State, mixin=True):
    """What the page says of the scan's result. `saving` while the question for a label is open."""

    is_scan_result: bool = False
    save_off: str = ""
    saved_name: str = ""
    saved_href: str = ""
    compared_with: str = ""
    comparison_href: str = ""
    saving: bool = False
    save_busy: bool = False
    save_problem: str = ""

    _save_key: str = ""
    # The job that the open question is about, whatever the page shows by the time of the answer.
    _save_job: str = ""
    _result_job: str = ""

    # events

    @rx.event
    def ask_save(self) -> None:
        """Ask for the label to save the result under."""
        if self.is_scan_result and not self.save_off:
            self._save_key, self._save_job = new_id(), self._result_job
            self.saving, self.save_problem = True, ""

    @rx.event
    def leave_save(self) -> None:
        """Close the question."""
        self.saving, self.save_problem, self._save_key = False, "", ""

    @rx.event
    async def save_result(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Save the result as a candidate; pressed twice it is saved once."""
        if not self._save_key:
            return
        actor = actor_of(self)
        stamp = Stamp(actor=actor, idempotency_key=self._save_key)
        self.save_problem, self.save_busy = "", True
        yield
        try:
            label = str(form.get("label", ""))
            one = await asyncio.to_thread(services().baselines.save, actor, self._save_job, stamp, label=label)
        except OpsError as error:
            self.save_problem = error.message
        else:
            self.saving, self._save_key = False, ""
            shell = await self.get_state(ShellState)
            shell._say(message(_said(one), href=routes.baseline(one.id), link=words.OPEN_THE_BASELINE))
            await self._refresh(anew=True)
        finally:
            self.save_busy = False

    # helpers

    def _show_scan(self, job_id: str, stand: ScanStand | None) -> None:
        """Show how the result of the job's scan stands; None for a job that has none."""
        self._result_job, self.is_scan_result = job_id, stand is not None
        if self.saving and self._save_job != job_id:
            self.leave_save()
        if stand is None:
            self.save_off = self.saved_name = self.saved_href = self.compared_with = self.comparison_href = ""
            return
        self.save_off = why_off(BASELINE_SAVE, actor_of(self)) or stand.cannot
        saved = stand.saved
        self.saved_name = visible(name_of(saved)) if saved else ""
        self.saved_href = routes.baseline(saved.id) if saved else ""
        self.compared_with = visible(stand.compared_label or stand.compared_id[-8:])
        differ = bool(saved and stand.compared_id and saved.id != stand.compared_id)
        self.comparison_href = routes.compare_baselines(stand.compared_id, saved.id) if saved and differ else ""


def _said(one: Baseline) -> str:
    return words.kept_as(visible(name_of(one)), one.state.value, visible(one.source))
