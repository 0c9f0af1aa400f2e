"""A strict reader of tar headers. What a kit has no use for is refused, not skipped.

Kits are read once from front to back with exact bounds, which tarfile leaves to the archive: it reads headers of any
size into memory, takes a damaged header for the end, and follows what the archive claims.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from execution_ops.domain.kit_names import name_fault

BLOCK = 512
# What may follow the end of the archive: tar fills up its last record with zeros.
PADDING_MAX = 1 << 20
_EXTENDED_MAX = 64 << 10
_ZEROS = bytes(BLOCK)
_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a named pipe",
    b"S": "a sparse file",
}
# Reads exactly so many bytes of the archive, or raises TarFault.
Read = Callable[[int], bytes]


class TarFault(ValueError):
    """What is wrong with an archive, as a sentence."""


class Member(NamedTuple):
    """A regular file or a folder, with a name that is safe. `size` bytes follow, and zeros up to a whole block."""

    name: str
    size: int
    folder: bool

    @property
    def padding(self) -> int:
        """How many zeros follow the content."""
        return -self.size % BLOCK


class _Header(NamedTuple):
    name: bytes
    size: int
    kind: bytes


def next_member(read: Read) -> Member | None:
    """The next member; None at the end of the archive. TarFault for anything that a kit does not hold."""
    name: bytes | None = None
    size: int | None = None
    seen: set[bytes] = set()
    while (header := _header(read(BLOCK))) is not None:
        if header.kind not in (b"L", b"x"):
            return _member(header if name is None else header._replace(name=name), size)
        if header.kind in seen:
            raise TarFault("A member has two extended headers of the same kind.")
        seen.add(header.kind)
        if header.size > _EXTENDED_MAX:
            raise TarFault("An extended header is larger than 64 KiB.")
        data = read(header.size + -header.size % BLOCK)[: header.size]
        if header.kind == b"L":
            name = data.rstrip(b"\0")
        else:
            records = _pax(data)
            name = records.get(b"path", name)
            size = _pax_size(records[b"size"]) if b"size" in records else size
    if seen:
        raise TarFault("The archive ends after an extended header.")
    return None


def _header(block: bytes) -> _Header | None:
    if block == _ZEROS:
        return None
    if _octal(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * ord(" "):
        raise TarFault("A header is damaged: its checksum is wrong.")
    name = block[:100].split(b"\0", 1)[0]
    prefix = block[345:500].split(b"\0", 1)[0] if block[257:263] == b"ustar\0" else b""
    return _Header(prefix + b"/" + name if prefix else name, _number(block[124:136]), block[156:157])


def _number(field: bytes) -> int:
    # GNU tar writes what is too large for octal in base 256, marked by the highest bit; 0xff would be negative.
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    return _octal(field)


def _octal(field: bytes) -> int:
    digits = field.strip(b" \0")
    if not all(digit in b"01234567" for digit in digits):
        raise TarFault("A header is damaged: a number is none.")
    return int(digits or b"0", 8)


def _member(header: _Header, size: int | None) -> Member:
    try:
        name = header.name.decode()
    except UnicodeDecodeError:
        raise TarFault("The name of a member is not UTF-8.") from None
    if header.kind not in (b"0", b"\0", b"5"):
        kind = _KINDS.get(header.kind, f"of an unknown kind ({header.kind!r})")
        raise TarFault(f"{name[:200]!r} is {kind}. A kit holds regular files only.")
    folder = header.kind == b"5"
    name = name.removeprefix("./")
    name = name.removesuffix("/") if folder else name
    # The folder that was packed may itself be the first member.
    if not (folder and name in ("", ".")) and (fault := name_fault(name)):
        raise TarFault(f"The name {name[:200]!r} is refused: {fault}.")
    whole = header.size if size is None else size
    if folder and whole:
        raise TarFault(f"The folder {name!r} claims to have content.")
    return Member("" if folder and name == "." else name, whole, folder)


def _pax(data: bytes) -> dict[bytes, bytes]:
    """The records `length key=value` of an extended header."""
    records: dict[bytes, bytes] = {}
    while data:
        digits, _, _ = data.partition(b" ")
        length = int(digits) if digits.isdigit() and len(digits) <= 5 else 0
        record, data = data[:length], data[length:]
        key, equals, value = record[len(digits) + 1 : -1].partition(b"=")
        if not equals or not key or len(record) != length or record[-1:] != b"\n":
            raise TarFault("An extended header is damaged.")
        if key.startswith(b"GNU.sparse"):
            raise TarFault("A member is a sparse file. Pack the kit without --sparse.")
        if key in records:
            raise TarFault("An extended header says the same twice.")
        records[key] = value
    return records


def _pax_size(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > 15:
        raise TarFault("An extended header has a size that is no number.")
    return int(digits)
