"""The scanner's settings: read, changed as whole versions, and the keys that are trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base_scanner import ScannerConfigBackend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.scanner_settings import (
    NAME_MAX,
    TRUST_MAX,
    ScannerSettings,
    SettingsValues,
    SettingsVersion,
    TrustKey,
    TrustUse,
)
from execution_ops.domain.scanner_verbs import (
    SETTINGS_EDIT,
    SETTINGS_ROLLBACK,
    TRUST_ADD,
    TRUST_DISABLE,
    TRUST_ENABLE,
)
from execution_ops.domain.settings_changes import SettingChange, all_changes, changes
from execution_ops.domain.text import visible
from execution_ops.domain.times import from_ms, now_ms
from execution_ops.domain.trust_keys import read_public_key
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import check_range, sign

VERSIONS_DEFAULT = 20
VERSIONS_MAX = 200
VERSION_MAX = 2**31 - 1
REACH = "The scanner's settings hold for all tenants: only who may act for all tenants can change them."
# A change of one key stands beside any other change that was saved meanwhile; so often it is tried on top of that.
_TRIES = 5
# No version has this number, so nothing is saved that expects it.
_NEVER = -1


class VersionRow(BaseModel):
    """A version, and what it changed of the one before it."""

    model_config = ConfigDict(frozen=True)

    version: SettingsVersion
    changes: tuple[SettingChange, ...]


class SettingsPreview(BaseModel):
    """What saving a draft would do. `changes` are from what holds now (version `version`) to the draft.

    `meanwhile` are the versions that were saved after the one that the author saw, the oldest first: look at them
    before anything is overwritten.
    """

    model_config = ConfigDict(frozen=True)

    version: int
    changes: tuple[SettingChange, ...]
    meanwhile: tuple[VersionRow, ...]


class KeyFacts(BaseModel):
    """What a public key is, before it is added. `known_as` is the name under which it is there already, if it is."""

    model_config = ConfigDict(frozen=True)

    fingerprint: str
    algorithm: str
    pem: str
    known_as: str = ""


# Named here: a method of the service is called `versions`.
VersionRows = list[VersionRow]


class ScannerSettingsService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: ScannerConfigBackend, *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._redact = Redactor(redact_keys)

    # reading

    def get(self, actor: Actor) -> SettingsVersion:
        """What holds now."""
        require(actor, Scope.READ)
        return self._shown(self._backend.scanner_settings())

    def versions(self, actor: Actor, *, limit: int = VERSIONS_DEFAULT) -> VersionRows:
        """What was saved, the newest first, each with what it changed."""
        require(actor, Scope.READ)
        check_range("limit", limit, VERSIONS_MAX)
        found = self._backend.scanner_settings_versions(limit=limit + 1)
        # Before the first one the defaults held.
        before = [one.settings for one in found[1:]] + [ScannerSettings()]
        return [self._row(version, was) for version, was in zip(found[:limit], before, strict=False)]

    def version(self, actor: Actor, number: int) -> VersionRow:
        """One version with what it changed. NotFound if there was none of that number."""
        require(actor, Scope.READ)
        found = self._version(number)
        return self._row(found, self._version(number - 1).settings if number else found.settings)

    def preview(self, actor: Actor, draft: SettingsValues, *, seen: int) -> SettingsPreview:
        """What saving the draft would change, and what others saved since version `seen`. Nothing is stored."""
        require(actor, Scope.READ)
        now = self._backend.scanner_settings()
        self._version(seen)
        later = self.versions(actor, limit=min(max(now.version - seen, 1), VERSIONS_MAX))
        meanwhile = tuple(row for row in reversed(later) if seen < row.version.version <= now.version)
        return SettingsPreview(version=now.version, changes=tuple(changes(now.settings, draft)), meanwhile=meanwhile)

    def read_key(self, actor: Actor, pem: str) -> KeyFacts:
        """Fingerprint and algorithm of a public key; InvalidInput (field `pem`) if it is none that can be trusted."""
        require(actor, Scope.READ)
        key = read_public_key(pem)
        trusted = self._backend.scanner_settings().settings.trust
        known = next((one.name for one in trusted if one.fingerprint == key.fingerprint), "")
        return KeyFacts(fingerprint=key.fingerprint, algorithm=key.algorithm, pem=key.pem, known_as=known)

    # writing

    def save(self, actor: Actor, draft: SettingsValues, stamp: Stamp, *, seen: int) -> SettingsVersion:
        """Make the draft the next version; the trust roots stay.

        Conflict CHANGED if somebody saved since version `seen`: `preview` tells what. NO_CHANGE if it holds already.
        """
        signed = self._sign(SETTINGS_EDIT, actor, stamp)
        now = self._backend.scanner_settings()
        wanted = now.settings.with_values(draft)
        return self._shown(self._backend.save_scanner_settings(wanted, SETTINGS_EDIT, signed, seen=_as_read(seen, now)))

    def roll_back(self, actor: Actor, number: int, stamp: Stamp, *, seen: int | None = None) -> SettingsVersion:
        """Save what an earlier version says as the next one; 0 are the defaults. The trust roots stay as they are now:
        a key that was disabled does not come back with a roll-back."""
        signed = self._sign(SETTINGS_ROLLBACK, actor, stamp)
        earlier = self._version(number)
        now = self._backend.scanner_settings()
        wanted = now.settings.with_values(earlier.settings.values())
        expected = now.version if seen is None else _as_read(seen, now)
        return self._shown(self._backend.save_scanner_settings(wanted, SETTINGS_ROLLBACK, signed, seen=expected))

    def add_key(self, actor: Actor, pem: str, name: str, use: TrustUse, stamp: Stamp) -> TrustKey:
        """Trust a public key from now on. InvalidInput for what can't be trusted, Conflict if it is there already."""
        signed = self._sign(TRUST_ADD, actor, stamp)
        key = read_public_key(pem)
        added = TrustKey(
            name=_check_name(name),
            use=use,
            pem=key.pem,
            fingerprint=key.fingerprint,
            algorithm=key.algorithm,
            added_by=actor.name,
            added_at=from_ms(now_ms()),
        )

        def with_key(trust: tuple[TrustKey, ...]) -> tuple[TrustKey, ...]:
            for one in trust:
                if one.fingerprint == added.fingerprint:
                    raise Conflict(f"This key is there already, as {visible(one.name)}.", code="DUPLICATE")
                if one.name == added.name:
                    raise InvalidInput("Another key has this name.", field="name")
            if len(trust) >= TRUST_MAX:
                raise Conflict(f"At most {TRUST_MAX} keys are kept.", code="TOO_MANY")
            return (*trust, added)

        self._change_trust(TRUST_ADD, signed, with_key)
        return added

    def act_on_key(self, actor: Actor, verb: Verb, fingerprint: str, stamp: Stamp) -> TrustKey:
        """Do TRUST_DISABLE or TRUST_ENABLE to a key. NotFound for an unknown one, Conflict if it is so already."""
        if verb not in (TRUST_DISABLE, TRUST_ENABLE):
            raise InvalidInput(f"{verb.label} does nothing to a key.")
        signed = self._sign(verb, actor, stamp)
        enabled = verb is TRUST_ENABLE

        def switched(trust: tuple[TrustKey, ...]) -> tuple[TrustKey, ...]:
            known = _key(trust, fingerprint)
            if known.enabled is enabled:
                raise Conflict(f"This key is {'enabled' if enabled else 'disabled'} already.", code="NO_CHANGE")
            return tuple(one.model_copy(update={"enabled": enabled}) if one is known else one for one in trust)

        return _key(self._change_trust(verb, signed, switched).settings.trust, fingerprint)

    # helpers

    def _change_trust(
        self, verb: Verb, signed: Stamp, change: Callable[[tuple[TrustKey, ...]], tuple[TrustKey, ...]]
    ) -> SettingsVersion:
        tries = 1
        while True:
            now = self._backend.scanner_settings()
            wanted = now.settings.model_copy(update={"trust": change(now.settings.trust)})
            try:
                return self._backend.save_scanner_settings(wanted, verb, signed, seen=now.version)
            except Conflict as error:
                if error.code != "CHANGED" or tries == _TRIES:
                    raise
                tries += 1

    def _sign(self, verb: Verb, actor: Actor, stamp: Stamp) -> Stamp:
        if why := why_settings_off(actor, verb):
            raise Forbidden(why)
        return sign(verb, actor, stamp)

    def _version(self, number: int) -> SettingsVersion:
        found = self._backend.scanner_settings_version(number) if 0 <= number <= VERSION_MAX else None
        if found is None:
            raise NotFound(f"There is no version {number} of the settings.")
        return found

    def _row(self, version: SettingsVersion, before: ScannerSettings) -> VersionRow:
        return VersionRow(version=self._shown(version), changes=tuple(all_changes(before, version.settings)))

    def _shown(self, version: SettingsVersion) -> SettingsVersion:
        return version.model_copy(update={"reason": self._redact.text(version.reason)})


def why_settings_off(actor: Actor, verb: Verb) -> str:
    """Why the actor can't change the settings with the verb, in words; empty if they can."""
    return why_off(verb, actor) or (REACH if actor.within(verb.scope).tenants is not None else "")


def _as_read(seen: int, now: SettingsVersion) -> int:
    """What to expect while saving: `seen`, but never a version later than the one whose trust roots were read. When
    that comes, a key may have been disabled in it."""
    return seen if seen <= now.version else _NEVER


def _key(trust: Sequence[TrustKey], fingerprint: str) -> TrustKey:
    found = next((one for one in trust if one.fingerprint == fingerprint), None)
    if found is None:
        raise NotFound("There is no key with this fingerprint.")
    return found


def _check_name(name: str) -> str:
    plain = name.strip()
    if not 1 <= len(plain) <= NAME_MAX:
        raise InvalidInput(f"A key has a name of 1 to {NAME_MAX} characters.", field="name")
    if visible(plain) != plain:
        raise InvalidInput("A name is plain text on one line.", field="name")
    return plain
