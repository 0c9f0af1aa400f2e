"""What an operator can do in Scanner Ops; part of the one table of verbs."""

from __future__ import annotations

from execution_ops.domain.access import Scope
from execution_ops.domain.states import BaselineState, KitState
from execution_ops.domain.verb import Verb

KIT_VERIFY = Verb(
    name="kit_verify",
    label="Verify",
    scope=Scope.SCANNER,
    icon="shield-check",
    effect="Checks the kit step by step. Nothing is imported.",
)
KIT_IMPORT = Verb(
    name="kit_import",
    label="Import",
    scope=Scope.SCANNER,
    icon="upload",
    effect="Verifies the kit and stores it whole; one that fails goes to quarantine. What is active stays.",
)
KIT_ACTIVATE = Verb(
    name="kit_activate",
    label="Activate",
    scope=Scope.SCANNER,
    applies_to=frozenset({KitState.VERIFIED, KitState.SUPERSEDED}),
    reason_required=True,
    danger=True,
    inverse="kit_rollback",
    icon="package-check",
    effect="Its baselines are promoted and its analyzer settings hold for scans started afterwards.",
    refusal="Only a verified kit, or one that was active before, can be activated.",
)
KIT_ROLLBACK = Verb(
    name="kit_rollback",
    label="Roll back",
    scope=Scope.SCANNER,
    applies_to=frozenset({KitState.ACTIVE}),
    reason_required=True,
    danger=True,
    inverse="kit_activate",
    icon="undo-2",
    effect="The kit that was active before is active again, with the baselines and analyzer settings of then.",
    refusal="No kit is active that one could go back from.",
)
KIT_RELEASE = Verb(
    name="kit_release",
    label="Release",
    scope=Scope.SCANNER,
    applies_to=frozenset({KitState.QUARANTINED}),
    reason_required=True,
    icon="shield-ban",
    effect="Verifies the kit again. It leaves quarantine and is imported only if it passes then.",
    refusal="Only a kit in quarantine can be released.",
)
KIT_REMOVE = Verb(
    name="kit_remove",
    label="Remove",
    scope=Scope.SCANNER,
    applies_to=frozenset({KitState.QUARANTINED, KitState.VERIFIED, KitState.SUPERSEDED}),
    reason_required=True,
    danger=True,
    icon="trash-2",
    effect="Deletes the files of the kit; its record and its log stay. This can't be undone.",
    refusal="The active kit can't be removed.",
)
KIT_EXPORT = Verb(
    name="kit_export",
    label="Export a kit",
    scope=Scope.SCANNER,
    icon="package",
    effect="Builds a kit from the chosen baselines and settings and signs it with a key that is not stored.",
)
KIT_VERBS = (KIT_VERIFY, KIT_IMPORT, KIT_ACTIVATE, KIT_ROLLBACK, KIT_RELEASE, KIT_REMOVE, KIT_EXPORT)

BASELINE_SAVE = Verb(
    name="baseline_save",
    label="Save as candidate",
    scope=Scope.SCANNER,
    inverse="baseline_remove",
    icon="save",
    effect="Keeps the merged result of the scan, to be compared with and promoted.",
)
BASELINE_COMPARE = Verb(
    name="baseline_compare",
    label="Keep as a job",
    scope=Scope.SCANNER,
    icon="save",
    effect="A job compares the two once more and keeps what changed as CSV, JSON and CycloneDX.",
)
BASELINE_PROMOTE = Verb(
    name="baseline_promote",
    label="Promote",
    scope=Scope.SCANNER,
    applies_to=frozenset({BaselineState.CANDIDATE}),
    reason_required=True,
    inverse="baseline_rollback",
    icon="circle-check",
    effect="Scans of this source that compare from now on compare with it.",
    refusal="This baseline is promoted already.",
)
BASELINE_ROLLBACK = Verb(
    name="baseline_rollback",
    label="Roll back",
    scope=Scope.SCANNER,
    applies_to=frozenset({BaselineState.PROMOTED}),
    reason_required=True,
    inverse="baseline_promote",
    icon="undo-2",
    effect="The baseline that was promoted before is promoted again.",
    refusal="Only a promoted baseline can be rolled back.",
)
BASELINE_REMOVE = Verb(
    name="baseline_remove",
    label="Delete",
    scope=Scope.SCANNER,
    applies_to=frozenset({BaselineState.CANDIDATE}),
    reason_required=True,
    danger=True,
    icon="trash-2",
    effect="The candidate is deleted; the scan that it came from stays.",
    refusal="A promoted baseline can't be deleted: promote another first.",
)
BASELINE_VERBS = (BASELINE_SAVE, BASELINE_COMPARE, BASELINE_PROMOTE, BASELINE_ROLLBACK, BASELINE_REMOVE)

ANALYZERS_EDIT = Verb(
    name="analyzers_edit",
    label="Change the default analyzers",
    scope=Scope.SCANNER,
    reason_required=True,
    inverse="analyzers_rollback",
    icon="pencil",
    effect="Holds for scans started afterwards. Scans that were started go on with what held then.",
)
ANALYZERS_ROLLBACK = Verb(
    name="analyzers_rollback",
    label="Roll back",
    scope=Scope.SCANNER,
    reason_required=True,
    inverse="analyzers_edit",
    icon="undo-2",
    effect="What an earlier version says is saved as the next one. It holds for scans started afterwards.",
)
ANALYZERS_REFRESH = Verb(
    name="analyzers_refresh",
    label="Refresh",
    scope=Scope.SCANNER,
    icon="refresh-cw",
    effect="Asks Syft again which version it is and what it offers.",
)
ANALYZER_TEST = Verb(
    name="analyzer_test",
    label="Self-test",
    scope=Scope.SCANNER,
    icon="flask-conical",
    effect="Runs the analyzer on a small fixture of its ecosystem and compares with the expected components.",
)
CACHE_CLEAR = Verb(
    name="cache_clear",
    label="Clear the cache",
    scope=Scope.SCANNER,
    reason_required=True,
    danger=True,
    icon="eraser",
    effect="Drops the entries that were shown. The next scans of these sources run Syft again.",
)
ANALYZER_VERBS = (ANALYZERS_EDIT, ANALYZERS_ROLLBACK, ANALYZERS_REFRESH, ANALYZER_TEST, CACHE_CLEAR)

BENCH_RUN = Verb(
    name="bench_run",
    label="Run a benchmark",
    scope=Scope.SCANNER,
    inverse="cancel",
    icon="play",
    effect="Runs each analyzer on the scenario, some passes to warm up and then the measured ones.",
)
BENCH_PROMOTE = Verb(
    name="bench_promote",
    label="Make it the baseline",
    scope=Scope.SCANNER,
    reason_required=True,
    icon="circle-check",
    effect="Later results of the same scenario and analyzer are compared with it.",
)
BENCH_VERBS = (BENCH_RUN, BENCH_PROMOTE)

SETTINGS_EDIT = Verb(
    name="scanner_settings_edit",
    label="Save the settings",
    scope=Scope.SCANNER,
    reason_required=True,
    inverse="scanner_settings_rollback",
    icon="save",
    effect="They are the next version. Scans started afterwards keep to it; those that run keep theirs.",
)
SETTINGS_ROLLBACK = Verb(
    name="scanner_settings_rollback",
    label="Roll back",
    scope=Scope.SCANNER,
    reason_required=True,
    inverse="scanner_settings_edit",
    icon="undo-2",
    effect="What an earlier version says is saved as the next one. Trust roots stay as they are.",
)
TRUST_ADD = Verb(
    name="trust_add",
    label="Add a key",
    scope=Scope.ADMIN,
    reason_required=True,
    inverse="trust_disable",
    icon="key-round",
    effect="What is signed with the key is trusted from then on.",
)
TRUST_DISABLE = Verb(
    name="trust_disable",
    label="Disable the key",
    scope=Scope.ADMIN,
    reason_required=True,
    danger=True,
    inverse="trust_enable",
    icon="ban",
    effect="What is signed with the key is refused from then on. Kits that were imported stay.",
)
TRUST_ENABLE = Verb(
    name="trust_enable",
    label="Enable the key",
    scope=Scope.ADMIN,
    reason_required=True,
    inverse="trust_disable",
    icon="check",
    effect="What is signed with the key is trusted again.",
)
DETERMINISM_CHECK = Verb(
    name="determinism_check",
    label="Determinism check",
    scope=Scope.SCANNER,
    inverse="cancel",
    icon="equal",
    effect="Scans a source twice in full, without the cache, and shows that the results are identical or where not.",
)
SCANNER_SETTINGS_VERBS = (
    SETTINGS_EDIT,
    SETTINGS_ROLLBACK,
    TRUST_ADD,
    TRUST_DISABLE,
    TRUST_ENABLE,
    DETERMINISM_CHECK,
)

SCANNER_VERBS = (*KIT_VERBS, *BASELINE_VERBS, *ANALYZER_VERBS, *BENCH_VERBS, *SCANNER_SETTINGS_VERBS)
