"""What a scan was started with: the default analyzers and the settings of that moment, which it keeps to its end."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.scanner_settings import (
    AnalyzerDefaults,
    Determinism,
    ScanLimits,
    SettingsVersion,
    Timeouts,
)


class ScanOptions(BaseModel):
    """They travel in the payload of the scan's jobs, so a change of the settings never reaches a scan that runs.

    `disabled` names the analyzers that are left out, by version `analyzers_version` of the defaults. Version 0 of
    either is what holds before anybody saved any. `fresh` says that no result of an earlier scan may be taken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    disabled: tuple[str, ...] = ()
    analyzers_version: int = 0
    settings_version: int = 0
    determinism: Determinism = Determinism()
    limits: ScanLimits = ScanLimits()
    timeouts: Timeouts = Timeouts()
    fresh: bool = False


def options_of(settings: SettingsVersion, defaults: AnalyzerDefaults) -> ScanOptions:
    """What a scan is started with while these hold."""
    return ScanOptions(
        disabled=defaults.disabled,
        analyzers_version=defaults.version,
        settings_version=settings.version,
        determinism=settings.settings.determinism,
        limits=settings.settings.limits,
        timeouts=settings.settings.timeouts,
    )
