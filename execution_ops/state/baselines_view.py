"""What the page of baselines shows: rows, the drawer and comparisons, flat, small, already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.baseline_choice import CHOICE_WORDS, Offer, Suggestion
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import Baseline, Promotion, name_of
from execution_ops.domain.filter_fields import BASELINE_FIELDS
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import BaselineState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.verbs import VERBS
from execution_ops.state.list_view import Listing
from execution_ops.texts import baselines as words

LISTING = Listing(BaselineFilter, BaselineState, BASELINE_FIELDS, ("baseline", "baselines"), routes.baselines)
DIGEST_SHOWN = 12
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class BaselineLine:
    """One baseline as the list draws it. `where` says what brought it: a scan or a kit."""

    id: str
    name: str
    href: str
    state: str
    source: str
    source_href: str
    tenant: str
    components: str
    where: str
    where_href: str
    green: bool
    created_at: str
    created_by: str


@dataclass(frozen=True)
class BaselineFacts:
    """One baseline in its drawer, or at one side of a comparison."""

    id: str = ""
    name: str = ""
    state: str = ""
    source: str = ""
    tenant: str = ""
    components: str = ""
    sha256: str = ""
    digest: str = ""
    size: str = ""
    document_href: str = ""
    scan_href: str = ""
    kit_href: str = ""
    scan_words: str = ""
    syft: str = ""
    created_at: str = ""
    created_by: str = ""
    promoted_at: str = ""
    promoted_by: str = ""
    promote_reason: str = ""
    href: str = ""


@dataclass(frozen=True)
class OfferLine:
    """One choice of what to compare with; without `href` it is not offered, and `why` says why."""

    title: str
    name: str
    href: str
    why: str
    best: bool


@dataclass(frozen=True)
class PromotionLine:
    """One entry of the promotion log."""

    key: str
    words: str
    name: str
    href: str
    by: str
    at: str
    reason: str
    job_href: str


def baseline_line(one: Baseline, href: str) -> BaselineLine:
    """A baseline as its line, which leads to `href`."""
    return BaselineLine(
        id=one.id,
        name=visible(name_of(one)),
        href=href,
        state=one.state.value,
        source=visible(one.source),
        source_href=routes.baselines([("source", one.source)]) if len(one.source) <= 200 else "",
        tenant=visible(one.tenant),
        components=f"{one.components:,}",
        where=words.SCAN if one.job_id else words.KIT,
        where_href=_origin(one),
        green=one.green,
        created_at=iso(one.created_at),
        created_by=visible(one.created_by),
    )


def baseline_facts(one: Baseline) -> BaselineFacts:
    """A baseline in full."""
    return BaselineFacts(
        id=one.id,
        name=visible(name_of(one)),
        state=one.state.value,
        source=visible(one.source),
        tenant=visible(one.tenant),
        components=f"{one.components:,}",
        sha256=one.sha256,
        digest=f"{one.sha256[:DIGEST_SHOWN]}…",
        size=describe_bytes(one.size),
        document_href=routes.api_baseline_document(one.id),
        scan_href=routes.job(one.job_id) if one.job_id else "",
        kit_href="" if one.job_id else _origin(one),
        scan_words=words.SUCCEEDED_AS_A_WHOLE if one.green else words.HAD_NOT_SUCCEEDED_AS_A_WHOLE,
        syft=visible(one.syft),
        created_at=iso(one.created_at),
        created_by=visible(one.created_by),
        promoted_at=iso(one.promoted_at) if one.promoted_at and one.state is BaselineState.PROMOTED else "",
        promoted_by=visible(one.promoted_by),
        promote_reason=visible(one.promote_reason),
        href=routes.baseline(one.id),
    )


def offer_lines(found: Suggestion, to: Baseline) -> list[OfferLine]:
    """The choices of what to compare a baseline with, the suggested one marked."""
    return [_offer_line(offer, to, best=offer == found.suggested) for offer in found.offers]


def promotion_lines(log: Sequence[Promotion]) -> list[PromotionLine]:
    """The promotion log of a source."""
    return [_promotion_line(number, entry) for number, entry in enumerate(log)]


def _offer_line(offer: Offer, to: Baseline, *, best: bool) -> OfferLine:
    one = offer.baseline
    return OfferLine(
        title=CHOICE_WORDS[offer.choice],
        name=visible(name_of(one)) if one else "",
        href=routes.compare_baselines(one.id, to.id) if one else "",
        why=visible(offer.why),
        best=best,
    )


def _promotion_line(number: int, entry: Promotion) -> PromotionLine:
    verb = VERBS.get(entry.verb)
    return PromotionLine(
        key=f"{number} {iso(entry.at)}",
        words=verb.label if verb else entry.verb,
        name=visible(entry.label or entry.baseline_id[-8:]) if entry.baseline_id else words.NOTHING_IS_PROMOTED,
        href=routes.baseline(entry.baseline_id) if entry.baseline_id else "",
        by=visible(entry.by),
        at=iso(entry.at),
        reason=visible(entry.reason),
        job_href=routes.job(entry.job_id) if entry.job_id else "",
    )


def _origin(one: Baseline) -> str:
    if one.job_id:
        return routes.job(one.job_id)
    return routes.offline_kits([("kit", one.kit_id)]) if one.kit_id else ""
