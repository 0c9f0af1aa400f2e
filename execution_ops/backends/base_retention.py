"""The port for what is removed for its age. Every method is blocking and thread-safe."""

from __future__ import annotations

from typing import Protocol

from execution_ops.domain.retention import RetentionStatus, RetentionSurvey


class RetentionBackend(Protocol):
    """The leading worker removes what is over by itself; this tells of it."""

    def retention_status(self) -> RetentionStatus:
        """What is kept for how long, and what was removed so far. Cheap."""

    def retention_survey(self) -> RetentionSurvey:
        """What would be removed now. It reads all that is old: for an operator who waits, never for a page."""
