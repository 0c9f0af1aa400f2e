"""The first signal of a run, cheap to ask again and again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response

from execution_ops.api.deps import ActorDep, ServicesDep
from execution_ops.api.operations import reads
from execution_ops.domain.topics import dag_topic
from execution_ops.routes import Rest
from execution_ops.services.live import viewer_key
from execution_ops.services.signals import RunSignal, first_signal

router = APIRouter(tags=["runs"])

_ANSWERS: dict[int | str, dict[str, str]] = {
    204: {"description": "Nothing of the run has started yet."},
    304: {"description": "The signal is the one that If-None-Match names."},
}


@router.get(Rest.FIRST_SIGNAL, response_model=RunSignal, responses=_ANSWERS, **reads())
async def get_first_signal(
    run_id: str,
    services: ServicesDep,
    actor: ActorDep,
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """The first failure of the run; else that it succeeded; else its first start."""
    _, dag = await services.hub.page(
        ("dag", run_id, viewer_key(actor)), dag_topic(run_id), lambda: services.jobs.dag(actor, run_id)
    )
    signal = first_signal(dag)
    headers = {"Cache-Control": "private, max-age=60", "X-FirstSignal-Source": "snapshot"}
    if signal is None:
        return Response(status_code=204, headers={**headers, "Cache-Control": "private, no-cache"})
    headers["ETag"] = signal.summary_etag
    if _matches(signal.summary_etag, if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(signal.model_dump_json(), headers=headers, media_type="application/json")


def _matches(etag: str, condition: str) -> bool:
    """If-None-Match compares weakly (RFC 9110, section 13.1.2)."""
    names = [name.strip().removeprefix("W/") for name in condition.split(",")]
    return "*" in names or etag.removeprefix("W/") in names
