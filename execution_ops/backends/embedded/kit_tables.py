"""The ledger's tables of offline kits. Instants are integer milliseconds since 1970 UTC."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, WITHOUT_ROWID, instant


class Kit(SQLModel, table=True):
    """A kit that was received. `identity` keeps one row per manifest, and one per bundle in quarantine.

    `report` is the verification that it was stored or refused after; `has_files` says whether its files are
    still in the data directory. `generation` is the activation that made it active last.
    """

    __table_args__ = (
        Index("kit_by_id", "id", unique=True),
        Index("kit_by_identity", "identity", unique=True),
        Index("kit_by_state", "state"),
    )

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    id: str = Field(max_length=36)
    identity: str
    version: str
    channel: str
    state: str
    size: int = Field(sa_type=BigInteger)
    entries: int
    baselines: int
    manifest_sha256: str
    created_at: int | None = instant(default=None)
    signer: str
    signer_fingerprint: str
    source: str = Field(sa_type=Text)
    received_at: int = instant()
    received_by: str
    job_id: str = Field(max_length=36)
    report: str = Field(sa_type=Text)
    exit_code: int
    category: str
    failure: str = Field(sa_type=Text)
    syft: str = ""
    has_files: bool = True
    generation: int | None = None
    activated_at: int | None = instant(default=None)
    activated_by: str = ""
    activate_reason: str = ""
    forced: bool = False
    removed_at: int | None = instant(default=None)
    removed_by: str = ""
    remove_reason: str = Field(default="", sa_type=Text)


class KitActivation(SQLModel, table=True):
    """One swap of the pointer: the active kit is that of the last one that was not undone.

    `job_id` makes it once per job. `disabled` are the default analyzers that it put others in place of, as JSON;
    NULL when it left them as they were.
    """

    __tablename__: ClassVar[str] = "kit_activation"
    __table_args__ = (Index("kit_activation_by_job", "job_id", unique=True),)

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    kit_id: str = Field(max_length=36)
    job_id: str = Field(max_length=36)
    version: str
    at: int = instant()
    by: str
    reason: str
    forced: bool
    disabled: str | None = Field(default=None, sa_type=Text)
    undone_at: int | None = instant(default=None)
    undone_by: str = ""
    undone_reason: str = ""


class KitRun(SQLModel, table=True):
    """The work of one job on a kit: what it has checked so far, and what came of it.

    `exit_code` is NULL until its verification is over, `ended_at` until the job has nothing more to say.
    """

    __tablename__: ClassVar[str] = "kit_run"
    __table_args__ = (Index("kit_run_by_start", "started_at"), WITHOUT_ROWID)

    job_id: str = Field(primary_key=True, max_length=36)
    verb: str
    source: str = Field(sa_type=Text)
    by: str
    started_at: int = instant()
    ended_at: int | None = instant(default=None)
    report: str = Field(sa_type=Text)
    exit_code: int | None = None
    kit_id: str = ""
    failure: str = Field(default="", sa_type=Text)
