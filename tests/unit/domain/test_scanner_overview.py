"""How the parts of Scanner Ops are put into words, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from execution_ops.domain.kits import kit_age
from execution_ops.domain.scanner_overview import (
    AnalyzerFigures,
    BaselineFigures,
    BenchFigures,
    KitFigures,
    Level,
    ScannerFigures,
    SettingsFigures,
    parts,
    say,
)
from execution_ops.domain.scanner_settings import Staleness

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

WELL = ScannerFigures(
    kits=KitFigures(active="2026.11.14", age="3h 00m old.", trusted=1),
    baselines=BaselineFigures(sources=2, promoted=2),
    analyzers=AnalyzerFigures(healthy=20, syft="1.38.0"),
    bench=BenchFigures(results=4),
    settings=SettingsFigures(version=3, identical=True),
)


def test_nothing_used_yet_is_no_fault_and_says_what_lacks() -> None:
    found = parts(ScannerFigures())
    assert [part.level for part in found] == [Level.UNUSED] * 4 + [Level.OK]
    assert say(found) == "Nothing needs attention; 4 of 5 parts are not used yet."
    assert found[0].says == "No key is trusted yet, so no kit can be verified."


def test_all_is_well_when_every_part_is() -> None:
    found = parts(WELL)
    assert {part.level for part in found} == {Level.OK}
    assert say(found) == "All is well."
    assert {part.name for part in found} == {
        "offline_kits",
        "analyzers",
        "performance",
        "baselines",
        "scanner_settings",
    }


@pytest.mark.parametrize(
    ("changed", "level", "says"),
    [
        ({"kits": KitFigures(quarantined=2)}, Level.BAD, "2 kits are in quarantine."),
        (
            {"kits": KitFigures(quarantined=1, active="1.0", age="4d old, stale.", level=Level.BAD)},
            Level.BAD,
            "Kit 1.0 is active. 4d old, stale. 1 kit is in quarantine.",
        ),
        ({"analyzers": AnalyzerFigures(failed=1, degraded=2, syft="1")}, Level.BAD, "1 analyzer has failed."),
        ({"analyzers": AnalyzerFigures(degraded=2, syft="1")}, Level.WARN, "2 analyzers are degraded."),
        (
            {"bench": BenchFigures(results=4, breaches=1)},
            Level.WARN,
            "1 of 4 benchmarks broke the budget or got worse.",
        ),
        (
            {"baselines": BaselineFigures(sources=3, promoted=2)},
            Level.WARN,
            "1 source has candidates but no promoted baseline: their scans compare with nothing.",
        ),
        (
            {"settings": SettingsFigures(version=1, identical=False)},
            Level.BAD,
            "The last determinism check found two results that differ.",
        ),
    ],
)
def test_what_needs_somebody_comes_first(changed: dict[str, object], level: Level, says: str) -> None:
    found = parts(WELL.model_copy(update=changed))
    assert (found[0].level, found[0].says) == (level, says)
    assert say(found) == "One part needs attention."


@pytest.mark.parametrize(
    ("hours", "level", "says"),
    [
        (3, Level.OK, "3h 00m old."),
        (30, Level.WARN, "30h 00m old: amber from 24 h on, red from 72 h on."),
        (98, Level.BAD, "4d 2h old, stale: red from 72 h on. Import a newer kit."),
        (-2, Level.WARN, "Made 2h 00m in the future: check the clocks of this host and of the builder."),
    ],
)
def test_the_age_of_the_active_kit_is_told_in_its_own_sentences(hours: int, level: Level, says: str) -> None:
    age = kit_age(NOW - timedelta(hours=hours), NOW, Staleness())
    kits = KitFigures(active="2026.11.14", age=age.words, level=level, trusted=1)
    [told] = [part for part in parts(WELL.model_copy(update={"kits": kits})) if part.name == "offline_kits"]
    assert (told.level, told.says) == (level, f"Kit 2026.11.14 is active. {says}")


def test_what_is_bad_comes_before_what_is_a_warning() -> None:
    found = parts(
        WELL.model_copy(
            update={"bench": BenchFigures(results=1, breaches=1), "analyzers": AnalyzerFigures(failed=1, syft="1")}
        )
    )
    assert [part.name for part in found[:2]] == ["analyzers", "performance"]
    assert say(found) == "2 of 5 parts need attention."
