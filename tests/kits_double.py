"""Offline kits in memory, for tests of what stands on top of the port: there are none, but for what was activated."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from execution_ops.domain.kit_records import Kit, KitActivation, KitPlace


@dataclass
class MemoryKits:
    """A backend without kits. `kit_root` is where a service would look for their files."""

    kit_root: Path = Path("offline-kits")
    kit_syft: str = ""
    kit_swaps: list[KitActivation] = field(default_factory=list)

    def active_syft(self) -> str:
        """What was put into `kit_syft`."""
        return self.kit_syft

    def kit_activations(self, *, limit: int) -> list[KitActivation]:
        """What was put into `kit_swaps`, the newest first."""
        return self.kit_swaps[:limit]

    def kits(self, *, removed: bool = False, before: int | None = None, limit: int) -> list[Kit]:
        """None."""
        return []

    def kit_place(self) -> KitPlace:
        """Nothing is active."""
        return KitPlace(rollback_off="No kit is active that one could go back from.")
