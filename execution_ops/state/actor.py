"""Who is at the other end of an event: decided per event, never from what the client keeps."""

from __future__ import annotations

import reflex as rx

from execution_ops.domain.access import Actor, local_operator
from execution_ops.domain.identity import SignIn, nobody
from execution_ops.services.container import services
from execution_ops.settings import settings
from execution_ops.state.visitors import Visitors

visitors = Visitors(lambda: services().identities)


def actor_of(state: rx.State) -> Actor:
    """The actor of the event that `state` handles.

    It goes by the socket through which the event came, and by what the request that opened it said. The client's token
    is no identity; anyone who presents it asks for the state that belongs to it.
    """
    session = state.router.session
    known = visitors.actor(session.session_id)
    if known is not None:
        return known
    return local_operator(session.client_ip) if settings().sign_in is SignIn.NONE else nobody(session.client_ip)


async def fresh_actor(state: rx.State) -> Actor:
    """The same for an event that goes on for long, such as one that follows a topic: asked again every few seconds."""
    await visitors.refresh(state.router.session.session_id)
    return actor_of(state)
