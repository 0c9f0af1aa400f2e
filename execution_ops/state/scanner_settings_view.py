"""What the page of the scanner's settings shows, prepared from versions: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.scanner_settings import SettingsVersion, TrustKey
from execution_ops.domain.settings_changes import USES, SettingChange
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_instant, iso
from execution_ops.services.determinism import Check, Determined, Verdict
from execution_ops.services.scanner_settings import VersionRow
from execution_ops.texts import common
from execution_ops.texts import scanner_settings as words

_WORDS_MAX = 80
# Icon, tone and word of each verdict.
_VERDICTS = {
    Verdict.RUNNING: ("loader-circle", "run", common.RUNNING),
    Verdict.IDENTICAL: ("circle-check", "ok", words.IDENTICAL),
    Verdict.DIFFERS: ("circle-x", "bad", words.DIFFERS),
    Verdict.STUCK: ("triangle-alert", "warn", words.HELD_UP),
    Verdict.FAILED: ("circle-x", "bad", words.NOT_COMPARED),
}


@dataclass(frozen=True)
class Tab:
    """One part of the page."""

    title: str
    href: str
    count: str
    on: bool


@dataclass(frozen=True)
class ChangeLine:
    """What one setting was and is."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class VersionLine:
    """One version in the history."""

    version: int
    href: str
    at: str
    by: str
    reason: str
    what: str
    holds: bool


@dataclass(frozen=True)
class MeanwhileLine:
    """A version that somebody saved while a draft was open, with what it changed."""

    version: int
    by: str
    at: str
    reason: str
    changes: list[ChangeLine]


@dataclass(frozen=True)
class KeyLine:
    """One trust root."""

    fingerprint: str
    short: str
    name: str
    use: str
    algorithm: str
    enabled: bool
    added_by: str
    added_at: str


@dataclass(frozen=True)
class CheckLine:
    """One determinism check; `places` say where it differs; `href` leads to its job, `dag_href` to both scans."""

    id: str
    icon: str
    tone: str
    word: str
    words: str
    places: list[str]
    source: str
    at: str
    href: str
    dag_href: str


def change_lines(found: Iterable[SettingChange]) -> list[ChangeLine]:
    """What changed, safe to show."""
    return [ChangeLine(visible(one.label), visible(one.before), visible(one.after)) for one in found]


def version_line(row: VersionRow, href: str, *, holds: bool) -> VersionLine:
    """A version as the history lists it."""
    version = row.version
    labels = ", ".join(one.label for one in row.changes)
    what = labels if len(labels) <= _WORDS_MAX else words.settings_changed(len(row.changes))
    return VersionLine(
        version=version.version,
        href=href,
        at=_at(version),
        by=visible(version.by),
        reason=visible(version.reason),
        what=visible(what),
        holds=holds,
    )


def meanwhile_lines(rows: Sequence[VersionRow], seen: int) -> list[MeanwhileLine]:
    """The versions after `seen`, the oldest first."""
    return [
        MeanwhileLine(
            version=row.version.version,
            by=visible(row.version.by),
            at=_at(row.version),
            reason=visible(row.version.reason),
            changes=change_lines(row.changes),
        )
        for row in reversed(rows)
        if row.version.version > seen
    ]


def key_line(key: TrustKey) -> KeyLine:
    """A trust root as the table shows it."""
    return KeyLine(
        fingerprint=key.fingerprint,
        short=f"{key.fingerprint[:16]}…",
        name=visible(key.name),
        use=USES[key.use].capitalize(),
        algorithm=visible(key.algorithm),
        enabled=key.enabled,
        added_by=visible(key.added_by),
        added_at=iso(key.added_at),
    )


def check_line(check: Check) -> CheckLine:
    """A determinism check as the list shows it."""
    icon, tone, word = _VERDICTS[check.verdict]
    return CheckLine(
        id=check.dag_id,
        icon=icon,
        tone=tone,
        word=word,
        words=visible(check.words),
        places=[visible(place) for place in check.places],
        source=visible(check.source),
        at=iso(check.finished_at or check.started_at),
        href=routes.job(check.job_id),
        dag_href=routes.job_dag(check.job_id),
    )


def say_checks(found: Determined) -> str:
    """How the last checks ended, in a sentence."""
    if not found.items:
        return words.NO_CHECK_YET
    if not found.total:
        return words.NONE_HAS_COMPARED
    if found.total == 1:
        return words.one_check_found(of=len(found.items), same=bool(found.identical))
    return words.checks_found(found.identical, found.total)


def say_version(version: SettingsVersion) -> str:
    """What holds, in a sentence."""
    if version.at is None:
        return words.DEFAULTS_SUMMARY
    return words.version_holds(version.version, visible(version.by), describe_instant(version.at))


def _at(version: SettingsVersion) -> str:
    return iso(version.at) if version.at else ""
