"""A gateway to a server that misbehaves, quick to lose its patience."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from execution_ops.backends.gateway.backend import GatewayBackend
from execution_ops.backends.gateway.files import FileCache
from execution_ops.backends.gateway.profile import OURS, Profile
from execution_ops.backends.gateway.transport import Limits, Transport
from execution_ops.domain.capabilities import CONTRACT, FEATURES, CapabilityDocument
from tests.gateway.hostile import Answer, Hostile

# What a machine that is busy still keeps, where nothing hangs.
PATIENT = Limits(connect=30, read=30, write=30, pool=30, total=60, backoff=0.001, backoff_max=0.002, retry_after=2)
HASTY = PATIENT.model_copy(update={"read": 0.3, "total": 1.0})
ALL = CapabilityDocument(contract=CONTRACT, features=FEATURES)
Make = Callable[..., tuple[GatewayBackend, Hostile]]


def gateway_to(
    url: str, folder: Path, *, limits: Limits = PATIENT, profile: Profile = OURS, pauses: list[float] | None = None
) -> GatewayBackend:
    """A gateway that asks no capabilities: the remote is taken to offer everything."""
    taken = profile.model_copy(update={"capabilities": "", "offers": ALL})
    kept = pauses if pauses is not None else []
    transport = Transport(url, taken, token="secret-token", limits=limits, pause=kept.append)
    return GatewayBackend(transport, FileCache(folder / "files"), follows=False)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make a server with these answers, and the gateway to it."""
    with ExitStack() as stack:

        def made(
            *answers: Answer, limits: Limits = PATIENT, pauses: list[float] | None = None
        ) -> tuple[GatewayBackend, Hostile]:
            server = stack.enter_context(Hostile(*answers).serving())
            gateway = gateway_to(server.url, tmp_path, limits=limits, pauses=pauses)
            stack.callback(gateway.close)
            return gateway, server

        yield made
