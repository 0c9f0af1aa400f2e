"""The cache of results as the page of analyzers shows it, in words."""

from __future__ import annotations

from dataclasses import dataclass

from execution_ops.domain.scan_cache import CacheFigures, CachePreview, Level
from execution_ops.domain.sizes import describe_bytes
from execution_ops.texts import analyzers as words

_TONES = {Level.UNKNOWN: "mute", Level.FINE: "ok", Level.WARN: "warn", Level.FAIL: "bad"}


@dataclass(frozen=True)
class CacheLine:
    """The figures of the cache in words; shares are of 100."""

    kept: str = ""
    hit_rate: str = ""
    hit_words: str = ""
    hit_tone: str = "mute"
    used: str = ""
    used_words: str = ""
    used_tone: str = "ok"
    used_share: int = 0
    dropped: str = ""
    limits: str = ""
    enabled: bool = True


def cache_line(found: CacheFigures) -> CacheLine:
    """The cache in words."""
    hit_level, hit_words = found.hit_level()
    used_level, used_words = found.used_level()
    limits = found.limits
    return CacheLine(
        kept=f"{found.entries:,}",
        hit_rate="" if found.hit_percent is None else f"{found.hit_percent:.0f} %",
        hit_words=hit_words,
        hit_tone=_TONES[hit_level],
        used=f"{found.used_percent:.1f} %",
        used_words=used_words,
        used_tone=_TONES[used_level],
        used_share=min(100, round(found.used_percent)),
        dropped=words.dropped(found.evicted, found.expired),
        limits=words.limits(limits.max_bytes, limits.ttl_days),
        enabled=limits.enabled,
    )


def preview_words(preview: CachePreview) -> str:
    """How much a clear would drop."""
    noun = "entry" if preview.entries == 1 else "entries"
    return f"{preview.entries:,} {noun}, {describe_bytes(preview.bytes)}"


def scope_words(preview: CachePreview, older_days: int) -> str:
    """Which entries a clear is about."""
    which = words.what_found(preview.scope.analyzer) if preview.scope.analyzer else words.WHAT_ALL_ANALYZERS_FOUND
    days = "day" if older_days == 1 else "days"
    return words.kept_longer(which, older_days, days) if older_days else which
