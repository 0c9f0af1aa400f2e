"""What the figures of the cache mean, and what tells two results apart."""

from __future__ import annotations

from typing import Any

import pytest

from execution_ops.domain.scan_cache import CacheFigures, Level, cache_key
from execution_ops.domain.scan_options import ScanOptions
from execution_ops.domain.scanner_settings import MIB, CacheLimits, Determinism, Timeouts

LIMITS = CacheLimits(max_bytes=100 * MIB)


@pytest.mark.parametrize(
    ("hits", "misses", "level", "words"),
    [
        (0, 0, Level.UNKNOWN, "Too little to say: 0 of 20"),
        (19, 0, Level.UNKNOWN, "19 of 20 lookups"),
        (10, 10, Level.FINE, "10 of 20 lookups in 7 days."),
        (9, 11, Level.WARN, "below 50 %"),
        (4, 16, Level.WARN, "below 50 %"),
        (3, 17, Level.FAIL, "below 20 %"),
    ],
)
def test_the_hit_rate_stands_to_its_limits(hits: int, misses: int, level: Level, words: str) -> None:
    found, said = CacheFigures(limits=LIMITS, hits=hits, misses=misses).hit_level()
    assert found is level
    assert words in said


@pytest.mark.parametrize(("used", "level"), [(79, Level.FINE), (80, Level.WARN), (94, Level.WARN), (95, Level.FAIL)])
def test_the_used_bytes_stand_to_the_limit(used: int, level: Level) -> None:
    assert CacheFigures(limits=LIMITS, used_bytes=used * MIB).used_level()[0] is level


def test_a_cache_that_is_off_says_so() -> None:
    off = CacheFigures(limits=CacheLimits(enabled=False), hits=50, misses=50)
    assert off.hit_level() == (Level.UNKNOWN, "The cache is switched off in the settings.")


def key(**changes: Any) -> str:
    values: dict[str, Any] = {
        "tenant": "acme",
        "version": "sha256:00",
        "name": "",
        "catalogers": ("a", "b"),
        "syft_version": "1.18.1",
        "options": ScanOptions(),
    }
    return cache_key(**{**values, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"tenant": "other"},
        {"version": "sha256:01"},
        {"name": "app.jar"},
        {"catalogers": ("a",)},
        {"syft_version": "1.19.0"},
        {"options": ScanOptions(determinism=Determinism(seed=1))},
    ],
)
def test_what_could_change_the_result_changes_the_key(changes: dict[str, Any]) -> None:
    assert key(**changes) != key()


def test_what_cannot_change_the_result_leaves_the_key() -> None:
    same = ScanOptions(disabled=("go",), analyzers_version=3, settings_version=9, timeouts=Timeouts(catalog_s=60))
    assert key(catalogers=("b", "a"), options=same) == key()
