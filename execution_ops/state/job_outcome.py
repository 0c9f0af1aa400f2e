"""What came of a job that a page started: told in a message once the job has ended, wherever the tab is by then."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.jobs import JobRow, Submission, error_text
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.text import visible
from execution_ops.domain.topics import job_topic
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.state.actor import actor_of
from execution_ops.state.shell import ShellState, Toast, message, way_back
from execution_ops.texts import common
from execution_ops.texts import jobs as words

# How long a job is followed; one that takes longer is said to go on.
PATIENCE_S = 60.0
# How often it is looked at although the feed says nothing: the feed may be what is down.
LOOK_S = 5.0
OPEN_JOB = common.OPEN_THE_JOB


@dataclass(frozen=True)
class Awaited:
    """A job that was started, and the sentences for its end: `done` for its success, `failed` before its error.

    With the `stamp` that it acts with, the message of its success offers the way back.
    """

    job_id: str
    done: str
    failed: str
    stamp: Stamp | None = None


class JobOutcome(rx.State, mixin=True):
    """The part of a page's State that starts jobs and says what came of them."""

    _awaited: tuple[Awaited, ...] = ()

    # events

    @rx.event(background=True)
    async def tell_outcome(self) -> None:
        """Follow the job that was started first of those that are not followed yet, and tell how it ended."""
        async with self:
            if not self._awaited:
                return
            awaited, actor = self._awaited[0], actor_of(self)
            self._awaited = self._awaited[1:]
        row = await _end_of(actor, awaited.job_id)
        done = row is not None and row.state is JobState.SUCCEEDED
        way = await way_back(awaited.stamp) if awaited.stamp is not None and done else {}
        async with self:
            shell = await self.get_state(ShellState)
            shell._say(outcome_message(awaited, row, way))

    # helpers

    async def _follow(
        self, started: Submission, saying: str, *, done: str, failed: str, stamp: Stamp | None = None
    ) -> Any:
        """Say that a job was started; the event that tells its end is to be handed on."""
        job_id = next(iter(started.job_ids.values()))
        shell = await self.get_state(ShellState)
        shell._say(message(saying, href=routes.job(job_id), link=OPEN_JOB))
        self._awaited = (*self._awaited, Awaited(job_id, done, failed, stamp))
        return type(self).tell_outcome


def outcome_message(awaited: Awaited, row: JobRow | None, way: Mapping[str, str] | None = None) -> Toast:
    """What is said of a job: `row` is how it stands, None where that could not be read; `way` is the way back."""
    href = routes.job(awaited.job_id)
    if row is None:
        return message(words.OUTCOME_NOT_KNOWN, tone="warn", href=href)
    if row.state is JobState.SUCCEEDED:
        return message(awaited.done, href=href, link=OPEN_JOB, **(way or {}))
    if row.state in ENDED:
        why = visible(error_text(row.error_type, row.error_message)) or words.job_is(row.state.value)
        return message(f"{awaited.failed} {why}", tone="bad", href=href, link=OPEN_JOB)
    return message(words.job_is_still(row.state.value.replace("_", " ")), tone="warn", href=href, link=OPEN_JOB)


async def _end_of(actor: Actor, job_id: str) -> JobRow | None:
    """The job once it has ended, or as it stands when patience is over; None if it can't be read then."""
    service, topic, clock = services(), job_topic(job_id), asyncio.get_running_loop().time
    until = clock() + PATIENCE_S
    while True:
        seen = service.hub.version(topic)
        try:
            row = (await asyncio.to_thread(service.jobs.get, actor, job_id)).row
        except Unavailable:
            row = None  # It may be back by the next look; at the end this is what is said.
        left = until - clock()
        if left <= 0 or (row is not None and row.state in ENDED):
            return row
        await service.hub.wait(topic, seen, min(left, LOOK_S))
