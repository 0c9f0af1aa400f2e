"""Dead letters and their groups."""

from __future__ import annotations

from typing import Final

from execution_ops.domain.words import counted

# pages/dead_letter.py
EXPORT_THE_DEAD_LETTERS_THAT_MATCH: Final = "Export the dead letters that match"
PLAN_A_REPLAY: Final = "Plan a replay"
DEAD_LETTER_FILTER: Final = "Filter by type, tenant, category, retryable"
OPEN: Final = "Open"
OLDEST_PENDING: Final = "Oldest pending"
MOST_COMMON_ERROR: Final = "Most common error"
WORTH_A_RETRY: Final = "Worth a retry"
NEED_A_LOOK: Final = "need a look"
ERROR_GROUPS: Final = "Error groups"
ERROR_FINGERPRINT: Final = "Error, fingerprint"
CATEGORY: Final = "Category"
LAST_24_HOURS: Final = "Last 24 hours"
LAST_SEEN: Final = "Last seen"
SAMPLE: Final = "Sample"
NOT_RETRYABLE: Final = "not retryable"
OPEN_ONES_ARE_IN_QUARANTINE: Final = "What is open of it is in quarantine: open each and decide."
NOTHING_OF_THIS_GROUP_IS_OPEN: Final = "Nothing of this group is open."
NOTHING_DIED: Final = "Nothing died"
NOTHING_DIED_WHY: Final = (
    "A job that fails for good, with no attempt left, gets an entry here, grouped with others of the same error. "
    "From here you replay it or close it with a note."
)

OPEN_WORD: Final = "open"
FIRST_SEEN: Final = "first {at}"


def of(total: object) -> str:
    """Out of how many."""
    return f"of {total}"


def of_in_all(total: object) -> str:
    """Out of how many in all."""
    return f"of {total} in all"


def open_letters(count: object) -> str:
    """How many entries are open."""
    return f"{count} open dead letters"


def count_open(count: object) -> str:
    """How many of a group are open."""
    return f"{count} open"


def count_of(count: object, error: object) -> str:
    """How many died of the most common error."""
    return f"{count} of {error}"


def newest_entry(error: object) -> str:
    """Where the sample of a group leads."""
    return f"Newest entry of {error}"


# pages/letter_parts.py
REPLAYS: Final = "Replays"
DEAD_LETTERS: Final = "Dead letters"


# pages/dead_letter_queue.py
LETTERS: Final = "dead letters"
DEAD_LETTER_QUEUE_FILTER: Final = "Filter by state, type, tenant, category, error, time, group, job"
DIED_AGAIN: Final = "Died again"
DIED: Final = "Died"
NOTE: Final = "Note"
NO_LETTER_YET_WHY: Final = (
    "A job that fails for good, with no attempt left, gets an entry here. From here you replay it or close it "
    "with a note."
)


DIED_AGAIN_ONCE: Final = "Died again once"


def died_again_times(count: object) -> str:
    """How often an entry's job died again."""
    return f"Died again {count} times"


# pages/dead_letter_entry.py
NEVER: Final = "never"
ONCE: Final = "once"
UNKNOWN_DEAD_LETTER: Final = "Unknown dead letter"
THERE_IS_NO_SUCH_DEAD_LETTER: Final = "There is no such dead letter"
ALL_DEAD_LETTERS: Final = "All dead letters"
WAITS_BEHIND_IT: Final = "Waits behind it"
IN_QUARANTINE: Final = "In quarantine."
IN_GENERAL: Final = "In general"
RAISED_IN: Final = "Raised in"
STACK: Final = "Stack"
IT_LEFT_NO_STACK: Final = "It left no stack."
DEATHS_AND_REPLAYS: Final = "Deaths and replays"
OF_THIS_JOB_NEWEST_FIRST: Final = "of this job, newest first"
PLAN: Final = "Plan"
NO_LONGER_STORED: Final = "no longer stored"
BELONGS_TO: Final = "Belongs to"
NODE_OF_THE_DAG: Final = "Node of the DAG"
ERROR_GROUP: Final = "Error group"
REPLAY_PLAN: Final = "Replay plan"
SNAPSHOT: Final = "Snapshot"
WORKER_VERSION: Final = "Worker version"
SEE_IT_ON_THE_JOB: Final = "see it on the job"
SHA_256: Final = "SHA-256"
CORRELATION: Final = "Correlation"
AS_IT_DIED: Final = "as it died"

DIED_FOR_GOOD: Final = "{job_type} {label} died for good. {id}"
CATEGORY_IS: Final = "{category}, {retryable}"
CHANGED_AT: Final = "{change} at {at}"
GROUP: Final = "group {group}"


def times(count: object) -> str:
    """How often it died again."""
    return f"{count} times"


def died_in_spite_of_a_replay(count: object) -> str:
    """Why it is in quarantine."""
    return (
        f"It died again {count} times in spite of a replay, so no bulk verb takes it. Look at what changed before "
        "you replay it."
    )


def state_by(state: object, actor: object) -> str:
    """Who brought it to its state."""
    return f"{state} by {actor}"


def verb_this(label: str) -> str:
    """The question before a verb on the entry."""
    return f"{label} this dead letter?"


def verb_one(label: str) -> str:
    """The button that does it."""
    return f"{label} 1 dead letter"


# state/letters_view.py


def out_of_attempts(jobs: int, errors: int) -> str:
    """How many jobs died, and of how many errors if these are fewer."""
    said = f"{'1 job is' if jobs == 1 else f'{jobs:,} jobs are'} out of attempts"
    return f"{said}." if errors == jobs else f"{said}, and they are really {counted(errors, 'error')}."


# state/dead_letter.py
NOTHING_HERE_IS_OPEN: Final = "Nothing here is open."
ALL_OPEN_ARE_QUARANTINED: Final = "All that is open here is in quarantine: open each and decide."


def smaller_groups(more: int) -> str:
    return f"{more:,} smaller groups are not shown. Narrow the filter."


# state/dead_letter_queue.py
QUARANTINED_ONE_BY_ONE: Final = "Entries in quarantine are replayed one by one, each from its own page."
NOT_TOUCHED: Final = "Not touched"


def others_untouched(others: int) -> str:
    return f"{others:,} in another state"


# state/dead_letter_entry.py
A_DEAD_LETTER: Final = "Dead letter"
DEAD_LETTER: Final = "dead letter"
CONTINUES: Final = "Continues"
QUARANTINE: Final = "Quarantine"
CAREFUL_LABEL: Final = "Careful"


def continues(blocked: object) -> str:
    return f"{blocked} behind it, once it succeeds"


def asks_after_deaths(redeaths: object) -> str:
    return f"It died again {redeaths} times. Has anything changed since?"


# state/entry_view.py
THE_SAME_ERROR: Final = "the same error"
ANOTHER_ERROR: Final = "another error"
ERROR_WITHOUT_A_TYPE: Final = "Error without a type"
THIS_ENTRY: Final = "this entry"
THE_FIRST_DEATH: Final = "the first death"
DIED_AGAIN_WORD: Final = "died again"
JOB_NOT_STORED: Final = "The job itself is no longer stored; this snapshot of its death is."


def first_attempt_since(new_attempt: object) -> str:
    return f" Its first attempt since then is number {new_attempt}."


def being_replayed(state: object, attempt: object) -> str:
    return f"It is being replayed: the job is {state}.{attempt}"


def was_replayed(state: object, attempt: object) -> str:
    return f"It was replayed, and the job is {state} now.{attempt}"


# state/letters_view.py
NO_DEATHS: Final = "No job has run out of attempts."


def more(job_types: int) -> str:
    return f"+{job_types:,} more"


def trend(died: int, now: int) -> str:
    return f"{counted(died, 'death')} in the last 24 hours, {now:,} in this hour"


def out_of_retryable(open_letters: int) -> str:
    return f"of {open_letters:,} retryable"


def nothing_open(total: int) -> str:
    return f"Nothing is open. All {total:,} dead letters were replayed or resolved."
