"""Scanner Ops at a glance: how each of its five parts stands, in a sentence or two each, what needs somebody first."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.words import counted


class Level(StrEnum):
    """How much a part needs somebody; the parts are shown in this order."""

    BAD = "bad"
    WARN = "warn"
    # Nothing of it has been used yet: its page says what the first step is.
    UNUSED = "unused"
    OK = "ok"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Part(_Frozen):
    """How one part stands: `name` is that of its page in the URL table, `says` is whole sentences."""

    name: str
    level: Level
    says: str


_AGES = {Level.OK: "current", Level.WARN: "growing old", Level.BAD: "stale"}


class KitFigures(_Frozen):
    """The kits: which is active, and how many are elsewhere. `trusted` are enabled kit keys.

    `age` is what `kit_age` says of the active one: whole sentences.
    """

    active: str = ""
    age: str = ""
    level: Level = Level.OK
    quarantined: int = 0
    trusted: int = 0

    @property
    def word(self) -> str:
        """How old the active kit is in a word, "" if none is active."""
        return _AGES.get(self.level, "") if self.active else ""


class BaselineFigures(_Frozen):
    """The sources that have baselines, how many of them have a promoted one, and the candidates."""

    sources: int = 0
    promoted: int = 0
    candidates: int = 0


class AnalyzerFigures(_Frozen):
    """The analyzers by health, those among them that never ran, and the version of Syft ("": never asked)."""

    healthy: int = 0
    degraded: int = 0
    failed: int = 0
    untried: int = 0
    syft: str = ""


class BenchFigures(_Frozen):
    """The last result of each scenario and analyzer, and how many of them are a breach."""

    results: int = 0
    breaches: int = 0


class SettingsFigures(_Frozen):
    """The version that holds (0: the defaults), and how the last determinism check ended, None before one did."""

    version: int = 0
    identical: bool | None = None


class ScannerFigures(_Frozen):
    """What the glance is made from."""

    kits: KitFigures = KitFigures()
    baselines: BaselineFigures = BaselineFigures()
    analyzers: AnalyzerFigures = AnalyzerFigures()
    bench: BenchFigures = BenchFigures()
    settings: SettingsFigures = SettingsFigures()


def parts(figures: ScannerFigures) -> tuple[Part, ...]:
    """The five parts, those that need somebody first."""
    found = (
        _kits(figures.kits),
        _analyzers(figures.analyzers),
        _bench(figures.bench),
        _baselines(figures.baselines),
        _settings(figures.settings),
    )
    order = list(Level)
    return tuple(sorted(found, key=lambda part: order.index(part.level)))


def say(found: tuple[Part, ...]) -> str:
    """The five parts in one sentence."""
    wanting = sum(part.level in (Level.BAD, Level.WARN) for part in found)
    if wanting:
        return f"{wanting} of {len(found)} parts need attention." if wanting > 1 else "One part needs attention."
    unused = sum(part.level is Level.UNUSED for part in found)
    return (
        "All is well." if not unused else f"Nothing needs attention; {unused} of {len(found)} parts are not used yet."
    )


def _part(name: str, *cases: tuple[bool, Level, str], else_say: str) -> Part:
    """The first case that holds; all is well if none does."""
    for holds, level, says in cases:
        if holds:
            return Part(name=name, level=level, says=says)
    return Part(name=name, level=Level.OK, says=else_say)


def _kits(kits: KitFigures) -> Part:
    active = f"Kit {kits.active} is active. {kits.age}".rstrip()
    unused = "No kit is active." if kits.trusted else "No key is trusted yet, so no kit can be verified."
    locked = f"{counted(kits.quarantined, 'kit is', 'kits are')} in quarantine."
    return _part(
        "offline_kits",
        (kits.quarantined > 0 and kits.level is Level.BAD, Level.BAD, f"{active} {locked}"),
        (kits.quarantined > 0, Level.BAD, locked),
        (kits.level in (Level.BAD, Level.WARN), kits.level, active),
        (not kits.active, Level.UNUSED, unused),
        else_say=active,
    )


def _baselines(baselines: BaselineFigures) -> Part:
    lacking = baselines.sources - baselines.promoted
    return _part(
        "baselines",
        (not baselines.sources, Level.UNUSED, "No result of a scan has been saved yet."),
        (
            lacking > 0,
            Level.WARN,
            f"{counted(lacking, 'source has', 'sources have')} candidates but no promoted baseline: "
            "their scans compare with nothing.",
        ),
        else_say=f"{counted(baselines.promoted, 'source has', 'sources have')} a promoted baseline.",
    )


def _analyzers(analyzers: AnalyzerFigures) -> Part:
    return _part(
        "analyzers",
        (analyzers.failed > 0, Level.BAD, f"{counted(analyzers.failed, 'analyzer has', 'analyzers have')} failed."),
        (
            analyzers.degraded > 0,
            Level.WARN,
            f"{counted(analyzers.degraded, 'analyzer is', 'analyzers are')} degraded.",
        ),
        (not analyzers.syft, Level.UNUSED, "Syft has not been asked yet what it offers."),
        (
            analyzers.healthy == 0,
            Level.UNUSED,
            f"Syft {analyzers.syft} offers {counted(analyzers.untried, 'analyzer', 'analyzers')}; none has run yet.",
        ),
        else_say=f"{counted(analyzers.healthy, 'analyzer is', 'analyzers are')} healthy, with Syft {analyzers.syft}.",
    )


def _bench(bench: BenchFigures) -> Part:
    return _part(
        "performance",
        (not bench.results, Level.UNUSED, "No benchmark has been run yet."),
        (
            bench.breaches > 0,
            Level.WARN,
            f"{bench.breaches} of {counted(bench.results, 'benchmark', 'benchmarks')} broke the budget or got worse.",
        ),
        else_say=f"{counted(bench.results, 'benchmark keeps', 'benchmarks keep')} the budget.",
    )


def _settings(settings: SettingsFigures) -> Part:
    held = f"Version {settings.version} of the settings holds" if settings.version else "The defaults hold"
    return _part(
        "scanner_settings",
        (settings.identical is False, Level.BAD, "The last determinism check found two results that differ."),
        (settings.identical is None, Level.OK, f"{held}; determinism has not been checked."),
        else_say=f"{held}; the last determinism check found identical results.",
    )
