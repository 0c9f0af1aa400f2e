"""What can be the beginning of an id."""

from __future__ import annotations

import pytest

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.lookup import PREFIX_MAX, check_prefix


@pytest.mark.parametrize("text", ["019a", " 019ab107-5a2f ", "builder-7.example-12-ab12cd34", "a" * PREFIX_MAX])
def test_the_beginning_of_an_id_loses_only_its_blanks(text: str) -> None:
    assert check_prefix(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "   ", "019", " 019 ", "a" * (PREFIX_MAX + 1), "01 9a", "0%_a", "-19a", "019a\0", "\u202e019a", "019\u00e4"],
)
def test_what_no_id_begins_with_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_prefix(text)
    assert refusal.value.field == "id"
