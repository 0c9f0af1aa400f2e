"""Jobs & Queues over HTTP: what blocks, and how the queues stand. Nothing is changed from here."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from execution_ops.api.deps import ActorDep, ServicesDep
from execution_ops.api.operations import reads
from execution_ops.domain.overview import QueuesStanding
from execution_ops.domain.overview_filters import OverviewFilter
from execution_ops.domain.standing import Block
from execution_ops.domain.times import Instant
from execution_ops.routes import Rest
from execution_ops.services.queries import check_parameters, filter_from
from execution_ops.services.ways_out import way_out

router = APIRouter(tags=["jobs and queues"])


class Blocking(Block):
    """One thing that stands in the way. `mend` is the page of the console where that ends, `held_list` the one that
    lists what it holds up ("" where nothing is counted)."""

    mend: str
    held_list: str


class StandingAnswer(BaseModel):
    """What blocks, the most severe first. `clear_since` is since when nothing does, null while something does or
    where that is not known."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Blocking, ...]
    clear_since: Instant | None
    as_of: Instant


@router.get(Rest.STANDING, **reads(errors=("UNKNOWN_PARAMETER",)))
async def get_standing(request: Request, services: ServicesDep, actor: ActorDep) -> StandingAnswer:
    """What blocks now: queues without a worker, paused quotas, dead letters that rise, missed schedules, a stale
    offline kit, lost workers. At most some seconds old."""
    check_parameters(request.url.query, ())
    found = await services.overview.standing(actor)
    items = tuple(_blocking(block) for block in found.blocks)
    return StandingAnswer(items=items, clear_since=found.clear_since, as_of=found.as_of)


@router.get(Rest.QUEUES, **reads(where=OverviewFilter))
async def get_queues(request: Request, services: ServicesDep, actor: ActorDep) -> QueuesStanding:
    """The queues, those that are stuck first, with their rates over the last `window`: 1h, 6h or 24h.

    Filters: `queue`, and `tenant`, of whose jobs alone the figures are then. At most some seconds old.
    """
    where = filter_from(request.url.query, OverviewFilter)
    return (await services.overview.queues(actor, where)).standing


def _blocking(block: Block) -> Blocking:
    way = way_out(block)
    return Blocking(**block.model_dump(exclude={"sentence"}), mend=way.href, held_list=way.held_href)
