"""The rows of Scanner Ops at a glance: each leads to what mends it, or to the first step."""

from __future__ import annotations

from execution_ops import routes
from execution_ops.domain.scanner_overview import KitFigures, Level, Part
from execution_ops.state.scanner import part_line

UNUSED = Part(name="offline_kits", level=Level.UNUSED, says="")


def test_kits_that_nobody_can_verify_yet_lead_to_the_key_that_is_missing() -> None:
    keyless, keyed = (part_line(UNUSED, KitFigures(trusted=trusted)) for trusted in (0, 1))
    assert (keyless.step, keyless.href) == ("Add a trust root", routes.new_trust_root())
    assert (keyed.step, keyed.href) == ("Verify a first kit", routes.offline_kits())


def test_kits_in_use_are_opened_whatever_is_trusted() -> None:
    stale = Part(name="offline_kits", level=Level.BAD, says="")
    assert part_line(stale, KitFigures(active="2026.11.7")).href == routes.offline_kits()
