"""Requests that Schemathesis makes from the contract, good ones and bad ones: every answer is one that it names.

A few for each operation with each change; many with `make test-contract`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from execution_ops import routes
from execution_ops.api.app import create_api
from execution_ops.api.operations import TAR
from tests.api.document import document
from tests.furnished import ORIGIN, LeavesStreams, furnished

FEW, MANY = 3, 60
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True, "database": None}
CONFIG = Path(__file__).parents[2] / "schemathesis.toml"
CHECKS = [
    not_a_server_error,
    allow_header_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def _schema(*, coverage: bool) -> schemathesis.BaseSchema:
    config = SchemathesisConfig.from_dict({**tomllib.loads(CONFIG.read_text()), "seed": 1})
    made = schemathesis.openapi.from_dict(document(), config=config)
    made.config.phases.coverage.enabled = coverage
    return made


@schemathesis.serializer(TAR)
def _as_it_is(_: Any, value: Any) -> Any:
    """A file is sent as it is."""
    return value if isinstance(value, bytes) else str(value).encode()


few, many = _schema(coverage=False), _schema(coverage=True)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[LeavesStreams]:
    """The interface on a ledger with one of everything, asked on loopback."""
    with furnished(tmp_path_factory.mktemp("contract"), sqlite_template) as there:
        yield LeavesStreams(create_api(lambda: there.services))


@few.parametrize()
@settings(max_examples=FEW, **QUIET)
def test_an_answer_is_one_that_the_contract_names(case: schemathesis.Case, app: LeavesStreams) -> None:
    response = case.call(app=app, base_url=ORIGIN)
    # A console without a worker is not ready, which is what 503 says there.
    checks = CHECKS[1:] if case.path == routes.READY else CHECKS
    case.validate_response(response, checks=checks)


@pytest.mark.long
@many.parametrize()
@settings(max_examples=MANY, **QUIET)
def test_many_answers_are_those_that_the_contract_names(case: schemathesis.Case, app: LeavesStreams) -> None:
    response = case.call(app=app, base_url=ORIGIN)
    # A console without a worker is not ready, which is what 503 says there.
    checks = CHECKS[1:] if case.path == routes.READY else CHECKS
    case.validate_response(response, checks=checks)
