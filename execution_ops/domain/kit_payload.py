"""What lies in the payload of a kit, and under which names."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.baselines import LABEL_MAX
from execution_ops.domain.kits import ENTRIES_MAX, ENTRY_SIZE_MAX, SHA256_PATTERN

INDEX = "baselines/index.json"
ANALYZERS = "analyzers.json"
SYFT = "syft"
SYFT_ABOUT = "syft.json"
SOURCE_MAX = 4096
WORD_MAX = 200
ANALYZERS_MAX = 500

_Sha256 = Annotated[str, Field(pattern=SHA256_PATTERN)]
_Word = Annotated[str, Field(max_length=WORD_MAX)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class KitBaseline(_Part):
    """A baseline in a kit. It belongs to no tenant until it is imported for one.

    `file` is its CycloneDX document in the payload, `promoted` says that it was the promoted one of its source where
    the kit was made, `syft` the version that found it.
    """

    file: str
    source: str = Field(min_length=1, max_length=SOURCE_MAX)
    label: str = Field("", max_length=LABEL_MAX)
    sha256: _Sha256
    size: int = Field(ge=0, le=ENTRY_SIZE_MAX)
    components: int = Field(ge=0, le=100_000_000)
    promoted: bool
    syft: _Word = ""


class KitIndex(_Part):
    """`baselines/index.json`."""

    baselines: tuple[KitBaseline, ...] = Field(max_length=ENTRIES_MAX, strict=False)


class KitAnalyzers(_Part):
    """`analyzers.json`: the analyzers that scans do not run by default, by name."""

    disabled: tuple[_Word, ...] = Field(max_length=ANALYZERS_MAX, strict=False)


class KitSyft(_Part):
    """`syft.json`: about the Syft binary in the kit. `platform` is such as `linux-x86_64`."""

    version: _Word
    platform: _Word
    sha256: _Sha256


class KitPayload(_Part):
    """All that a kit carries. `analyzers` is None if it says nothing of them."""

    baselines: tuple[KitBaseline, ...] = ()
    analyzers: KitAnalyzers | None = None
    syft: KitSyft | None = None


def baseline_file(number: int) -> str:
    """The name of the document of the `number`-th baseline, from 1."""
    return f"baselines/{number}.cdx.json"
