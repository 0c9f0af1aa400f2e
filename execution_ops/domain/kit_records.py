"""Offline kits as the console keeps them: received, active, in quarantine; and the work of jobs on them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.access import Actor
from execution_ops.domain.errors import Conflict, Forbidden
from execution_ops.domain.kit_names import compare_versions
from execution_ops.domain.kits import Check, KitReport
from execution_ops.domain.scanner_settings import TrustKey, TrustUse
from execution_ops.domain.scanner_verbs import KIT_ACTIVATE
from execution_ops.domain.states import KitState
from execution_ops.domain.times import Instant
from execution_ops.domain.verb import Verb, why_off

QUEUE = "kits"
KIT_FOLDER = "offline-kits"
VERIFY_TYPE, IMPORT_TYPE = "kit.verify", "kit.import"
ACTIVATE_TYPE, EXPORT_TYPE = "kit.activate", "kit.export"
# What quarantine keeps the bundles of; the records, logs and reasons stay.
QUARANTINE_MAX = 2_000_000_000
QUARANTINE_DAYS = 30
# How many kits that were active before keep their files for a roll-back.
GENERATIONS_KEPT = 2
RUNS_KEPT = 200
REACH = "Kits hold for all tenants: only who may act for all tenants can change them."


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class NewKit(_Frozen):
    """A kit to keep: verified, or refused and put into quarantine.

    `identity` is what makes it the same kit again: its manifest's digest, or in quarantine its id. `source` says
    where it came from; `syft` is the file of its Syft in the payload, "" if it brings none.
    """

    id: str
    identity: str
    state: KitState
    version: str = ""
    channel: str = ""
    size: int
    entries: int = 0
    baselines: int = 0
    manifest_sha256: str = ""
    created_at: Instant | None = None
    signer: str = ""
    signer_fingerprint: str = ""
    source: str
    job_id: str
    exit_code: int
    category: str = ""
    failure: str = ""
    syft: str = ""


class Kit(NewKit):
    """A kit as it is kept. `has_files` says whether it can still be read, `generation` counts activations."""

    n: int
    received_at: Instant
    received_by: str
    has_files: bool
    generation: int | None = None
    activated_at: Instant | None = None
    activated_by: str = ""
    activate_reason: str = ""
    forced: bool = False
    removed_at: Instant | None = None
    removed_by: str = ""
    remove_reason: str = ""

    @property
    def title(self) -> str:
        """How the kit is called: its version, if one could be read."""
        return self.version or "a kit without a readable version"


class KitActivation(_Frozen):
    """One swap of the pointer. `undone_*` tell of its roll-back."""

    generation: int
    kit_id: str
    version: str
    at: Instant
    by: str
    reason: str
    forced: bool
    undone_at: Instant | None = None
    undone_by: str = ""
    undone_reason: str = ""


class KitOrder(_Frozen):
    """What an activation brings: the baselines to promote, and the analyzers to disable (None: as they are).

    `job_id` makes it once per job.
    """

    job_id: str
    force: bool = False
    baselines: tuple[str, ...] = ()
    disabled: tuple[str, ...] | None = None


class KitRun(_Frozen):
    """The work of one job on a kit, as far as it is: `checks` grow step by step, `exit_code` comes with the last.

    `kit_id` is the kit that it was about or made; `failure` says why it ended without a verdict.
    """

    job_id: str
    verb: str
    source: str
    by: str
    started_at: Instant
    ended_at: Instant | None = None
    checks: tuple[Check, ...] = ()
    exit_code: int | None = None
    kit_id: str = ""
    failure: str = ""


class KitPlace(_Frozen):
    """How the kits stand: the active one and the one that a roll-back would bring back, in words why it can't."""

    active: Kit | None = None
    previous: Kit | None = None
    rollback_off: str = ""


class KitReads(_Frozen):
    """A kit with its verification and its activations, the newest first.

    `untrusted` says in words why it may not become active by the trust roots of now, "" if the signature holds, or
    if there is none to ask of.
    """

    kit: Kit
    report: KitReport
    activations: tuple[KitActivation, ...]
    untrusted: str = ""


def why_kit_off(actor: Actor, verb: Verb, kit: Kit | None = None) -> str:
    """Why the actor can't do the verb (to this kit), in words; empty if they can."""
    if off := why_off(verb, actor) or (REACH if actor.within(verb.scope).tenants is not None else ""):
        return off
    if kit is None:
        return ""
    if kit.removed_at is not None:
        return "This kit was removed; only its record is left."
    if verb.applies_to and kit.state not in verb.applies_to:
        return verb.refusal
    return "" if kit.has_files else "The files of this kit were removed. Import it again first."


def check_kit_verb(actor: Actor, verb: Verb) -> None:
    """Raise Forbidden, in words, unless the actor may do the verb."""
    if off := why_kit_off(actor, verb):
        raise Forbidden(off)


def is_lower(kit: Kit, active: Kit | None) -> bool:
    """Whether the kit is of a lower version than the active one, so that its activation takes force."""
    if active is None or active.id == kit.id or not kit.version:
        return False
    return compare_versions(kit.version, active.version) < 0


def check_order(kit: Kit, active: Kit | None, *, force: bool) -> bool:
    """Whether the kit is of a lower version than the active one. Conflict if it is, and that is not forced."""
    lower = is_lower(kit, active)
    if lower and active is not None and not force:
        raise Conflict(
            f"{kit.version} is lower than the active {active.version}: to activate it takes force.",
            code="LOWER_VERSION",
        )
    return lower


def why_opened_off(actor: Actor, verb: Verb, opened: KitReads) -> str:
    """Why the actor can't do the verb to the kit as it was read, in words; empty if they can."""
    return why_kit_off(actor, verb, opened.kit) or (opened.untrusted if verb is KIT_ACTIVATE else "")


def why_untrusted(kit: Kit, trust: Sequence[TrustKey]) -> str:
    """Why a kit may not become active by the trust roots of now, in words; "" if the key that signed it still holds."""
    signers = [key for key in trust if key.use is TrustUse.KIT and key.fingerprint == kit.signer_fingerprint]
    if any(key.enabled for key in signers):
        return ""
    if signers:
        return (
            f"The key {signers[0].name} that signed {kit.title} is disabled by now: enable it or import a kit signed "
            "by another."
        )
    return (
        f"The key {kit.signer} that signed {kit.title} is no trust root any more: add it again or import a kit signed "
        "by another."
    )


def over_limits(
    kept: Sequence[Kit], now: Instant, most: int = QUARANTINE_MAX, days: int = QUARANTINE_DAYS
) -> list[Kit]:
    """The kits in quarantine whose bundles have to go: older than so many days, or the oldest ones beyond the size.

    The size is what may be kept besides the newest one: that one never goes by its size.
    """
    gone, total = [], 0
    for place, kit in enumerate(sorted(kept, key=lambda one: (one.received_at, one.n), reverse=True)):
        # The newest was just refused, and somebody will look into it: however large it is, it stays for that.
        total += kit.size if place else 0
        if total > most or (now - kit.received_at).days >= days:
            gone.append(kit)
    return gone
