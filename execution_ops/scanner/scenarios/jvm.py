"""Trees of Java archives."""

from __future__ import annotations

from execution_ops.domain.benchmarks import Scenario
from execution_ops.scanner.scenarios.tree import Builder, Tree, zipped

_JARS, _CLASSES, _WARS, _INNER = 40, 60, 3, 12
_CLASS_BYTES = 600


def archives(tree: Tree) -> None:
    """Jars with Maven's properties, and web archives with jars in them."""
    for number in range(_JARS):
        name, version = tree.name(number), tree.version()
        tree.write(f"lib/{name}-{version}.jar", _jar(tree, name, version))
    for number in range(_WARS):
        inner = {}
        for one in range(_INNER):
            name, version = tree.name(one), tree.version()
            inner[f"WEB-INF/lib/{name}-{version}.jar"] = _jar(tree, name, version)
        tree.write(
            f"webapps/{tree.name(number)}.war", zipped({"META-INF/MANIFEST.MF": _manifest("web", "1.0"), **inner})
        )


def _jar(tree: Tree, name: str, version: str) -> bytes:
    group = f"org.example.{name.split('-')[0]}"
    properties = f"groupId={group}\nartifactId={name}\nversion={version}\n"
    members: dict[str, str | bytes] = {
        "META-INF/MANIFEST.MF": _manifest(name, version),
        f"META-INF/maven/{group}/{name}/pom.properties": properties,
    }
    for number in range(_CLASSES):
        body = b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + tree.bytes(_CLASS_BYTES)
        members[f"org/example/{tree.hex(6)}/C{number}.class"] = body
    return zipped(members)


def _manifest(name: str, version: str) -> str:
    return f"Manifest-Version: 1.0\r\nImplementation-Title: {name}\r\nImplementation-Version: {version}\r\n\r\n"


SCENARIOS: tuple[tuple[Scenario, Builder], ...] = (
    (
        Scenario(
            name="java_demo_archive",
            title="Java archives",
            ecosystem="java",
            description=f"{_JARS} jars, and {_WARS} web archives with {_INNER} jars in each.",
            analyzers=("java",),
        ),
        archives,
    ),
)
