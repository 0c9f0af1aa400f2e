"""Analyzers: the cataloguers of Syft by ecosystem, what each of them did lately, and what Syft itself is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.scanner_settings import AnalyzerDefaults
from execution_ops.domain.states import AnalyzerState, JobState
from execution_ops.domain.times import Instant

# The job types that the figures of this area come from.
CATALOG_TYPE = "scan.catalog"
REFRESH_TYPE = "scan.analyzers"
SELFTEST_TYPE = "scan.selftest"

ECOSYSTEMS: dict[str, str] = {
    "binaries": "Go, Rust and Java programs by what is built into them",
    "cpp": "C and C++ (Conan)",
    "dart": "Dart (pub)",
    "dotnet": ".NET (NuGet)",
    "elixir": "Elixir (Mix)",
    "erlang": "Erlang (Rebar, OTP)",
    "github-actions": "GitHub Actions",
    "go": "Go modules",
    "haskell": "Haskell (Stack, Cabal)",
    "java": "Java (Maven, Gradle, archives)",
    "javascript": "JavaScript (npm, Yarn, pnpm)",
    "lua": "Lua (LuaRocks)",
    "ocaml": "OCaml (opam)",
    "other": "What belongs to no other analyzer",
    "php": "PHP (Composer, PECL)",
    "prolog": "Prolog (SWI packs)",
    "python": "Python (pip, Poetry, installed packages)",
    "r": "R (CRAN)",
    "ruby": "Ruby (Bundler, gems)",
    "rust": "Rust (Cargo)",
    "swift": "Swift (SwiftPM, CocoaPods)",
    "system": "Packages of the operating system, and well-known programs",
    "wordpress": "WordPress plugins",
}


class Offered(BaseModel):
    """One cataloguer that Syft offers, with its tags, sorted."""

    model_config = ConfigDict(frozen=True)

    name: str
    tags: tuple[str, ...] = ()


class SyftAnswer(BaseModel):
    """What Syft said of itself; `program` is where it is."""

    model_config = ConfigDict(frozen=True)

    program: str
    version: str
    catalogers: tuple[Offered, ...]


class SyftInventory(BaseModel):
    """The last answer, when it was given and to which job on which worker.

    `problem` says why Syft could not be asked after that, at `problem_at`; empty while it could.
    """

    model_config = ConfigDict(frozen=True)

    answer: SyftAnswer | None = None
    asked_at: Instant | None = None
    asked_by: str = ""
    worker: str = ""
    problem: str = ""
    problem_at: Instant | None = None
    problem_by: str = ""


class AnalyzerRun(BaseModel):
    """How one `scan.catalog` job ended. `duration_ms` is that of its last try; one taken from the cache ran no Syft."""

    model_config = ConfigDict(frozen=True)

    analyzer: str
    job_id: str
    ended_at: Instant
    state: JobState
    duration_ms: int
    components: int = 0
    cached: bool = False
    error: str = ""


class SelfTest(BaseModel):
    """What a self-test found beside what it had to find; purls, sorted. `problem` is why Syft did not run at all."""

    model_config = ConfigDict(frozen=True)

    analyzer: str
    syft_version: str = ""
    expected: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    problem: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """What was expected and not found."""
        return tuple(sorted(set(self.expected) - set(self.found)))

    @property
    def unexpected(self) -> tuple[str, ...]:
        """What was found and not expected."""
        return tuple(sorted(set(self.found) - set(self.expected)))

    @property
    def passed(self) -> bool:
        """Whether it found exactly what it had to."""
        return not self.problem and self.expected == self.found

    def sentence(self) -> str:
        """What came of it."""
        if self.problem:
            return self.problem
        if self.passed:
            return f"Found all {len(self.expected)} expected components, and nothing else."
        parts = []
        if self.missing:
            parts.append(f"missing: {', '.join(self.missing)}")
        if self.unexpected:
            parts.append(f"unexpected: {', '.join(self.unexpected)}")
        return f"Found {len(self.found)} components, expected {len(self.expected)}; {'; '.join(parts)}."


class TestRun(BaseModel):
    """The last self-test of an analyzer. `job_id` is empty for who may not see the job."""

    __test__ = False
    model_config = ConfigDict(frozen=True)

    result: SelfTest
    at: Instant
    job_id: str = ""


class Figures(BaseModel):
    """What the last runs of an analyzer come to.

    `runs` are those that ended, `failed` those of them that did not succeed. The durations, in ms, are of those in
    which Syft ran, `components` the sum over all.
    """

    model_config = ConfigDict(frozen=True)

    runs: int = 0
    failed: int = 0
    cached: int = 0
    p50_ms: int | None = None
    p95_ms: int | None = None
    components: int = 0
    last: AnalyzerRun | None = None
    last_error: AnalyzerRun | None = None

    @property
    def success_percent(self) -> float | None:
        """Which part of the runs succeeded, None before the first."""
        return 100 * (self.runs - self.failed) / self.runs if self.runs else None


class Analyzer(BaseModel):
    """One analyzer as the console shows it. `health_rule` is the place, from 0, of the rule that decided its health,
    and `health_words` says why.

    `catalogers` and `capabilities` (tags) are Syft's; `has_fixture` says whether it can be tested.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    ecosystem: str
    catalogers: tuple[str, ...]
    capabilities: tuple[str, ...]
    is_default: bool
    has_fixture: bool
    health: AnalyzerState
    health_words: str
    health_rule: int
    figures: Figures = Figures()
    test: TestRun | None = None


class AnalyzerList(BaseModel):
    """All analyzers of the Syft in use, by name; none before it was asked for the first time.

    `replaced_at` is when another offline kit became active, if it may have brought another Syft that was not asked yet.
    """

    model_config = ConfigDict(frozen=True)

    inventory: SyftInventory = SyftInventory()
    analyzers: tuple[Analyzer, ...] = ()
    by_health: dict[AnalyzerState, int] = Field(default_factory=dict)
    defaults: AnalyzerDefaults = AnalyzerDefaults(version=0)
    replaced_at: Instant | None = None


def is_replaced(inventory: SyftInventory, brought: str, kits: Path, swapped_at: datetime) -> bool:
    """Whether workers may use another Syft than the one that answered: the active kit was swapped since, at
    `swapped_at`, and one of the two brings its own.

    `brought` is the program of the active kit, "" if it has none; `kits` is where the programs of kits lie.
    """
    if inventory.answer is None or inventory.asked_at is None or inventory.asked_at > swapped_at:
        return False
    program = inventory.answer.program
    return program != brought and (bool(brought) or Path(program).is_relative_to(kits))
