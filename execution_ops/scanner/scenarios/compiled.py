"""Trees of projects whose lock files name what is compiled in: Go, Rust, .NET."""

from __future__ import annotations

from typing import Any

from execution_ops.domain.benchmarks import Scenario
from execution_ops.scanner.scenarios.tree import Builder, Tree

_MODULES, _REQUIRED = 150, 20
_CRATES, _LOCKED = 80, 40
_APPS, _LIBRARIES = 100, 20


def go_modules(tree: Tree) -> None:
    """Modules with what they require and its checksums."""
    for number in range(_MODULES):
        name = tree.name(number)
        required = [(f"example.org/{tree.name(one)}", _go_version(tree)) for one in range(_REQUIRED)]
        lines = "".join(f"\t{module} {version}\n" for module, version in required)
        tree.write(f"{name}/go.mod", f"module example.org/{name}\n\ngo 1.22\n\nrequire (\n{lines})\n")
        sums = "".join(f"{module} {version} h1:{tree.hex(43)}=\n" for module, version in required)
        tree.write(f"{name}/go.sum", sums)
        tree.write(f"{name}/main.go", "package main\n\nfunc main() {}\n")


def _go_version(tree: Tree) -> str:
    # From 2 on the version would have to be in the module's path too.
    return f"v1.{tree.chance.randrange(30)}.{tree.chance.randrange(40)}"


def rust_locks(tree: Tree) -> None:
    """Crates with their lock files."""
    for number in range(_CRATES):
        name = tree.name(number)
        packages = "".join(
            f'\n[[package]]\nname = "{tree.name(one)}"\nversion = "{tree.version()}"\n'
            f'source = "registry+https://index.example/crates"\nchecksum = "{tree.hex(64)}"\n'
            for one in range(_LOCKED)
        )
        tree.write(f"{name}/Cargo.toml", f'[package]\nname = "{name}"\nversion = "0.1.0"\n')
        tree.write(f"{name}/Cargo.lock", f"version = 3\n{packages}")
        tree.write(f"{name}/src/main.rs", "fn main() {}\n")


def dotnet_deps(tree: Tree) -> None:
    """Published applications with the list of their libraries."""
    for number in range(_APPS):
        name = tree.name(number)
        libraries = {f"{tree.name(one)}/{tree.version()}" for one in range(_LIBRARIES)}
        listed = {f"{name}/1.0.0": {"type": "project", "serviceable": False, "sha512": ""}}
        listed |= {one: _library(tree, one) for one in sorted(libraries)}
        framework = ".NETCoreApp,Version=v8.0"
        deps: dict[str, Any] = {
            "runtimeTarget": {"name": framework, "signature": ""},
            "targets": {framework: {one: {"runtime": {f"lib/{one.split('/')[0]}.dll": {}}} for one in listed}},
            "libraries": listed,
        }
        tree.write_json(f"{name}/{name}.deps.json", deps)


def _library(tree: Tree, name: str) -> dict[str, Any]:
    return {"type": "package", "serviceable": True, "sha512": f"sha512-{tree.hex(86)}==", "path": name.lower()}


SCENARIOS: tuple[tuple[Scenario, Builder], ...] = (
    (
        Scenario(
            name="go_modules",
            title="Go modules",
            ecosystem="go",
            description=f"{_MODULES} modules, each with go.mod and go.sum of {_REQUIRED} requirements.",
            analyzers=("go",),
        ),
        go_modules,
    ),
    (
        Scenario(
            name="rust_locks",
            title="Rust lock files",
            ecosystem="rust",
            description=f"{_CRATES} crates, each with a Cargo.lock of {_LOCKED} packages.",
            analyzers=("rust",),
        ),
        rust_locks,
    ),
    (
        Scenario(
            name="dotnet_deps",
            title=".NET applications",
            ecosystem="dotnet",
            description=f"{_APPS} published applications, each with a .deps.json of {_LIBRARIES} libraries.",
            analyzers=("dotnet",),
        ),
        dotnet_deps,
    ),
)
