"""The trees that benchmarks measure with, made anew for each one: the same seed makes the same tree, to the byte."""

from __future__ import annotations

import random
from pathlib import Path

from execution_ops.domain.benchmarks import Scenario
from execution_ops.scanner.scenarios import compiled, javascript, jvm, python
from execution_ops.scanner.scenarios.tree import Builder, Step, Tree

SEED = 1337
_BUILT: dict[str, tuple[Scenario, Builder]] = {
    scenario.name: (scenario, build)
    for module in (javascript, jvm, python, compiled)
    for scenario, build in module.SCENARIOS
}
SCENARIOS: tuple[Scenario, ...] = tuple(scenario for scenario, _ in _BUILT.values())


def scenario(name: str) -> Scenario | None:
    """The scenario of that name, None for an unknown one."""
    return _BUILT[name][0] if name in _BUILT else None


def build(name: str, folder: Path, step: Step) -> int:
    """Make the tree of a scenario in an empty folder; how many files it has. `step` is called before each."""
    tree = Tree(folder, random.Random(f"{SEED} {name}"), step)
    _BUILT[name][1](tree)
    return tree.files
