"""Analyzers: Syft's cataloguers grouped by ecosystem, and the files that call for each group.

Syft says which cataloguers it has; the table below only says which group each belongs to and
which file names its group reads. A pattern too many costs a run that finds nothing; a pattern
too few would lose components, so the patterns are Syft's own globs or wider ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

OTHER = "other"
JAVA_ENDINGS = (".jar", ".war", ".ear", ".par", ".sar", ".nar", ".jpi", ".hpi", ".kar", ".lpkg")

# Syft drops a binary that an installed package owns. That needs both in one run, so the
# cataloguers whose packages own files run along with the binary ones; the merge removes the twins.
FILE_OWNERS = ("python-installed-package-cataloger",)


class Cataloger(BaseModel):
    """One cataloguer as Syft lists it."""

    model_config = ConfigDict(frozen=True)

    name: str
    tags: frozenset[str]


class Group(NamedTuple):
    """One analyzer.

    A cataloguer belongs to the first group that names it or has one of its tags. `patterns` are
    globs for the end of a path (`*` stays within one segment, `**` does not); `executables` says that a program
    or library of any name calls for the group too.
    """

    name: str
    tags: tuple[str, ...] = ()
    catalogers: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    executables: bool = False
    along: tuple[str, ...] = ()


_OS_PATTERNS = (
    *("os-release", "system-release-cpe", "redhat-release", "busybox"),
    *("dpkg/status", "status.d/*", "opkg/status", "info/*.control", "apk/db/installed", "desc", "CONTENTS"),
    *("Packages", "Packages.db", "rpmdb.sqlite", "container-manifest-2", "*.rpm", "nix/store/**"),
    *("kernel", "kernel-*", "vmlinux", "vmlinux-*", "vmlinuz", "vmlinuz-*", "*.ko", "release"),
)
_BINARY_PATTERNS = (
    *("python*", "libpython*.so*", "libpypy*.so*", "go", "VERSION", "libjulia-internal.so", "helm", "redis-server"),
    *("java", "jdb", "node", "getopt", "haproxy", "perl", "php*", "libphp*.so", "composer*", "httpd", "memcached"),
    *("traefik", "arangosh", "postgres", "mysql", "mariadb", "xtrabackup", "libstd-*.so", "libstd-*.dylib", "ruby"),
    *("erlexec", "beam.smp", "liberts_internal.a", "swipl", "dart", "ghc*", "cabal", "stack", "consul", "nginx"),
    *("bash", "openssl", "gcc", "fluent-bit", "wp", "curl", "lighttpd", "proftpd", "zstd", "xz", "gzip"),
    *("sqlcipher", "jq"),
)
_ARCHIVE_PATTERNS = (
    *("*.zip", "*.tar", "*.tar.gz", "*.tgz", "*.tar.bz", "*.tar.bz2", "*.tbz", "*.tbz2", "*.tar.br", "*.tbr"),
    *("*.tar.lz4", "*.tlz4", "*.tar.sz", "*.tsz", "*.tar.xz", "*.txz", "*.tar.zst", "*.tzst", "*.tar.zstd", "*.tzstd"),
)

GROUPS: tuple[Group, ...] = (
    Group(
        "binaries",
        catalogers=(
            "go-module-binary-cataloger",
            "cargo-auditable-binary-cataloger",
            "graalvm-native-image-cataloger",
        ),
        executables=True,
    ),
    Group(
        "system",
        tags=("os", "nix", "jvm", "kernel", "elf-package"),
        catalogers=("binary-classifier-cataloger",),
        patterns=_OS_PATTERNS + _BINARY_PATTERNS,
        executables=True,
        along=FILE_OWNERS,
    ),
    Group(
        "python",
        tags=("python",),
        patterns=(
            *("*requirements*.txt", "poetry.lock", "Pipfile.lock", "setup.py", "*.egg-info"),
            *("METADATA", "PKG-INFO"),
        ),
    ),
    Group(
        "javascript",
        tags=("javascript",),
        patterns=("package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"),
    ),
    Group(
        "java",
        tags=("java",),
        patterns=(
            *(f"*{ending}" for ending in JAVA_ENDINGS),
            *_ARCHIVE_PATTERNS,
            *("pom.xml", "gradle.lockfile*"),
        ),
    ),
    Group("go", tags=("go",), patterns=("go.mod",)),
    Group("rust", tags=("rust",), patterns=("Cargo.lock",)),
    Group("dotnet", tags=("dotnet", "c#"), patterns=("*.deps.json", "*.dll", "*.exe")),
    Group("ruby", tags=("ruby",), patterns=("Gemfile.lock", "*.gemspec")),
    Group("php", tags=("php",), patterns=("installed.json", "composer.lock", "*.reg")),
    Group("swift", tags=("swift",), patterns=("Package.resolved", ".package.resolved", "Podfile.lock")),
    Group("cpp", tags=("cpp",), patterns=("conanfile.txt", "conan.lock", "conaninfo.txt")),
    Group("dart", tags=("dart",), patterns=("pubspec.lock",)),
    Group("elixir", tags=("elixir",), patterns=("mix.lock",)),
    Group("erlang", tags=("erlang",), patterns=("rebar.lock", "*.app")),
    Group("haskell", tags=("haskell",), patterns=("stack.yaml", "stack.yaml.lock", "cabal.project.freeze")),
    Group("lua", tags=("lua",), patterns=("*.rockspec",)),
    Group("ocaml", tags=("ocaml",), patterns=("*opam",)),
    Group("prolog", tags=("swipl",), patterns=("pack.pl",)),
    Group("r", tags=("r",), patterns=("DESCRIPTION",)),
    Group("wordpress", tags=("wordpress",), patterns=("plugins/*/*.php",)),
    Group(
        "github-actions",
        tags=("github-actions",),
        patterns=("workflows/*.yml", "workflows/*.yaml", "action.yml", "action.yaml"),
    ),
)
_BY_NAME: dict[str, Group] = {group.name: group for group in GROUPS}


def group_of(cataloger: Cataloger) -> str:
    """The analyzer that a cataloguer belongs to; `other` if the table knows none."""
    for group in GROUPS:
        if cataloger.name in group.catalogers:
            return group.name
    for group in GROUPS:
        if cataloger.tags.intersection(group.tags):
            return group.name
    return OTHER


def analyzers(offered: Iterable[Cataloger], tag: str) -> dict[str, tuple[str, ...]]:
    """Which cataloguers each analyzer runs, by analyzer name, both sorted.

    `tag` is `directory` or `image`: Syft's own default for the kind of source, so that all
    analyzers together run what one whole run would.
    """
    chosen = [cataloger for cataloger in offered if tag in cataloger.tags]
    names = {cataloger.name for cataloger in chosen}
    grouped: dict[str, set[str]] = {}
    for cataloger in chosen:
        grouped.setdefault(group_of(cataloger), set()).add(cataloger.name)
    for name, members in grouped.items():
        if name in _BY_NAME:
            members.update(names.intersection(_BY_NAME[name].along))
    return {name: tuple(sorted(grouped[name])) for name in sorted(grouped)}


def all_catalogers(offered: Iterable[Cataloger]) -> dict[str, tuple[Cataloger, ...]]:
    """What each analyzer runs on any kind of source, by analyzer name, both sorted."""
    known = tuple(offered)
    by_name = {one.name: one for one in known}
    kinds = [analyzers(known, tag) for tag in ("directory", "image")]
    names = sorted({name for kind in kinds for name in kind})
    return {
        name: tuple(by_name[one] for one in sorted({one for kind in kinds for one in kind.get(name, ())}))
        for name in names
    }


def _segment(glob: str) -> str:
    return "[^/]*".join(re.escape(part) for part in glob.split("*"))


def _tail(patterns: Iterable[str]) -> re.Pattern[str]:
    globs = (".*".join(_segment(part) for part in pattern.split("**")) for pattern in patterns)
    return re.compile(rf"(?:^|/)(?:{'|'.join(globs)})\Z", re.DOTALL)


_PATTERNS: Mapping[str, re.Pattern[str]] = {group.name: _tail(group.patterns) for group in GROUPS if group.patterns}
# Most files concern no analyzer: one look at all patterns spares them twenty.
_ANY = _tail(pattern for group in GROUPS for pattern in group.patterns)
_EXECUTABLE_GROUPS = tuple(group.name for group in GROUPS if group.executables)
_MACH_O = tuple(bytes.fromhex(magic) for magic in ("feedface", "feedfacf", "cefaedfe", "cffaedfe"))


def called_for(path: str) -> tuple[str, ...]:
    """The analyzers that the name of a file calls for. `path` is relative, with `/`."""
    if not _ANY.search(path):
        return ()
    return tuple(name for name, pattern in _PATTERNS.items() if pattern.search(path))


def is_executable(head: bytes) -> bool:
    """Whether the first 8 bytes of a file are those of a program or library (ELF, PE, Mach-O)."""
    if head.startswith((b"\x7fELF", b"MZ", *_MACH_O)):
        return True
    # A Java class has the magic of a universal Mach-O, but its version number is 45 or more.
    return head.startswith(b"\xca\xfe\xba\xbe") and len(head) >= 8 and int.from_bytes(head[4:8], "big") < 45


class Survey:
    """What a source holds, gathered file by file."""

    HEAD = 8

    def __init__(self) -> None:
        self.files = 0
        self.bytes = 0
        self.calls: dict[str, int] = {}
        self.examples: dict[str, str] = {}
        self.executables = False
        self.opaque = ""
        """Why files could not be listed, in words; then every analyzer applies."""

    def add(self, path: str, size: int) -> None:
        """Count one file or link."""
        self.files += 1
        self.bytes += size
        for name in called_for(path):
            self._call(name, path)

    def add_head(self, path: str, head: bytes) -> None:
        """Look at a file's first bytes. Only worth it while `executables` is False."""
        if is_executable(head):
            self.executables = True
            for name in _EXECUTABLE_GROUPS:
                self._call(name, path)

    def _call(self, name: str, path: str) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1
        self.examples.setdefault(name, path)

    def applies(self, analyzer: str) -> bool:
        """Whether the analyzer has something to read in this source."""
        return bool(self.opaque) or analyzer in self.calls or (analyzer == OTHER and self.files > 0)
