"""What can be done with offline kits: authorise, validate, act through the backend or start the job that does it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from pydantic import BaseModel

from execution_ops.domain.access import Actor
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.ids import check_id
from execution_ops.domain.job_types import DagSpec, NodeSpec
from execution_ops.domain.jobs import Submission
from execution_ops.domain.kit_names import check_version
from execution_ops.domain.kit_records import (
    ACTIVATE_TYPE,
    EXPORT_TYPE,
    IMPORT_TYPE,
    VERIFY_TYPE,
    Kit,
    check_kit_verb,
    check_order,
    why_opened_off,
)
from execution_ops.domain.kits import Check, KitReport
from execution_ops.domain.scanner_verbs import (
    KIT_ACTIVATE,
    KIT_EXPORT,
    KIT_IMPORT,
    KIT_RELEASE,
    KIT_REMOVE,
    KIT_ROLLBACK,
    KIT_VERIFY,
)
from execution_ops.domain.tenants import CONSOLE_TENANT, check_tenant
from execution_ops.domain.text import visible
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner.kit_store import Receiving
from execution_ops.services.kit_orders import (
    ActivatePayload,
    ExportPayload,
    ImportPayload,
    KitRecipe,
    KitSource,
    VerifyPayload,
    check_source,
)
from execution_ops.services.kit_reads import KitReader
from execution_ops.services.kit_work import drop_files, verify_here
from execution_ops.services.own_jobs import Asked
from execution_ops.services.requests import sign

NAME_MAX = 200


class KitService(KitReader):
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def check(
        self,
        actor: Actor,
        path: Path,
        on_check: Callable[[Check], None],
        progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    ) -> KitReport:
        """Verify a kit in this process, against the trust roots of the ledger. Nothing is written anywhere."""
        check_kit_verb(actor, KIT_VERIFY)
        return verify_here(
            self._backend, self._store, path, on_check=on_check, checkpoint=lambda: None, progress=progress
        )

    # writing

    def receive(self, actor: Actor, name: str) -> AbstractContextManager[Receiving]:
        """Take an upload; nothing of it stays unless it is finished. The name is what the operator calls the file."""
        check_kit_verb(actor, KIT_VERIFY)
        self._check_files()
        return self._store.receive(visible(name)[:NAME_MAX] or "kit", self._settings.kit_max_bytes)

    def verify(self, actor: Actor, source: KitSource, stamp: Stamp) -> Submission:
        """Start a verification that changes nothing. Conflict for a kit of which only the record is left."""
        check_kit_verb(actor, KIT_VERIFY)
        if source.kit:
            self._able(actor, KIT_VERIFY, source.kit)
        signed, words = sign(KIT_VERIFY, actor, stamp), self._words(source)
        payload = VerifyPayload(source=source, words=words, asked=Asked.by(signed))
        return self._submit(VERIFY_TYPE, f"Verify {words}", payload, signed)

    def import_kit(self, actor: Actor, source: KitSource, stamp: Stamp) -> Submission:
        """Start an import. InvalidInput for a kit that the console has already: that is released."""
        check_kit_verb(actor, KIT_IMPORT)
        if source.kit:
            raise InvalidInput("A kit that is here already is not imported. One in quarantine is released.")
        return self._import(KIT_IMPORT, actor, source, stamp)

    def release(self, actor: Actor, kit_id: str, stamp: Stamp) -> Submission:
        """Verify a kit in quarantine again, and import it if it passes now."""
        self._able(actor, KIT_RELEASE, kit_id)
        return self._import(KIT_RELEASE, actor, KitSource(kit=kit_id), stamp)

    def activate(self, actor: Actor, kit_id: str, stamp: Stamp, *, force: bool = False, tenant: str = "") -> Submission:
        """Start an activation; the baselines of the kit become those of the tenant.

        Conflict for a version lower than the active one without `force`, and for a kit whose signer holds no more.
        """
        kit = self._able(actor, KIT_ACTIVATE, kit_id)
        check_order(kit, self._backend.kit_place().active, force=force)
        signed = sign(KIT_ACTIVATE, actor, stamp)
        payload = ActivatePayload(
            kit_id=kit.id, force=force, tenant=check_tenant(actor, tenant), asked=Asked.by(signed)
        )
        return self._submit(ACTIVATE_TYPE, f"Activate kit {kit.version}", payload, signed)

    def export(self, actor: Actor, recipe: KitRecipe, stamp: Stamp) -> Submission:
        """Start to build a kit. InvalidInput for a version that no kit can have, or a kit of nothing."""
        check_kit_verb(actor, KIT_EXPORT)
        check_version(recipe.version)
        if not (recipe.baselines or recipe.settings or recipe.syft):
            raise InvalidInput("Choose at least one baseline, the settings or Syft: a kit of nothing helps nobody.")
        for baseline_id in recipe.baselines:
            check_id(baseline_id)
        if len(set(recipe.baselines)) != len(recipe.baselines):
            raise InvalidInput("A baseline is chosen twice.", field="baselines")
        signed = sign(KIT_EXPORT, actor, stamp)
        payload = ExportPayload(recipe=recipe, asked=Asked.by(signed))
        return self._submit(EXPORT_TYPE, f"Export kit {recipe.version}", payload, signed)

    def roll_back(self, actor: Actor, stamp: Stamp, *, seen: str = "") -> Kit:
        """Make the kit before active again; that kit. Conflict if another one than `seen` is active."""
        check_kit_verb(actor, KIT_ROLLBACK)
        return self._backend.rollback_kit(sign(KIT_ROLLBACK, actor, stamp), seen=check_id(seen) if seen else "")

    def remove(self, actor: Actor, kit_id: str, stamp: Stamp) -> Kit:
        """Delete the files of a kit; its record and its log stay."""
        check_kit_verb(actor, KIT_REMOVE)
        signed = sign(KIT_REMOVE, actor, stamp)
        with self._store.exclusive():
            kit = self._backend.remove_kit(check_id(kit_id), signed)
            drop_files(self._backend, self._store)
        return kit

    # helpers

    def _able(self, actor: Actor, verb: Verb, kit_id: str) -> Kit:
        check_kit_verb(actor, verb)
        opened = self.get(actor, kit_id)
        if off := why_opened_off(actor, verb, opened):
            raise Conflict(off)
        return opened.kit

    def _import(self, verb: Verb, actor: Actor, source: KitSource, stamp: Stamp) -> Submission:
        signed, words = sign(verb, actor, stamp), self._words(source)
        payload = ImportPayload(source=source, words=words, asked=Asked.by(signed))
        return self._submit(IMPORT_TYPE, f"{verb.label} {words}", payload, signed)

    def _words(self, source: KitSource) -> str:
        """Where a kit came from, for people. NotFound for an upload or a kit that is not there."""
        check_source(source)
        if source.upload:
            return self._store.upload(source.upload)[0].name
        if source.path:
            return visible(source.path)
        known = self._backend.get_kit(source.kit)
        if known is None:
            raise NotFound(f"There is no kit {source.kit}.")
        return known.kit.source

    def _submit(self, job_type: str, title: str, payload: BaseModel, stamp: Stamp) -> Submission:
        node = NodeSpec(key="kit", job_type=job_type, payload=payload.model_dump(mode="json"))
        spec = DagSpec(title=title, nodes=(node,))
        return self._backend.submit(spec, tenant=CONSOLE_TENANT, stamp=stamp)
