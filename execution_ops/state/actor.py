"""Who is at the other end of an event: decided per event, never from what the client keeps."""

from __future__ import annotations

import reflex as rx

from execution_ops.domain.access import Actor, local_operator


def actor_of(state: rx.State) -> Actor:
    """The actor of the event that `state` handles.

    Without sign-in that is whoever sits at this machine: the server binds to loopback only. The
    client's token is no identity; anyone who presents it gets the state that belongs to it.
    """
    return local_operator(source=state.router.session.client_ip)
