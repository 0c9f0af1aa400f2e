"""Identifiers: time-ordered, checkable, and for the children of a DAG repeatable."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time

from execution_ops.domain.errors import InvalidInput

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PREFIX = re.compile(r"[0-9a-f][0-9a-f-]{0,35}")
_lock = threading.Lock()
_last = 0


def _format(high48: int, rand: bytes) -> str:
    """Lay 48 bits of time and 10 bytes out as a UUIDv7 (RFC 9562, section 5.7)."""
    bits = bytearray(high48.to_bytes(6, "big") + rand[:10])
    bits[6] = 0x70 | (bits[6] & 0x0F)
    bits[8] = 0x80 | (bits[8] & 0x3F)
    text = bits.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_id() -> str:
    """A new UUIDv7; ids made by one process sort in the order in which they were made."""
    global _last
    with _lock:
        # 12 bits below the millisecond count up, so a burst in one millisecond stays ordered.
        now = max(time.time_ns() * 4096 // 1_000_000, _last + 1)
        _last = now
    milliseconds, fraction = divmod(now, 4096)
    return _format(milliseconds, fraction.to_bytes(2, "big") + os.urandom(8))


def child_id(dag_id: str, node_key: str) -> str:
    """The id of a DAG's node: a UUIDv7 with the DAG's time and bits from the node's key.

    The same DAG and key always give the same id, so planning a DAG twice makes no second job.
    """
    check_id(dag_id)
    digest = hashlib.sha256(f"{dag_id}\0{node_key}".encode()).digest()
    return _format(int(dag_id.replace("-", "")[:12], 16), digest)


def check_id(value: str) -> str:
    """Return `value` if it is one of our ids; raise InvalidInput before it is used anywhere."""
    if not _UUID.fullmatch(value):
        raise InvalidInput("This is not an id: expected 36 characters like 019ab107-5a2f-….")
    return value


def check_id_prefix(value: str) -> str:
    """Return the lower-cased prefix of an id; raise InvalidInput if no id can start so."""
    value = value.lower()
    if not _PREFIX.fullmatch(value):
        raise InvalidInput("An id prefix has only the digits 0-9, the letters a-f and dashes.")
    return value
