"""The scanner's settings and default analyzers in memory, for tests of what stands on top of the port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from execution_ops.domain.errors import Conflict
from execution_ops.domain.scanner_settings import AnalyzerDefaults, ScannerSettings, SettingsVersion
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from tests.quota_double import EPOCH


def _check(seen: int | None, version: int, *, same: bool) -> None:
    if seen is not None and seen != version:
        raise Conflict("Somebody saved a version meanwhile.", code="CHANGED")
    if same:
        raise Conflict("This is what holds already.", code="NO_CHANGE")


@dataclass
class MemoryScannerConfig:
    """Versions in lists, the newest last."""

    saved_settings: list[SettingsVersion] = field(
        default_factory=lambda: [SettingsVersion(version=0, settings=ScannerSettings())]
    )
    saved_defaults: list[AnalyzerDefaults] = field(default_factory=lambda: [AnalyzerDefaults(version=0)])

    def scanner_settings(self) -> SettingsVersion:
        """The last version."""
        return self.saved_settings[-1]

    def scanner_settings_versions(self, *, limit: int) -> list[SettingsVersion]:
        """What was saved."""
        return self.saved_settings[:0:-1][:limit]

    def scanner_settings_version(self, version: int) -> SettingsVersion | None:
        """One version."""
        return next((one for one in self.saved_settings if one.version == version), None)

    def save_scanner_settings(
        self, settings: ScannerSettings, verb: Verb, stamp: Stamp, *, seen: int | None
    ) -> SettingsVersion:
        """Make them the next version."""
        before = self.scanner_settings()
        _check(seen, before.version, same=settings == before.settings)
        self.saved_settings.append(
            SettingsVersion(
                version=before.version + 1, settings=settings, at=EPOCH, by=stamp.actor.name, reason=stamp.reason
            )
        )
        return self.scanner_settings()

    def analyzer_defaults(self) -> AnalyzerDefaults:
        """The last version."""
        return self.saved_defaults[-1]

    def analyzer_defaults_versions(self, *, limit: int) -> list[AnalyzerDefaults]:
        """What was saved."""
        return self.saved_defaults[:0:-1][:limit]

    def analyzer_defaults_version(self, version: int) -> AnalyzerDefaults | None:
        """One version."""
        return next((one for one in self.saved_defaults if one.version == version), None)

    def save_analyzer_defaults(
        self, disabled: Sequence[str], verb: Verb, stamp: Stamp, *, seen: int | None
    ) -> AnalyzerDefaults:
        """Make them the next version."""
        before, names = self.analyzer_defaults(), tuple(sorted(set(disabled)))
        _check(seen, before.version, same=names == before.disabled)
        self.saved_defaults.append(
            AnalyzerDefaults(
                version=before.version + 1, disabled=names, at=EPOCH, by=stamp.actor.name, reason=stamp.reason
            )
        )
        return self.analyzer_defaults()
