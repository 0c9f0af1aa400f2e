"""What scan.compare says against the promoted baseline of its source."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.baselines import PromotedBaseline
from execution_ops.domain.job_types import Artifact, JobFailed, JobResult, NodeSpec
from execution_ops.domain.sbom_parts import inventory, pack
from tests.baselines import SOURCE, document
from tests.unit.scanner.scan_context import Context, run_node

COMPARE = NodeSpec(key="compare", job_type="scan.compare")
BEFORE = [("gone", "1"), ("grows", "1"), ("stays", "1")]
AFTER = [("grows", "2"), ("stays", "1"), ("new", "1"), ("newer", "1")]


def stored(context: Context, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    (context.store / digest).write_bytes(content)
    return digest


def scanned(tmp_path: Path, parts: bytes | None, merged: bytes | None = None, **value: Any) -> Context:
    """The context of a compare job; `parts` is the file of the promoted baseline, if one is promoted."""
    context = Context(tmp_path, [tmp_path], node_key="compare")
    text = json.dumps(document(AFTER)).encode() if merged is None else merged
    artifact = Artifact(name="merged.cdx.json", sha256=stored(context, text), size=len(text), media_type="x")
    told = {"source": SOURCE, "components": len(AFTER), **value}
    context.before = {"merge": JobResult(value=told, artifacts=(artifact,))}
    if parts is not None:
        context.promoted[SOURCE] = PromotedBaseline(id="b1", label="v1", parts=stored(context, parts))
    return context


def packed() -> bytes:
    return pack(inventory(document(BEFORE)))


def test_the_comparison_is_counted_said_and_kept(tmp_path: Path) -> None:
    context = scanned(tmp_path, packed())
    result = run_node(context, COMPARE)
    assert result.value == {
        "baseline": "b1",
        "label": "v1",
        "verdict": "Against the promoted baseline v1: 2 added, 1 removed, 1 changed",
        "added": 2,
        "removed": 1,
        "changed": 1,
        "version_changed": 1,
        "licence_changed": 0,
        "components": 4,
    }
    (artifact,) = result.artifacts
    kept = json.loads((context.store / artifact.sha256).read_text(encoding="utf-8"))
    assert [change["name"] for change in kept["changes"]] == ["gone", "grows", "new", "newer"]
    assert kept["left"] == {"baseline": "b1", "label": "v1"}
    assert run_node(scanned(tmp_path, packed()), COMPARE) == result, "a retry comes to the same"


@pytest.mark.parametrize("value", [{}, {"source": "/another"}, {"source": ""}])
def test_without_a_promoted_baseline_nothing_is_compared(tmp_path: Path, value: dict[str, str]) -> None:
    result = run_node(scanned(tmp_path, packed() if value else None, **value), COMPARE)
    assert result.value == {"baseline": None, "verdict": "no promoted baseline yet", "components": 4}
    assert result.artifacts == ()


@pytest.mark.parametrize(
    ("parts", "merged", "words"),
    [(b"no file", None, "of the baseline v1 are damaged"), (packed(), b"{", "Scan the source again")],
)
def test_damaged_files_end_it_in_words(tmp_path: Path, parts: bytes, merged: bytes | None, words: str) -> None:
    with pytest.raises(JobFailed, match=words) as caught:
        run_node(scanned(tmp_path, parts, merged), COMPARE)
    assert caught.value.permanent
