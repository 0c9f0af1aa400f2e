"""Old addresses and unknown ones, told apart in the browser, so that it works without a server."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import reflex as rx

from execution_ops.components.islands import Island
from execution_ops.routes import ROUTES, Link, aliases


class _Gate(Island):
    library = "$/public/address_gate.jsx"


class AddressGate(_Gate):
    """Replaces an old address by the new one; at any other address shows its children."""

    aliases: rx.Var[Any]


class UnknownAddress(_Gate):
    """The address that the browser is at, as text."""


class NearestPages(_Gate):
    """Links to the built pages whose addresses look most like the present one, best first."""

    aliases: rx.Var[Any]
    pages: rx.Var[Any]
    count: rx.Var[int]


def address_gate(*children: rx.Component) -> rx.Component:
    """`children` unless the address is an old one; that is replaced at once, without the server."""
    return AddressGate.create(*children, aliases=_alias_table())


def unknown_address(**props: Any) -> rx.Component:
    """The unknown address, in a `<code>`."""
    return rx.el.code(UnknownAddress.create(), **props)


def nearest_pages(count: int = 3, **props: Any) -> rx.Component:
    """A list of links to the nearest pages, in a `<ul>`."""
    pages = [asdict(Link(route.title, route.pattern)) for route in ROUTES if route.built and not route.dynamic]
    return rx.el.ul(NearestPages.create(aliases=_alias_table(), pages=pages, count=count), **props)


def _alias_table() -> list[dict[str, str]]:
    return [asdict(alias) for alias in aliases()]
