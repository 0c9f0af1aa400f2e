"""A program in the place of Syft that answers at once, for tests of what is done with its answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

CATALOGERS = (
    {"name": "go-module-file-cataloger", "tags": ["directory", "go", "language", "package"]},
    {"name": "python-package-cataloger", "tags": ["directory", "language", "package", "python"]},
    {"name": "dpkg-db-cataloger", "tags": ["directory", "dpkg", "image", "os", "package"]},
)
_PROGRAM = """#!{python}
import datetime, json, os, sys, uuid
known = json.loads({known!r})
verb = sys.argv[1]
if verb == "version":
    print(json.dumps({{"version": known["version"]}}))
elif verb == "cataloger":
    print(json.dumps({{"catalogers": known["catalogers"]}}))
else:
    names = sys.argv[sys.argv.index("--override-default-catalogers") + 1].split(",")
    purls = [purl for name in names for purl in known["found"].get(name, [])]
    parts = [{{"type": "library", "name": p, "purl": p, "bom-ref": p}} for p in purls]
    # As Syft does: the clock's time, and a serial number by chance.
    metadata = {{"timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat()}}
    head = {{"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": uuid.uuid4().urn, "metadata": metadata}}
    print(json.dumps({{**head, "components": parts}}))
    with open(os.path.join(os.environ["HOME"], "environment.json"), "w") as told:
        json.dump(dict(os.environ), told)
"""


def write(path: Path, found: Mapping[str, Sequence[str]], *, version: str = "1.18.1") -> Path:
    """Make the program; it finds these purls by cataloger, whatever it is given, and leaves its environment in HOME."""
    known = json.dumps({"version": version, "catalogers": CATALOGERS, "found": found})
    path.write_text(_PROGRAM.format(python=sys.executable, known=known), encoding="utf-8")
    path.chmod(0o755)
    return path
