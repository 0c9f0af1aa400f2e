"""Sizes in words."""

from __future__ import annotations

import pytest

from execution_ops.domain.sizes import describe_bytes


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (5_000_000_000, "5.0 GB"),
        (7_200_000_000_000, "7.2 TB"),
    ],
)
def test_a_size_reads_as_an_operator_says_it(count: int, words: str) -> None:
    assert describe_bytes(count) == words
