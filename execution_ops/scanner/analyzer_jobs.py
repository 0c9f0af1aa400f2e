"""The job types that are about analyzers themselves: asking Syft what it is, and testing what it finds."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.analyzers import REFRESH_TYPE, SELFTEST_TYPE, SelfTest
from execution_ops.domain.job_types import JobContext, JobFailed, JobResult, job_type
from execution_ops.domain.scanner_verbs import ANALYZER_TEST, ANALYZERS_REFRESH
from execution_ops.scanner import self_tests, syft
from execution_ops.scanner.analyzers import all_catalogers
from execution_ops.scanner.failures import in_words, logs_cause, permanent
from execution_ops.scanner.jobs import NoPayload


class SelfTestPayload(BaseModel):
    """Which analyzer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    analyzer: str = Field(min_length=1, max_length=100)


@job_type(
    REFRESH_TYPE,
    queue="catalog",
    payload=NoPayload,
    max_attempts=1,
    timeout_s=300,
    scope=ANALYZERS_REFRESH.scope,
)
@logs_cause
def refresh(ctx: JobContext, payload: NoPayload) -> JobResult:
    """Ask Syft which version it is and what it offers."""
    ctx.progress(0, 1, "asking Syft")
    try:
        answer = syft.ask(ctx, anew=True)
    except JobFailed as error:
        ctx.memory.asked_syft(None, str(error))
        raise
    ctx.memory.asked_syft(answer, "")
    groups = all_catalogers(syft.grouped(answer))
    ctx.log.info(
        "%s is Syft %s with %d catalogers in %d analyzers",
        answer.program,
        answer.version,
        len(answer.catalogers),
        len(groups),
    )
    ctx.progress(1, 1, f"Syft {answer.version}")
    return JobResult(
        value={
            "program": answer.program,
            "version": answer.version,
            "catalogers": len(answer.catalogers),
            "analyzers": sorted(groups),
        }
    )


@job_type(
    SELFTEST_TYPE,
    queue="catalog",
    payload=SelfTestPayload,
    max_attempts=1,
    timeout_s=600,
    scope=ANALYZER_TEST.scope,
)
@logs_cause
def selftest(ctx: JobContext, payload: SelfTestPayload) -> JobResult:
    """Run an analyzer on the fixture of its ecosystem and compare with the expected components."""
    if payload.analyzer not in self_tests.tested():
        raise permanent(f"There is no fixture for the analyzer {payload.analyzer}: it can't be tested.")
    expected = self_tests.expected(payload.analyzer)
    try:
        test = _test(ctx, payload.analyzer, expected)
    except JobFailed as error:
        ctx.memory.tested(SelfTest(analyzer=payload.analyzer, expected=expected, problem=str(error)))
        raise
    ctx.memory.tested(test)
    ctx.log.info("Expected: %s", ", ".join(test.expected))
    ctx.log.info("Found: %s", ", ".join(test.found) or "nothing")
    if not test.passed:
        raise permanent(f"The self-test of {test.analyzer} with Syft {test.syft_version} failed. {test.sentence()}")
    ctx.progress(3, 3, test.sentence())
    return JobResult(value={**test.model_dump(mode="json", exclude={"problem"}), "passed": True})


def _test(ctx: JobContext, analyzer: str, expected: tuple[str, ...]) -> SelfTest:
    ctx.progress(0, 3, "asking Syft for its catalogers")
    answer = syft.ask(ctx)
    ctx.memory.met_syft(answer)
    catalogers = all_catalogers(syft.grouped(answer)).get(analyzer, ())
    if not catalogers:
        raise permanent(f"Syft {answer.version} offers no cataloger of the analyzer {analyzer}.")
    ctx.progress(1, 3, "making the fixture")
    source = ctx.work_dir / "fixture"
    with in_words(str(ctx.work_dir)):
        files = self_tests.lay_out(analyzer, source)
        ctx.log.info("The fixture has %d files; running %s", files, ", ".join(one.name for one in catalogers))
        ctx.progress(2, 3, "running Syft")
        document = syft.scan(ctx, syft.Target("dir", source), [one.name for one in catalogers])
    found = {_name(component) for component in document.get("components", ())}
    return SelfTest(analyzer=analyzer, syft_version=answer.version, expected=expected, found=tuple(sorted(found)))


def _name(component: dict[str, object]) -> str:
    """The purl of a component, or in words what has none."""
    return str(component.get("purl") or f"{component.get('type')} {component.get('name')} {component.get('version')}")
