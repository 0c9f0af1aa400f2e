"""A remote that means harm: what unpacks to gigabytes, lists that never end, cursors that are none."""

from __future__ import annotations

import gzip
import resource
import zlib

import brotli
import pytest
import zstandard

from execution_ops.backends.gateway.backend import GatewayBackend
from execution_ops.backends.gateway.failures import Garbled
from execution_ops.backends.gateway.remote import PAGES_MAX
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Page
from tests.gateway.conftest import PATIENT, Make
from tests.gateway.hostile import answer
from tests.quota_double import quota_row

BLOCK = b"x" * (1 << 20)
BLOCKS = 256
SMALL = PATIENT.model_copy(update={"body": 1 << 20, "line": 1 << 20})
GROWN_MAX_KIB = 64 << 10


def listed(gateway: GatewayBackend) -> Page:
    """Ask for the list of jobs."""
    return gateway.list_jobs(JobFilter(), tenants=None, cursor=None, limit=50)


def exported(gateway: GatewayBackend) -> list[object]:
    """Ask for the export of jobs."""
    return list(gateway.iterate_jobs(JobFilter(), tenants=None))


def packed(packing: str) -> bytes:
    """Some kilobytes, which arrive at once; made in pieces, so that this process never had all of it."""
    if packing == "br":
        brotli_packer = brotli.Compressor(quality=1)
        return b"".join(brotli_packer.process(BLOCK) for _ in range(BLOCKS)) + brotli_packer.finish()
    packer = zlib.compressobj(9, wbits=31) if packing == "gzip" else zstandard.ZstdCompressor().compressobj()
    return b"".join(packer.compress(BLOCK) for _ in range(BLOCKS)) + packer.flush()


@pytest.mark.parametrize("packing", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("streamed", [False, True])
def test_what_unpacks_to_gigabytes_is_not_unpacked(make: Make, packing: str, streamed: bool) -> None:
    gateway, server = make(answer(200, packed(packing), Content_Encoding=packing), limits=SMALL)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Garbled, match=r"more than 1 MiB|can't be unpacked"):
        (exported if streamed else listed)(gateway)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWN_MAX_KIB
    assert server.asked[0].headers["accept-encoding"] == "gzip"


def test_what_is_packed_as_asked_for_is_read(make: Make) -> None:
    body = gzip.compress(b'{"items": [], "next_cursor": null, "searched": null}' + b" " * (1 << 19))
    gateway, _ = make(answer(200, body, Content_Encoding="gzip"), answer(200, body[:-9], Content_Encoding="gzip"))
    assert listed(gateway).rows == ()
    with pytest.raises(Garbled, match="can't be unpacked"):
        listed(gateway)


def test_a_list_that_never_ends_is_given_up(make: Make) -> None:
    gateway, server = make(answer(200, {"items": [quota_row().model_dump(mode="json")], "next_cursor": "again"}))
    with pytest.raises(Garbled, match="does not end"):
        gateway.quotas(tenants=None)
    assert len(server.asked) == PAGES_MAX


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1e3", "\N{ARABIC-INDIC DIGIT ONE}", "9" * 5000])
def test_a_cursor_that_is_no_number_is_told(make: Make, cursor: str) -> None:
    gateway, _ = make(answer(200, {"items": [], "next_cursor": cursor}))
    with pytest.raises(Garbled, match="no number"):
        gateway.plan_items(new_id(), tenants=None, statuses=(), verdicts=(), after=0, limit=50)
