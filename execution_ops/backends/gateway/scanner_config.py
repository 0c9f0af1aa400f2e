"""The scanner's settings and default analyzers at a remote."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.gateway.remote import Listed, Remote, at, pairs_of
from execution_ops.domain.errors import Conflict
from execution_ops.domain.scanner_settings import AnalyzerDefaults, ScannerSettings, SettingsVersion, TrustKey
from execution_ops.domain.scanner_verbs import (
    ANALYZERS_ROLLBACK,
    SETTINGS_ROLLBACK,
    TRUST_ADD,
    TRUST_DISABLE,
    TRUST_ENABLE,
)
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest

VERSIONS_MAX = 200
DEFAULTS_MAX = 100


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)

    version: SettingsVersion


class ScannerConfig(Remote):
    """See `ScannerConfigBackend`."""

    def scanner_settings(self) -> SettingsVersion:
        """What holds now; see ScannerConfigBackend."""
        return self._http.get(SettingsVersion, Rest.SCANNER_SETTINGS)

    def scanner_settings_versions(self, *, limit: int) -> list[SettingsVersion]:
        """What was saved; see ScannerConfigBackend."""
        pairs = pairs_of(limit=min(limit, VERSIONS_MAX))
        found = self._http.get(Listed[_Row], Rest.SCANNER_SETTINGS_VERSIONS, pairs)
        return [row.version for row in found.items]

    def scanner_settings_version(self, version: int) -> SettingsVersion | None:
        """One version; see ScannerConfigBackend."""
        found = self._http.find(_Row, at(Rest.SCANNER_SETTINGS_VERSION, version=version))
        return None if found is None else found.version

    def save_scanner_settings(
        self, settings: ScannerSettings, verb: Verb, stamp: Stamp, *, seen: int | None
    ) -> SettingsVersion:
        """Make them the next version, by the route of the verb; see ScannerConfigBackend."""
        now = self.scanner_settings()
        if seen is not None and seen != now.version and verb in (TRUST_ADD, TRUST_DISABLE, TRUST_ENABLE):
            raise Conflict("Somebody saved the settings meanwhile: look at them again.", code="CHANGED")
        if verb is SETTINGS_ROLLBACK:
            body: dict[str, object] = {"version": self._version_like(settings), "seen": seen}
            return self._http.send(SettingsVersion, "POST", Rest.SCANNER_SETTINGS_ROLLBACK, stamp, body=body)
        if verb is TRUST_ADD:
            known = {key.fingerprint for key in now.settings.trust}
            for key in settings.trust:
                if key.fingerprint not in known:
                    body = {"pem": key.pem, "name": key.name, "use": key.use.value}
                    self._http.send(TrustKey, "POST", Rest.SCANNER_SETTINGS_TRUST, stamp, body=body)
            return self.scanner_settings()
        if verb in (TRUST_DISABLE, TRUST_ENABLE):
            pattern = Rest.TRUST_ENABLE if verb is TRUST_ENABLE else Rest.TRUST_DISABLE
            was = {key.fingerprint: key.enabled for key in now.settings.trust}
            for key in settings.trust:
                if was.get(key.fingerprint) is not key.enabled:
                    self._http.send(TrustKey, "POST", at(pattern, fingerprint=key.fingerprint), stamp)
            return self.scanner_settings()
        body = {"settings": settings.values().model_dump(mode="json"), "seen": now.version if seen is None else seen}
        return self._http.send(SettingsVersion, "PUT", Rest.SCANNER_SETTINGS, stamp, body=body)

    def _version_like(self, settings: ScannerSettings) -> int:
        """The last version that said the same: a roll-back names a version, and ours has only what is to hold."""
        wanted = settings.values()
        for version in self.scanner_settings_versions(limit=VERSIONS_MAX):
            if version.settings.values() == wanted:
                return version.version
        if ScannerSettings().values() == wanted:
            return 0
        raise Conflict("The remote system does not keep that version any more.", code="NOT_SUPPORTED")

    def analyzer_defaults(self) -> AnalyzerDefaults:
        """What holds now; see ScannerConfigBackend."""
        return self._http.get(AnalyzerDefaults, Rest.ANALYZERS_DEFAULTS)

    def analyzer_defaults_versions(self, *, limit: int) -> list[AnalyzerDefaults]:
        """What was saved; see ScannerConfigBackend."""
        pairs = pairs_of(limit=min(limit, DEFAULTS_MAX))
        return list(self._http.get(Listed[AnalyzerDefaults], Rest.ANALYZERS_DEFAULTS_VERSIONS, pairs).items)

    def analyzer_defaults_version(self, version: int) -> AnalyzerDefaults | None:
        """One version, among those that the remote lists; see ScannerConfigBackend."""
        if version == 0:
            return AnalyzerDefaults(version=0)
        found = self.analyzer_defaults_versions(limit=DEFAULTS_MAX)
        return next((one for one in found if one.version == version), None)

    def save_analyzer_defaults(
        self, disabled: Sequence[str], verb: Verb, stamp: Stamp, *, seen: int | None
    ) -> AnalyzerDefaults:
        """Make them the next version, by the route of the verb; see ScannerConfigBackend."""
        if verb is ANALYZERS_ROLLBACK:
            body = {"version": self._defaults_like(disabled), "seen": seen}
            return self._http.send(AnalyzerDefaults, "POST", Rest.ANALYZERS_ROLLBACK, stamp, body=body)
        names = {"disabled": list(disabled), "version": seen}
        return self._http.send(AnalyzerDefaults, "PUT", Rest.ANALYZERS_DEFAULTS, stamp, body=names)

    def _defaults_like(self, disabled: Sequence[str]) -> int:
        for version in self.analyzer_defaults_versions(limit=DEFAULTS_MAX)[1:]:
            if set(version.disabled) == set(disabled):
                return version.version
        if not disabled:
            return 0
        raise Conflict("The remote system does not keep that version any more.", code="NOT_SUPPORTED")
