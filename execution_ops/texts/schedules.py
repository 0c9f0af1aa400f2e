"""Schedules."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from execution_ops.domain.schedules import JOBS_MAX, PARALLELISM_MAX, TARGET_MARK, Mode, Overlap
from execution_ops.domain.times import describe_instant
from execution_ops.domain.words import capitalised, counted

# pages/schedules.py
FIRE_BY_THEMSELVES: Final = "fire by themselves"
DO_NOT_FIRE: Final = "do not fire"
MISSED_LATELY: Final = "Missed lately"
AT_THEIR_LAST_DUE_TIME: Final = "at their last due time"
SCHEDULES_FILTER: Final = "Filter by tenant, state, type, missed, text"
WHEN: Final = "When"
LAST_FIRING: Final = "Last firing"
LAST_20_DUE_TIMES: Final = "Last 20 due times"
OVERLAP: Final = "Overlap"
OWNER_TENANT: Final = "Owner / tenant"
PAUSED: Final = "paused"
NOT_YET_DUE: Final = "not yet due"
NO_SCHEDULE_YET_WHY: Final = (
    "A schedule starts runs by itself: a cron rule in a time zone says when, and targets say on what. Each run "
    "plans its targets into jobs, and every due time is kept with what came of it."
)
MAKE_THE_FIRST_SCHEDULE: Final = "Make the first schedule"

AND_NEXT: Final = "; next: {name} {until}"
PAUSED_BY_AT: Final = "{by}, {at}"


def paused_by(actor: object) -> str:
    """Who paused a schedule."""
    return f"Paused by {actor}"


# pages/schedule_drawer.py
GO_BACK_TO_THE_LIST: Final = "Go back to the list. What its runs did is kept."
THIS_SCHEDULE_IS_NOT_THERE: Final = "This schedule is not there"
THE_SCHEDULE: Final = "The schedule"
STARTS: Final = "Starts"
WHILE_A_RUN_GOES_ON: Final = "While a run goes on"
CATCH_UP: Final = "Catch-up"
AT_MOST: Final = "At most"
OWNER: Final = "Owner"
NEXT_10_TIMES: Final = "Next 10 times"
RECENT_DUE_TIMES: Final = "Recent due times"
NO_TARGETS: Final = "None: each run starts one job."
NOT_DUE_YET: Final = "None yet: it was not due since it was made."

FIRES: Final = "fires {until}, {at}"
RULE_IN_ZONE: Final = "{cron} in {zone}"
PAUSED_BY: Final = "{by}, {at}. What comes due is recorded as missed."


# pages/schedule_editor.py
NEW_SCHEDULE_SUB: Final = "What runs by itself, on which targets, and when."
WHAT_YOU_TYPED_IS_STILL_HERE: Final = "What you typed is still here, but it can't be saved over what you have not seen."
CATCH_UP_MINUTES: Final = "Catch-up, minutes"
CATCH_UP_MINUTES_HELP: Final = "How late a due time may still run."
TARGETS_AT_MOST: Final = "Targets at most"
AT_ONCE: Final = "At once"
CRON_RULE: Final = "Cron rule"
CRON_RULE_HELP: Final = "Minute, hour, day, month, weekday."
TIME_ZONE: Final = "Time zone"
TIME_ZONE_HELP: Final = "A name like Europe/Berlin, or UTC."
NO_TIMES_YET: Final = "No times to show before the rule is right."
JOB_TYPE_HELP: Final = "What each target is given to."
TARGETS_HELP: Final = "One a line: absolute paths or globs below the scan roots of the workers."
PAYLOAD_TEMPLATE: Final = "Payload template"
WHAT_A_RUN_DOES: Final = "What a run does"
DESCRIPTION: Final = "Description"
OWNER_HELP: Final = "Whom to ask; you, if empty."
TENANT_HELP: Final = "Yours, if empty."
START_PAUSED: Final = "Start paused"
MAKE_THE_SCHEDULE: Final = "Make the schedule"

RULE_SAID: Final = "{rule}, {zone}"
MODES: Final = {
    Mode.CONTENT_REFRESH: ("Content refresh", "Every target runs, each time."),
    Mode.ANALYSIS_ONLY: (
        "Analysis only",
        "Targets in which nothing changed since they last succeeded are left out, by size and time of their files.",
    ),
}
OVERLAPS: Final = {
    Overlap.SKIP: ("Skip", "A due time while a run goes on is missed."),
    Overlap.QUEUE_ONE: ("Queue one", "One run waits for the earlier one; while it waits, more due times are missed."),
    Overlap.ALLOW: ("Allow", "Runs go on beside each other."),
}
IN_ONE_RUN_UP_TO: Final = f"In one run, up to {JOBS_MAX:,}."
UP_TO_TARGETS: Final = f"Up to {PARALLELISM_MAX} targets."
PAYLOAD_HELP: Final = f"A JSON object; {TARGET_MARK} in its texts becomes the target. A scan takes none."


def edit(name: object) -> str:
    """The title of the editor."""
    return f"Edit {name}"


# pages/schedule_parts.py
NUMBER: Final = "Number"
DAY: Final = "Day"
UTC: Final = "UTC"
NEXT_TIMES: Final = "Next times"
NONE_IN_THE_NEXT_50_YEARS: Final = "None: in the next 50 years this rule names no time."


# state/schedule_drawer.py
DELETED: Final = "deleted"


def schedule_is(name: str, state: str) -> str:
    """What became of a schedule."""
    return f"{name} is {state}."


# state/schedules.py
SCHEDULES_SUMMARY: Final = "What runs by itself, and when."


def schedules_shown(text: str, per_page: object) -> str:
    return f"{capitalised(text)}, by name, {per_page} per page"


# state/schedules_view.py
ITS_RUN_IS_GONE: Final = "its run is gone"
NO_DUE_TIME_YET: Final = "No due time yet"


def missed(words: object) -> str:
    return f"missed: {words}"


def due_times_missed(times: int, words: object) -> str:
    return f"{times:,} due times missed: {words}"


def figures(schedules: int, enabled: int, paused: int) -> str:
    return f"{counted(schedules, 'schedule')}: {enabled:,} enabled, {paused:,} paused"


def last_due_times(count: object, said: object) -> str:
    return f"Last {count} due times: {said}"


def one_due_time(said: object) -> str:
    return f"One due time: {said}"


# state/schedule_drawer.py
LOOKING_FOR_THEM: Final = "looking for them …"
OPEN_THE_RUN: Final = "Open the run"


def run_was_made(name: object) -> str:
    return f"A run of {name} was made."


# state/schedule_editor.py


def changed_meanwhile(changed_by: object) -> str:
    return f"{changed_by} changed this schedule while you had it open."


def made_the_schedule(name: object) -> str:
    return f"Made the schedule {name}."


def is_version_now(name: object, version: object) -> str:
    return f"{name} is version {version} now."


# state/schedule_facts.py
SKIP_MEANS: Final = "skip: that due time is missed"
QUEUE_ONE_MEANS: Final = "queue one: one run waits, more are missed"
ALLOW_MEANS: Final = "allow: both run"
REFRESH_MEANS: Final = "every target, each time"
ANALYSIS_MEANS: Final = "only targets that changed since they last succeeded"
MODE: Final = "Mode"
CATCH_UP_IN_SECONDS: Final = "Catch-up, in seconds"
NO_CATCH_UP: Final = "no catch-up"
CANDIDATES: Final = "Candidates"
NAMED_TWICE: Final = "Named twice"
UNCHANGED: Final = "Unchanged"
OVER_THE_LIMIT: Final = "Over the limit"
WOULD_RUN: Final = "Would run"


def version(version: object) -> str:
    return f"Version {version}"


def last_change(version: object, changed_at: datetime, changed_by: object) -> str:
    return f"Version {version}, last change {describe_instant(changed_at)} by {changed_by}"


def limits(max_jobs: int, parallelism: int) -> str:
    return f"{max_jobs:,} targets, {parallelism:,} at once"


def found(candidates: int) -> str:
    return f"{candidates:,} found"


def each_target_runs_once(deduped: int) -> str:
    return f"{deduped:,}: each target runs once"


def unchanged(unchanged: int) -> str:
    return f"{unchanged:,} left out: nothing in them changed"


def left_out(over: int) -> str:
    return f"{over:,} left out"


def and_more(rest: int) -> str:
    return f"and {rest:,} more"
