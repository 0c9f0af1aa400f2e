"""What a page shows of what blocks: the most severe few, or all of it where the address says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from execution_ops.domain.standing import Block, Standing
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.words import counted
from execution_ops.routes import Query
from execution_ops.services.ways_out import way_out
from execution_ops.texts import overview as words

SHOWN = 3
ALL_MAX = 200
ALL = ("blocks", "all")


@dataclass(frozen=True)
class BlockLine:
    """One thing that stands in the way, its texts safe to look at."""

    key: str
    title: str
    held: str
    held_href: str
    note: str
    since: str
    way: str
    way_href: str


@dataclass(frozen=True)
class Strip:
    """The strip of a page. `known` once it was read; `clear_since` is empty while something blocks, or where it is
    not known. `other` leads to all of it, or back to the most severe few."""

    known: bool = False
    count: str = ""
    lines: list[BlockLine] = field(default_factory=list)
    whole: bool = False
    other: str = ""
    other_href: str = ""
    clear_since: str = ""


def strip_of(
    standing: Standing, href: Callable[[Query], str], keep: Sequence[tuple[str, str]], *, whole: bool
) -> Strip:
    """What a page shows; `href` is its address with the pairs `keep` and its own for all of what blocks."""
    blocks = standing.blocks[: ALL_MAX if whole else SHOWN]
    left = len(standing.blocks) - len(blocks)
    other, other_href = "", ""
    if whole and len(standing.blocks) > SHOWN:
        other, other_href = words.SHOW_THE_MOST_SEVERE, href([*keep])
    elif left:
        other, other_href = words.and_more(left), href([*keep, ALL])
    return Strip(
        known=True,
        count=f"{len(standing.blocks):,}" if standing.blocks else "",
        lines=[block_line(block) for block in blocks],
        whole=whole and len(standing.blocks) > SHOWN,
        other=other,
        other_href=other_href,
        clear_since=iso(standing.clear_since) if standing.clear_since and not standing.blocks else "",
    )


def block_line(block: Block) -> BlockLine:
    """A block as its line."""
    way = way_out(block)
    return BlockLine(
        key=f"{block.kind.value} {block.subject}",
        title=visible(block.title),
        held=block.held,
        held_href=way.held_href,
        note=visible(block.note),
        since=iso(block.since),
        way=way.words,
        way_href=way.href,
    )


def say_standing(queues: int, blocks: int) -> str:
    """The sentence below the title: "8 queues, 3 things need attention. Every number opens the list behind it."."""
    return words.standing(counted(queues, "queue"), blocks)
