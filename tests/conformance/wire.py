"""What of the conformance suite does not run over the wire, each with its reason."""

from __future__ import annotations

_KEYS = "the REST contract is stricter: a key that was used for another request is refused (tests/api)"
_SIZE = "a request has at most 64 KiB, a DAG 1 MiB, so such a payload gets nowhere (tests/api)"
_FILES = "over the wire a file is asked for with its job, and is fetched (tests/gateway)"
_SCOPES = "over the wire it is the token that has permissions, not the stamp (tests/api)"
_TRUST = "it sets trust roots through the edit of the settings, which leaves them alone over the wire"
_WORKERS = "it does what only the job of a worker does, who runs beside the engine"
_READS = "reading all over the wire is an export, which the audit tells of itself (tests/api)"
_OFFER = "over the wire the remote's service says earlier, and in other words, why something can't be undone"
_FIGURES = "the REST contract has at most 200 groups in one answer"
_HASTE = "it acts within a pause that is shorter than a request may take"
_INSIDE = "it changes the engine from within a call of the engine"
_LONG = "a cursor so long is refused as part of the address (tests/api)"
_MANY = "it compares figures with lists several hundred times, which takes minutes over the wire"
_KITS = "the files of kits lie beside the workers: over the wire they are refused, in words"
_NAMES = "it names its plan in a way that no request may"
# By file, or by file and test.
EMBEDDED_ONLY: dict[str, str] = {
    "test_execution::test_a_wrong_dag_is_refused_whole": _SIZE,
    "test_execution::test_an_idempotency_key_gives_the_first_submission_again": _KEYS,
    "test_execution_control::test_a_job_that_waits_for_its_next_try_can_be_canceled": _HASTE,
    "test_reads::test_a_file_is_found_by_its_digest_for_those_who_see_its_job": _FILES,
    "test_rates::test_figures_follow_the_lists_through_everything_that_jobs_go_through": _MANY,
    "test_start_again": _SCOPES,
    "test_retention::test_a_plan_that_is_not_over_keeps_its_entries_and_one_that_is_outlives_them": _NAMES,
    "test_kits_export::test_a_kit_is_handed_out_to_who_sees_all_tenants_only": _KITS,
    "test_kits_trust::test_what_a_key_signed_that_was_disabled_since_does_not_become_active": _TRUST,
    "test_kits_trust::test_an_activation_of_what_a_disabled_key_signed_is_refused_at_once": _TRUST,
    "test_kits_trust::test_a_key_for_logs_does_not_stand_in_for_one_for_kits": _TRUST,
    "test_kits_quarantine::test_a_kit_leaves_quarantine_only_by_passing_or_by_removal": _WORKERS,
    "test_many_groups::test_the_first_groups_are_those_of_the_whole_list": _FIGURES,
    "test_audit::test_pages_meet_without_a_gap_either_way": _READS,
    "test_audit::test_what_others_did_to_other_tenants_is_not_told": _READS,
    "test_audit::test_an_export_is_told_by_its_beginning_and_its_end_and_changes_nothing": _READS,
    "test_undo::test_nothing_is_undone_after_another_change": _OFFER,
    "test_scanner_settings::test_a_key_that_is_disabled_meanwhile_stays_so_whatever_version_is_named": _INSIDE,
    "test_benchmarks::test_a_history_is_paged_from_the_newest": _LONG,
}


def why_not_over_the_wire(name: str) -> str:
    """Why the test `file::test` is about the embedded engine alone; "" if it is about the port."""
    return EMBEDDED_ONLY.get(name, "") or EMBEDDED_ONLY.get(name.partition("::")[0], "")
