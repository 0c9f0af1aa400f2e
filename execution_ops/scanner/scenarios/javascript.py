"""Trees of Node projects."""

from __future__ import annotations

from typing import Any

from execution_ops.domain.benchmarks import Scenario
from execution_ops.scanner.scenarios.tree import Builder, Tree

_PACKAGES, _DEPENDENCIES = 400, 8
_GAPS, _BUNDLED = 30, 6


def monorepo(tree: Tree) -> None:
    """A workspace of 400 packages, each with its manifest, its lock file and some sources."""
    names = [tree.name(number) for number in range(_PACKAGES)]
    tree.write_json("package.json", {"name": "monorepo", "private": True, "workspaces": ["packages/*"]})
    for name in names:
        locked = {tree.name(number): tree.version() for number in range(_DEPENDENCIES)}
        _project(tree, f"packages/{name}", name, locked)
        tree.write(f"packages/{name}/src/index.js", f"export const name = {name!r};\n" * 20)


def gaps(tree: Tree) -> None:
    """Projects of which the dependencies are easily missed: other lock files, bundled modules, none at all."""
    for number in range(_GAPS):
        name = tree.name(number)
        locked = {tree.name(one): tree.version() for one in range(_DEPENDENCIES)}
        _project(tree, f"npm/{name}", name, locked)
        tree.write_json(f"yarn/{name}/package.json", _manifest(name, tree, locked))
        tree.write(f"yarn/{name}/yarn.lock", _yarn(tree, locked))
        tree.write_json(f"pnpm/{name}/package.json", _manifest(name, tree, locked))
        tree.write(f"pnpm/{name}/pnpm-lock.yaml", _pnpm(locked))
        tree.write_json(f"unlocked/{name}/package.json", _manifest(name, tree, locked))
        for one in range(_BUNDLED):
            module = tree.name(one)
            path = f"bundled/{name}/node_modules/@scope/{module}/package.json"
            tree.write_json(path, _manifest(f"@scope/{module}", tree, {}))


def _project(tree: Tree, folder: str, name: str, locked: dict[str, str]) -> None:
    tree.write_json(f"{folder}/package.json", _manifest(name, tree, locked))
    packages: dict[str, Any] = {"": {"name": name, "version": "1.0.0", "dependencies": locked}}
    for module, version in locked.items():
        packages[f"node_modules/{module}"] = {
            "version": version,
            "integrity": f"sha512-{tree.hex(86)}==",
            "license": "MIT",
        }
    lock = {"name": name, "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    tree.write_json(f"{folder}/package-lock.json", lock)


def _manifest(name: str, tree: Tree, dependencies: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "version": tree.version(), "license": "MIT", "dependencies": dependencies}


def _yarn(tree: Tree, locked: dict[str, str]) -> str:
    entries = (
        f'{module}@^{version}:\n  version "{version}"\n  integrity sha512-{tree.hex(86)}==\n'
        for module, version in locked.items()
    )
    return "# yarn lockfile v1\n\n\n" + "\n".join(entries)


def _pnpm(locked: dict[str, str]) -> str:
    lines = ["lockfileVersion: '6.0'", "", "packages:", ""]
    for module, version in locked.items():
        lines += [f"  /{module}@{version}:", "    resolution: {integrity: sha512-none}", "    dev: false", ""]
    return "\n".join(lines)


SCENARIOS: tuple[tuple[Scenario, Builder], ...] = (
    (
        Scenario(
            name="node_monorepo_walk",
            title="Node monorepo",
            ecosystem="javascript",
            description=f"{_PACKAGES} packages of a workspace, each with package.json, package-lock.json and sources.",
            analyzers=("javascript",),
        ),
        monorepo,
    ),
    (
        Scenario(
            name="node_detection_gaps_fixture",
            title="Node, easily missed",
            ecosystem="javascript",
            description="Projects locked by npm, yarn and pnpm, bundled modules, and projects without a lock file.",
            analyzers=("javascript",),
        ),
        gaps,
    ),
)
