"""What can be done with analyzers: authorise, validate, act through the backend, redact what comes back."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.analyzer_health import RULES, WINDOW, Facts, figures_of, judge
from execution_ops.domain.analyzers import (
    ECOSYSTEMS,
    REFRESH_TYPE,
    SELFTEST_TYPE,
    Analyzer,
    AnalyzerList,
    AnalyzerRun,
    SyftInventory,
    TestRun,
    is_replaced,
)
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from execution_ops.domain.job_types import DagSpec, NodeSpec
from execution_ops.domain.jobs import Submission
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.scanner_settings import AnalyzerDefaults
from execution_ops.domain.scanner_verbs import ANALYZER_TEST, ANALYZERS_EDIT, ANALYZERS_REFRESH, ANALYZERS_ROLLBACK
from execution_ops.domain.states import AnalyzerState
from execution_ops.domain.tenants import check_tenant
from execution_ops.domain.times import Instant
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner import self_tests
from execution_ops.scanner.analyzers import OTHER, Cataloger, all_catalogers
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import check_range, sign

VERSIONS_MAX = 100
VERSION_MAX = 2**31 - 1
RUNS_SHOWN = 20
RUNS_MAX = 500
RUNS_OF_MAX = 200
NAMES_MAX = 100
# Of so many activations of kits it is looked which was the last to be made or undone.
SWAPS = 10
# The node of the DAG that asks Syft.
REFRESH_KEY = "refresh"
_SHARED = "All tenants share the default analyzers: only who acts for all of them can change them."


class HealthRule(BaseModel):
    """One rule of health in words; the first that applies decides."""

    model_config = ConfigDict(frozen=True)

    state: AnalyzerState
    words: str


class AnalyzerDetail(BaseModel):
    """One analyzer with its last runs, the newest first, and the rules that its health is told by."""

    model_config = ConfigDict(frozen=True)

    analyzer: Analyzer
    syft_version: str
    runs: tuple[AnalyzerRun, ...]
    rules: tuple[HealthRule, ...]


# Named here: inside the class `list` is its method.
Versions = list[AnalyzerDefaults]
Runs = dict[str, list[AnalyzerRun]]
HEALTH_RULES = tuple(HealthRule(state=rule.state, words=rule.words) for rule in RULES)


class AnalyzerService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: Backend, *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._redact = Redactor(redact_keys)

    # reading

    def list(self, actor: Actor) -> AnalyzerList:
        """All analyzers of the Syft in use, by name, with their health; none before it was asked once."""
        require(actor, Scope.READ)
        inventory = self._inventory(actor)
        defaults = self._shown(self._backend.analyzer_defaults())
        groups = _groups(inventory)
        runs = self._backend.analyzer_runs(tuple(groups), tenants=actor.tenants, limit=WINDOW)
        tests = self._backend.analyzer_tests(tenants=actor.tenants)
        found = tuple(
            self._analyzer(name, members, inventory, defaults, runs.get(name, []), tests.get(name))
            for name, members in groups.items()
        )
        by_health = {state: sum(one.health is state for one in found) for state in AnalyzerState}
        return AnalyzerList(
            inventory=inventory,
            analyzers=found,
            by_health=by_health,
            defaults=defaults,
            replaced_at=self._replaced_at(inventory),
        )

    def get(self, actor: Actor, name: str) -> AnalyzerDetail:
        """One analyzer; NotFound if the Syft in use has none of that name."""
        require(actor, Scope.READ)
        found = self.list(actor)
        analyzer = next((one for one in found.analyzers if one.name == name), None)
        if analyzer is None:
            raise NotFound(f"The Syft in use has no analyzer {name[:NAMES_MAX]!r}.")
        runs = self._backend.analyzer_runs((name,), tenants=actor.tenants, limit=RUNS_SHOWN).get(name, [])
        return AnalyzerDetail(
            analyzer=analyzer,
            syft_version=found.inventory.answer.version if found.inventory.answer else "",
            runs=tuple(map(self._run, runs)),
            rules=HEALTH_RULES,
        )

    def runs(self, actor: Actor, names: Sequence[str], *, limit: int) -> Runs:
        """The last runs of each of these analyzers, the newest first."""
        require(actor, Scope.READ)
        check_range("limit", limit, RUNS_MAX)
        found = self._backend.analyzer_runs(tuple(names), tenants=actor.tenants, limit=limit)
        return {name: [self._run(run) for run in runs] for name, runs in found.items()}

    def tests(self, actor: Actor) -> dict[str, TestRun]:
        """The last self-test of each analyzer that was tested."""
        require(actor, Scope.READ)
        found = self._backend.analyzer_tests(tenants=actor.tenants)
        return {name: self._test(test) for name, test in found.items()}

    def defaults(self, actor: Actor) -> AnalyzerDefaults:
        """Which analyzers scans run that are started now."""
        require(actor, Scope.READ)
        return self._shown(self._backend.analyzer_defaults())

    def defaults_versions(self, actor: Actor, *, limit: int = VERSIONS_MAX) -> Versions:
        """What was saved, the newest first."""
        require(actor, Scope.READ)
        check_range("limit", limit, VERSIONS_MAX)
        return [self._shown(one) for one in self._backend.analyzer_defaults_versions(limit=limit)]

    # writing

    def refresh(self, actor: Actor, stamp: Stamp, *, tenant: str = "") -> Submission:
        """Ask Syft again, as a job of the node REFRESH_KEY."""
        spec = DagSpec(title="Ask Syft what it offers", nodes=(NodeSpec(key=REFRESH_KEY, job_type=REFRESH_TYPE),))
        return self._submit(ANALYZERS_REFRESH, actor, spec, stamp, tenant)

    def test(self, actor: Actor, names: Sequence[str], stamp: Stamp, *, tenant: str = "") -> Submission:
        """Test these analyzers, each as one job under its name; without names all that there is a fixture for."""
        actor = require(actor, ANALYZER_TEST.scope)
        testable = self_tests.tested()
        wanted = sorted(set(names)) or sorted(testable & set(_groups(self._inventory(actor))))
        if not wanted:
            raise Conflict("It is not known yet which analyzers Syft has: refresh first.", code="NOT_ASKED")
        for name in wanted:
            if name not in testable:
                raise InvalidInput(f"There is no fixture for {name[:NAMES_MAX]!r}: it can't be tested.")
        title = f"Self-test of {wanted[0]}" if len(wanted) == 1 else f"Self-tests of {len(wanted)} analyzers"
        nodes = tuple(
            NodeSpec(key=name, job_type=SELFTEST_TYPE, payload={"analyzer": name}, label=name) for name in wanted
        )
        return self._submit(ANALYZER_TEST, actor, DagSpec(title=title, nodes=nodes), stamp, tenant)

    def save_defaults(
        self, actor: Actor, disabled: Sequence[str], stamp: Stamp, *, seen: int | None
    ) -> AnalyzerDefaults:
        """Make the next version: all analyzers but the disabled ones. Conflict if `seen` is not the last version.

        Holds for scans that are started afterwards.
        """
        signed = _sign_defaults(ANALYZERS_EDIT, actor, stamp)
        names = self._check_disabled(actor, disabled)
        return self._shown(self._backend.save_analyzer_defaults(names, ANALYZERS_EDIT, signed, seen=seen))

    def roll_back_defaults(
        self, actor: Actor, number: int, stamp: Stamp, *, seen: int | None = None
    ) -> AnalyzerDefaults:
        """Save what an earlier version says as the next one; 0 are all analyzers. Conflict as for a save.

        What it leaves out stays left out even if the Syft in use does not have it.
        """
        signed = _sign_defaults(ANALYZERS_ROLLBACK, actor, stamp)
        earlier = self._backend.analyzer_defaults_version(number) if 0 <= number <= VERSION_MAX else None
        if earlier is None:
            raise NotFound(f"There is no version {number} of the default analyzers.")
        self._check_one_left(actor, earlier.disabled)
        return self._shown(
            self._backend.save_analyzer_defaults(earlier.disabled, ANALYZERS_ROLLBACK, signed, seen=seen)
        )

    # helpers

    def _submit(self, verb: Verb, actor: Actor, spec: DagSpec, stamp: Stamp, tenant: str) -> Submission:
        actor = require(actor, verb.scope)
        name = check_tenant(actor, tenant)
        return self._backend.submit(spec, tenant=name, stamp=sign(verb, actor, stamp))

    def _check_disabled(self, actor: Actor, disabled: Sequence[str]) -> tuple[str, ...]:
        names = tuple(sorted(set(disabled)))
        offered = set(_groups(self._inventory(actor)))
        # One that only another Syft has may stay disabled.
        known = offered | set(ECOSYSTEMS) | set(self._backend.analyzer_defaults().disabled)
        unknown = [name for name in names if name not in known]
        if unknown:
            raise InvalidInput(f"There is no analyzer {unknown[0][:NAMES_MAX]!r}.", field="disabled")
        self._check_one_left(actor, names)
        return names

    def _check_one_left(self, actor: Actor, disabled: Sequence[str]) -> None:
        offered = set(_groups(self._inventory(actor)))
        if offered and offered <= set(disabled):
            raise InvalidInput("A scan without any analyzer finds nothing: leave at least one.", field="disabled")

    def _shown(self, version: AnalyzerDefaults) -> AnalyzerDefaults:
        return version.model_copy(update={"reason": self._redact.text(version.reason)})

    def _inventory(self, actor: Actor) -> SyftInventory:
        found = self._backend.syft_inventory(tenants=actor.tenants)
        return found.model_copy(update={"problem": self._redact.text(found.problem)}) if found.problem else found

    def _replaced_at(self, inventory: SyftInventory) -> Instant | None:
        # A roll-back marks an earlier activation: it need not be the newest that was touched last.
        swaps = self._backend.kit_activations(limit=SWAPS)
        swapped_at = max((one.undone_at or one.at for one in swaps), default=None)
        brought, kits = self._backend.active_syft(), self._backend.kit_root
        return swapped_at if swapped_at and is_replaced(inventory, brought, kits, swapped_at) else None

    def _analyzer(
        self,
        name: str,
        catalogers: Sequence[Cataloger],
        inventory: SyftInventory,
        defaults: AnalyzerDefaults,
        runs: Sequence[AnalyzerRun],
        test: TestRun | None,
    ) -> Analyzer:
        figures, has_fixture = figures_of([*map(self._run, runs)]), name in self_tests.tested()
        shown = self._test(test) if test else None
        verdict = judge(Facts(inventory, figures, shown, has_fixture))
        return Analyzer(
            name=name,
            ecosystem=ECOSYSTEMS.get(name, ECOSYSTEMS[OTHER]),
            catalogers=tuple(one.name for one in catalogers),
            capabilities=tuple(sorted({tag for one in catalogers for tag in one.tags})),
            is_default=name not in defaults.disabled,
            has_fixture=has_fixture,
            health=verdict.state,
            health_words=verdict.words,
            health_rule=verdict.place,
            figures=figures,
            test=shown,
        )

    def _test(self, test: TestRun) -> TestRun:
        problem = self._redact.text(test.result.problem)
        if problem == test.result.problem:
            return test
        return test.model_copy(update={"result": test.result.model_copy(update={"problem": problem})})

    def _run(self, run: AnalyzerRun) -> AnalyzerRun:
        error = self._redact.text(run.error)
        return run if error == run.error else run.model_copy(update={"error": error})


def why_defaults_off(actor: Actor) -> str:
    """Why the actor can't change the default analyzers, in words; empty if they can."""
    within = actor.within(ANALYZERS_EDIT.scope)
    return why_off(ANALYZERS_EDIT, actor) or (_SHARED if within.tenants is not None else "")


def _sign_defaults(verb: Verb, actor: Actor, stamp: Stamp) -> Stamp:
    if why := why_defaults_off(actor):
        raise Forbidden(why)
    return sign(verb, actor, stamp)


def _groups(inventory: SyftInventory) -> dict[str, tuple[Cataloger, ...]]:
    if inventory.answer is None:
        return {}
    return all_catalogers(Cataloger(name=one.name, tags=frozenset(one.tags)) for one in inventory.answer.catalogers)
