"""What a client may send on the live socket."""

from __future__ import annotations

import logging
from typing import Any

import reflex as rx
from reflex.app import EventNamespace
from reflex_base.registry import RegistrationContext

# Longer than any address that a page understands; the framework remembers thousands of them.
ADDRESS_MAX = 8192

_MESSAGES = ("event", "client_error")
_ADDRESS = ("pathname", "asPath")

_log = logging.getLogger(__name__)


class LiveSocket(EventNamespace):
    """Reflex's end of the socket, made to take only what a page of ours sends; all else is dropped.

    Reflex alone lets a client send `connect` and `disconnect` as messages, which is where the
    network address of the audit log comes from, and logs an event that it does not know with the
    token and the cookies of the tab.
    """

    async def trigger_event(self, event: Any, *args: Any) -> Any:
        """Called by Socket.IO for each message, and for the beginning and the end of a connection."""
        sid, *sent = args
        if self._is_expected(event, sid, sent):
            return await super().trigger_event(event, *args)
        _log.warning("dropped a message on socket %s: no page sends it", sid)
        return None

    async def on_event(self, sid: str, data: Any) -> None:
        """Called for each event of a page."""
        event = _event(data) if sid in self.sid_to_token else None
        if event is None:
            _log.warning("dropped an event on socket %s: no page sends it", sid)
        else:
            await super().on_event(sid, event)

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
