"""The rules for Amazon CloudFront: a function for old addresses and pages, and a policy for the headers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from execution_ops.edge.rules import HIDDEN_FILES, RULES_FOLDER, Rules
from execution_ops.routes import Tail
from execution_ops.static_site import REVALIDATED

# What CloudFront takes.
FUNCTION_MAX_BYTES = 10 * 1024

_TEMPLATE = Path(__file__).with_name("cloudfront.js")
_MOST = {Tail.NONE: 0, Tail.ONE: 1, Tail.ANY: -1}


def function(rules: Rules) -> str:
    """The function. ValueError if it is longer than CloudFront takes."""
    tables = {
        "PAGES": [[page.regex, page.file] for page in rules.pages],
        "REDIRECTS": [[rule.prefix, rule.target, _MOST[rule.tail]] for rule in rules.redirects],
        "HIDDEN": [rf"\.(html|gz|br)$|^{RULES_FOLDER}/|^({'|'.join(HIDDEN_FILES)})$"],
    }
    text = re.sub(
        r"^const (\w+) = \[\];$",
        lambda found: f"const {found[1]} = {json.dumps(tables[found[1]], separators=(',', ':'))};",
        _TEMPLATE.read_text(),
        flags=re.MULTILINE,
    )
    if len(text.encode()) > FUNCTION_MAX_BYTES:
        raise ValueError(f"The function for CloudFront is longer than {FUNCTION_MAX_BYTES} bytes.")
    return text


def headers_policy(rules: Rules) -> str:
    """The configuration for `aws cloudfront create-response-headers-policy`, as JSON."""
    own = {name: value for name, value in rules.headers.items() if name.startswith("Cross-Origin")}
    config: dict[str, Any] = {
        "Name": "execution-ops",
        "Comment": "Made by execution-ops export-site",
        "SecurityHeadersConfig": {
            "ContentSecurityPolicy": {"Override": True, "ContentSecurityPolicy": rules.any_policy},
            "ContentTypeOptions": {"Override": True},
            "FrameOptions": {"Override": True, "FrameOption": rules.headers["X-Frame-Options"]},
            "ReferrerPolicy": {"Override": True, "ReferrerPolicy": rules.headers["Referrer-Policy"]},
        },
        "CustomHeadersConfig": {
            "Quantity": len(own) + 1,
            "Items": [
                *({"Header": name, "Value": value, "Override": True} for name, value in own.items()),
                # The objects of /assets/ bring their own, see the README beside this file.
                {"Header": "Cache-Control", "Value": REVALIDATED, "Override": False},
            ],
        },
    }
    return json.dumps(config, indent=2) + "\n"
