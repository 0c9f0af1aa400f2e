"""The grouping of cataloguers and the file patterns that call for them."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.scanner import syft
from execution_ops.scanner.analyzers import (
    FILE_OWNERS,
    GROUPS,
    OTHER,
    Cataloger,
    Survey,
    analyzers,
    called_for,
    group_of,
    is_executable,
)


def offered() -> list[Cataloger]:
    done = subprocess.run(
        [syft.find(""), "cataloger", "list", "-o", "json"], capture_output=True, check=True, timeout=60
    )
    return [Cataloger.model_validate(entry) for entry in json.loads(done.stdout)["catalogers"]]


@pytest.mark.parametrize("tag", ["directory", "image"])
def test_every_cataloger_that_syft_runs_by_default_belongs_to_one_analyzer(tag: str) -> None:
    everything = offered()
    grouped = analyzers(everything, tag)
    homes: dict[str, list[str]] = {}
    for analyzer, names in grouped.items():
        for name in names:
            homes.setdefault(name, []).append(analyzer)
    assert set(homes) == {cataloger.name for cataloger in everything if tag in cataloger.tags}
    assert {name for name, found in homes.items() if len(found) > 1} <= set(FILE_OWNERS)
    assert OTHER not in grouped, "Syft has a cataloger that the table does not place"


def test_an_unknown_cataloger_is_run_on_every_source_with_files() -> None:
    new = Cataloger(name="cobol-copybook-cataloger", tags=frozenset({"directory", "cobol"}))
    assert analyzers([new], "directory") == {OTHER: ("cobol-copybook-cataloger",)}
    seen = Survey()
    assert not seen.applies(OTHER)
    seen.add("notes.txt", 3)
    assert seen.applies(OTHER)


def test_a_cataloger_named_by_a_group_goes_there_before_any_tag() -> None:
    graal = Cataloger(name="graalvm-native-image-cataloger", tags=frozenset({"java", "image"}))
    assert group_of(graal) == "binaries"


@pytest.mark.parametrize(
    ("path", "analyzer"),
    [
        ("lib/alpha-1.0.dist-info/METADATA", "python"),
        ("alpha.egg-info/PKG-INFO", "python"),
        ("dev-requirements-ci.txt", "python"),
        ("poetry.lock", "python"),
        ("web/node_modules/left-pad/package.json", "javascript"),
        ("pnpm-lock.yaml", "javascript"),
        ("app.war", "java"),
        ("dist/all.tar.gz", "java"),
        ("pom.xml", "java"),
        ("gradle.lockfile-old", "java"),
        ("go.mod", "go"),
        ("Cargo.lock", "rust"),
        ("bin/App.deps.json", "dotnet"),
        ("bin/App.dll", "dotnet"),
        ("Gemfile.lock", "ruby"),
        ("specifications/rake.gemspec", "ruby"),
        ("vendor/composer/installed.json", "php"),
        ("php/.registry/.channel.pecl.php.net/memcached.reg", "php"),
        (".package.resolved", "swift"),
        ("conan.lock", "cpp"),
        ("pubspec.lock", "dart"),
        ("mix.lock", "elixir"),
        ("ebin/kernel.app", "erlang"),
        ("stack.yaml.lock", "haskell"),
        ("luasocket-3.0.rockspec", "lua"),
        ("alcotest.opam", "ocaml"),
        ("opam", "ocaml"),
        ("hsts/pack.pl", "prolog"),
        ("library/base/DESCRIPTION", "r"),
        ("wp-content/plugins/akismet/akismet.php", "wordpress"),
        (".github/workflows/ci.yml", "github-actions"),
        (".github/actions/setup/action.yaml", "github-actions"),
        ("var/lib/dpkg/status", "system"),
        ("var/lib/dpkg/status.d/base", "system"),
        ("usr/lib/opkg/info/busybox.control", "system"),
        ("lib/apk/db/installed", "system"),
        ("var/lib/pacman/local/zlib-1.3-1/desc", "system"),
        ("var/db/pkg/sys-libs/zlib-1.3/CONTENTS", "system"),
        ("usr/lib/sysimage/rpm/rpmdb.sqlite", "system"),
        ("var/lib/rpm/Packages.db", "system"),
        ("nix/store/abc-zlib-1.3/share/readme", "system"),
        ("lib/modules/6.1/kernel/fs/ext4.ko", "system"),
        ("boot/vmlinuz-6.1.0", "system"),
        ("opt/jdk/release", "system"),
        ("usr/bin/python3.11", "system"),
        ("usr/lib/libpython3.11.so.1.0", "system"),
        ("go/VERSION", "system"),
        ("usr/lib/libstd-0123456789abcdef.so", "system"),
        ("etc/os-release", "system"),
    ],
)
def test_a_file_calls_for_its_analyzer(path: str, analyzer: str) -> None:
    assert analyzer in called_for(path)
    assert analyzer in called_for(f"deep/down/{path}")


@pytest.mark.parametrize("path", ["readme.md", "src/main.c", "cargo.lock", "mygo.mod.txt", "xpom.xml", "nix/other/x"])
def test_other_files_call_for_none(path: str) -> None:
    assert called_for(path) == ()


@given(st.text(max_size=60))
def test_any_name_is_taken_and_only_known_analyzers_answer(name: str) -> None:
    assert set(called_for(name)) <= {group.name for group in GROUPS}


@given(st.text(alphabet=st.characters(exclude_characters="/"), max_size=20))
def test_a_star_takes_any_part_of_one_name(middle: str) -> None:
    assert "python" in called_for(f"{middle}requirements{middle}.txt")


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        (b"\x7fELF\x02\x01\x01\0", True),
        (b"MZ\x90\0\x03\0\0\0", True),
        (bytes.fromhex("cffaedfe07000001"), True),
        (bytes.fromhex("cafebabe00000002"), True),
        (bytes.fromhex("cafebabe00000034"), False),
        (b"#!/bin/s", False),
        (b"", False),
    ],
)
def test_programs_are_known_by_their_first_bytes(head: bytes, verdict: bool) -> None:
    assert is_executable(head) is verdict


def test_a_program_of_any_name_calls_for_the_analyzers_of_programs() -> None:
    seen = Survey()
    seen.add("opt/tool", 100)
    seen.add_head("opt/tool", b"\x7fELF\x02\x01\x01\0")
    assert seen.applies("binaries")
    assert seen.applies("system")
    assert not seen.applies("python")
    assert seen.examples["binaries"] == "opt/tool"


def test_a_source_that_cannot_be_listed_gets_every_analyzer() -> None:
    seen = Survey()
    seen.opaque = "a layer is packed with zstd"
    assert all(seen.applies(group.name) for group in GROUPS)
