"""What of the conformance suite does not run over the wire, each with its reason."""

from __future__ import annotations

_KEYS = "the REST contract is stricter: a key that was used for another request is refused (tests/api)"
_SIZE = "a request has at most 64 KiB, so such a payload gets nowhere (tests/api)"
_FILES = "over the wire a file is asked for with its job, and is fetched (tests/gateway)"
# By file, or by file and test.
EMBEDDED_ONLY: dict[str, str] = {
    "test_execution::test_a_wrong_dag_is_refused_whole": _SIZE,
    "test_execution::test_an_idempotency_key_gives_the_first_submission_again": _KEYS,
    "test_reads::test_a_file_is_found_by_its_digest_for_those_who_see_its_job": _FILES,
}


def why_not_over_the_wire(name: str) -> str:
    """Why the test `file::test` is about the embedded engine alone; "" if it is about the port."""
    return EMBEDDED_ONLY.get(name, "") or EMBEDDED_ONLY.get(name.partition("::")[0], "")
