"""How a page makes a replay plan: the question before it, and the way to its page."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import REOPEN, REPLAY, RESOLVE
from execution_ops.domain.replays import PlanKind
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.texts import common
from execution_ops.texts import replays as words

Fact = tuple[str, str]


def plan_question(verb: Verb, count: int, quarantined: int, *, planned: bool = True) -> tuple[str, str, list[Fact]]:
    """Title, button and facts of the question before a verb on `count` entries, `quarantined` more being left out.

    `planned` says that a plan does it in the background.
    """
    what = words.letters(count)
    left = [(words.LEFT_OUT, words.quarantined_left_out(quarantined))] if quarantined else []
    if verb is REPLAY:
        dry_run = (common.FIRST, words.A_DRY_RUN_FIRST)
        return (
            words.asks_plan(what),
            words.plan_replay(count),
            [dry_run, (words.THEN, words.YOU_START_IT), *left],
        )
    done = {RESOLVE.name: words.CLOSED, REOPEN.name: words.OPEN_AGAIN}[verb.name]
    facts = [(done, what), (words.UNTOUCHED, words.JOBS_AND_WHAT_WAITS)]
    if planned:
        facts.append((words.HOW, words.BY_A_PLAN))
    return f"{verb.label} {what}?", f"{verb.label} {what}", [*facts, *left]


async def make_plan(
    actor: Actor, verb: Verb, stamp: Stamp, *, where: DeadLetterFilter | None = None, ids: Sequence[str] = ()
) -> Any:
    """Make a plan and go to its page. A replay waits there for its start; the other verbs start by themselves."""
    plan = await asyncio.to_thread(
        services().replays.plan,
        actor,
        PlanKind(verb.name),
        where=where,
        ids=ids,
        starts=verb is not REPLAY,
        stamp=stamp,
    )
    return rx.redirect(routes.replay(plan.id))
