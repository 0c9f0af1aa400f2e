"""What differs between two versions of the scanner's settings, and what becomes of a draft when another was saved."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.scanner_settings import ScannerSettings, SettingsValues, TrustKey, TrustUse
from execution_ops.domain.settings_forms import form_fields, in_words, value_of

USES = {TrustUse.KIT: "offline kits", TrustUse.LOG: "transparency logs"}
_ABSENT = "not there"


class SettingChange(BaseModel):
    """What one setting was and is, in words. `field` is `section.field`, or `trust.<fingerprint>` of a key."""

    model_config = ConfigDict(frozen=True)

    field: str
    label: str
    before: str
    after: str


def changes(before: SettingsValues, after: SettingsValues) -> list[SettingChange]:
    """Which values differ, in the order of the form."""
    return [
        SettingChange(field=field.name, label=field.label, before=in_words(field, old), after=in_words(field, new))
        for field in form_fields()
        if (old := value_of(before, field.name)) != (new := value_of(after, field.name))
    ]


def all_changes(before: ScannerSettings, after: ScannerSettings) -> list[SettingChange]:
    """Which values and which trust roots differ."""
    was, now = ({key.fingerprint: key for key in one.trust} for one in (before, after))
    keys = [
        SettingChange(
            field=f"trust.{fingerprint}",
            label=f"Key {(now.get(fingerprint) or was[fingerprint]).name}",
            before=_key_words(was.get(fingerprint)),
            after=_key_words(now.get(fingerprint)),
        )
        for fingerprint in {**was, **now}
        if was.get(fingerprint) != now.get(fingerprint)
    ]
    return changes(before, after) + keys


def rebase(seen: Mapping[str, str], now: Mapping[str, str], draft: Mapping[str, str]) -> dict[str, str]:
    """The draft on top of what holds now, as texts of the form: what its author changed since they saw `seen`
    stays as they typed it, all else is as it is now."""
    return {name: draft[name] if draft[name] != seen[name] else text for name, text in now.items()}


def _key_words(key: TrustKey | None) -> str:
    if key is None:
        return _ABSENT
    return f"{'trusted' if key.enabled else 'disabled'} for {USES[key.use]} ({key.algorithm}, {key.fingerprint[:16]}…)"
