"""The scanner's settings."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from execution_ops.domain.times import describe_instant

# pages/scanner_settings.py
PARTS_OF_THE_SETTINGS: Final = "Parts of the settings"


# pages/settings_form.py
THIS_IS_WHAT_HOLDS_ALREADY: Final = "This is what holds already."
ONE_FIELD_NEEDS_ANOTHER_LOOK: Final = "One field needs another look."
DISCARD: Final = "Discard"
REVIEW: Final = "Review"
UNSAVED_CHANGES: Final = "Unsaved changes"
SAVED_WHILE_YOU_CHANGED: Final = "The settings were saved by somebody else while you were changing them."
WHAT_YOU_TYPED_IS_STILL_HERE: Final = (
    "What you typed is still here. Nothing of theirs is overwritten unless you changed it, too."
)
GO_ON_WITH_MINE_ON_TOP: Final = "Go on with mine on top"
FIRST_LOOK_AT_WHAT_WAS_SAVED: Final = "First look at what was saved meanwhile."
GO_ON_CHANGING: Final = "Go on changing"
SAVE_1_CHANGE: Final = "Save 1 change?"

ABOUT: Final = {
    "determinism": "What makes two scans of one source the same, to the byte.",
    "limits": "An archive or image beyond them is refused as a decompression bomb.",
    "timeouts": "How long each attempt of a step may take.",
    "cache": "What analyzers found in sources that are known by their digest.",
    "staleness": "From which age on the active offline kit is called stale.",
    "bench": "When a benchmark is a breach.",
}
SOMEBODY_ELSE_SAVED: Final = "somebody else saved"
ONE_CHANGE: Final = "1 change"
VERSION_BY: Final = "{version}, {by}, {at}"


def changes(count: object) -> str:
    """How many fields of the draft differ from what holds."""
    return f"{count} changes"


def save_changes(count: object) -> str:
    """The question before a save."""
    return f"Save {count} changes?"


def fields_need_another_look(count: object) -> str:
    """How many fields hold what can't be saved."""
    return f"{count} fields need another look."


def version(number: object) -> str:
    """A saved version."""
    return f"Version {number}"


# pages/settings_parts.py
TRUSTED_FOR: Final = "Trusted for"
FINGERPRINT_SHA_256: Final = "Fingerprint, SHA-256"
ALGORITHM: Final = "Algorithm"
ADDED_BY: Final = "Added by"
ADDED: Final = "Added"
NO_KEY_IS_TRUSTED_YET: Final = "No key is trusted yet"
NO_KEY_IS_TRUSTED_YET_WHY: Final = (
    "Offline kits are verified against these keys, so none can be verified. Add the public key of who signs yours."
)
ENABLED: Final = "enabled"
DISABLED: Final = "disabled"
COPY_FINGERPRINT: Final = "Copy fingerprint"
VERDICT: Final = "Verdict"
WHAT_CAME_OF_IT: Final = "What came of it"
AT: Final = "At"
BOTH_SCANS: Final = "Both scans"
DETERMINISM_CHECKS: Final = "Determinism checks"
NO_CHECK_WAS_RUN_YET: Final = "No check was run yet"
NO_CHECK_WAS_RUN_YET_WHY: Final = "A check scans one source twice in full, without the cache, and compares every step."
WHERE_THEY_DIFFER: Final = "Where they differ"
BY: Final = "By"
CHANGED: Final = "Changed"
SAVED_VERSIONS: Final = "Saved versions"
NOTHING_WAS_SAVED_YET: Final = "Nothing was saved yet"
NOTHING_WAS_SAVED_YET_WHY: Final = (
    "The defaults hold. Each save is a version here, with its difference, and can be rolled back to."
)
WHAT_IT_CHANGED: Final = "What it changed"
NO_SUCH_VERSION: Final = "The history has no version of this number."
VALUES_IT_COMES_WITH: Final = "These are the values that the console comes with."

THE_KEY: Final = " the key"
HOLDS_NOW: Final = "holds now"


# pages/settings_dialogs.py
PEM_EXAMPLE: Final = "-----BEGIN PUBLIC KEY-----"
SAVED_WHILE_IT_WAS_ASKED: Final = "The settings were saved by somebody else while this question was open."
GO_ON_WITH_THE_ROLL_BACK: Final = "Go on with the roll-back"
WHAT_IT_CHANGES_OF_WHAT_HOLDS: Final = "What it changes of what holds now"
ADD_KEY_LEAD: Final = "Compare the fingerprint with what its owner told you before you add it."
PUBLIC_KEY_PEM: Final = "Public key, PEM"
PUBLIC_KEY_PEM_HELP: Final = "Ed25519 or ECDSA P-256. Never paste a private key."
FINGERPRINT_TO_COME: Final = "The fingerprint is shown here before anything is added."
PASTE_A_KEY_FIRST: Final = "Paste a key that can be trusted first."
SCAN_SOURCE_HELP: Final = "A path below the scan roots, on the machine that runs the workers."
THE_SECOND_SCAN_STARTS_AFTER: Final = (
    "The second scan starts after the first. Both run Syft with what holds now; no stored result is taken."
)
SCAN_IT_TWICE: Final = "Scan it twice"


# state/scanner_settings_view.py, state/settings_questions.py


def one_check_found(*, of: int, same: bool) -> str:
    """What the one check of the last `of` found that has compared."""
    one = "The last check" if of == 1 else "One of the last checks has compared: it"
    return f"{one} found {'the same twice' if same else 'something else each time'}."


def version_holds(number: int, by: str, at: str) -> str:
    """Which version holds."""
    return f"Version {number}, saved by {by} at {at}. Scans keep to what holds when they are started."


def version_or_defaults(number: int) -> str:
    """A version within a sentence; 0 are the defaults."""
    return f"version {number}" if number else "the defaults"


def rolled_back(saved: int, chosen: int) -> str:
    """What a roll-back saved."""
    return f"Saved as version {saved} what {version_or_defaults(chosen)} say{'s' if chosen else ''}."


def key_switched(name: str, *, enabled: bool) -> str:
    """How a trust root stands now."""
    return f"{name} is {'trusted again' if enabled else 'trusted no more'}."


# state/scanner_settings.py
SETTINGS: Final = "Settings"
HISTORY: Final = "History"
THERE_IS_NO_SUCH_VERSION: Final = "There is no such version."
THE_DEFAULTS: Final = "The defaults"
BEFORE_ANY_SAVE: Final = "Before any save."
THIS_IS_WHAT_HOLDS_NOW: Final = "This is what holds now."


def there_is_no_version(number: object) -> str:
    return f"There is no version {number}"


def saved_by(by: object, at: datetime) -> str:
    return f"Saved by {by}, {describe_instant(at, year=True)}"


# state/scanner_settings_view.py
IDENTICAL: Final = "identical"
DIFFERS: Final = "differs"
HELD_UP: Final = "held up"
NOT_COMPARED: Final = "not compared"
NO_CHECK_YET: Final = "No check was run yet."
NONE_HAS_COMPARED: Final = "None of the last checks has compared yet."
DEFAULTS_SUMMARY: Final = "The defaults hold: nothing was saved yet. Scans keep to what holds when they are started."


def settings_changed(count: object) -> str:
    return f"{count} settings"


def checks_found(identical: object, total: object) -> str:
    return f"{identical} of the last {total} checks found the same twice."


# state/settings_dialogs.py


def trusted_from_now_on(name: object) -> str:
    return f"{name} is trusted from now on."


def key_is_there(known_as: object) -> str:
    return f"This key is there already, as {known_as}."


# state/settings_draft.py


def saved_as(version: object) -> str:
    return f"Saved as version {version}. Scans that are started from now on keep to it."


def holds_now(value: object) -> str:
    return f"Now {value}."


# state/settings_questions.py


def asks_roll_back(version: object) -> str:
    return f"Roll back to {version}?"
