"""Trees of Python installations."""

from __future__ import annotations

from execution_ops.domain.benchmarks import Scenario
from execution_ops.scanner.scenarios.tree import Builder, Tree, zipped

_INSTALLED, _MODULES = 300, 2
_WHEELS, _PROJECTS, _REQUIRED = 120, 60, 12


def site_packages(tree: Tree) -> None:
    """An environment with 300 installed packages."""
    root = "venv/lib/python3.12/site-packages"
    for number in range(_INSTALLED):
        name, version = tree.name(number).replace("-", "_"), tree.version()
        record = [f"{name}/m{module}.py" for module in range(_MODULES)]
        for path in record:
            tree.write(f"{root}/{path}", f"VALUE = {tree.chance.randrange(10**6)}\n" * 10)
        info = f"{name}-{version}.dist-info"
        tree.write(f"{root}/{info}/METADATA", _metadata(name, version))
        tree.write(f"{root}/{info}/RECORD", "".join(f"{path},sha256={tree.hex(40)},120\n" for path in record))
        tree.write(f"{root}/{info}/top_level.txt", f"{name}\n")
        tree.write(f"{root}/{info}/INSTALLER", "pip\n")


def pip_cache(tree: Tree) -> None:
    """What pip keeps of built wheels, beside projects that pin what they need."""
    for number in range(_WHEELS):
        name, version = tree.name(number).replace("-", "_"), tree.version()
        wheel = zipped({f"{name}/__init__.py": "", f"{name}-{version}.dist-info/METADATA": _metadata(name, version)})
        folder = f".cache/pip/wheels/{tree.hex(2)}/{tree.hex(2)}/{tree.hex(56)}"
        tree.write(f"{folder}/{name}-{version}-py3-none-any.whl", wheel)
        tree.write_json(f"{folder}/origin.json", {"url": f"https://index.example/{name}-{version}.tar.gz"})
    for number in range(_PROJECTS):
        pins = "".join(f"{tree.name(one)}=={tree.version()}\n" for one in range(_REQUIRED))
        tree.write(f"projects/{tree.name(number)}/requirements.txt", pins)


def _metadata(name: str, version: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: MIT\nSummary: made for a benchmark\n\n"


SCENARIOS: tuple[tuple[Scenario, Builder], ...] = (
    (
        Scenario(
            name="python_site_packages_scan",
            title="Python site-packages",
            ecosystem="python",
            description=f"An environment with {_INSTALLED} installed packages.",
            analyzers=("python",),
        ),
        site_packages,
    ),
    (
        Scenario(
            name="python_pip_cache_fixture",
            title="Python pip cache",
            ecosystem="python",
            description=f"A cache of pip with {_WHEELS} wheels, and {_PROJECTS} projects with pinned requirements.",
            analyzers=("python",),
        ),
        pip_cache,
    ),
)
