"""The REST interface as one FastAPI application, mounted into the console's server."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fastapi import FastAPI
from fastapi.routing import APIRoute

from execution_ops import __version__, routes
from execution_ops.api import (
    analyzers,
    audit,
    auth,
    baselines,
    benchmarks,
    changes,
    contract,
    engine,
    errors,
    identity,
    jobs,
    kits,
    letters,
    lookup,
    overview,
    probes,
    quotas,
    replays,
    retention,
    run_stream,
    runs,
    scanner_settings,
    scans,
    scheduler_runs,
    schedules,
    verbs,
    workers,
)
from execution_ops.api.guard import Guard
from execution_ops.api.meters import RequestMeter
from execution_ops.api.methods import Methods
from execution_ops.api.replies import Replies
from execution_ops.api.throttle import Throttle
from execution_ops.services.container import Services
from execution_ops.settings import settings


def create_api(
    services: Callable[[], Services], *, origins: Callable[[], Iterable[str]] = lambda: settings().origins()
) -> FastAPI:
    """The application. `services` and `origins` are called per request: nothing opens before the first one."""
    app = FastAPI(
        title="Execution Operations",
        version=__version__,
        openapi_url=routes.OPENAPI,
        # The pages of both would load scripts from another host.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        responses={500: {"model": errors.ErrorEnvelope}},
    )
    app.state.services = services
    app.state.replies = Replies()
    app.state.throttle = Throttle()
    app.state.meters = probes.Meters()
    app.state.streams = run_stream.Streams()
    errors.install(app)
    areas = (
        *(changes, engine, jobs, verbs, quotas, letters, replays, schedules),
        *(scheduler_runs, run_stream, workers, runs, scans),
        *(kits, baselines, analyzers, benchmarks, scanner_settings),
        *(overview, lookup, audit, retention, probes, auth, identity),
    )
    for module in areas:
        app.include_router(module.router)
    known = [route for module in areas for route in module.router.routes if isinstance(route, APIRoute)]
    contract.install(app, known)
    app.add_middleware(Methods, routes=known)
    app.add_middleware(Guard, origins=origins)
    # The outermost: it counts what is refused, too.
    app.add_middleware(RequestMeter)
    return app
