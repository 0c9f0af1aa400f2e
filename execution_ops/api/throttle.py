"""How often one network address may try to become somebody."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from execution_ops.domain.errors import TooMany

# A sign-in takes two requests. Whoever presents a wrong token does so by mistake, in a loop or with intent.
SIGN_INS = parse("30/minute")
WRONG_TOKENS = parse("60/minute")


class Throttle:
    """Counts in this process, for each address."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, limit: RateLimitItem, address: str) -> None:
        """Count one more; TooMany if it is one too many."""
        if not self._limiter.hit(limit, str(limit), address):
            raise self._refusal(limit, address)

    def check(self, limit: RateLimitItem, address: str) -> None:
        """TooMany if the next one would be too many."""
        if not self._limiter.test(limit, str(limit), address):
            raise self._refusal(limit, address)

    def _refusal(self, limit: RateLimitItem, address: str) -> TooMany:
        free_at = self._limiter.get_window_stats(limit, str(limit), address).reset_time
        seconds = max(1, math.ceil(free_at - time.time()))
        return TooMany(f"Too many attempts from this address. Try again in {seconds} s.", retry_after=seconds)
