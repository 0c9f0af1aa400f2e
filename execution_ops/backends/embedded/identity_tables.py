"""The ledger's tables of the sign-in. Instants are integer milliseconds since 1970 UTC; of secrets there are only
digests (SHA-256 in hex)."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import instant


class SignInAttempt(SQLModel, table=True):
    """A sign-in under way. `browser` is the digest of what its browser keeps, so that no other one can end it."""

    __tablename__: ClassVar[str] = "sign_in_attempt"

    state: str = Field(primary_key=True, max_length=64)
    browser: str = Field(max_length=64)
    nonce: str
    verifier: str
    return_to: str = Field(sa_type=Text)
    expires_at: int = instant(index=True)


class SignInSession(SQLModel, table=True):
    """Somebody who signed in. `groups` is a JSON list, as the sign-in gave them."""

    __tablename__: ClassVar[str] = "sign_in_session"

    digest: str = Field(primary_key=True, max_length=64)
    subject: str
    name: str
    groups: str = Field(sa_type=Text)
    created_at: int = instant()
    expires_at: int = instant(index=True)


class ApiTokenRow(SQLModel, table=True):
    """An API token. `scopes` and `tenants` are JSON lists; `tenants` NULL are all."""

    __tablename__: ClassVar[str] = "api_token"
    __table_args__ = (Index("api_token_by_time", "created_at", "id"),)

    id: str = Field(primary_key=True, max_length=36)
    digest: str = Field(unique=True, max_length=64)
    name: str
    hint: str
    scopes: str = Field(sa_type=Text)
    tenants: str | None = Field(default=None, sa_type=Text)
    delegate: bool
    created_at: int = instant()
    created_by: str
    expires_at: int = instant()
    last_used_at: int | None = instant(default=None)
    revoked_at: int | None = instant(default=None)
    revoked_by: str = ""
