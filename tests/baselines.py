"""Documents and baselines for tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.domain.baselines import Baseline, NewBaseline, PromotionOrder
from execution_ops.domain.ids import new_id
from execution_ops.domain.verbs import Stamp
from tests.execution import STAMP

SOURCE = "/srv/shop"
Package = tuple[str, str] | tuple[str, str, str]


def component(name: str, version: str, licence: str = "MIT", ecosystem: str = "npm") -> dict[str, Any]:
    """A package as Syft writes it."""
    purl = f"pkg:{ecosystem}/{name}@{version}?package-id=0123"
    return {
        "bom-ref": purl,
        "type": "library",
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": [{"license": {"id": licence}}],
    }


def document(packages: Iterable[Package]) -> dict[str, Any]:
    """A CycloneDX document of these packages: name, version and, if another than MIT, the licence."""
    tools = {"components": [{"type": "application", "name": "syft", "version": "1.42.0"}]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"tools": tools},
        "components": [component(*package) for package in packages],
    }


def store(backend: EmbeddedBackend, content: Any) -> tuple[str, int]:
    """Keep a document in the artifact store; its digest and size."""
    text = content if isinstance(content, str) else json.dumps(content)
    path = backend.artifacts.incoming() / f"{hashlib.sha256(text.encode()).hexdigest()}.new"
    path.write_text(text, encoding="utf-8")
    kept = backend.artifacts.keep(path, name="merged.cdx.json", media_type="application/vnd.cyclonedx+json")
    return kept.sha256, kept.size


def new(backend: EmbeddedBackend, packages: Iterable[Package], **values: Any) -> NewBaseline:
    """A result to keep."""
    found = list(packages)
    sha256, size = store(backend, document(found))
    told = {"tenant": "acme", "source": SOURCE, "green": True, "components": len(found), **values}
    return NewBaseline(sha256=sha256, size=size, **told)


def keep(backend: EmbeddedBackend, packages: Iterable[Package], stamp: Stamp = STAMP, **values: Any) -> Baseline:
    """Keep a result as a candidate."""
    return backend.keep_baseline(new(backend, packages, **values), stamp)


def promote(backend: EmbeddedBackend, baseline_id: str, stamp: Stamp = STAMP) -> Baseline:
    """Promote a baseline in place of whichever is promoted now, as a job of its own does."""
    one = backend.get_baseline(baseline_id, tenants=None)
    held = None if one is None else backend.promoted_baseline(one.tenant, one.source)
    order = PromotionOrder(job_id=new_id(), held="" if held is None else held.id)
    return backend.promote_baseline(baseline_id, order, stamp)
