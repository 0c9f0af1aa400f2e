"""Hostile text made safe to look at: what would steer a terminal or reorder a line is spelled out."""

from __future__ import annotations

from itertools import chain

# C0, DEL and C1; marks that reorder, join or hide text; lone surrogates, which no encoder takes.
_UNSAFE = chain(
    range(0x20),
    range(0x7F, 0xA0),
    (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x180E, 0x3164, 0xFEFF, 0xFFA0),
    range(0x200B, 0x2010),
    range(0x2028, 0x202F),
    range(0x2060, 0x2070),
    range(0xD800, 0xE000),
    range(0xFFF9, 0xFFFC),
    range(0xE0000, 0xE0080),
)


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_SPELLED = {code: _escape(code) for code in _UNSAFE}
_LINES = {code: text for code, text in _SPELLED.items() if chr(code) not in "\n\t"}


def is_unicode(text: str) -> bool:
    """Whether the text can be encoded: a file name that is no UTF-8, or hostile JSON, holds lone surrogates."""
    return not any(0xD800 <= ord(character) < 0xE000 for character in text)


def encodable(text: str) -> str:
    """The text with `?` for each lone surrogate, which no encoder takes."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def visible(text: str, *, lines: bool = False) -> str:
    """The text with control characters and direction marks spelled out like `\\x1b` and `\\u202e`.

    `lines` keeps line feeds and tabs, for text that is shown as a block.
    """
    return text.translate(_LINES if lines else _SPELLED)
