"""How a step of a verification fails."""

from __future__ import annotations

from collections.abc import Sequence

from execution_ops.domain.kits import Detail, ExitCode


class KitRefused(Exception):
    """What is wrong with a kit: `found` and `advice` are sentences, `category` is one word such as `dsse:untrusted`.

    `found` may quote the kit; it is made safe to show where the check is made of it.
    """

    def __init__(
        self, exit_code: ExitCode, category: str, found: str, advice: str, details: Sequence[Detail] = ()
    ) -> None:
        super().__init__(found)
        self.exit_code = exit_code
        self.category = category
        self.found = found
        self.advice = advice
        self.details = tuple(details)
