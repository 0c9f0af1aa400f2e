"""What the jobs of scans remember for those that come later: results by key, what Syft is, and self-tests."""

from __future__ import annotations

from typing import Protocol

from execution_ops.domain.analyzers import SelfTest, SyftAnswer
from execution_ops.domain.scan_cache import CacheEntry


class ScanMemory(Protocol):
    """Kept in the ledger. Every method may be called again for the same job: the last call holds."""

    def cached(self, key: str) -> CacheEntry | None:
        """What was kept under the key, None if there is nothing, it is too old, or the cache is off.

        Counts a hit or a miss.
        """

    def remember(self, entry: CacheEntry) -> None:
        """Keep a result, and drop what is too old, or used least lately, where the limits ask for it."""

    def caches(self) -> bool:
        """Whether the settings have the cache on."""

    def met_syft(self, answer: SyftAnswer) -> None:
        """Keep what Syft is and offers, if that is another than known."""

    def asked_syft(self, answer: SyftAnswer | None, problem: str) -> None:
        """Keep what Syft answered just now, or in words why it did not."""

    def tested(self, test: SelfTest) -> None:
        """Keep how a self-test ended."""
