"""Kits that are nearly right: bytes flipped and spliced, documents and archives changed where they mean something."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from tests import kit_samples as samples
from tests.kit_samples import Recipe, archive, member, packed

_KINDS = [b"0", b"\0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"L", b"K", b"x", b"g", b"S", b"V"]
_NAMES = [
    "../up",
    "/abs",
    "a/../../b",
    "analyzers.json",
    "ANALYZERS.JSON",
    "baselines",
    "",
    ".",
    "./",
    "x" * 300,
    "é",
    "e\u0301",
]
_VALUES: list[Any] = [
    None, True, 0, -1, 1 << 63, 1 << 70, 1.5, 1e300, "", "a", "x" * 5000, "\u202e\x1b[2J", "ä", [], {}, [[]],
    [[[[{}]]]], "0" * 64, "2026-11-14T07:52:00Z", "2026.11.14", "edge", "../up", "/abs", "AA==", "not base64 !",
]  # fmt: skip
_TEXTS = [
    b"NaN",
    b"Infinity",
    b"1e999",
    b"9" * 5000,
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b'"\\ud800"',
    b"\xff\xfe",
    b"\0",
    b"}",
]
# A kit whose every part is right; random bytes come from its neighbours.
ORIGINAL = Recipe().parts()
LOGGED = samples.with_receipt(ORIGINAL, samples.receipt(ORIGINAL))


def mutant(dice: Random) -> bytes:
    """A kit as a tar, changed in one of many ways; what vouches for the change is made anew, or not."""
    return dice.choice(_WAYS)(dice)


def _tar(parts: dict[str, bytes]) -> bytes:
    return archive(*(member(name, data) for name, data in parts.items()))


def spoiled(dice: Random, data: bytes) -> bytes:
    """Some bytes flipped, cut out, doubled, overwritten or spliced in."""
    changed = bytearray(data)
    for _ in range(dice.choice([1, 1, 1, 2, 3, 8])):
        at = dice.randrange(len(changed) + 1)
        length = min(dice.choice([1, 1, 2, 4, 16, 100, 512, 2000]), len(changed) - at)
        match dice.randrange(6):
            case 0 if at < len(changed):
                changed[at] ^= 1 << dice.randrange(8)
            case 1 if at < len(changed):
                changed[at] = dice.choice([0, 0x20, 0x30, 0x37, 0x7F, 0x80, 0xFF, dice.randrange(256)])
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = changed[at : at + length]
            case 4:
                start = dice.randrange(len(data) + 1)
                changed[at : at + length] = data[start : start + length]
            case _:
                changed[at:at] = dice.choice([*_TEXTS[:4], dice.randbytes(dice.choice([1, 4, 60]))])
    return bytes(changed)


def _any_bytes(dice: Random) -> bytes:
    return spoiled(dice, _tar(dice.choice([ORIGINAL, LOGGED])))


def _one_part(dice: Random) -> bytes:
    parts = dict(LOGGED)
    name = dice.choice(list(parts))
    parts[name] = spoiled(dice, parts[name])
    return _tar(parts)


def _shuffled_parts(dice: Random) -> bytes:
    tar = [member(name, data) for name, data in LOGGED.items()]
    extra = member(
        dice.choice(_NAMES), b"x", dice.choice(_KINDS), dice.choice(_NAMES), dice.choice([-1, 0, 7, 1 << 40])
    )
    tar.insert(dice.randrange(len(tar) + 1), extra)
    if dice.random() < 0.5:
        dice.shuffle(tar)
    return archive(*tar, end=dice.choice([bytes(1024), bytes(512), b"", b"x", bytes(10_240)]))


def changed(dice: Random, document: Any) -> Any:
    """A JSON document with one to three of its values replaced, removed, doubled or moved."""
    document = deepcopy(document)
    for _ in range(dice.choice([1, 1, 2, 3])):
        holder, key = dice.choice(list(_places(document)))
        match dice.randrange(5):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1:
                holder[key] = [deepcopy(holder[key])] * dice.choice([1, 2, 50])
            case 2 if isinstance(holder[key], str):
                holder[key] = holder[key][: dice.randrange(len(holder[key]) + 1)] + dice.choice(
                    ["", "x", "\0", "=", "\n"]
                )
            case 3 if isinstance(holder, dict):
                holder[dice.choice(["extra", "_type", key + " "])] = deepcopy(holder[key])
            case _:
                holder[key] = deepcopy(dice.choice(_VALUES))
        if not document:
            break
    return document


def _places(document: Any) -> Any:
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in list(items):
        yield document, key
        if isinstance(value, (dict, list)) and value:
            yield from _places(value)


def _documents(dice: Random) -> bytes:
    change: Callable[[dict[str, Any]], Any] = lambda document: changed(dice, document)  # noqa: E731
    field = dice.choice(["manifest", "statement", "envelope", "receipt"])
    if field == "receipt":
        return _tar(samples.with_receipt(ORIGINAL, change(samples.receipt(ORIGINAL))))
    parts = Recipe(**{field: change}).parts()
    return _tar(samples.with_receipt(parts, samples.receipt(ORIGINAL)) if dice.random() < 0.2 else parts)


def _texts(dice: Random) -> bytes:
    name = dice.choice(["manifest.json", "statement.dsse.json", "rekor-receipt.json"])
    text = LOGGED[name]
    at = dice.randrange(len(text))
    broken = text[:at] + dice.choice(_TEXTS) + text[at:]
    if name == "manifest.json":
        return _tar(Recipe(manifest_bytes=broken).parts())
    return _tar({**LOGGED, name: broken})


def _members(dice: Random) -> bytes:
    tar = [member(name, data) for name, data in samples.FILES.items()]
    for _ in range(dice.choice([1, 1, 2, 5])):
        content = dice.randbytes(dice.choice([0, 1, 26, 512, 3000]))
        extra = member(
            dice.choice(_NAMES), content, dice.choice(_KINDS), dice.choice(_NAMES), dice.choice([-1, 0, 600, 1 << 33])
        )
        tar.insert(dice.randrange(len(tar) + 1), extra)
    return _tar(Recipe(tar=archive(*tar)).parts())


def _headers(dice: Random) -> bytes:
    """A payload with spoiled headers whose checksums are right again."""
    tar = bytearray(archive(*(member(name, data) for name, data in samples.FILES.items())))
    for start in (0, 1024):
        if dice.random() < 0.7:
            header = bytearray(spoiled(dice, bytes(tar[start : start + 512]))[:512].ljust(512, b"\0"))
            header[148:156] = b" " * 8
            header[148:156] = b"%06o\0 " % (sum(header) & 0o777777)
            tar[start : start + 512] = header
    return _tar(Recipe(tar=bytes(tar)).parts())


def _extended(dice: Random) -> bytes:
    records = dice.choice(
        [b"20 path=analyzers.j\n", b"11 size=16\n", b"12 path=../x\n", b"15 comment=abcd\n", b"9 =a\n"]
    )
    name = dice.choice([b"analyzers.json\0", b"../x\0", b"a" * 300, b"\xff\0"])
    kind = dice.choice([b"x", b"L"])
    header = member("header", spoiled(dice, records if kind == b"x" else name), kind)
    tar = [member(name, data) for name, data in samples.FILES.items()]
    tar.insert(dice.randrange(3), header)
    return _tar(Recipe(tar=archive(*tar)).parts())


def _compressed(dice: Random) -> bytes:
    payload = packed(archive(*(member(name, data) for name, data in samples.FILES.items())))
    return _tar(Recipe(payload=spoiled(dice, payload)).parts())


def _untouched(dice: Random) -> bytes:
    """Some must pass, or the rest proves nothing."""
    folders = [member(name, kind=tarfile.DIRTYPE) for name in ("./", "baselines/")]
    tar = archive(*folders, *(member(f"./{name}", data) for name, data in samples.FILES.items()))
    return dice.choice([_tar(LOGGED), _tar(ORIGINAL), _tar(Recipe(tar=tar).parts())])


_WAYS = [
    _any_bytes, _any_bytes, _one_part, _shuffled_parts, _documents, _documents, _documents, _texts, _members, _headers,
    _headers, _extended, _compressed, _untouched,
]  # fmt: skip


def entries_of(kit: bytes) -> dict[str, str]:
    """What the manifest in a kit says of its entries, read without mercy."""
    at = kit.index(b'{"version"')
    document, _ = json.JSONDecoder().raw_decode(kit[at : kit.index(b"\0", at)].decode())
    return {entry["name"]: entry["sha256"] for entry in document["entries"]}
