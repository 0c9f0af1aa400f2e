"""Analyzers and the cache of their results over HTTP.

Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from execution_ops import routes
from execution_ops.api.deps import ActorDep, Change, ChangeDep, ServicesDep
from execution_ops.api.operations import changes, reads
from execution_ops.api.parameters import Whole
from execution_ops.api.replies import Answer
from execution_ops.domain.analyzers import ECOSYSTEMS, AnalyzerList, AnalyzerRun, TestRun
from execution_ops.domain.jobs import Submission
from execution_ops.domain.scan_cache import DAYS_MAX, CacheFigures, CachePreview, Level
from execution_ops.domain.scanner_settings import AnalyzerDefaults
from execution_ops.domain.scanner_verbs import (
    ANALYZER_TEST,
    ANALYZERS_EDIT,
    ANALYZERS_REFRESH,
    ANALYZERS_ROLLBACK,
    CACHE_CLEAR,
)
from execution_ops.routes import Rest
from execution_ops.services.analyzers import (
    REFRESH_KEY,
    RUNS_MAX,
    RUNS_OF_MAX,
    RUNS_SHOWN,
    VERSIONS_MAX,
    AnalyzerDetail,
)

router = APIRouter(tags=["analyzers"])
NAMES_MAX = len(ECOSYSTEMS)


class Started(BaseModel):
    """A job was started: follow it."""

    job_id: str
    dag_id: str
    created: bool


class TestsStarted(BaseModel):
    """Self-tests were started, by analyzer."""

    dag_id: str
    job_ids: dict[str, str]
    created: bool


class TestRequest(BaseModel):
    """Which analyzers; left out: all that there is a fixture for."""

    model_config = ConfigDict(extra="forbid")

    analyzers: list[str] = Field(default_factory=list, max_length=NAMES_MAX)


class DefaultsRequest(BaseModel):
    """The analyzers that scans leave out, and the version that the caller saw: 409 if another holds by now."""

    model_config = ConfigDict(extra="forbid")

    disabled: list[str] = Field(max_length=200)
    version: Whole | None = None


class DefaultsRollback(BaseModel):
    """The version to go back to, 0 for all analyzers. `seen`: as `version` of a save; left out, whatever holds."""

    model_config = ConfigDict(extra="forbid")

    version: Whole
    seen: Whole | None = None


class DefaultsVersions(BaseModel):
    """What was saved, the newest first."""

    items: list[AnalyzerDefaults]


class CacheStats(BaseModel):
    """How the cache stands, with how its two rates stand to their limits, in words."""

    figures: CacheFigures
    hit_percent: float | None
    hit_level: Level
    hit_words: str
    used_percent: float
    used_level: Level
    used_words: str


@router.get(Rest.ANALYZERS, **reads())
def list_analyzers(services: ServicesDep, actor: ActorDep) -> AnalyzerList:
    """The analyzers of the Syft in use with their health and figures; none before it was asked for the first time."""
    return services.analyzers.list(actor)


@router.post(Rest.ANALYZERS_REFRESH, status_code=202, response_model=Started, **changes(ANALYZERS_REFRESH))
def refresh_analyzers(change: ChangeDep) -> Response:
    """Ask Syft again which version it is and what it offers, as a job."""

    def act() -> Answer:
        started = change.services.analyzers.refresh(change.actor, change.stamp)
        job_id = started.job_ids[REFRESH_KEY]
        answer = Started(job_id=job_id, dag_id=started.dag_id, created=started.created)
        return Answer(202, answer.model_dump(), location=routes.api_job(job_id))

    return change.once([ANALYZERS_REFRESH.name], act)


@router.post(
    Rest.ANALYZERS_TEST, status_code=202, response_model=TestsStarted, **changes(ANALYZER_TEST, errors=("NOT_ASKED",))
)
def run_analyzer_tests(change: ChangeDep, body: Annotated[TestRequest | None, Body()] = None) -> Response:
    """Test several analyzers, each on the fixture of its ecosystem; one that fails is a failed job."""
    names = body.analyzers if body else []
    return change.once([ANALYZER_TEST.name, names], lambda: _tests(change, names))


@router.get(Rest.ANALYZERS_DEFAULTS, **reads())
def get_analyzer_defaults(services: ServicesDep, actor: ActorDep) -> AnalyzerDefaults:
    """Which analyzers scans leave out that are started now."""
    return services.analyzers.defaults(actor)


@router.put(
    Rest.ANALYZERS_DEFAULTS,
    response_model=AnalyzerDefaults,
    **changes(ANALYZERS_EDIT, errors=("CHANGED", "NO_CHANGE", "NOT_ASKED")),
)
def save_analyzer_defaults(body: Annotated[DefaultsRequest, Body()], change: ChangeDep) -> Response:
    """Save the next version; needs a reason. It holds for scans started afterwards."""

    def act() -> Answer:
        saved = change.services.analyzers.save_defaults(change.actor, body.disabled, change.stamp, seen=body.version)
        return Answer(200, saved.model_dump(mode="json"))

    return change.once([ANALYZERS_EDIT.name, body.model_dump()], act)


@router.post(
    Rest.ANALYZERS_ROLLBACK,
    response_model=AnalyzerDefaults,
    **changes(ANALYZERS_ROLLBACK, errors=("CHANGED", "NO_CHANGE")),
)
def roll_back_analyzer_defaults(body: Annotated[DefaultsRollback, Body()], change: ChangeDep) -> Response:
    """Save what an earlier version says as the next one; needs a reason. It holds for scans started afterwards."""

    def act() -> Answer:
        service = change.services.analyzers
        saved = service.roll_back_defaults(change.actor, body.version, change.stamp, seen=body.seen)
        return Answer(200, saved.model_dump(mode="json"))

    return change.once([ANALYZERS_ROLLBACK.name, body.model_dump()], act)


@router.get(Rest.ANALYZERS_DEFAULTS_VERSIONS, **reads())
def list_analyzer_defaults_versions(
    services: ServicesDep, actor: ActorDep, limit: Annotated[int, Query(ge=1, le=VERSIONS_MAX)] = VERSIONS_MAX
) -> DefaultsVersions:
    """What was saved, the newest first."""
    return DefaultsVersions(items=services.analyzers.defaults_versions(actor, limit=limit))


@router.get(Rest.ANALYZERS_RUNS, **reads())
def list_analyzer_runs(
    services: ServicesDep,
    actor: ActorDep,
    analyzer: Annotated[list[str], Query(min_length=1, max_length=RUNS_OF_MAX)],
    limit: Annotated[int, Query(ge=1, le=RUNS_MAX)] = RUNS_SHOWN,
) -> dict[str, list[AnalyzerRun]]:
    """The last runs of each of these analyzers, the newest first."""
    return services.analyzers.runs(actor, analyzer, limit=limit)


@router.get(Rest.ANALYZERS_TESTS, **reads())
def list_analyzer_tests(services: ServicesDep, actor: ActorDep) -> dict[str, TestRun]:
    """The last self-test of each analyzer that was tested."""
    return services.analyzers.tests(actor)


@router.get(Rest.ANALYZER, **reads())
def get_analyzer(analyzer: str, services: ServicesDep, actor: ActorDep) -> AnalyzerDetail:
    """One analyzer with its last runs, its last self-test, and the rules of its health."""
    return services.analyzers.get(actor, analyzer)


@router.post(
    Rest.ANALYZER_TEST, status_code=202, response_model=TestsStarted, **changes(ANALYZER_TEST, errors=("NOT_ASKED",))
)
def run_analyzer_test(analyzer: str, change: ChangeDep) -> Response:
    """Test one analyzer on the fixture of its ecosystem, as a job that fails when the test does."""
    return change.once([ANALYZER_TEST.name, analyzer], lambda: _tests(change, [analyzer]))


@router.get(Rest.CACHE, **reads())
def get_cache_stats(services: ServicesDep, actor: ActorDep) -> CacheStats:
    """Entries, bytes, hits and misses of the cache of results, and how they stand to their limits."""
    found = services.scan_cache.figures(actor)
    hit_level, hit_words = found.hit_level()
    used_level, used_words = found.used_level()
    return CacheStats(
        figures=found,
        hit_percent=found.hit_percent,
        hit_level=hit_level,
        hit_words=hit_words,
        used_percent=found.used_percent,
        used_level=used_level,
        used_words=used_words,
    )


@router.get(Rest.CACHE_PREVIEW, **reads())
def preview_cache(
    services: ServicesDep,
    actor: ActorDep,
    analyzer: str = "",
    older_days: Annotated[int, Query(ge=0, le=DAYS_MAX)] = 0,
) -> CachePreview:
    """What a clear would drop: all entries, those of one analyzer, those older than so many days, or both."""
    return services.scan_cache.preview(actor, analyzer=analyzer, older_days=older_days)


@router.post(Rest.CACHE_CLEAR, response_model=CachePreview, **changes(CACHE_CLEAR, errors=("CHANGED", "NO_CHANGE")))
def clear_cache(body: Annotated[CachePreview, Body()], change: ChangeDep) -> Response:
    """Drop exactly what a preview showed; needs a reason. 409 if it is not that any more."""

    def act() -> Answer:
        cleared = change.services.scan_cache.clear(change.actor, body, change.stamp)
        return Answer(200, cleared.model_dump(mode="json"))

    return change.once([CACHE_CLEAR.name, body.model_dump(mode="json")], act)


def _tests(change: Change, names: list[str]) -> Answer:
    started: Submission = change.services.analyzers.test(change.actor, names, change.stamp)
    answer = TestsStarted(dag_id=started.dag_id, job_ids=started.job_ids, created=started.created)
    return Answer(202, answer.model_dump(), location=routes.api_job(next(iter(started.job_ids.values()))))
