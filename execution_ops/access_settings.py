"""The settings of who reaches the console, and as whom: addresses, sign-in, grants."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from execution_ops.domain.identity import Grant, SignIn

PREFIX = "EXECUTION_OPS_"
_HEADER = r"^[A-Za-z0-9-]{1,100}$"


class AccessSettings(BaseSettings):
    """The part of the `Settings` that is about access."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    host: str = Field(
        "127.0.0.1",
        description="Address that the console listens on; any other than a loopback address takes a sign-in.",
    )
    port: int = Field(8420, ge=1, le=65535, description="Port of the console.")
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
        if value and as_origin(value, path=True) and urlsplit(value).scheme != "https" and not is_loopback(value):
            raise ValueError("must be an https address")
        return value

    @model_validator(mode="after")
    def _open_only_with_sign_in(self) -> AccessSettings:
        if self.sign_in is not SignIn.NONE:
            return self
        open_to_others = {
            "HOST": self.host != "localhost" and not ipaddress.ip_address(self.host).is_loopback,
            "PUBLIC_URL": bool(self.public_url) and not is_loopback(self.public_url),
            "PAGE_ORIGINS": not all(map(is_loopback, self.page_origins)),
        }
        for name, is_open in open_to_others.items():
            if is_open:
                raise ValueError(
                    f"{PREFIX}{name} must be on a loopback address: anything else needs a sign-in, see {PREFIX}SIGN_IN"
                )
        return self

    @model_validator(mode="after")
    def _sign_in_is_whole(self) -> AccessSettings:
        needed: dict[SignIn, tuple[str, ...]] = {
            SignIn.NONE: (),
            SignIn.PROXY: ("trusted_proxies", "grants"),
            SignIn.OIDC: ("oidc_issuer", "oidc_client_id", "public_url", "grants"),
        }
        missing = [name for name in needed[self.sign_in] if not getattr(self, name)]
        if missing:
            names = ", ".join(f"{PREFIX}{name.upper()}" for name in missing)
            raise ValueError(f"{PREFIX}SIGN_IN={self.sign_in.value} needs {names}")
        plain = urlsplit(self.public_url).scheme == "http" and not is_loopback(self.public_url)
        if self.sign_in is SignIn.OIDC and plain:
            raise ValueError(f"{PREFIX}PUBLIC_URL must be an https address for SIGN_IN=oidc")
        return self

    def origins(self) -> tuple[str, ...]:
        """The origins that pages of ours may come from: the console's own, and those where they are served apart."""
        return tuple(dict.fromkeys((*self.own_origins(), *self.page_origins)))

    def own_origins(self) -> tuple[str, ...]:
        """The origins that a browser may reach the console itself at."""
        hosts = dict.fromkeys((self.host, "127.0.0.1", "localhost"))
        own = (f"http://{f'[{host}]' if ':' in host else host}:{self.port}" for host in hosts)
        return tuple(dict.fromkeys((*own, *([self.public_url] if self.public_url else []))))


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


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
