"""The same Idempotency-Key gets the same answer, and the change is made once."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from execution_ops.domain.access import Actor
from execution_ops.domain.errors import Conflict
from execution_ops.domain.jobs import Submission
from execution_ops.domain.verbs import Stamp

ENTRIES_MAX = 10_000
# The answer of a route that starts something else once for each key, and answers 201 the first time.
KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": Submission, "description": "The key was known: this was started before."}
}
_Key = tuple[Actor, str]


@dataclass(frozen=True)
class Answer:
    """The status and JSON body of an answer, and where to look for what it started."""

    status: int
    body: Any
    location: str = ""

    def response(self, *, replayed: bool = False) -> Response:
        """The answer as HTTP."""
        headers = {"Idempotency-Replayed": "true"} if replayed else {}
        if self.location:
            headers["Location"] = self.location
        return JSONResponse(self.body, self.status, headers=headers)


@dataclass
class _Kept:
    request: str
    answer: Answer | None = None


class Replies:
    """Answers by (who, with what permissions where, key), for as long as this process lives; the newest 10,000.

    What is submitted carries its key into the ledger as well, so that survives a restart.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def once(self, stamp: Stamp, request: object, act: Callable[[], Answer]) -> Response:
        """Act, unless the key of the stamp has an answer already.

        `request` is all that was asked (JSON); the same key with another request is a Conflict,
        as is a second one while the first is under way. An error is not kept: nothing was done.
        """
        if not stamp.idempotency_key:
            return act().response()
        asked = hashlib.sha256(json.dumps([request, stamp.reason, stamp.ticket]).encode()).hexdigest()
        # A name can be that of several, with other tenants or fewer permissions: the answer of another one would be a
        # leak. From where they ask is no matter, nor what the engine can do just now.
        key = (stamp.actor.model_copy(update={"source": "", "unable": ()}), stamp.idempotency_key)
        with self._lock:
            known = self._kept.get(key)
            if known is None:
                kept = self._kept[key] = _Kept(asked)
                self._trim()
        if known is not None:
            return _again(known, asked)
        try:
            kept.answer = act()
        except BaseException:
            with self._lock:
                self._kept.pop(key, None)
            raise
        return kept.answer.response()

    def _trim(self) -> None:
        while len(self._kept) > ENTRIES_MAX:
            self._kept.popitem(last=False)


def _again(known: _Kept, asked: str) -> Response:
    if known.request != asked:
        raise Conflict("This Idempotency-Key was used for another request.", code="IDEMPOTENCY_KEY_REUSED")
    if known.answer is None:
        raise Conflict("The request with this Idempotency-Key is still under way.", code="IN_PROGRESS")
    return known.answer.response(replayed=True)
