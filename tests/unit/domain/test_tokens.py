"""API tokens: never more than who makes them may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import Forbidden, InvalidInput, OpsError
from execution_ops.domain.identity import actor_within
from execution_ops.domain.tokens import ApiToken, NewToken, TokenState, check_new_token, digest, is_secret, new_secret

NOW = datetime(2026, 11, 29, tzinfo=UTC)
ADMIN = Actor(name="ann", scopes=frozenset(Scope))
ACME = Actor(name="zoe", scopes=frozenset(Scope), tenants=frozenset({"acme"}))
MIXED = actor_within("max", {Scope.ADMIN: frozenset({"acme"}), Scope.READ: frozenset({"acme", "beta"})}, "")
READ = frozenset({Scope.READ})


def token(**values: object) -> ApiToken:
    rest = {"created_at": NOW, "created_by": "ann", "expires_at": NOW + timedelta(days=1), "hint": "eo_x"}
    made = {"id": "1", "name": "ci", "scopes": READ, "tenants": None, "delegate": False, **rest, **values}
    return ApiToken.model_validate(made)


def test_a_secret_can_be_told_and_is_never_the_same() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert is_secret(one)
    assert digest(one) != digest(other)
    for wrong in ("", one[:-1], one + "x", f" {one}", one.upper(), "eo_", one.replace("eo_", "xx_")):
        assert not is_secret(wrong)


def test_a_token_stands_as_its_time_says() -> None:
    one = token()
    assert one.state(NOW) is TokenState.ACTIVE
    assert one.state(one.expires_at) is TokenState.EXPIRED
    assert one.model_copy(update={"revoked_at": NOW}).state(NOW) is TokenState.REVOKED


def test_without_tenants_it_is_for_those_of_its_maker() -> None:
    assert check_new_token(ADMIN, NewToken(name="ci", scopes=READ)).tenants is None
    assert check_new_token(ACME, NewToken(name="ci", scopes=READ)).tenants == {"acme"}
    assert check_new_token(ADMIN, NewToken(name=" ci ", scopes=frozenset({Scope.QUOTA}))).scopes == {
        Scope.READ,
        Scope.QUOTA,
    }


@pytest.mark.parametrize(
    ("actor", "asked", "field"),
    [
        (ADMIN, NewToken(name="", scopes=READ), "name"),
        (ADMIN, NewToken(name="x" * 81, scopes=READ), "name"),
        (ADMIN, NewToken(name="a\nb", scopes=READ), "name"),
        (ADMIN, NewToken(name="\u202eci", scopes=READ), "name"),
        (ADMIN, NewToken(name="ci", scopes=frozenset()), "scopes"),
        (ADMIN, NewToken(name="ci", scopes=READ, days=0), "days"),
        (ADMIN, NewToken(name="ci", scopes=READ, days=10**9), "days"),
        (ADMIN, NewToken(name="ci", scopes=READ, tenants=frozenset()), "tenants"),
        (ACME, NewToken(name="ci", scopes=READ, tenants=frozenset({"beta"})), "tenants"),
        (MIXED, NewToken(name="ci", scopes=frozenset({Scope.OPERATE})), "scopes"),
        (MIXED, NewToken(name="ci", scopes=frozenset({Scope.ADMIN})), "tenants"),
        (MIXED, NewToken(name="ci", scopes=frozenset({Scope.ADMIN}), tenants=frozenset({"beta"})), "tenants"),
    ],
)
def test_nobody_hands_out_what_they_do_not_have(actor: Actor, asked: NewToken, field: str) -> None:
    with pytest.raises((Forbidden, InvalidInput)) as refusal:
        check_new_token(actor, asked)
    assert isinstance(refusal.value, OpsError)
    assert refusal.value.field == field


def test_only_a_token_that_may_acts_for_somebody() -> None:
    assert token(delegate=True).actor("10.0.0.1", "ann\u202e").name == "ann\\u202e through token ci"
    assert token().actor("10.0.0.1").name == "token ci"
    with pytest.raises(Forbidden):
        token().actor("10.0.0.1", "ann")


def test_it_opens_its_scopes_in_its_tenants() -> None:
    actor = token(scopes=frozenset({Scope.READ, Scope.OPERATE}), tenants=frozenset({"acme"})).actor("10.0.0.1")
    assert (actor.scopes, actor.tenants, actor.source) == ({Scope.READ, Scope.OPERATE}, {"acme"}, "10.0.0.1")
