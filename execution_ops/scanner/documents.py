"""The documents of a scan in the artifact store: kept by one job, read by the next."""

from __future__ import annotations

import json
from typing import Any

from execution_ops.domain.job_types import Artifact, JobContext
from execution_ops.scanner.failures import in_words, permanent

CYCLONEDX = "application/vnd.cyclonedx+json"


def read_document(ctx: JobContext, artifact: Artifact) -> dict[str, Any]:
    """The stored document, parsed; JobFailed if it is damaged."""
    path = ctx.open_artifact(artifact.sha256)
    with in_words(str(path)), path.open(encoding="utf-8") as file:
        try:
            document: dict[str, Any] = json.load(file)
        except ValueError as error:
            raise permanent(
                f"The stored document {artifact.name} is damaged. Retry the catalog job that made it."
            ) from error
    return document


def keep_document(ctx: JobContext, text: str, name: str) -> Artifact:
    """Store the text of a document."""
    path = ctx.work_dir / name
    path.write_text(text, encoding="utf-8")
    return ctx.keep(path, name=name, media_type=CYCLONEDX)
