"""What jobs on kits are asked to do: their payloads, each with the one on whose behalf they act."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import check_id
from execution_ops.domain.kits import Channel
from execution_ops.domain.text import is_unicode
from execution_ops.scanner.plan import PATH_MAX
from execution_ops.services.own_jobs import Asked

BASELINES_MAX = 1_000


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KitSource(_Frozen):
    """Where a kit is: an upload, a path on the workers' machine, or one that the console has. One of the three."""

    upload: str = ""
    path: str = ""
    kit: str = ""

    @model_validator(mode="after")
    def _one(self) -> KitSource:
        if sum(map(bool, (self.upload, self.path, self.kit))) != 1:
            raise ValueError("name an upload, a path or a kit: one of the three")
        return self


class VerifyPayload(_Frozen):
    """Verify it, and change nothing."""

    source: KitSource
    words: str
    asked: Asked


class ImportPayload(VerifyPayload):
    """Verify it, then keep it or put it into quarantine."""


class ActivatePayload(_Frozen):
    """Make a kit the active one; its baselines become the tenant's."""

    kit_id: str
    force: bool
    tenant: str
    asked: Asked


class KitRecipe(_Frozen):
    """What an exported kit is to hold. `settings` takes the default analyzers along, `syft` the Syft in use."""

    version: str
    channel: Channel = Channel.STABLE
    baselines: tuple[str, ...] = Field(default=(), max_length=BASELINES_MAX)
    settings: bool = True
    syft: bool = False


class ExportPayload(_Frozen):
    """Build a kit. The key is the worker's own; it is never part of a job."""

    recipe: KitRecipe
    asked: Asked


def check_source(source: KitSource) -> KitSource:
    """The source; InvalidInput for what can be none."""
    if source.path and (
        len(source.path) > PATH_MAX
        or not source.path.startswith("/")
        or "\0" in source.path
        or not is_unicode(source.path)
    ):
        raise InvalidInput(f"Give the absolute path of the kit, of at most {PATH_MAX:,} characters.", field="path")
    for one in (source.upload, source.kit):
        if one:
            check_id(one)
    return source
