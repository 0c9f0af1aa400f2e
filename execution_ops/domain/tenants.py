"""Names of tenants, and which one new work belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from execution_ops.domain.access import Actor
from execution_ops.domain.errors import Forbidden, InvalidInput

DEFAULT_TENANT = "default"
# What the console does for all tenants at once belongs to none of them. Nobody else can have a name that begins so,
# hence only who sees every tenant sees such work.
CONSOLE_TENANT = "_console"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def check_tenant(actor: Actor, name: str) -> str:
    """The tenant for new work of the actor; empty means the actor's own.

    InvalidInput for a name that no tenant could have, Forbidden for one out of the actor's reach.
    """
    name = name or home_tenant(actor)
    if not could_be_tenant(name):
        raise InvalidInput(
            "A tenant is named by up to 63 letters, digits, dots, dashes and underscores.", field="tenant"
        )
    if not actor.sees(name):
        raise Forbidden(f"{actor.name} may not act for the tenant {name}.", field="tenant")
    return name


def could_be_tenant(name: str) -> bool:
    """Whether a tenant could have this name."""
    return _NAME.fullmatch(name) is not None


def home_tenant(actor: Actor, wanted: Sequence[str] = ()) -> str:
    """The tenant that owns what the actor starts: the one wanted, else the first of the actor's."""
    if len(wanted) == 1 and actor.sees(wanted[0]):
        return wanted[0]
    if actor.tenants is None:
        return DEFAULT_TENANT
    if not actor.tenants:
        raise Forbidden(f"{actor.name} belongs to no tenant.")
    return min(actor.tenants)
