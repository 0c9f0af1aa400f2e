"""Small real sources, built by hand: packages of several ecosystems, archives and images."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

OS_RELEASE = b'ID=debian\nVERSION_ID="12"\nNAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12"\n'
DPKG = (
    b"Package: zlib1g\nStatus: install ok installed\nVersion: 1:1.2.13.dfsg-1\nArchitecture: amd64\n"
    b"Maintainer: Someone <someone@example.org>\nDepends: libc6\n\n"
    b"Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nArchitecture: amd64\n"
    b"Maintainer: Someone <someone@example.org>\n\n"
)


def nginx(version: str) -> bytes:
    """What Syft's classifier takes for the program in a file of that name."""
    return b"\x7fELF\x02\x01\x01\0" + b"\0" * 56 + f"nginx version: nginx/{version}\0".encode() + b"\0" * 64


def python_files(
    name: str,
    version: str,
    requires: str = "",
    extra: tuple[str, ...] = (),
    site: str = "lib/python3.11/site-packages/",
) -> dict[str, bytes]:
    folder = f"{site}{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    record = "".join(f"{path},,\n" for path in (f"{name}-{version}.dist-info/METADATA", *extra))
    return {f"{folder}/METADATA": metadata.encode(), f"{folder}/RECORD": record.encode()}


def jar() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        # By a `ZipInfo` rather than a name: it bears no time of day, so two calls give the same bytes.
        archive.writestr(zipfile.ZipInfo("META-INF/MANIFEST.MF"), "Manifest-Version: 1.0\n")
        pom = zipfile.ZipInfo("META-INF/maven/org.example/demo/pom.properties")
        archive.writestr(pom, "groupId=org.example\nartifactId=demo\nversion=3.2.1\n")
    return out.getvalue()


def npm_lock() -> bytes:
    return json.dumps(
        {
            "name": "web",
            "version": "1.0.0",
            "lockfileVersion": 3,
            "packages": {
                "": {"name": "web", "version": "1.0.0", "dependencies": {"left-pad": "^1.3.0"}},
                "node_modules/left-pad": {"version": "1.3.0", "license": "WTFPL"},
            },
        }
    ).encode()


def files() -> dict[str, bytes]:
    """A source of six ecosystems; one binary is owned by a Python package, one by nobody."""
    return {
        **python_files("alpha", "1.0", requires="beta"),
        **python_files("beta", "2.0"),
        **python_files("gamma", "3.0", extra=("gamma/nginx",), site=""),
        "gamma/nginx": nginx("1.25.2"),
        "web/package-lock.json": npm_lock(),
        "service/go.mod": b"module example.org/service\n\ngo 1.21\n\nrequire github.com/pkg/errors v0.9.1\n",
        "app/demo.jar": jar(),
        "etc/os-release": OS_RELEASE,
        "var/lib/dpkg/status": DPKG,
        "opt/nginx": nginx("1.25.1"),
    }


def image_files() -> dict[str, bytes]:
    return {
        **python_files("alpha", "1.0", requires="beta"),
        **python_files("beta", "2.0"),
        "etc/os-release": OS_RELEASE,
        "var/lib/dpkg/status": DPKG,
    }


def write(root: Path, content: dict[str, bytes]) -> Path:
    for name, data in content.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def tar_bytes(content: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:  # type: ignore[call-overload]
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_bytes(content: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return out.getvalue()


def _config(layer: bytes) -> bytes:
    diff = f"sha256:{hashlib.sha256(layer).hexdigest()}"
    return json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Labels": {"org.example.team": "payments"}},
            "rootfs": {"type": "layers", "diff_ids": [diff]},
        }
    ).encode()


def hostile_tar(root: Path) -> bytes:
    """A tar of a Python package and of members that try to write or read outside, at `root`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind, target in (
            ("../../../../../../../../.." + str(root / "owned"), tarfile.REGTYPE, ""),
            (str(root / "owned"), tarfile.REGTYPE, ""),
            ("out", tarfile.SYMTYPE, str(root)),
            ("out/owned", tarfile.REGTYPE, ""),
            ("twin", tarfile.LNKTYPE, "../../../../../../../../.." + str(root / "secret/go.mod")),
            ("loop", tarfile.SYMTYPE, "loop"),
            ("module", tarfile.SYMTYPE, str(root / "secret")),
            ("null", tarfile.CHRTYPE, ""),
            ("pipe", tarfile.FIFOTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            tar.addfile(info)
        for name, data in {**python_files("alpha", "1.0"), "service/go.mod": b"module example.org/service\n"}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def docker_image(content: dict[str, bytes]) -> dict[str, bytes]:
    """The members of what `docker save` writes."""
    return docker_image_of(tar_bytes(content))


def docker_image_of(layer: bytes) -> dict[str, bytes]:
    """The same for one layer as it is."""
    config = _config(layer)
    name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = [{"Config": name, "RepoTags": ["demo:1"], "Layers": ["layer/layer.tar"]}]
    return {name: config, "layer/layer.tar": layer, "manifest.json": json.dumps(manifest).encode()}


def oci_image(content: dict[str, bytes]) -> dict[str, bytes]:
    """The files of an OCI layout."""
    layer = tar_bytes(content)
    packed = gzip.compress(layer, mtime=0)
    config = _config(layer)
    prefix = "application/vnd.oci.image"

    def blob(media_type: str, data: bytes) -> dict[str, object]:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        return {"mediaType": f"{prefix}.{media_type}", "digest": digest, "size": len(data)}

    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": f"{prefix}.manifest.v1+json",
            "config": blob("config.v1+json", config),
            "layers": [blob("layer.v1.tar+gzip", packed)],
        }
    ).encode()
    index = json.dumps({"schemaVersion": 2, "manifests": [blob("manifest.v1+json", manifest)]}).encode()
    blobs = {f"blobs/sha256/{hashlib.sha256(data).hexdigest()}": data for data in (config, packed, manifest)}
    return {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": index, **blobs}
