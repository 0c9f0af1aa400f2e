"""Baselines, their comparison, and how the result of a scan becomes one."""

from __future__ import annotations

from typing import Final

# pages/baselines.py
COMPARE_BASELINES: Final = "Compare baselines"
BASELINES_FILTER: Final = "Filter by source, label, state, tenant, time"
CHOOSE_NONE: Final = "Cancel"
FROM: Final = "From"
NOT_GREEN: Final = "not green"
THE_SCAN_HAD_NOT_SUCCEEDED: Final = "The scan had not succeeded as a whole."
NO_OTHER_BASELINE: Final = "No other baseline"
NO_OTHER_BASELINE_WHY: Final = (
    "There is nothing to compare it with yet. Scan the source again, then save that result too."
)
NO_BASELINE_YET: Final = "No baseline yet"
NO_BASELINE_YET_WHY: Final = (
    "A baseline is what a scan found, kept to compare later scans of the same source with. Scan something, then "
    "save its result: each merge, compare and export job of a scan offers that. Promoted, it is what every scan "
    "of the source is compared with."
)
MERGE_JOBS: Final = "Merge jobs"

CHOOSE_WHAT_TO_COMPARE: Final = "Choose the baseline to compare {name} with. {out}"


# pages/baseline_drawer.py
GO_BACK_TO_THE_LIST: Final = "Go back to the list. The scan that it came from is kept."
THIS_BASELINE_IS_NOT_THERE: Final = "This baseline is not there"
THE_BASELINE: Final = "The baseline"
DOCUMENT: Final = "Document"
NOT_SAID: Final = "not said"
PROMOTED: Final = "Promoted"
COMPARE_WITH: Final = "Compare with"
CHOOSE_ANOTHER: Final = "Choose another"
PROMOTIONS_OF_THIS_SOURCE: Final = "Promotions of this source"
CYCLONEDX: Final = "CycloneDX"
AN_OFFLINE_KIT: Final = "An offline kit"
A_SCAN: Final = "A scan"
NOT_NOW: Final = "not now"
NOT_OFFERED: Final = "not offered"
SUGGESTED: Final = "suggested"
NO_PROMOTION_YET: Final = "None yet: scans of this source compare with nothing."
SEE_EVERY_CHANGE_FIRST: Final = "See every change first"

DOCUMENT_IS: Final = "{file}, {size}, SHA-256 {digest}"
FROM_A_SCAN: Final = "{scan} that {ended}"
PROMOTED_BY: Final = "{at}, {by}: “{reason}”"


# pages/comparison.py
EXPORT_THESE_CHANGES: Final = "Export these changes"
CYCLONEDX_1_6: Final = "CycloneDX 1.6"
ALL_OF_IT_AS_A_JOB: Final = "All of it, as a job"
ALL_BASELINES: Final = "All baselines"
COMPARE_THE_OTHER_WAY_ROUND: Final = "Compare the other way round"
TO: Final = "To"
KINDS_OF_CHANGE: Final = "Kinds of change"
A_PART_OF_A_NAME: Final = "A part of a name or purl"
FILTER_THE_CHANGES_BY_TEXT: Final = "Filter the changes by text"
EVERY_ECOSYSTEM: Final = "Every ecosystem"
ECOSYSTEM: Final = "Ecosystem"
FILTER: Final = "Filter"
PACKAGE: Final = "Package"
LICENCES: Final = "Licences"
BECAME: Final = "became"
NO_VERSION: Final = "no version"
NONE_DECLARED: Final = "none declared"
NOTHING_CHANGED: Final = "Nothing changed"

COMPONENTS_SAVED: Final = "{count} components, saved {at}"


# pages/job_baseline.py
OPEN_THE_COMPARISON: Final = "open the comparison"
LABEL: Final = "Label"
LABEL_HELP: Final = "A name for people, like a release: 1.4.0. Versions are put in order by it."
SAVE_THE_RESULT_OF_THIS_SCAN: Final = "Save the result of this scan?"

KEPT_AS_THE_BASELINE: Final = "This result is kept as the baseline {name}."
COMPARED_WITH: Final = "The scan was compared with {name}: {comparison}."
COMPARED_WITH_THE_PROMOTED: Final = (
    "This scan was compared with the promoted baseline {name}. Save its result as a candidate to see every change "
    "on the page of the comparison."
)


# state/baselines.py
BASELINES_SUMMARY: Final = "What scans found, kept to compare later scans of the same source with."
A_JOB_COMPARES_THEM: Final = "A job compares them and keeps the changes."
THE_CHANGES_ARE_KEPT: Final = "The changes are kept with the job as CSV, JSON and CycloneDX."
THE_CHANGES_WERE_NOT_KEPT: Final = "The changes were not kept."


def choose_what_to_compare(choosing: object) -> str:
    return f"Choose what to compare {choosing} with."


# state/baselines_view.py
NOTHING_IS_PROMOTED: Final = "nothing is promoted any more"
SCAN: Final = "Scan"
KIT: Final = "Kit"
SUCCEEDED_AS_A_WHOLE: Final = "succeeded as a whole"
HAD_NOT_SUCCEEDED_AS_A_WHOLE: Final = "had not succeeded as a whole when this was saved"


# state/baseline_verbs.py
PROMOTED_NOW: Final = "Promoted now"
NOTHING_PROMOTED_SO_FAR: Final = "nothing: scans of this source have compared with nothing so far"
COMPARING: Final = "comparing with the promoted one …"


def is_deleted(named: object) -> str:
    return f"{named} is deleted."


def is_promoted_again(named: object) -> str:
    return f"{named} is promoted again: scans of its source compare with it."


def is_being_promoted(named: object) -> str:
    return f"{named} is being promoted."


def is_promoted(named: object) -> str:
    return f"{named} is promoted: scans of its source compare with it."


def was_not_promoted(named: object) -> str:
    return f"{named} was not promoted."


# state/comparison_view.py
ALL_CHANGES: Final = "All changes"
THESE_ARE_BASELINES_OF_TWO_SOURCES: Final = " These are baselines of two sources."


def rows_shown(start: int, end: int, matching: int) -> str:
    return f"{start:,} to {end:,} of {matching:,}"


def none_shown(matching: int) -> str:
    return f"None of {matching:,}"


def packages_are_the_same(same: int) -> str:
    return f"{same:,} packages are the same."


def nothing_changed_but(same: object) -> str:
    return f"Nothing changed; {same}"


def packages_changed(total: int, same: object) -> str:
    return f"{total:,} packages changed; {same}"


# state/job_baseline.py
OPEN_THE_BASELINE: Final = "Open the baseline"


def kept_as(one: object, state: object, source: object) -> str:
    return f"{one} is kept as a {state} of {source}."
