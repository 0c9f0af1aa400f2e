"""The ports for Scanner Ops. Every method is blocking and thread-safe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from execution_ops.domain.scanner_settings import AnalyzerDefaults, ScannerSettings, SettingsVersion
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp


class ScannerConfigBackend(Protocol):
    """The scanner's settings and default analyzers, each a list of versions of which the last holds."""

    def scanner_settings(self) -> SettingsVersion:
        """What holds now; version 0 with the defaults before anybody saved any."""

    def scanner_settings_versions(self, *, limit: int) -> list[SettingsVersion]:
        """What was saved, the newest first."""

    def scanner_settings_version(self, version: int) -> SettingsVersion | None:
        """One version, None if there was none of that number; 0 are the defaults."""

    def save_scanner_settings(
        self, settings: ScannerSettings, verb: Verb, stamp: Stamp, *, seen: int | None
    ) -> SettingsVersion:
        """Make them the next version. Conflict if `seen` is not the last version any more, or nothing changes."""

    def analyzer_defaults(self) -> AnalyzerDefaults:
        """What holds now; version 0 before anybody changed it."""

    def analyzer_defaults_versions(self, *, limit: int) -> list[AnalyzerDefaults]:
        """What was saved, the newest first."""

    def analyzer_defaults_version(self, version: int) -> AnalyzerDefaults | None:
        """One version, None if there was none of that number; 0 are all analyzers."""

    def save_analyzer_defaults(
        self, disabled: Sequence[str], verb: Verb, stamp: Stamp, *, seen: int | None
    ) -> AnalyzerDefaults:
        """Make them the next version. Conflict as for the settings."""
