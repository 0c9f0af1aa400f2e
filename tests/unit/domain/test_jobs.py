"""What the entities of the console say of themselves."""

from __future__ import annotations

import pytest

from execution_ops.domain.jobs import error_text


@pytest.mark.parametrize(
    ("error_type", "message", "text"),
    [
        ("JobFailed", "The source is empty.", "The source is empty."),
        ("JobTimedOut", "The attempt was stopped.", "The attempt was stopped."),
        ("WorkerLost", "This job crashed its worker once.", "This job crashed its worker once."),
        ("", "No type.", "No type."),
        ("OSError", "no space left", "OSError: no space left"),
        ("KeyError", "", "KeyError"),
    ],
)
def test_only_an_error_that_is_no_sentence_is_shown_with_its_type(error_type: str, message: str, text: str) -> None:
    assert error_text(error_type, message) == text
