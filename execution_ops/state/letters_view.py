"""What the pages of dead letters show of groups and entries: flat, small, already in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.dead_letters import DeadLetter, ErrorGroup, Groups
from execution_ops.domain.error_categories import MEANING, Category
from execution_ops.domain.filter_fields import LETTER_FIELDS
from execution_ops.domain.jobs import error_text
from execution_ops.domain.letter_filters import NO, YES, DeadLetterFilter
from execution_ops.domain.states import OPEN_LETTERS, DeadLetterState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.words import counted
from execution_ops.state.list_view import Listing
from execution_ops.texts import dead_letters as words

LISTING = Listing(
    DeadLetterFilter,
    DeadLetterState,
    LETTER_FIELDS,
    (words.DEAD_LETTER, words.LETTERS),
    routes.dead_letter_queue,
    routes.api_letters_export,
)
OPEN = tuple(state for state in DeadLetterState if state in OPEN_LETTERS)
_DIGEST_SHOWN = 6
_PLACEHOLDER = re.compile(r"<(id|address|url|path|time|n|text)>")


@dataclass(frozen=True)
class Part:
    """A piece of an error's template: text as it was, or the name of what differs."""

    text: str
    chip: bool


@dataclass(frozen=True)
class GroupLine:
    """One error group as the table draws it. Every figure has the address of the list that it counts."""

    fingerprint: str
    short: str
    error_type: str
    parts: list[Part]
    template: str
    category: str
    meaning: str
    retryable: bool
    job_type: str
    more_types: str
    tenants: str
    href: str
    open: int
    pending: int
    open_href: str
    total: str
    trend: list[int]
    trend_label: str
    first_seen: str
    last_seen: str
    sample_href: str


@dataclass(frozen=True)
class Figures:
    """The figures above the groups, with the addresses of the lists that they count."""

    open: str = ""
    open_href: str = ""
    oldest: str = ""
    oldest_href: str = ""
    common: str = ""
    common_count: str = ""
    common_href: str = ""
    retryable: str = ""
    retryable_of: str = ""
    retryable_href: str = ""
    quarantined: str = ""
    quarantined_href: str = ""


@dataclass(frozen=True)
class LetterLine:
    """One entry as the queue draws it, its texts safe to look at."""

    id: str
    short: str
    href: str
    state: str
    error: str
    error_type: str
    error_message: str
    job_type: str
    label: str
    job_short: str
    job_href: str
    tenant: str
    tenant_href: str
    category: str
    meaning: str
    attempts: int
    redeaths: int
    redeaths_href: str
    died_at: str
    note: str


def known_values(facets: dict[str, list[str]]) -> dict[str, list[str]]:
    """What filters can suggest: what was found, and what is known beforehand."""
    return {**facets, "category": [category.value for category in Category], "retryable": [YES, NO]}


def template_parts(template: str) -> list[Part]:
    """A template, cut at its placeholders."""
    pieces = _PLACEHOLDER.split(template)
    # Odd pieces are what the expression's group caught.
    return [Part(visible(piece), bool(at % 2)) for at, piece in enumerate(pieces) if piece]


def category_words(category: Category) -> str:
    """A category as a word."""
    return category.value.replace("_", " ")


def group_line(group: ErrorGroup, where: DeadLetterFilter) -> GroupLine:
    """A group as its line, counted under the page's filter."""
    here = where.model_copy(update={"group": (group.fingerprint,)})
    died, now = sum(group.trend), group.trend[-1] if group.trend else 0
    return GroupLine(
        fingerprint=group.fingerprint,
        short=group.fingerprint[:_DIGEST_SHOWN],
        error_type=visible(group.error_type) or words.ERROR_WITHOUT_A_TYPE,
        parts=template_parts(group.template),
        template=visible(group.template),
        category=category_words(group.category),
        meaning=MEANING[group.category],
        retryable=group.retryable,
        job_type=visible(group.job_type),
        more_types=words.more(group.job_types - 1) if group.job_types > 1 else "",
        tenants=counted(group.tenants, "tenant"),
        href=_queue(here),
        open=group.open,
        pending=group.by_state.get(DeadLetterState.PENDING, 0),
        open_href=_queue(here, state=OPEN),
        total=f"{group.total:,}" if group.total != group.open else "",
        trend=list(group.trend),
        trend_label=words.trend(died, now),
        first_seen=iso(group.first_seen),
        last_seen=iso(group.last_seen),
        sample_href=routes.dead_letter_entry(group.sample_id) if group.sample_id else "",
    )


def figures(found: Groups, where: DeadLetterFilter) -> Figures:
    """The figures of what the filter leaves."""
    health = found.health
    quarantined = health.by_state.get(DeadLetterState.QUARANTINED, 0)
    common = health.most_common_fingerprint
    return Figures(
        open=f"{health.open:,}",
        open_href=_queue(where, state=OPEN),
        oldest=iso(health.oldest) if health.oldest else "",
        oldest_href=routes.dead_letter_entry(health.oldest_id) if health.oldest_id else "",
        common=visible(health.most_common),
        common_count=f"{health.most_common_open:,}",
        common_href=_queue(where, group=(common,), state=OPEN) if common else "",
        retryable=f"{health.retryable:,}",
        retryable_of=words.out_of_retryable(health.open),
        retryable_href=_queue(where, retryable=YES, state=OPEN),
        quarantined=f"{quarantined:,}",
        quarantined_href=_queue(where, state=(DeadLetterState.QUARANTINED,)),
    )


def groups_sentence(found: Groups) -> str:
    """What the page is about: "412 jobs out of attempts, and they are really 7 errors."."""
    health = found.health
    if not health.total:
        return words.NO_DEATHS
    if not health.open:
        return words.nothing_open(health.total)
    errors = sum(group.open > 0 for group in found.groups) + found.more
    return words.out_of_attempts(health.open, errors)


def letter_line(row: DeadLetter) -> LetterLine:
    """An entry as its line."""
    return LetterLine(
        id=row.id,
        short=row.id[-8:],
        href=routes.dead_letter_entry(row.id),
        state=row.state.value,
        error=visible(error_text(row.error_type, row.error_message)),
        error_type=visible(row.error_type) or words.ERROR_WITHOUT_A_TYPE,
        error_message=visible(row.error_message),
        job_type=visible(row.job_type),
        label=visible(row.label),
        job_short=row.job_id[-8:],
        job_href=routes.job(row.job_id),
        tenant=visible(row.tenant),
        tenant_href=routes.dead_letter_queue([("tenant", row.tenant)]),
        category=category_words(row.category),
        meaning=MEANING[row.category],
        attempts=row.attempts,
        redeaths=row.redeaths,
        redeaths_href=routes.dead_letter_queue([("job", row.job_id)]),
        died_at=iso(row.died_at),
        note=visible(": ".join(part for part in (row.changed_by, row.note) if part)),
    )


def _queue(where: DeadLetterFilter, **changes: object) -> str:
    return routes.dead_letter_queue(where.model_copy(update=changes).to_pairs())
