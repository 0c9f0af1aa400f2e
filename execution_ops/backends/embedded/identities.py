"""The sign-in's part of the ledger: tokens, sessions, and sign-ins under way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select, update

from execution_ops.backends.base_identity import Attempt, Session
from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.access import no_such
from execution_ops.domain.audit import SubjectKind, Touched, one_tenant
from execution_ops.domain.errors import Conflict, NotFound, TooMany
from execution_ops.domain.identity import Identity
from execution_ops.domain.identity_verbs import TOKEN_CREATE, TOKEN_REVOKE
from execution_ops.domain.ids import new_id
from execution_ops.domain.times import from_ms, to_ms
from execution_ops.domain.tokens import ApiToken, NewToken, TokenState, expiry
from execution_ops.domain.topics import TOKENS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp

ATTEMPT = table("sign_in_attempt")
SESSION = table("sign_in_session")
TOKEN = table("api_token")
# Anybody can begin a sign-in, and each is a row.
UNDER_WAY_MAX = 10_000
USE_STEP_MS = 60_000
# Of the newest so many, those of an administrator of some tenants are chosen.
READ_MAX = 5_000


class Identities:
    """Implements IdentityStore."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep_attempt(self, state: str, browser: str, attempt: Attempt, *, seconds: int) -> None:
        """Remember a sign-in."""
        with write(self._engine) as connection:
            now = clock_ms(connection)
            connection.execute(delete(ATTEMPT).where(ATTEMPT.c.expires_at <= now))
            if connection.execute(select(func.count()).select_from(ATTEMPT)).scalar_one() >= UNDER_WAY_MAX:
                raise TooMany("Very many sign-ins are under way. Try again in some minutes.", retry_after=seconds)
            values = {"state": state, "browser": browser, "expires_at": now + 1000 * seconds, **attempt._asdict()}
            connection.execute(insert(ATTEMPT).values(**values))

    def take_attempt(self, state: str, browser: str) -> Attempt | None:
        """The sign-in, once."""
        with write(self._engine) as connection:
            mine = (ATTEMPT.c.state == state, ATTEMPT.c.browser == browser)
            row = connection.execute(delete(ATTEMPT).where(*mine).returning(ATTEMPT)).mappings().one_or_none()
            if row is None or row["expires_at"] <= clock_ms(connection):
                return None
            return Attempt(row["nonce"], row["verifier"], row["return_to"])

    def keep_session(self, session: str, who: Identity, *, seconds: float) -> datetime:
        """Remember who signed in."""
        with write(self._engine) as connection:
            now = clock_ms(connection)
            connection.execute(delete(SESSION).where(SESSION.c.expires_at <= now))
            ends = now + round(1000 * seconds)
            groups = json.dumps(sorted(who.groups), ensure_ascii=False)
            values = {"digest": session, "subject": who.subject, "name": who.name, "groups": groups}
            connection.execute(insert(SESSION).values(**values, created_at=now, expires_at=ends))
            return from_ms(ends)

    def session(self, session: str) -> Session | None:
        """Who signed in."""
        with read(self._engine) as connection:
            row = connection.execute(select(SESSION).where(SESSION.c.digest == session)).mappings().one_or_none()
            if row is None or row["expires_at"] <= clock_ms(connection):
                return None
        who = Identity(subject=row["subject"], name=row["name"], groups=frozenset(json.loads(row["groups"])))
        return Session(who, from_ms(row["expires_at"]))

    def end_session(self, session: str) -> None:
        """Forget it."""
        with write(self._engine) as connection:
            connection.execute(delete(SESSION).where(SESSION.c.digest == session))

    def create_token(self, secret: str, hint: str, asked: NewToken, stamp: Stamp) -> ApiToken:
        """Keep a token."""
        with write(self._engine) as connection:
            now = clock_ms(connection)
            token = ApiToken(
                id=new_id(),
                name=asked.name,
                hint=hint,
                scopes=asked.scopes,
                tenants=asked.tenants,
                delegate=asked.delegate,
                created_at=from_ms(now),
                created_by=stamp.actor.name,
                expires_at=expiry(from_ms(now), asked.days),
            )
            connection.execute(
                insert(TOKEN).values(
                    id=token.id,
                    digest=secret,
                    name=token.name,
                    hint=hint,
                    scopes=json.dumps(sorted(token.scopes)),
                    tenants=None if token.tenants is None else json.dumps(sorted(token.tenants)),
                    delegate=token.delegate,
                    created_at=now,
                    created_by=token.created_by,
                    expires_at=to_ms(token.expires_at),
                    revoked_by="",
                )
            )
            _tell(connection, TOKEN_CREATE, stamp, now, token)
            return token

    def tokens(self, *, tenants: frozenset[str] | None, limit: int) -> Sequence[ApiToken]:
        """The tokens that are for no more than these tenants."""
        with read(self._engine) as connection:
            newest = select(TOKEN).order_by(TOKEN.c.created_at.desc(), TOKEN.c.id.desc()).limit(READ_MAX)
            found = [token_of(row) for row in connection.execute(newest).mappings()]
        return [token for token in found if _reaches(tenants, token)][:limit]

    def token(self, secret: str) -> ApiToken | None:
        """The token that opens something now."""
        with read(self._engine) as connection:
            row = connection.execute(select(TOKEN).where(TOKEN.c.digest == secret)).mappings().one_or_none()
            now = from_ms(clock_ms(connection))
        token = None if row is None else token_of(row)
        return token if token is not None and token.state(now) is TokenState.ACTIVE else None

    def note_use(self, token_id: str) -> None:
        """It was used now."""
        with write(self._engine) as connection:
            now = clock_ms(connection)
            stale = TOKEN.c.last_used_at.is_(None) | (TOKEN.c.last_used_at < now - USE_STEP_MS)
            connection.execute(update(TOKEN).where(TOKEN.c.id == token_id, stale).values(last_used_at=now))

    def revoke_token(self, token_id: str, stamp: Stamp) -> ApiToken:
        """Make it open nothing any more."""
        with write(self._engine) as connection:
            found = connection.execute(select(TOKEN).where(TOKEN.c.id == token_id).with_for_update(key_share=True))
            row = found.mappings().one_or_none()
            token = None if row is None else token_of(row)
            if token is None or not _reaches(stamp.actor.tenants, token):
                raise NotFound(no_such(stamp.actor, "token"))
            now = clock_ms(connection)
            if (state := token.state(from_ms(now))) is not TokenState.ACTIVE:
                raise Conflict(f"This token is {state.value} already.", code="NO_CHANGE")
            ended = {"revoked_at": now, "revoked_by": stamp.actor.name}
            connection.execute(update(TOKEN).where(TOKEN.c.id == token_id).values(**ended))
            _tell(connection, TOKEN_REVOKE, stamp, now, token)
            return token.model_copy(update={"revoked_at": from_ms(now), "revoked_by": stamp.actor.name})


def token_of(row: RowMapping) -> ApiToken:
    """A row as the entity."""
    instants = {
        name: None if row[name] is None else from_ms(row[name])
        for name in ("created_at", "expires_at", "last_used_at", "revoked_at")
    }
    lists = {
        "scopes": json.loads(row["scopes"]),
        "tenants": None if row["tenants"] is None else json.loads(row["tenants"]),
    }
    return ApiToken.model_validate({**row, **instants, **lists})


def _reaches(tenants: frozenset[str] | None, token: ApiToken) -> bool:
    return tenants is None or (token.tenants is not None and token.tenants <= tenants)


def _tell(connection: Connection, verb: Verb, stamp: Stamp, now: int, token: ApiToken) -> None:
    facts = token.model_dump_json(include={"scopes", "tenants", "delegate", "expires_at"})
    record(
        connection,
        verb.name,
        stamp,
        touched=Touched(SubjectKind.TOKEN, (token.id,), one_tenant(token.tenants or ())),
        subject=f"token {token.name} ({token.hint}…)",
        count=1,
        before="" if verb is TOKEN_CREATE else facts,
        after=facts if verb is TOKEN_CREATE else "",
    )
    announce_topics(connection, (TOKENS,), now)
