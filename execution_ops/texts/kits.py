"""Offline kits."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from execution_ops.domain.times import describe_instant
from execution_ops.domain.words import counted

# pages/offline_kits.py
VERIFY_A_PATH: Final = "Verify a path"
UPLOAD_A_KIT: Final = "Upload a kit"
WHOSE_ITS_BASELINES_BECOME: Final = "The tenant that its baselines become those of."
NO_KEY_IS_TRUSTED_YET: Final = "No key is trusted yet, so every kit is refused."
ADD_ONE_IN_THE_SETTINGS: Final = "Add a trust root in the settings"
NO_ACTIVE_KIT: Final = "none: scans use what is installed here"
THE_ACTIVE_KIT: Final = "The active kit"
FORCED: Final = "forced"
HOW_OLD: Final = "How old"
ACTIVATED: Final = "Activated"
ROLL_BACK_TO: Final = "Roll back to"
KIT: Final = "Kit"
RECEIVED: Final = "Received"
HIDE_REMOVED_KITS: Final = "Hide removed kits"
SHOW_REMOVED_KITS: Final = "Show removed kits"
KITS: Final = "Kits"
THE_LAST_RECEIVED_FIRST: Final = "The last received first"
NO_KIT_IS_KEPT_HERE: Final = "No kit is kept here"
NO_KIT_IS_KEPT_HERE_WHY: Final = "Upload one, or verify one that lies below the scan roots."
NO_OFFLINE_KIT_AND_NO_KEY: Final = "No offline kit, and no key that one could be signed with"
NO_OFFLINE_KIT_AND_NO_KEY_WHY: Final = (
    "A kit carries baselines, analyzer settings and Syft to a site without a network. First say whose signature "
    "counts: add the public key of who makes your kits."
)
ADD_A_TRUST_ROOT: Final = "Add a trust root"
NO_OFFLINE_KIT_YET: Final = "No offline kit yet"
NO_OFFLINE_KIT_YET_WHY: Final = (
    "Upload one that was carried here, or verify one that lies below the scan roots. To make one for another "
    "site, export it."
)


# pages/kit_panel.py
IT_IS_NOT_THERE: Final = "It is not there"
IT_IS_NOT_THERE_WHY: Final = "No kit or job of this id is known here."
VERIFICATION: Final = "Verification"
IT_WAITS_FOR_A_WORKER: Final = "It waits for a worker, or has just begun."
EXPECTED: Final = "Expected"
FOUND: Final = "Found"
WHAT_TO_DO: Final = "What to do"
COPY_THE_COMMAND: Final = "Copy the command"
OPEN_THE_KIT: Final = "Open the kit"
VERIFY_AGAIN: Final = "Verify again"
THE_KIT: Final = "The kit"
ACTIVATIONS: Final = "Activations"
NO_KIT_WAS_ACTIVATED_YET: Final = "No kit was activated yet"
NO_KIT_WAS_ACTIVATED_YET_WHY: Final = "Open a kit to see how it was verified; one that passed can be activated there."
OPEN_A_KIT_OR_A_JOB: Final = "open a kit or a job to see its verification"

DONE_BY: Final = "{at} by {by}: {reason}"
FORCED_TO_A_LOWER_VERSION: Final = "forced to a lower version"


# pages/kit_side.py
QUARANTINE: Final = "Quarantine"
LEAVING_IT_NEEDS_A_REASON: Final = "Leaving it needs a reason, which is kept in the audit log."
LATELY: Final = "Lately"
JOBS_ON_KITS: Final = "jobs on kits"

IN_QUARANTINE_SINCE: Final = "since {since} · {left} · {log}"
LOG_LINK: Final = "log"


# pages/kit_dialogs.py
UPLOAD_A_KIT_LEAD: Final = (
    "It is verified step by step. Imported, it is kept whole, or put into quarantine; what is active stays."
)
KIT_TO_VERIFY: Final = "Kit, a tar file or a directory"
KIT_TO_VERIFY_HELP: Final = "An absolute path below the scan roots, on the machine that runs the workers."
IMPORT_IT_TOO: Final = "Import it, too: kept whole if it passes, else put into quarantine"
VERIFY_A_PATH_LEAD: Final = "A dry run: it checks the kit step by step and changes nothing."
NO_BASELINE_HERE: Final = "There is no baseline here: save one from a scan first."
THE_DEFAULT_ANALYZERS: Final = "The default analyzers"
THE_SYFT_IN_USE: Final = "The Syft in use, for sites of the same kind of machine"
EXPORT_LEAD: Final = "The finished kit is a file of the job that builds it."
VERSION_HELP: Final = "Numbers joined by dots, such as 2026.11.14."
CHANNEL: Final = "Channel"
PROMOTED: Final = "promoted"

SIGNED_WITH: Final = "Signed with the key of {place}, which is not stored."
NO_KEY_TO_SIGN_WITH: Final = (
    "This process knows no key to sign with. The worker needs {variable}, the file of a private key."
)
KEY_VARIABLE: Final = "EXECUTION_OPS_KIT_KEY"


# state/kits_view.py, state/kit_panel_view.py


def kits_in_quarantine(count: int) -> str:
    """The page in one sentence while kits are locked."""
    kits = "One kit is" if count == 1 else f"{count} kits are"
    return f"Signed bundles carried into this site. {kits} in quarantine."


def activated(at: str, by: str, reason: str, *, forced: bool) -> str:
    """When, by whom and why a kit was activated."""
    return f"{at} by {by}{', forced to a lower version' if forced else ''}: {reason}"


# state/kits_reading.py


def is_active_again(title: object) -> str:
    return f"{title} is active again."


def files_removed(title: object) -> str:
    return f"The files of {title} are removed."


def started(label: object) -> str:
    return f"{label}: started."


# state/kits_view.py
REMOVED_ITS_RECORD_STAYS: Final = "removed; its record stays"
FORCED_LOWER_THAN_THE_ONE_BEFORE: Final = "forced, lower than the one before"
FILES_REMOVED_RECORD_KEPT: Final = "files removed, record kept"
KEPT_FOR_A_ROLL_BACK: Final = "kept for a roll-back"
LOWER_THAN_THE_ACTIVE_ONE: Final = "lower than the active one"
CAN_BE_ACTIVATED: Final = "can be activated"
DELETED_WITH_THE_NEXT_REFUSED: Final = "deleted when the next kit is refused"
NONE_ACTIVE_SUMMARY: Final = "Signed bundles carried into this site. None is active yet."
KITS_SUMMARY: Final = "Signed bundles carried into this site."
ACTIVE_NOW: Final = "Active now"
BRINGS: Final = "Brings"
LOWER_VERSION: Final = "Lower version"
STAYS_MARKED: Final = "this is forced, and stays marked as such"
ACTIVE_THEN: Final = "Active then"
STAYS: Final = "Stays"
RECORD_LOG_AND_REASON: Final = "its record, its log and the reason"


def refused_at(category: object) -> str:
    return f"refused at: {category}"


def deleted_in(days: object) -> str:
    return f"deleted in {days} d"


def rolled_back(undone_by: object, undone_reason: object) -> str:
    return f"rolled back by {undone_by}: {undone_reason}"


def asks_force(title: object) -> str:
    return f"Force the lower version {title}?"


def force(title: object) -> str:
    return f"Force {title}"


def asks_roll_back(title: object) -> str:
    return f"Roll back from {title}?"


def roll_back_to(title: object) -> str:
    return f"Roll back to {title}"


# state/kit_panel_view.py
VERIFICATION_OF: Final = "Verification of"
IMPORT_OF: Final = "Import of"
RELEASE_OF: Final = "Release of"
ACTIVATION_OF: Final = "Activation of"
EXPORT_OF: Final = "Export of"
WORK_ON: Final = "Work on"
ACTIVATING_IT_TAKES_FORCE: Final = "Lower than the active kit: activating it takes force, and it stays marked."
KEPT_LOWER_THAN_THE_ACTIVE_KIT: Final = "kept, lower than the active kit"
HOLDS: Final = "Holds"
SIGNED_BY: Final = "Signed by"
REMOVED: Final = "Removed"


def verify_command(source: object) -> str:
    return f"execution-ops kits verify {source}"


def kit(title: object) -> str:
    return f"Kit {title}"


def step(count: object) -> str:
    return f"step {count}"


def refused_exit_code(exit_code: object) -> str:
    return f"refused, exit code {exit_code}"


def received(received_at: datetime, received_by: object, source: object) -> str:
    return f"{describe_instant(received_at)} by {received_by}, from {source}"


def removed_by(removed_by: object, remove_reason: object) -> str:
    return f"by {removed_by}: {remove_reason}"


# state/kit_dialogs.py
GIVE_THE_ABSOLUTE_PATH: Final = "Give the absolute path of the kit."


def brings(baselines: int, *, syft: bool) -> str:
    """What an activation changes."""
    return f"{counted(baselines, 'baseline')}{', its own Syft' if syft else ''}"
