"""Every setting, in one place. A bad value stops the start and names its variable."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import NoDecode

from execution_ops.access_settings import PREFIX, AccessSettings, is_loopback
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.retention import Policy

__all__ = ["PREFIX", "Settings", "settings"]


class Settings(AccessSettings):
    """Read from the environment with the prefix EXECUTION_OPS_; the README lists them."""

    data_dir: Path = Field(
        Path(".data"),
        description="Directory of the database, artifacts and work folders; taken from the working directory.",
    )
    database_url: str = Field(
        "", description="PostgreSQL URL (postgresql://…); empty: a SQLite file in the data directory."
    )
    backend: str = Field(
        "",
        description="Address of a remote Execution Operations API (https://…) that the console works on; empty: the "
        "engine on its own database.",
    )
    backend_token: SecretStr = Field(
        SecretStr(""), description="API token of this console at the remote; never logged, and sent to that host only."
    )
    backend_profile: Literal["execution-ops", "stella"] = Field(
        "execution-ops",
        description="How the remote spells the contract: `execution-ops`, or `stella` for a gateway in that style.",
    )
    syft: str = Field(
        "", description="The Syft program; empty: `syft` on PATH or beside this Python, where its package puts it."
    )
    scan_roots: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="Directories that may be scanned, joined by `:`; empty: the directory `up` was started in."
    )
    worker_concurrency: int = Field(
        4, ge=1, le=256, description="Jobs that one worker process runs at a time, per queue."
    )
    poll_interval: float = Field(0.25, ge=0.02, le=60, description="Seconds between two looks of a worker at a queue.")
    heartbeat_interval: float = Field(5.0, ge=0.1, le=60, description="Seconds between two heartbeats of a worker.")
    lost_after: float = Field(
        30.0, ge=0.3, le=3600, description="Seconds without a heartbeat after which a worker is lost."
    )
    retention_jobs: int = Field(
        90,
        ge=0,
        le=36_500,
        description="Days that jobs are kept after the end of their DAG, with logs and files; 0: for ever.",
    )
    retention_runs: int = Field(
        90, ge=0, le=36_500, description="Days that runs are kept after their end, with their events; 0: for ever."
    )
    retention_dead_letters: int = Field(
        180,
        ge=0,
        le=36_500,
        description="Days that dead letters are kept after they were replayed or resolved; 0: for ever.",
    )
    retention_audit: int = Field(730, ge=0, le=36_500, description="Days that the audit is kept; 0: for ever.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much the processes log.")
    environment: str = Field("local", max_length=24, description="Name on the environment badge.")
    environment_color: Literal["", "neutral", "red", "amber", "green", "blue", "violet"] = Field(
        "",
        description="Color of the environment badge: `neutral`, `red`, `amber`, `green`, `blue` or `violet`; empty: "
        "red for `production`, else neutral.",
    )
    kit_max_bytes: int = Field(
        4 << 30, ge=1 << 20, le=1 << 40, description="Bytes that an uploaded or imported offline kit has at most."
    )
    kit_key: str = Field(
        "",
        description="File with the private PEM key that exported kits are signed with; it is read when a kit is built "
        "and never stored.",
    )
    kit_key_pem: SecretStr = Field(
        SecretStr(""), description="The same key itself, for where a secret is an environment variable."
    )
    redact_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        DEFAULT_KEYS,
        description="Payload keys that contain one of these words (joined by `,`) are hidden.",
    )

    @field_validator("scan_roots", mode="before")
    @classmethod
    def _split_roots(cls, value: object) -> object:
        return tuple(Path(part) for part in value.split(":") if part) if isinstance(value, str) else value

    @field_validator("redact_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        return (
            tuple(part.strip().lower() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
            raise ValueError("must start with postgresql:// or sqlite:///")
        return value

    @field_validator("backend")
    @classmethod
    def _known_backend(cls, value: str) -> str:
        if not value:
            return value
        try:
            parts = urlsplit(value)
            host, _port = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError("must be an address with https:// and a host") from error
        if parts.scheme not in ("https", "http") or not host:
            raise ValueError("must start with https://, or http:// on this machine")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must be an address alone, without a name, a query or a fragment")
        if parts.scheme == "http" and not is_loopback(value):
            raise ValueError("must start with https://: a token and payloads go there")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _lost_needs_patience(self) -> Settings:
        if self.lost_after < 2 * self.heartbeat_interval:
            raise ValueError("LOST_AFTER must be at least twice HEARTBEAT_INTERVAL")
        return self

    def url(self) -> str:
        """The database of ledger and engine as a SQLAlchemy URL."""
        if self.database_url.startswith("postgresql://"):
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'execution_ops.db'}"

    def retention(self) -> Policy:
        """For how long what is over is kept."""
        return Policy(
            jobs=self.retention_jobs,
            runs=self.retention_runs,
            dead_letters=self.retention_dead_letters,
            audit=self.retention_audit,
        )

    def badge_color(self) -> str:
        """The color of the environment badge."""
        return self.environment_color or ("red" if self.environment.lower() == "production" else "neutral")

    def place(self) -> str:
        """Where the jobs are, for people: the data directory, or that it is another database."""
        if self.backend:
            return f"the remote system at {self.backend}"
        return f"the database of {PREFIX}DATABASE_URL" if self.database_url else str(self.data_dir.resolve())

    def roots(self) -> tuple[Path, ...]:
        """The scan roots with links resolved."""
        return tuple(root.resolve() for root in self.scan_roots or (Path.cwd(),))


@cache
def settings() -> Settings:
    """The settings of this process; raises SystemExit naming the variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "\n".join(
            f"{PREFIX}{'_'.join(str(part) for part in problem['loc']).upper() or 'settings'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise SystemExit(f"The settings are wrong.\n{problems}") from error
