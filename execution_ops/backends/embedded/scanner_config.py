"""The scanner's settings and default analyzers as versions; each save is one transaction with its audit row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import BaseModel
from sqlalchemy import Connection, Engine, RowMapping, select, text

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.audit import EVERYONE, THE_DEFAULTS, THE_SETTINGS, SubjectKind, Touched
from execution_ops.domain.errors import Conflict
from execution_ops.domain.scanner_settings import AnalyzerDefaults, ScannerSettings, SettingsVersion
from execution_ops.domain.times import from_ms
from execution_ops.domain.topics import ANALYZERS, KITS, SCANNER_SETTINGS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp

VERSION = table("scanner_version")
# Two saves at once: the second finds its number taken.
_KEEP = text(
    "INSERT INTO scanner_version (kind, version, body, at, by, reason) "
    "VALUES (:kind, :version, :body, :at, :by, :reason) ON CONFLICT DO NOTHING"
)
_TAKEN = "Somebody saved a version while you had this one open: look at what changed, then save again."

_FIRST = SettingsVersion(version=0, settings=ScannerSettings())
_ALL = AnalyzerDefaults(version=0)


class _Kind(NamedTuple):
    """What is kept in versions: its name in the table and on screen, the topics that pages which show it wait for,
    and what it is for the audit."""

    name: str
    topics: tuple[str, ...]
    touched: Touched


# The page of kits says how many keys are trusted, and from when on a kit is stale.
_SETTINGS = _Kind(
    "settings", (SCANNER_SETTINGS, KITS), Touched(SubjectKind.SCANNER_SETTINGS, (THE_SETTINGS,), EVERYONE)
)
_ANALYZERS = _Kind("analyzers", (ANALYZERS,), Touched(SubjectKind.ANALYZERS, (THE_DEFAULTS,), EVERYONE))


class _Analyzers(BaseModel):
    disabled: tuple[str, ...] = ()


class ScannerConfig:
    """Implements ScannerConfigBackend."""

    def __init__(self, engine: Engine) -> None:
        self._config_engine = engine

    def scanner_settings(self) -> SettingsVersion:
        """What holds now."""
        with read(self._config_engine) as connection:
            return settings_now(connection)

    def scanner_settings_versions(self, *, limit: int) -> list[SettingsVersion]:
        """What was saved."""
        with read(self._config_engine) as connection:
            return [_settings(row) for row in _versions(connection, _SETTINGS, limit)]

    def scanner_settings_version(self, version: int) -> SettingsVersion | None:
        """One version."""
        if version == 0:
            return _FIRST
        with read(self._config_engine) as connection:
            row = _version(connection, _SETTINGS, version)
        return None if row is None else _settings(row)

    def save_scanner_settings(
        self, settings: ScannerSettings, verb: Verb, stamp: Stamp, *, seen: int | None
    ) -> SettingsVersion:
        """Make them the next version."""
        with write(self._config_engine) as connection:
            before = settings_now(connection)
            _check(seen, before.version, same=settings == before.settings)
            _save(connection, _SETTINGS, verb, before.version, before.settings, settings, stamp)
            return settings_now(connection)

    def analyzer_defaults(self) -> AnalyzerDefaults:
        """What holds now."""
        with read(self._config_engine) as connection:
            return defaults_now(connection)

    def analyzer_defaults_versions(self, *, limit: int) -> list[AnalyzerDefaults]:
        """What was saved."""
        with read(self._config_engine) as connection:
            return [_defaults(row) for row in _versions(connection, _ANALYZERS, limit)]

    def analyzer_defaults_version(self, version: int) -> AnalyzerDefaults | None:
        """One version."""
        if version == 0:
            return _ALL
        with read(self._config_engine) as connection:
            row = _version(connection, _ANALYZERS, version)
        return None if row is None else _defaults(row)

    def save_analyzer_defaults(
        self, disabled: Sequence[str], verb: Verb, stamp: Stamp, *, seen: int | None
    ) -> AnalyzerDefaults:
        """Make them the next version."""
        with write(self._config_engine) as connection:
            return save_defaults(connection, disabled, verb, stamp, seen=seen)


def settings_now(connection: Connection) -> SettingsVersion:
    """The settings that hold, as this transaction sees them."""
    rows = _versions(connection, _SETTINGS, 1)
    return _settings(rows[0]) if rows else _FIRST


def defaults_now(connection: Connection) -> AnalyzerDefaults:
    """The default analyzers that hold, as this transaction sees them."""
    rows = _versions(connection, _ANALYZERS, 1)
    return _defaults(rows[0]) if rows else _ALL


def save_defaults(
    connection: Connection, disabled: Sequence[str], verb: Verb, stamp: Stamp, *, seen: int | None
) -> AnalyzerDefaults:
    """Make these the default analyzers in the caller's transaction; `verb` is what the audit names."""
    before, names = defaults_now(connection), tuple(sorted(set(disabled)))
    _check(seen, before.version, same=names == before.disabled)
    was, now = _Analyzers(disabled=before.disabled), _Analyzers(disabled=names)
    _save(connection, _ANALYZERS, verb, before.version, was, now, stamp)
    return defaults_now(connection)


def _check(seen: int | None, version: int, *, same: bool) -> None:
    if seen is not None and seen != version:
        raise Conflict(_TAKEN, code="CHANGED")
    if same:
        raise Conflict("This is what holds already: nothing was changed.", code="NO_CHANGE")


def _save(
    connection: Connection, kind: _Kind, verb: Verb, version: int, before: BaseModel, after: BaseModel, stamp: Stamp
) -> None:
    now, body = clock_ms(connection), after.model_dump_json()
    row = {
        "kind": kind.name,
        "version": version + 1,
        "body": body,
        "at": now,
        "by": stamp.actor.name,
        "reason": stamp.reason,
    }
    if connection.execute(_KEEP, row).rowcount != 1:
        raise Conflict(_TAKEN, code="CHANGED")
    record(
        connection,
        verb.name,
        stamp,
        touched=kind.touched,
        subject=f"{kind.name} {version + 1}",
        count=1,
        before=before.model_dump_json(),
        after=body,
        inverse=verb.inverse or "",
    )
    announce_topics(connection, kind.topics, now)


def _versions(connection: Connection, kind: _Kind, limit: int) -> Sequence[RowMapping]:
    wanted = select(VERSION).where(VERSION.c.kind == kind.name).order_by(VERSION.c.version.desc()).limit(limit)
    return connection.execute(wanted).mappings().all()


def _version(connection: Connection, kind: _Kind, version: int) -> RowMapping | None:
    wanted = select(VERSION).where(VERSION.c.kind == kind.name, VERSION.c.version == version)
    return connection.execute(wanted).mappings().one_or_none()


def _settings(row: RowMapping) -> SettingsVersion:
    settings = ScannerSettings.model_validate_json(row["body"])
    return SettingsVersion(
        version=row["version"], settings=settings, at=from_ms(row["at"]), by=row["by"], reason=row["reason"]
    )


def _defaults(row: RowMapping) -> AnalyzerDefaults:
    disabled = _Analyzers.model_validate_json(row["body"]).disabled
    return AnalyzerDefaults(
        version=row["version"], disabled=disabled, at=from_ms(row["at"]), by=row["by"], reason=row["reason"]
    )
