"""Writing a tree file by file, from one source of chance."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

Step = Callable[[], None]
# Archives carry times: this one, so that they are the same whenever they are made.
_MOMENT = (2024, 1, 1, 0, 0, 0)
_WORDS = (
    *("amber", "anvil", "arrow", "atlas", "basil", "beacon", "birch", "cedar", "cobalt", "comet", "coral", "delta"),
    *("ember", "fable", "falcon", "fjord", "garnet", "harbor", "hazel", "indigo", "jasper", "juniper", "kestrel"),
    *("lantern", "linen", "lotus", "maple", "marble", "meadow", "nectar", "nimbus", "onyx", "opal", "orbit", "pebble"),
    *("pine", "quartz", "quill", "raven", "ripple", "saffron", "sable", "slate", "sparrow", "tidal", "topaz", "umber"),
    *("velvet", "willow", "yarrow", "zephyr"),
)


class Tree:
    """A tree that is being made. Everything random in it comes from `chance`."""

    def __init__(self, folder: Path, chance: random.Random, step: Step) -> None:
        self.chance = chance
        self.files = 0
        self._folder = folder
        self._step = step

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file; `path` is relative, with `/`."""
        self._step()
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        self.files += 1

    def write_json(self, path: str, content: object) -> None:
        """Write a value as JSON."""
        self.write(path, json.dumps(content, indent=2) + "\n")

    def name(self, number: int) -> str:
        """A name that no other number has: `cedar-quartz-17`."""
        return f"{self.chance.choice(_WORDS)}-{self.chance.choice(_WORDS)}-{number}"

    def version(self) -> str:
        """A version of three numbers."""
        return ".".join(str(self.chance.randrange(most)) for most in (9, 30, 40))

    def hex(self, digits: int) -> str:
        """As many hexadecimal digits."""
        return f"{self.chance.getrandbits(4 * digits):0{digits}x}"

    def bytes(self, count: int) -> bytes:
        """As many bytes, which no packer makes smaller."""
        return self.chance.randbytes(count)


Builder = Callable[[Tree], None]


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of these files that is the same whenever it is made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
