"""Time zones by name: those of the list, and nothing that could be a path."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.zones import zone, zone_names


def test_every_name_of_the_list_is_a_zone() -> None:
    names = zone_names()
    assert list(names) == sorted(names)
    assert {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"} < set(names)
    assert all(zone(name).key == name for name in names)
    assert zone("Europe/Berlin") is ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "europe/berlin",
        "Europe",
        "localtime",
        "Factory",
        "../etc/passwd",
        "Europe/../../etc/passwd",
        "Europe/../Europe/Berlin",
        "/etc/passwd",
        "/usr/share/zoneinfo/UTC",
        "UTC\0",
        "UTC\n",
        " UTC",
        "\ud800",
        "A" * 1_000_000,
    ],
    ids=lambda name: repr(name[:30]),
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        zone(name)
    assert len(refused.value.message) < 200
    assert refused.value.message.isprintable()
