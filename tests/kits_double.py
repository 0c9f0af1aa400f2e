"""Offline kits in memory, for tests of what stands on top of the port: there are none."""

from __future__ import annotations

from pathlib import Path

from execution_ops.domain.kit_records import Kit, KitPlace


class MemoryKits:
    """A backend without kits. `kit_root` is where a service would look for their files."""

    kit_root = Path("offline-kits")

    def kits(self, *, removed: bool = False, before: int | None = None, limit: int) -> list[Kit]:
        """None."""
        return []

    def kit_place(self) -> KitPlace:
        """Nothing is active."""
        return KitPlace(rollback_off="No kit is active that one could go back from.")
