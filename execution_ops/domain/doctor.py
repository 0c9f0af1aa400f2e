"""A check-up: what was found, how bad it is, and how to mend it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, computed_field


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    NOT_CHECKED = "not checked"


class Finding(BaseModel):
    """What one check found, in words, and how to mend it ("" where nothing has to be)."""

    model_config = ConfigDict(frozen=True)

    area: str
    level: Level
    message: str
    mend: str = ""


class CheckUp(BaseModel):
    """All findings, in the order of their areas."""

    model_config = ConfigDict(frozen=True)

    version: str
    findings: tuple[Finding, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def worst(self) -> Level:
        """The level that the whole has."""
        found = {finding.level for finding in self.findings}
        return next((level for level in (Level.PROBLEM, Level.WARNING) if level in found), Level.OK)


def not_checked(area: str, why: str) -> Finding:
    """What could not be looked at."""
    return Finding(area=area, level=Level.NOT_CHECKED, message=why)
