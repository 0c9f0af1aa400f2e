"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from execution_ops.domain.words import counted


@pytest.mark.parametrize(
    ("number", "many", "said"),
    [(0, "", "0 kits"), (1, "", "1 kit"), (1, "kits are", "1 kit"), (1301, "", "1,301 kits"), (2, "kites", "2 kites")],
)
def test_a_noun_follows_its_number(number: int, many: str, said: str) -> None:
    assert counted(number, "kit", many) == said
