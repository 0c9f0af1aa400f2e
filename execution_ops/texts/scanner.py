"""Scanner Ops at a glance."""

from __future__ import annotations

from typing import Final

# pages/scanner.py
PROMOTED_BASELINES: Final = "Promoted baselines"
SETTINGS_VERSION: Final = "Settings version"
THE_DEFAULTS: Final = "the defaults"
HOLDS_NOW: Final = "holds now"
PARTS: Final = "Parts"

OF_SOURCES: Final = "of {count} {noun}"
SOURCES: Final = ("source", "sources")
OF_BENCHMARKS: Final = "of {count} {noun}"
BENCHMARKS: Final = ("benchmark", "benchmarks")


def of_healthy(analyzers: object) -> str:
    """Out of how many analyzers are healthy."""
    return f"of {analyzers} healthy"


# state/scanner.py
ADD_A_TRUST_ROOT: Final = "Add a trust root"
VERIFY_A_FIRST_KIT: Final = "Verify a first kit"
SAVE_A_FIRST_RESULT: Final = "Save a first result"
ASK_SYFT_WHAT_IT_OFFERS: Final = "Ask Syft what it offers"
RUN_A_FIRST_BENCHMARK: Final = "Run a first benchmark"
LOOK_AT_THE_SETTINGS: Final = "Look at the settings"
OPEN_THE_KITS: Final = "Open the kits"
OPEN_THE_BASELINES: Final = "Open the baselines"
OPEN_THE_ANALYZERS: Final = "Open the analyzers"
OPEN_THE_BENCHMARKS: Final = "Open the benchmarks"
OPEN_THE_SETTINGS: Final = "Open the settings"
