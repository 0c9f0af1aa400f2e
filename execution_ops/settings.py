"""Every setting, in one place. A bad value stops the start and names its variable."""

from __future__ import annotations

import ipaddress
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from execution_ops.domain.redaction import DEFAULT_KEYS

PREFIX = "EXECUTION_OPS_"


class Settings(BaseSettings):
    """Read from the environment with the prefix EXECUTION_OPS_; the README lists them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    host: str = Field(
        "127.0.0.1", description="Address that the console listens on; loopback only until sign-in exists."
    )
    port: int = Field(8420, ge=1, le=65535, description="Port of the console.")
    data_dir: Path = Field(
        Path(".data"),
        description="Directory of the database, artifacts and work folders; taken from the working directory.",
    )
    database_url: str = Field(
        "", description="PostgreSQL URL (postgresql://…); empty: a SQLite file in the data directory."
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

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, value: str) -> str:
        if value != "localhost":
            try:
                loopback = ipaddress.ip_address(value).is_loopback
            except ValueError as error:
                raise ValueError("must be an IP address or localhost") from error
            if not loopback:
                raise ValueError("must be a loopback address: any other needs sign-in, which is not configured")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
            raise ValueError("must start with postgresql:// or sqlite:///")
        return value

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

    def badge_color(self) -> str:
        """The color of the environment badge."""
        return self.environment_color or ("red" if self.environment.lower() == "production" else "neutral")

    def place(self) -> str:
        """Where the jobs are, for people: the data directory, or that it is another database."""
        return f"the database of {PREFIX}DATABASE_URL" if self.database_url else str(self.data_dir.resolve())

    def origins(self) -> tuple[str, ...]:
        """The origins that a browser may reach the console at."""
        hosts = dict.fromkeys((self.host, "127.0.0.1", "localhost"))
        return tuple(f"http://{f'[{host}]' if ':' in host else host}:{self.port}" for host in hosts)

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
