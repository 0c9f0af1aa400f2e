"""What an Execution Operations API offers, as a document that it serves itself."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

# The contract's version: the first part changes when something that was there is not any more.
CONTRACT = "1.1"
# What was added after 1.0, by the name under which the document tells of it.
CHANGES = "changes"
SAMPLES = "samples"
DAGS = "dags"
TIMELINES = "timelines"
OUTLOOK = "outlook"
RUN_PARTS = "run-parts"
SCANNER_PARTS = "scanner-parts"
FEATURES = (CHANGES, SAMPLES, DAGS, TIMELINES, OUTLOOK, RUN_PARTS, SCANNER_PARTS)


class CapabilityDocument(BaseModel):
    """What is here: `version` of the program, of the `contract`, and the `features` that the contract got since 1.0.

    `unable` says in words why a verb of that name can't be done here at all, whoever asks.
    """

    model_config = ConfigDict(frozen=True)

    version: str = ""
    contract: str = "1.0"
    features: tuple[str, ...] = ()
    unable: Mapping[str, str] = Field(default_factory=dict)


# What a remote that serves no such document is taken to be: the first version of the contract.
FIRST = CapabilityDocument()
