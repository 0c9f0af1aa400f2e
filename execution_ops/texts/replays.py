"""Replay plans, what is asked before one, and what it does with its entries."""

from __future__ import annotations

from typing import Final

from execution_ops.domain.words import counted

# pages/replays.py
REPLAY_PLANS: Final = "Replay plans"
REPLAYS_SUMMARY: Final = (
    "Each is a frozen set of dead letters that is replayed, resolved or reopened in the background."
)
RESULTS: Final = "Results"
RATE: Final = "Rate"
MADE_BY: Final = "Made by"
NEWEST: Final = "Newest"
STANDS_STILL: Final = "stands still"
NO_PLAN_YET: Final = "No plan yet"
NO_PLAN_YET_WHY: Final = (
    "Plan a replay from the error groups, or for entries that you select. Its dry run, its progress and what came of"
    " it stay here."
)


# pages/replay.py
REMOVED: Final = "Removed for its age"
UNKNOWN_PLAN: Final = "Unknown plan"
THERE_IS_NO_SUCH_PLAN: Final = "There is no such plan"
ALL_PLANS: Final = "All plans"
REOPEN_ALL: Final = "Reopen all"
OPEN_THAT_JOB: Final = "Open that job"
THE_PLAN_STANDS_STILL: Final = "The plan stands still."
THE_DRY_RUN_GOES_ON: Final = "The dry run goes on."
ANOTHER_PLAN: Final = "another plan"
CAREFUL: Final = "Careful."
DRY_RUN: Final = "Dry run"
WHAT_WAS_LEFT_OUT_AND_WHY: Final = "what was left out, and why"
JOBS_A_SECOND_AT_MOST: Final = "Jobs a second, at most"
JOBS_A_SECOND_AT_MOST_HELP: Final = "Empty means as fast as possible. It can be changed while the plan runs."
SET_THE_RATE: Final = "Set the rate"
FROZEN_AT: Final = "Frozen at"
BACKGROUND_JOB: Final = "Background job"
ENTRIES_IT_TOOK: Final = "Entries it took"
IN_THE_LIST: Final = "In the list"

PREPARATION_ENDED: Final = (
    "The background job that prepares it ended without finishing. {job}, then press Start: the dry run goes on, and "
    "the plan starts after it."
)
WORK_ENDED: Final = (
    "The background job that carries it out ended without finishing. {job}, then press Resume: it goes on with what "
    "was not done yet."
)
PAUSED_BY: Final = "Paused by {by}{because}."
ABORTED_BY: Final = "Aborted by {by}{because}."
NOTHING_MORE_IS_DONE: Final = "Nothing more is done until somebody resumes it. What was sent goes on."
IT_TAKES_BACK: Final = "It takes back {plan}."


def each_entry_is_judged(progress: object) -> str:
    """What a dry run does, and how far it is."""
    return f"Each entry is frozen and judged; nothing is touched. {progress}."


# pages/replay_entries.py
NO_SUCH_ENTRY: Final = "No such entry"
NO_SUCH_ENTRY_WHY: Final = "No entry of this plan is there now."
SHOW_ALL_ENTRIES: Final = "Show all entries"
NUMBER: Final = "No."
WHY_NOT: Final = "Why not"
DONE_AT: Final = "Done at"
ENTRIES_OF_THE_PLAN: Final = "Entries of the plan"
IN_THE_ORDER_OF_DEATH: Final = "In the order in which they are done, oldest death first, 50 per page"


# state/plans.py
LEFT_OUT: Final = "Left out"
A_DRY_RUN_FIRST: Final = "a dry run says which of them can be sent, and why others cannot"
THEN: Final = "Then"
YOU_START_IT: Final = "you start it; until then nothing is sent"
CLOSED: Final = "Closed"
OPEN_AGAIN: Final = "Open again"
UNTOUCHED: Final = "Untouched"
JOBS_AND_WHAT_WAITS: Final = "the jobs themselves, and what waits behind them"
HOW: Final = "How"
BY_A_PLAN: Final = "by a plan that starts by itself; you can watch and abort it"


def quarantined_left_out(quarantined: int) -> str:
    return f"{quarantined:,} in quarantine: open each and decide"


def asks_plan(what: object) -> str:
    return f"Plan a replay of {what}?"


def plan_replay(count: int) -> str:
    return f"Plan a replay of {count:,}"


# state/plan_view.py
AS_FAST_AS_POSSIBLE: Final = "as fast as possible"
NOT_ELIGIBLE: Final = "not eligible"
DRY_RUN_NOT_DONE: Final = "The dry run was not done, and nothing was touched."


def looked_at(total: int) -> str:
    return f"{total:,} looked at"


def looked_at_of(total: int, expected: int) -> str:
    return f"{total:,} of {expected:,} looked at"


def eligible(plan: int, total: int) -> str:
    return f"{plan:,} of {total:,} eligible"


def rate(rate: float) -> str:
    return f"{rate:g} a second"


def plan_of_kind(label: object) -> str:
    return f"{label} plan"


def speed(per_s: float, rest: object) -> str:
    return f"about {per_s:.1f} a second, {rest} left"


# state/plan_steps.py
WILL_BE_REPLAYED: Final = "will be replayed"
WILL_BE_RESOLVED: Final = "will be resolved"
WILL_BE_REOPENED: Final = "will be reopened"
SOMEBODY_WAS_FASTER: Final = "Somebody was faster, or it was dealt with before."
OPEN_EACH: Final = "Open each, and replay or resolve it from its own page."
UNKNOWN_JOB_TYPE: Final = "No console or worker here knows the job type. Install its package, then plan again."
ANOTHER_PAYLOAD: Final = "The job type takes another payload by now. Submit a new job instead."
NOTHING_TO_RUN: Final = "There is nothing to run again."
NEEDS_NO_REPLAY: Final = "It needs no replay, or not this one."
NEEDS_PERMISSION: Final = "Who has the permission replays it from its own page."
SUPERSEDED: Final = "Its job has a later dead letter, or needs none any more."
LEFT_ALONE: Final = "Left alone: what the dry run saw is no longer so."
NEVER_SENT: Final = "never sent"


# state/replay.py
DRY_RUN_GOES_ON_YET: Final = "The dry run is not done yet."
IT_STARTS_AFTER_THE_DRY_RUN: Final = "It starts after the dry run."
FOUND_NOTHING_TO_DO: Final = "The dry run found nothing that can be done."
THIS_PLAN_HAS_RESOLVED_NOTHING: Final = "This plan has resolved nothing."
ONLY_WHEN_THE_PLAN_HAS_ENDED: Final = "Only when the plan has ended."
BY_A_PLAN_UNLESS_CHANGED: Final = "by a plan that starts by itself; what changed since is left alone"
NOT_SENT_YET: Final = "Not sent yet"
DONE_SO_FAR: Final = "Done so far"
STARTS_AFTER_DRY_RUN: Final = "going to start after its dry run"


def the_plan(label: object) -> str:
    return f"{label} the plan"


def asks_plan_verb(label: object) -> str:
    return f"{label} this plan?"


def found_not_eligible(refused: int) -> str:
    return f"{refused:,} that the dry run found not eligible"


def asks_reopen(what: object) -> str:
    return f"Reopen {what}?"


def reopen(what: object) -> str:
    return f"Reopen {what}"


def plan_is(label: object, stands: object) -> str:
    return f"{label}: the plan is {stands}."


def rate_is(rate_words: object) -> str:
    return f"The rate is {rate_words} now."


def letters(count: int) -> str:
    """So many dead letters."""
    return counted(count, "dead letter")


# state/plan_view.py


def left_behind(untouched: int, sent: int) -> str:
    """What an aborted plan leaves."""
    stay = "was never touched and stays as it is" if untouched == 1 else "were never touched and stay as they are"
    said = f"{untouched:,} of its entries {stay}."
    if not sent:
        return said
    return f"{said} {'1 that was sent goes on' if sent == 1 else f'{sent:,} that were sent go on'}."
