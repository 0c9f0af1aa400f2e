"""What the page of offline kits reads and does: its address, the answer that it shows, its verbs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.ids import check_id
from execution_ops.domain.kit_records import Kit, KitActivation, KitReads, KitRun
from execution_ops.domain.kits import Check
from execution_ops.domain.scanner_verbs import KIT_RELEASE, KIT_REMOVE, KIT_ROLLBACK
from execution_ops.domain.tenants import could_be_tenant
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.services.kit_reads import KitPage, KitStatus
from execution_ops.state.filtered import query_pairs
from execution_ops.state.kit_dialogs import DIALOGS
from execution_ops.state.kit_panel_view import PanelView, job_panel, kit_panel
from execution_ops.state.kits_view import ListView
from execution_ops.texts import kits as words

PAGE_SIZE = 20
RECENT = 6


@dataclass(frozen=True)
class Address:
    """What the address says: the open kit or job, the dialog, and which part of the list."""

    kit: str = ""
    job: str = ""
    dialog: str = ""
    removed: bool = False
    cursor: str = ""

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        pairs = dict(query_pairs(query))
        for name in ("kit", "job"):
            if pairs.get(name):
                check_id(pairs[name])
        if pairs.get("do", "") not in ("", *DIALOGS):
            raise InvalidInput(f"There is no dialog of that name here: it is one of {', '.join(DIALOGS)}.")
        return cls(
            kit=pairs.get("kit", ""),
            job=pairs.get("job", ""),
            dialog=pairs.get("do", ""),
            removed=pairs.get("removed") == "1",
            cursor=pairs.get("cursor", ""),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The address without its dialog."""
        named = (
            ("kit", self.kit),
            ("job", self.job),
            ("removed", "1" if self.removed else ""),
            ("cursor", self.cursor),
        )
        return [pair for pair in named if pair[1]]


@dataclass(frozen=True)
class Answer:
    """What the page reads in one go."""

    page: KitPage
    locked: tuple[Kit, ...]
    status: KitStatus
    runs: list[KitRun]
    past: list[KitActivation]
    kit: KitReads | None
    run: KitRun | None
    tenants: tuple[str, ...]


@dataclass(frozen=True)
class Activation:
    """How a kit is to be activated: with force, and for whose baselines."""

    force: bool = False
    tenant: str = ""


def read_page(actor: Actor, address: Address) -> Answer:
    """The list and what is open beside it; blocking."""
    kits = services().kits
    page = kits.list(actor, removed=address.removed, cursor=address.cursor or None, limit=PAGE_SIZE)
    return Answer(
        page=page,
        locked=tuple(kits.locked(actor)),
        status=kits.status(actor),
        runs=kits.runs(actor, limit=RECENT),
        past=kits.history(actor, limit=RECENT),
        kit=_maybe(lambda: kits.get(actor, address.kit)) if address.kit else None,
        run=_maybe(lambda: kits.run(actor, address.job)) if address.job else None,
        tenants=_tenants(actor) if address.kit else (),
    )


def _tenants(actor: Actor) -> tuple[str, ...]:
    """The tenants that are known, to be suggested: what belongs to none is none."""
    return tuple(name for name in services().jobs.facets(actor)["tenant"] if could_be_tenant(name))


def list_view(found: Answer, address: Address) -> ListView:
    """What stands around the list."""
    shown = [("removed", "1")] if address.removed else []
    return ListView(
        rows=len(found.page.rows),
        removed=address.removed,
        removed_href=routes.offline_kits([] if address.removed else [("removed", "1")]),
        first_href=routes.offline_kits(shown) if address.cursor else "",
        after_href=routes.offline_kits([*shown, ("cursor", found.page.after)]) if found.page.after else "",
        locked=len(found.locked),
        locked_words=found.status.quarantine_words,
    )


def open_panel(found: Answer, address: Address, actor: Actor) -> tuple[PanelView, Sequence[Check]]:
    """The job or the kit that the address opens, and the steps of its verification."""
    if address.job:
        run = found.run
        return (job_panel(run, actor), run.checks) if run else (PanelView(kind="missing"), ())
    if address.kit:
        kit = found.kit
        return (kit_panel(kit, found.status, actor), kit.report.checks) if kit else (PanelView(kind="missing"), ())
    return PanelView(), ()


def _maybe(read: Any) -> Any:
    """What can be read; None for what is not there, which the page says."""
    try:
        return read()
    except NotFound:
        return None


def carry_out(verb: Verb, actor: Actor, kit_id: str, stamp: Stamp, how: Activation) -> tuple[str, str]:
    """Do the verb; what is said of it, and the job that it started."""
    kits = services().kits
    if verb is KIT_ROLLBACK:
        return words.is_active_again(kits.roll_back(actor, stamp, seen=kit_id).title), ""
    if verb is KIT_REMOVE:
        return words.files_removed(kits.remove(actor, kit_id, stamp).title), ""
    if verb is KIT_RELEASE:
        started = kits.release(actor, kit_id, stamp)
    else:
        started = kits.activate(actor, kit_id, stamp, force=how.force, tenant=how.tenant)
    return words.started(verb.label), next(iter(started.job_ids.values()))
