"""What routes are given: the services, who asks, why, and for which jobs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from execution_ops import routes
from execution_ops.api.errors import trace_of
from execution_ops.api.replies import Answer, Replies
from execution_ops.api.throttle import WRONG_TOKENS, Throttle
from execution_ops.domain.access import SIGN_IN_FIRST, UNTOLD, Actor, Refused
from execution_ops.domain.credentials import Credentials
from execution_ops.domain.errors import Forbidden, InvalidInput, Unauthenticated, Unavailable
from execution_ops.domain.jobs import Submission
from execution_ops.domain.tenants import could_be_tenant
from execution_ops.domain.verbs import REASON_MAX, TICKET_MAX, Stamp
from execution_ops.services.container import Services

# Of the header with names of tenants, in characters.
TENANTS_MAX = 8192
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


def services_of(request: Request) -> Services:
    """The services of this process."""
    provider: Callable[[], Services] = request.app.state.services
    return provider()


def replies_of(request: Request) -> Replies:
    """The answers given to idempotency keys by this process."""
    replies: Replies = request.app.state.replies
    return replies


def throttle_of(request: Request) -> Throttle:
    """How often an address tried to become somebody in this process."""
    throttle: Throttle = request.app.state.throttle
    return throttle


def credentials_of(request: Request, services: Annotated[Services, Depends(services_of)]) -> Credentials:
    """What the request says of who asks, believed by nobody yet."""
    peer = request.client.host if request.client else ""
    return services.identities.read(request.scope["headers"], peer)


def actor_of(
    request: Request,
    services: Annotated[Services, Depends(services_of)],
    given: Annotated[Credentials, Depends(credentials_of)],
    x_stella_tenant: Annotated[str | None, Header(max_length=TENANTS_MAX)] = None,
) -> Actor:
    """Who asks; a header narrows the view to one tenant, or to several with commas between them.

    Unauthenticated for nobody: no route is of use to them.
    """
    throttle = throttle_of(request)
    if given.bearer:
        throttle.check(WRONG_TOKENS, given.source)
    actor = services.identities.identify(given)
    if actor.refused is Refused.UNTOLD:
        raise Unavailable(UNTOLD)
    if actor.refused is Refused.UNKNOWN:
        if given.bearer:
            throttle.take(WRONG_TOKENS, given.source)
        raise Unauthenticated(SIGN_IN_FIRST)
    if x_stella_tenant is None:
        return actor
    names = frozenset(name.strip() for name in x_stella_tenant.split(","))
    if not all(could_be_tenant(name) and actor.sees(name) for name in names):
        raise Forbidden(f"{actor.name} may not act for that tenant.")
    return actor.narrowed(names)


def stamp_of(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    x_stella_operator_reason: Annotated[str, Header(max_length=4 * REASON_MAX)] = "",
    x_stella_operator_ticket: Annotated[str, Header(max_length=4 * TICKET_MAX)] = "",
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Stamp:
    """Why the change is asked for; the verb checks lengths and whether a reason is needed."""
    if idempotency_key is not None and not _KEY.fullmatch(idempotency_key):
        raise InvalidInput("An Idempotency-Key has 1 to 128 visible ASCII characters.")
    return Stamp(
        actor=actor,
        reason=_utf8(x_stella_operator_reason),
        ticket=_utf8(x_stella_operator_ticket),
        idempotency_key=idempotency_key or "",
        correlation_id=trace_of(request),
    )


def _utf8(header: str) -> str:
    """HTTP hands headers over as Latin-1; clients write UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


ServicesDep = Annotated[Services, Depends(services_of)]
ActorDep = Annotated[Actor, Depends(actor_of)]
CredentialsDep = Annotated[Credentials, Depends(credentials_of)]
StampDep = Annotated[Stamp, Depends(stamp_of)]
RepliesDep = Annotated[Replies, Depends(replies_of)]


@dataclass(frozen=True)
class Change:
    """What every route that changes something is given: who asks, why, and the answers given to its keys."""

    services: Services
    actor: Actor
    stamp: Stamp
    replies: Replies

    def once(self, request: object, act: Callable[[], Answer]) -> Response:
        """The answer of `act`, or the one that the same key got for the same request before, see `Replies.once`."""
        return self.replies.once(self.stamp, request, act)

    def start(self, request: object, start: Callable[[], Submission]) -> Response:
        """The same for what a job does: 202, and where the job is."""

        def act() -> Answer:
            started = start()
            location = routes.api_job(next(iter(started.job_ids.values())))
            return Answer(202, started.model_dump(mode="json"), location=location)

        return self.once(request, act)


def change_of(services: ServicesDep, actor: ActorDep, stamp: StampDep, replies: RepliesDep) -> Change:
    """A request for a change."""
    return Change(services, actor, stamp, replies)


ChangeDep = Annotated[Change, Depends(change_of)]
