"""The values that are known of jobs, read once for all tabs of a viewer."""

from __future__ import annotations

from execution_ops.domain.access import Actor
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key

FACETS_AGE_S = 10.0


async def job_facets(actor: Actor) -> dict[str, list[str]]:
    """Known values of the fields of jobs, to suggest in filters; read once for all tabs of the viewer."""
    service = services()
    return await service.hub.sample(
        ("facets", viewer_key(actor)), lambda: service.jobs.facets(actor), max_age=FACETS_AGE_S
    )
