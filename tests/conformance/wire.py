"""What of the conformance suite does not run over the wire, each with its reason."""

from __future__ import annotations

# By file, or by file and test.
EMBEDDED_ONLY: dict[str, str] = {}


def why_not_over_the_wire(name: str) -> str:
    """Why the test `file::test` is about the embedded engine alone; "" if it is about the port."""
    return EMBEDDED_ONLY.get(name, "") or EMBEDDED_ONLY.get(name.partition("::")[0], "")
