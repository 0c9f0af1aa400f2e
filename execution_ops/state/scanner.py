"""Scanner Ops at a glance: how its five parts stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.scanner_overview import KitFigures, Level, Part, ScannerFigures, parts, say
from execution_ops.domain.topics import SCANNER
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.live import Ask, LivePage
from execution_ops.state.sending import send_changed
from execution_ops.texts import scanner as words

# What a part offers before anything of it was used.
_FIRST_STEPS = {
    "offline_kits": words.VERIFY_A_FIRST_KIT,
    "baselines": words.SAVE_A_FIRST_RESULT,
    "analyzers": words.ASK_SYFT_WHAT_IT_OFFERS,
    "performance": words.RUN_A_FIRST_BENCHMARK,
    "scanner_settings": words.LOOK_AT_THE_SETTINGS,
}
_OPEN = {
    "offline_kits": words.OPEN_THE_KITS,
    "baselines": words.OPEN_THE_BASELINES,
    "analyzers": words.OPEN_THE_ANALYZERS,
    "performance": words.OPEN_THE_BENCHMARKS,
    "scanner_settings": words.OPEN_THE_SETTINGS,
}


@dataclass(frozen=True)
class PartLine:
    """One part: its title, how it stands (`level` is a state of the kind "part"), and where it is mended."""

    name: str
    title: str
    icon: str
    level: str
    says: str
    step: str
    href: str


def part_line(part: Part, kits: KitFigures) -> PartLine:
    """A part as its row shows it. Before a first kit, somebody says whose signature counts."""
    route = routes.BY_NAME[part.name]
    step, href = (_FIRST_STEPS if part.level is Level.UNUSED else _OPEN)[part.name], routes.href(part.name)
    if part.name == "offline_kits" and part.level is Level.UNUSED and not kits.trusted:
        step, href = words.ADD_A_TRUST_ROOT, routes.new_trust_root()
    return PartLine(part.name, route.title, route.icon, part.level.value, part.says, step, href)


class ScannerPage(LivePage, rx.State):
    """The parts in the order in which they need somebody, and the figures above them."""

    sentence: str = ""
    parts: rx.Field[list[PartLine]] = rx.field(default_factory=list)
    active_kit: str = ""
    kit_word: str = ""
    quarantined: int = 0
    quarantined_noun: str = "kits"
    sources: int = 0
    promoted: int = 0
    healthy: int = 0
    analyzers: int = 0
    results: int = 0
    breaches: int = 0
    version: int = 0

    def _ask(self) -> Ask:
        actor = actor_of(self)
        return Ask(SCANNER, ("scanner", viewer_key(actor)), lambda: services().scanner.figures(actor))

    async def _show(self, answer: Any) -> None:
        figures: ScannerFigures = answer
        found = parts(figures)
        self.sentence = say(found)
        send_changed(self, parts=[part_line(part, figures.kits) for part in found])
        self.active_kit = figures.kits.active
        # The row of the kits says the whole of it.
        self.kit_word = figures.kits.word
        self.quarantined = figures.kits.quarantined
        self.quarantined_noun = "kit" if self.quarantined == 1 else "kits"
        self.sources, self.promoted = figures.baselines.sources, figures.baselines.promoted
        known = figures.analyzers
        self.healthy = known.healthy
        self.analyzers = known.healthy + known.degraded + known.failed + known.untried
        self.results, self.breaches = figures.bench.results, figures.bench.breaches
        self.version = figures.settings.version
