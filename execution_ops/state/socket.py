"""What a client may send on the live socket."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Any
from uuid import uuid4

import reflex as rx
from reflex.app import EventNamespace
from reflex_base.constants import RouteVar
from reflex_base.registry import RegistrationContext

from execution_ops.domain.identity import NOBODY
from execution_ops.state.actor import visitors

# Longer than any address that a page understands; the framework remembers thousands of them.
ADDRESS_MAX = 8192

OWNERS_MAX = 100_000

_MESSAGES = ("event", "client_error")
_ADDRESS = ("pathname", "asPath")
# Those that the addresses of a page are made from.
_HEADERS = ("host", "origin")

_log = logging.getLogger(__name__)


class LiveSocket(EventNamespace):
    """Reflex's end of the socket, made to take only what a page of ours sends; all else is dropped.

    Reflex alone lets a client send `connect` and `disconnect` as messages, which is where the
    network address of the audit log comes from, and logs an event that it does not know with the
    token and the cookies of the tab.
    """

    def __init__(self, namespace: str, app: rx.App) -> None:
        super().__init__(namespace, app)
        self._who: dict[str, str] = {}
        # For whom the state of a token was made; the framework keeps states for an hour after their tab has gone.
        self._owners: OrderedDict[str, str] = OrderedDict()

    async def trigger_event(self, event: Any, *args: Any) -> Any:
        """Called by Socket.IO for each message, and for the beginning and the end of a connection."""
        sid, *sent = args
        if self._is_expected(event, sid, sent):
            if event == "connect":
                self._who[sid] = (await visitors.arrive(sid, sent[0])).name
            elif event == "disconnect":
                visitors.leave(sid)
                self._who.pop(sid, None)
            return await super().trigger_event(event, *args)
        _log.warning("dropped a message on socket %s: no page sends it", sid)
        return None

    async def on_event(self, sid: str, data: Any) -> None:
        """Called for each event of a page."""
        event = _event(data) if sid in self.sid_to_token else None
        if event is None:
            _log.warning("dropped an event on socket %s: no page sends it", sid)
        else:
            await visitors.refresh(sid)
            await super().on_event(sid, event)

    async def link_token_to_sid(self, sid: str, token: str, *, update_state: bool = True) -> None:
        """Called with the token that a tab presents: its state is for whom it was made, and anybody else gets one of
        their own."""
        who = self._who.get(sid, NOBODY)
        if self._owners.get(token, who) != who:
            token = str(uuid4())
            await self.emit("new_token", token, to=sid)
        await super().link_token_to_sid(sid, token, update_state=update_state)
        self._owners[self.sid_to_token.get(sid, token)] = who
        while len(self._owners) > OWNERS_MAX:
            self._owners.popitem(last=False)

    def _build_static_router_data(self, sid: str, environ: dict[str, Any]) -> dict[str, Any]:
        """What the states are told of the request: of its headers those that no secret is in, and the address that
        asks, where a trusted proxy is in between."""
        data = super()._build_static_router_data(sid, environ)
        headers = {name: value for name, value in data[RouteVar.HEADERS].items() if name in _HEADERS}
        actor = visitors.actor(sid)
        source = actor.source if actor is not None else data[RouteVar.CLIENT_IP]
        return {**data, RouteVar.HEADERS: headers, RouteVar.CLIENT_IP: source}

    def _is_expected(self, event: Any, sid: str, sent: list[Any]) -> bool:
        if event == "connect":
            # Socket.IO gives the request itself; from a client comes a likeness at best.
            return bool(sent) and sent[0] is self.app.sio.get_environ(sid, self.namespace)
        if event == "disconnect":
            return not self.app.sio.manager.is_connected(sid, self.namespace)
        return event in _MESSAGES and len(sent) == 1


def guard(app: rx.App) -> None:
    """Put the `LiveSocket` in the place of Reflex's own end."""
    socket = LiveSocket(app.event_namespace.namespace, app)
    app.sio.register_namespace(socket)
    app._event_namespace = socket


def _is_parameter(key: str, value: Any) -> bool:
    """Whether a page sends this: a text, or for an address without a page its segments."""
    if key == "splat" and isinstance(value, list):
        return all(isinstance(segment, str) for segment in value)
    return isinstance(value, str)


def _event(data: Any) -> dict[str, Any] | None:
    """The parts of an event that Reflex needs; None if it has not the form of one or has no handler."""
    if not isinstance(data, dict):
        return None
    name, payload, router = data.get("name"), data.get("payload", {}), data.get("router_data", {})
    if not isinstance(name, str) or not isinstance(payload, dict) or not isinstance(router, dict):
        return None
    # Every State has a `setvar`, which calls any other method of it whose name starts with `set_`.
    if name not in RegistrationContext.get().event_handlers or name.endswith(".setvar"):
        return None
    query = router.get("query", {})
    if not isinstance(query, dict) or not all(_is_parameter(key, value) for key, value in query.items()):
        return None
    address = {key: router[key] for key in _ADDRESS if key in router}
    if not all(isinstance(text, str) and text.startswith("/") for text in address.values()):
        return None
    place = {key: text[:ADDRESS_MAX] for key, text in address.items()}
    return {"name": name, "payload": payload, "router_data": {**place, "query": query}}
