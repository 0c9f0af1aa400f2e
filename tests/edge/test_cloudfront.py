"""The function for CloudFront in a JavaScript engine, before a bucket that has the files of the export."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from execution_ops.edge.cloudfront import FUNCTION_MAX_BYTES
from execution_ops.edge.rules import RULES_FOLDER
from execution_ops.frontend import build_environment
from execution_ops.static_site import SECURITY_HEADERS
from tests.edge import cases

# The function has no module around it and none of Node's own globals, as at the edge.
_RUNNER = """
const { readFileSync } = require("node:fs");
const vm = require("node:vm");
const { script, targets } = JSON.parse(readFileSync(0, "utf8"));
const context = vm.createContext({ encodeURIComponent, RegExp });
vm.runInContext(script, context);
const answers = targets.map(([uri, query]) => {
  const rawQueryString = () => query ?? undefined;
  const request = { method: "GET", uri, querystring: {}, headers: {}, cookies: {}, rawQueryString };
  return vm.runInContext("handler", context)({ version: "1.0", context: { eventType: "viewer-request" }, request });
});
console.log(JSON.stringify(answers));
"""


def answers(site: Path, tried: Sequence[cases.Case]) -> list[dict[str, Any]]:
    """What the function gives back for each target: a redirect, or the request as it goes on."""
    script = (site / RULES_FOLDER.lstrip("/") / "cloudfront-function.js").read_text()
    assert len(script.encode()) < FUNCTION_MAX_BYTES
    targets = [[case.path, case.target.partition("?")[2] if "?" in case.target else None] for case in tried]
    done = subprocess.run(
        ["node", "-e", _RUNNER],
        input=json.dumps({"script": script, "targets": targets}),
        env=build_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_old_addresses_lead_on_with_their_tail_and_query(site: Path) -> None:
    tried = list(cases.old_addresses())
    for case, answer in zip(tried, answers(site, tried), strict=True):
        if case.status == 308:
            assert answer["statusCode"] == 308, case
            assert answer["headers"]["location"]["value"] == case.location, case
            assert answer["headers"]["cache-control"]["value"] == "no-cache"
        else:
            assert not (site / answer["uri"].lstrip("/")).is_file(), case


@pytest.mark.parametrize("named", ["pages", "unknown", "files"])
def test_the_request_goes_on_to_the_right_file_or_to_none(site: Path, build: Path, named: str) -> None:
    tried = list(cases.files(build) if named == "files" else getattr(cases, named)())
    for case, answer in zip(tried, answers(site, tried), strict=True):
        wanted = case.file if case.status == 200 else None
        # What the bucket has not is answered by the distribution, with the 404 page.
        assert (answer["uri"] if (site / answer["uri"].lstrip("/")).is_file() else None) == wanted, case


def test_the_policy_of_headers_is_one_that_cloudfront_takes(site: Path) -> None:
    policy = json.loads((site / RULES_FOLDER.lstrip("/") / "cloudfront-headers.json").read_text())
    custom = policy["CustomHeadersConfig"]
    assert custom["Quantity"] == len(custom["Items"])
    said = {item["Header"]: item["Value"] for item in custom["Items"]}
    assert said.items() >= {name: SECURITY_HEADERS[name] for name in SECURITY_HEADERS if "Cross" in name}.items()
    scripts = policy["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert "'unsafe-inline'" not in scripts.partition("script-src")[2].partition(";")[0]
