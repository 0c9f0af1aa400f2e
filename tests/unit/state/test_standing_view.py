"""What a page shows of what blocks: the most severe few, what each holds up, and where it is mended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from execution_ops import routes
from execution_ops.domain.standing import Block, BlockKind, Standing
from execution_ops.domain.times import iso
from execution_ops.state.standing_view import ALL, SHOWN, say_standing, strip_of

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def query_of(href: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(href).query)


def standing_of(*blocks: Block) -> Standing:
    return Standing(blocks=blocks, as_of=NOW)


def block(subject: str = "catalog", **values: Any) -> Block:
    """Jobs that wait in a queue without a worker, changed as wanted."""
    given = {"kind": BlockKind.NO_WORKER, "title": "No worker serves it", "count": 2, "held": "2 jobs wait"}
    return Block(**{**given, "subject": subject, "since": NOW, **values})


def test_what_blocks_leads_to_what_it_holds_up_and_to_what_mends_it() -> None:
    blocks = [
        block(),
        block(draining=True),
        block("q1", kind=BlockKind.QUOTA_PAUSED),
        block("", kind=BlockKind.LETTERS_RISING),
        block("s1", kind=BlockKind.SCHEDULE_MISSED, held=""),
        block("k1", kind=BlockKind.KIT_STALE, held=""),
        block("w-1", kind=BlockKind.WORKER_LOST),
    ]
    lines = strip_of(standing_of(*blocks), routes.jobengine, (), whole=True).lines
    assert [(line.way, line.way_href) for line in lines] == [
        ("Start a worker", routes.workers()),
        ("Resume its workers", routes.workers([("queue", "catalog")])),
        ("Open the quota", routes.quota("q1")),
        ("Review them by error", routes.dead_letter()),
        ("Open the schedule", routes.schedule("s1")),
        ("Import a newer kit", routes.offline_kits()),
        ("Open the worker", routes.worker("w-1")),
    ]
    assert [query_of(line.held_href) for line in lines] == [
        [("state", "scheduled"), ("queue", "catalog")],
        [("state", "scheduled"), ("queue", "catalog")],
        [("quota", "q1")],
        [("state", "pending"), ("state", "quarantined"), ("after", iso(NOW))],
        [],
        [],
        [("state", "running"), ("worker", "w-1")],
    ]


def test_of_much_that_blocks_the_most_severe_few_are_shown_and_the_address_opens_the_rest() -> None:
    many = standing_of(*(block(f"queue-{n}") for n in range(100)))
    few = strip_of(many, routes.jobengine, [("tab", "jobs")], whole=False)
    assert (few.count, len(few.lines), few.other, few.whole) == ("100", SHOWN, "and 97 more", False)
    assert query_of(few.other_href) == [("tab", "jobs"), ALL]
    whole = strip_of(many, routes.jobengine, [("tab", "jobs")], whole=True)
    assert (len(whole.lines), whole.other, whole.whole) == (100, "Show the most severe", True)
    assert query_of(whole.other_href) == [("tab", "jobs")]
    short = strip_of(standing_of(block()), routes.jobengine, (), whole=True)
    assert (len(short.lines), short.other, short.whole) == (1, "", False)


def test_nothing_blocks_since_the_moment_that_is_known() -> None:
    clear = strip_of(Standing(blocks=(), clear_since=NOW, as_of=NOW), routes.jobengine, (), whole=False)
    assert (clear.known, clear.count, clear.lines, clear.clear_since) == (True, "", [], iso(NOW))
    assert strip_of(standing_of(), routes.jobengine, (), whole=False).clear_since == ""
    assert strip_of(standing_of(block()), routes.jobengine, (), whole=False).clear_since == ""


def test_hostile_names_are_made_safe_to_look_at() -> None:
    (line,) = strip_of(standing_of(block(title="No \u202e", note="by \x1b")), routes.jobengine, (), whole=False).lines
    assert (line.title, line.note) == ("No \\u202e", "by \\x1b")


@pytest.mark.parametrize(
    ("queues", "blocks", "said"),
    [
        (1, 0, "1 queue, nothing blocks."),
        (8, 1, "8 queues, 1 thing needs attention."),
        (8, 3, "8 queues, 3 things need attention."),
    ],
)
def test_a_page_says_in_a_sentence_how_things_stand(queues: int, blocks: int, said: str) -> None:
    assert say_standing(queues, blocks).startswith(said)
