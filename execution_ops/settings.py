"""Every setting, in one place. A bad value stops the start and names its variable."""

from __future__ import annotations

import ipaddress
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from execution_ops.domain.identity import Grant, SignIn
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.retention import Policy

PREFIX = "EXECUTION_OPS_"
_HEADER = r"^[A-Za-z0-9-]{1,100}$"


class Settings(BaseSettings):
    """Read from the environment with the prefix EXECUTION_OPS_; the README lists them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    host: str = Field(
        "127.0.0.1",
        description="Address that the console listens on; any other than a loopback address takes a sign-in.",
    )
    port: int = Field(8420, ge=1, le=65535, description="Port of the console.")
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

    public_url: str = Field(
        "",
        description="The address at which browsers reach the console, such as `https://ops.example.org`; empty: only "
        "this machine's own.",
    )
    page_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins of pages that are served elsewhere, such as a static export behind a CDN, joined by `,`.",
    )
    sign_in: SignIn = Field(
        SignIn.NONE,
        description="Who asks: `none` (whoever is at this machine), `proxy` (a trusted proxy says it in headers) or "
        "`oidc` (OpenID Connect).",
    )
    grants: tuple[Grant, ...] = Field(
        (),
        description="Who may do what, as a JSON list of objects: `group` or `user`, `role` (`viewer`, `operator`, "
        '`admin`) and `tenants` (a list, or `"*"` for all).',
    )
    read_only: bool = Field(False, description="`true` lets nobody change anything, whatever is granted to them.")
    trusted_proxies: Annotated[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of the proxies in front of the console, joined by `,`: only their headers "
        "are believed.",
    )
    proxy_user_header: str = Field(
        "X-Forwarded-User", pattern=_HEADER, description="Header in which a trusted proxy says who asks."
    )
    proxy_groups_header: str = Field(
        "X-Forwarded-Groups", pattern=_HEADER, description="Header with the groups of who asks, joined by `,`."
    )
    oidc_issuer: str = Field("", description="The issuer of the OpenID provider, an `https` address.")
    oidc_client_id: str = Field("", max_length=256, description="The console's client id at the provider.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="The secret of this client; empty: it has none.")
    oidc_scopes: str = Field("openid profile email", description="What the sign-in asks the provider for.")
    oidc_name_claim: str = Field("preferred_username", description="Claim that names somebody on the pages.")
    oidc_groups_claim: str = Field("groups", description="Claim with the groups that grants name.")
    session_hours: float = Field(12, gt=0, le=720, description="Hours after which somebody signs in again.")

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
    def _is_address(cls, value: str) -> str:
        try:
            return value if value == "localhost" else str(ipaddress.ip_address(value))
        except ValueError as error:
            raise ValueError("must be an IP address or localhost") from error

    @field_validator("page_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        return _parts(value)

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_proxies(cls, value: object) -> object:
        return _parts(value)

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        return as_origin(value) if value else value

    @field_validator("page_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(as_origin, value))

    @field_validator("oidc_issuer")
    @classmethod
    def _safe_issuer(cls, value: str) -> str:
        # Its path is part of an issuer's name, to the letter.
        if value and as_origin(value, path=True) and urlsplit(value).scheme != "https" and not _is_loopback(value):
            raise ValueError("must be an https address")
        return value

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
        if parts.scheme == "http" and not _is_loopback(value):
            raise ValueError("must start with https://: a token and payloads go there")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _lost_needs_patience(self) -> Settings:
        if self.lost_after < 2 * self.heartbeat_interval:
            raise ValueError("LOST_AFTER must be at least twice HEARTBEAT_INTERVAL")
        return self

    @model_validator(mode="after")
    def _open_only_with_sign_in(self) -> Settings:
        if self.sign_in is not SignIn.NONE:
            return self
        open_to_others = {
            "HOST": self.host != "localhost" and not ipaddress.ip_address(self.host).is_loopback,
            "PUBLIC_URL": bool(self.public_url) and not _is_loopback(self.public_url),
            "PAGE_ORIGINS": not all(map(_is_loopback, self.page_origins)),
        }
        for name, is_open in open_to_others.items():
            if is_open:
                raise ValueError(
                    f"{PREFIX}{name} must be on a loopback address: anything else needs a sign-in, see {PREFIX}SIGN_IN"
                )
        return self

    @model_validator(mode="after")
    def _sign_in_is_whole(self) -> Settings:
        needed: dict[SignIn, tuple[str, ...]] = {
            SignIn.NONE: (),
            SignIn.PROXY: ("trusted_proxies", "grants"),
            SignIn.OIDC: ("oidc_issuer", "oidc_client_id", "public_url", "grants"),
        }
        missing = [name for name in needed[self.sign_in] if not getattr(self, name)]
        if missing:
            names = ", ".join(f"{PREFIX}{name.upper()}" for name in missing)
            raise ValueError(f"{PREFIX}SIGN_IN={self.sign_in.value} needs {names}")
        plain = urlsplit(self.public_url).scheme == "http" and not _is_loopback(self.public_url)
        if self.sign_in is SignIn.OIDC and plain:
            raise ValueError(f"{PREFIX}PUBLIC_URL must be an https address for SIGN_IN=oidc")
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

    def origins(self) -> tuple[str, ...]:
        """The origins that pages of ours may come from: the console's own, and those where they are served apart."""
        return tuple(dict.fromkeys((*self.own_origins(), *self.page_origins)))

    def own_origins(self) -> tuple[str, ...]:
        """The origins that a browser may reach the console itself at."""
        hosts = dict.fromkeys((self.host, "127.0.0.1", "localhost"))
        own = (f"http://{f'[{host}]' if ':' in host else host}:{self.port}" for host in hosts)
        return tuple(dict.fromkeys((*own, *([self.public_url] if self.public_url else []))))

    def roots(self) -> tuple[Path, ...]:
        """The scan roots with links resolved."""
        return tuple(root.resolve() for root in self.scan_roots or (Path.cwd(),))


def _parts(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


_HOST = re.compile(r"[a-z0-9._:-]+")


def as_origin(value: str, *, path: bool = False) -> str:
    """The origin, as a browser spells it; ValueError for anything else."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError(f"{value!r} must be an address such as https://ops.example.org")
    if not _HOST.fullmatch(parts.hostname):
        raise ValueError(f"{value!r} has a character that no name of a host has")
    if path:
        return value
    if parts.path not in ("", "/"):
        raise ValueError(f"{value!r} must be the address of a host, without a path")
    standard = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, standard) else "")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
