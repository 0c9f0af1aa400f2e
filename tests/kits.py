"""Offline kits for tests: a key, kits signed with it, and the jobs of a console run in place."""

from __future__ import annotations

import itertools
import logging
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.domain.access import Actor, local_operator
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import Artifact, JobResult
from execution_ops.domain.kit_payload import KitBaseline
from execution_ops.domain.kit_records import Kit
from execution_ops.domain.kits import Channel
from execution_ops.domain.scanner_settings import TrustKey, TrustUse
from execution_ops.domain.scanner_verbs import TRUST_ADD
from execution_ops.domain.trust_keys import read_public_key
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner.kits.build import KitAbout, build
from execution_ops.scanner.kits.payload import payload_files
from execution_ops.scanner.kits.signing import read_signing_key
from execution_ops.services import kit_work
from execution_ops.services.kit_activate import activate_kit
from execution_ops.services.kit_export import export_kit
from execution_ops.services.kit_import import import_kit, verify_kit
from execution_ops.services.kit_orders import (
    ActivatePayload,
    Asked,
    ExportPayload,
    ImportPayload,
    KitRecipe,
    KitSource,
    VerifyPayload,
)
from execution_ops.settings import Settings
from tests.execution import Bench
from tests.handler_context import HandlerContext

_numbers = itertools.count()


@dataclass
class Key:
    """A key pair, as PEM."""

    private: bytes
    public: str

    @classmethod
    def new(cls) -> Key:
        """A fresh Ed25519 key."""
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return cls(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), public)

    def trusted(self, name: str = "ops-kit", *, enabled: bool = True) -> TrustKey:
        """It as a trust root."""
        read = read_public_key(self.public)
        return TrustKey(
            name=name,
            use=TrustUse.KIT,
            pem=read.pem,
            fingerprint=read.fingerprint,
            algorithm=read.algorithm,
            enabled=enabled,
            added_at=datetime.now(UTC),
        )


def make_kit(
    target: Path,
    key: Key,
    version: str,
    *,
    baselines: Sequence[tuple[KitBaseline, Path]] = (),
    disabled: Sequence[str] | None = ("ruby",),
    created_at: datetime | None = None,
    as_directory: bool = False,
) -> Path:
    """A kit of that version, signed with the key."""
    work = target.parent / f".work-{next(_numbers)}"
    work.mkdir()
    about = KitAbout(version, Channel.STABLE, created_at or datetime.now(UTC), "a test")
    build(
        target,
        payload_files(baselines, disabled),
        about,
        read_signing_key(key.private),
        work_dir=work,
        checkpoint=lambda: None,
        progress=lambda done, total, note: None,
        as_directory=as_directory,
    )
    return target


def tamper(kit: Path, copy: Path) -> Path:
    """A copy of a kit with one byte of its payload changed."""
    data = bytearray(kit.read_bytes())
    place = data.find(b"\x28\xb5\x2f\xfd")
    assert place > 0
    data[place + 40] ^= 0x5A
    copy.write_bytes(data)
    return copy


@dataclass
class Context(HandlerContext):
    """What a handler is given, with the artifacts of a real console."""

    backend: EmbeddedBackend | None = None
    notes: list[str] = field(default_factory=list)

    def run(self, command: Sequence[str], *, stdout: Path, env: Mapping[str, str] | None = None) -> int:
        with stdout.open("wb") as out:
            return subprocess.run(command, stdout=out, env=env, check=False, timeout=60).returncode

    def keep(self, path: Path, *, name: str, media_type: str) -> Artifact:
        assert self.backend is not None
        return self.backend.artifacts.keep(path, name=name, media_type=media_type)

    def open_artifact(self, sha256: str) -> Path:
        assert self.backend is not None
        found = self.backend.artifacts.path(sha256)
        assert found is not None
        return found


@dataclass
class Site:
    """A console on a ledger; its jobs run in place, as the worker of that console would run them."""

    backend: EmbeddedBackend
    settings: Settings

    def trust(self, *keys: Key, disabled: Sequence[Key] = ()) -> None:
        """Make the keys its trust roots, some of them disabled."""
        now = self.backend.scanner_settings().settings
        roots = tuple(key.trusted(f"key-{i}", enabled=key not in disabled) for i, key in enumerate(keys))
        changed = now.model_copy(update={"trust": roots})
        self.backend.save_scanner_settings(changed, TRUST_ADD, self.stamp(), seen=None)

    def stamp(self, actor: Actor | None = None) -> Stamp:
        """A signed stamp."""
        return Stamp(actor=actor or local_operator(), reason="a test", correlation_id=new_id())

    def context(self, job_id: str = "") -> Context:
        """A new try of a job."""
        work = self.settings.data_dir / "work" / f"try-{next(_numbers)}"
        work.mkdir(parents=True)
        return Context(
            job_id=job_id or new_id(),
            work_dir=work,
            scan_roots=self.settings.roots(),
            backend=self.backend,
            log=logging.getLogger("kits"),
        )

    def verify(self, kit: Path | KitSource, **more: Any) -> JobResult:
        """The job that verifies."""
        source = kit if isinstance(kit, KitSource) else KitSource(path=str(kit))
        payload = VerifyPayload(source=source, words=source.path or "a kit", asked=self._asked(**more))
        return self._done(verify_kit(self._begin(), payload))

    def take(self, kit: Path | KitSource, *, context: Context | None = None, **more: Any) -> JobResult:
        """The job that imports."""
        source = kit if isinstance(kit, KitSource) else KitSource(path=str(kit))
        payload = ImportPayload(source=source, words="a kit", asked=self._asked(**more))
        return self._done(import_kit(self._begin(context), payload))

    def activate(self, kit_id: str, *, force: bool = False, context: Context | None = None) -> JobResult:
        """The job that activates."""
        payload = ActivatePayload(kit_id=kit_id, force=force, tenant="acme", asked=self._asked())
        return self._done(activate_kit(self._begin(context), payload))

    def export(self, recipe: KitRecipe) -> tuple[JobResult, Path]:
        """The job that exports, and its file."""
        made = self._done(export_kit(self._begin(), ExportPayload(recipe=recipe, asked=self._asked())))
        found = self.backend.artifacts.path(made.artifacts[0].sha256)
        assert found is not None
        return made, found

    def _asked(self, actor: Actor | None = None) -> Asked:
        return Asked.by(self.stamp(actor))

    def _begin(self, context: Context | None = None) -> Context:
        kit_work.register(self.backend, self.settings)
        return context or self.context()

    @staticmethod
    def _done(result: object) -> JobResult:
        assert isinstance(result, JobResult)
        return result


KEY = Key.new()


def kept(site: Site, kit_id: object) -> Kit:
    """The kit as the ledger has it."""
    found = site.backend.get_kit(str(kit_id))
    assert found is not None
    return found.kit


def imported(site: Site, folder: Path, version: str, **more: object) -> str:
    """The id of a kit of that version, signed with `KEY` and imported."""
    kit = make_kit(folder / f"{version}.tar", KEY, version, **more)  # type: ignore[arg-type]
    return str(site.take(kit).value["kit_id"])


def kit_verbs(bench: Bench) -> list[str]:
    """The verbs on kits in the audit, in order."""
    rows = bench.rows("SELECT verb, subject FROM audit_event ORDER BY n")
    return [row["verb"] for row in rows if row["subject"].startswith("kit ")]
