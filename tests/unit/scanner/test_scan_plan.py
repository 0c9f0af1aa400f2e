"""The declared DAG of a scan."""

from __future__ import annotations

import pytest

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.job_types import REGISTRY
from execution_ops.scanner.plan import catalog_nodes, scan_spec
from tests.unit.scanner import scan_context


def test_the_pipeline_is_declared_in_order() -> None:
    spec = scan_spec("/srv/app/")
    assert spec.title == "Scan app"
    assert [(node.key, node.job_type, node.after) for node in spec.nodes] == [
        ("inspect", "scan.inspect", ()),
        ("merge", "scan.merge", ("inspect",)),
        ("compare", "scan.compare", ("merge",)),
        ("export", "scan.export", ("merge", "compare")),
    ]


def test_every_node_names_a_registered_type_whose_model_takes_its_payload() -> None:
    assert scan_context.jobs
    source = {"path": "/srv/app", "kind": "directory", "name": "app"}
    for node in (*scan_spec("/srv/app").nodes, *catalog_nodes(source, {"python": ("python-package-cataloger",)})):
        known = REGISTRY.get(node.job_type)
        assert known is not None
        assert known.description
        known.payload.model_validate(node.payload)


def test_catalog_nodes_are_told_apart_by_analyzer() -> None:
    nodes = catalog_nodes({"path": "/srv"}, {"go": ("a",), "python": ("b", "c")})
    assert [(node.key, node.label, node.group) for node in nodes] == [
        ("catalog:go", "go", "catalog"),
        ("catalog:python", "python", "catalog"),
    ]


@pytest.mark.parametrize("source", ["", "  ", "relative/path", "/with\0nul", "/" + "x" * 5000])
def test_what_cannot_be_a_path_is_refused_before_anything_runs(source: str) -> None:
    with pytest.raises(InvalidInput):
        scan_spec(source)


def test_the_root_directory_has_a_title_too() -> None:
    assert scan_spec("/").title == "Scan /"
