"""What the sign-in keeps, on each kind of database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from execution_ops.backends.base_identity import Attempt
from execution_ops.backends.embedded import identities
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.identities import Identities
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import Conflict, NotFound, TooMany
from execution_ops.domain.identity import Identity
from execution_ops.domain.tokens import ApiToken, NewToken, digest, new_secret
from execution_ops.domain.verbs import Stamp
from tests.execution import STAMP

ANN = Identity(subject="sub-ann", name="ann", groups=frozenset({"oncall", "größe, mit komma"}))
ATTEMPT = Attempt("nonce", "verifier", "/ops/operations/jobs-queues?a=%2F")
ZOE = Stamp(actor=Actor(name="zoe", scopes=frozenset(Scope), tenants=frozenset({"acme"})), reason="a test")


@pytest.fixture
def store(database: Engine) -> Identities:
    return Identities(database)


def token(store: Identities, *tenants: str, name: str = "ci", days: int = 1) -> tuple[ApiToken, str]:
    secret = new_secret()
    asked = NewToken(name=name, scopes=frozenset({Scope.READ}), tenants=frozenset(tenants) or None, days=days)
    return store.create_token(digest(secret), secret[:11], asked, STAMP), secret


def test_a_sign_in_ends_once_and_in_the_browser_that_began_it(store: Identities) -> None:
    store.keep_attempt("state", "browser", ATTEMPT, seconds=60)
    assert store.take_attempt("state", "another") is None
    assert store.take_attempt("state", "browser") == ATTEMPT
    assert store.take_attempt("state", "browser") is None


def test_a_sign_in_that_took_too_long_is_none(store: Identities) -> None:
    store.keep_attempt("state", "browser", ATTEMPT, seconds=0)
    assert store.take_attempt("state", "browser") is None


def test_sign_ins_under_way_are_bounded_and_those_that_are_over_go(
    store: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identities, "UNDER_WAY_MAX", 3)
    for number in range(10):
        store.keep_attempt(f"over-{number}", "browser", ATTEMPT, seconds=0)
    for number in range(3):
        store.keep_attempt(f"state-{number}", "browser", ATTEMPT, seconds=60)
    with pytest.raises(TooMany):
        store.keep_attempt("one-too-many", "browser", ATTEMPT, seconds=60)
    store.take_attempt("state-0", "browser")
    store.keep_attempt("again", "browser", ATTEMPT, seconds=60)


def test_a_session_says_who_until_it_ends(store: Identities) -> None:
    until = store.keep_session("digest", ANN, seconds=60)
    assert store.session("digest") == (ANN, until)
    assert store.session("another") is None
    store.end_session("digest")
    assert store.session("digest") is None
    store.keep_session("short", ANN, seconds=0)
    assert store.session("short") is None


def test_a_token_opens_until_it_is_revoked_and_the_audit_knows(store: Identities, database: Engine) -> None:
    made, secret = token(store)
    assert store.token(digest(secret)) == made
    assert store.token(digest(new_secret())) is None
    store.note_use(made.id)
    assert store.tokens(tenants=None, limit=10)[0].last_used_at is not None
    revoked = store.revoke_token(made.id, STAMP)
    assert (revoked.revoked_by, store.token(digest(secret))) == (STAMP.actor.name, None)
    with pytest.raises(Conflict):
        store.revoke_token(made.id, STAMP)
    with read(database) as connection:
        events = connection.execute(text("SELECT verb, subject_id, before, after FROM audit_event ORDER BY n")).all()
        kept = repr([connection.execute(text(f"SELECT * FROM {name}")).all() for name in ("api_token", "audit_event")])
    assert [(event.verb, event.subject_id) for event in events] == [
        ("token_create", made.id),
        ("token_revoke", made.id),
    ]
    assert secret not in kept
    assert '"scopes":["ops:read"]' in events[0].after


def test_an_expired_token_opens_nothing(store: Identities) -> None:
    _, secret = token(store, days=0)
    assert store.token(digest(secret)) is None


def test_who_administers_a_tenant_sees_and_revokes_its_tokens_only(store: Identities) -> None:
    ours, _ = token(store, "acme", name="ours")
    others = [token(store, name="all")[0], token(store, "acme", "beta", name="both")[0], token(store, "beta")[0]]
    assert store.tokens(tenants=frozenset({"acme"}), limit=10) == [ours]
    assert [one.id for one in store.tokens(tenants=None, limit=3)] == [one.id for one in reversed(others)]
    for one in others:
        with pytest.raises(NotFound):
            store.revoke_token(one.id, ZOE)
    assert store.revoke_token(ours.id, ZOE).revoked_by == "zoe"
