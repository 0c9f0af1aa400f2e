"""Roles and grants: a permission is what may be done and where, never two sets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from execution_ops.domain.access import Actor, Refused, Scope, require, why_forbidden
from execution_ops.domain.errors import Forbidden, Unauthenticated, Unavailable
from execution_ops.domain.identity import Grant, Identity, Role, actor_within, granted, nobody, read_only

ANN = Identity(subject="sub-ann", name="ann", groups=frozenset({"oncall", "viewers"}))
TENANTS = ("acme", "beta", "gamma")
tenant_sets = st.one_of(st.none(), st.frozensets(st.sampled_from(TENANTS), min_size=1))
grants = st.builds(
    lambda role, tenants, mine: Grant(group="oncall" if mine else "others", role=role, tenants=tenants or "*"),
    st.sampled_from(Role),
    tenant_sets,
    st.booleans(),
)


def grant(role: Role, *tenants: str, group: str = "oncall") -> Grant:
    return Grant(group=group, role=role, tenants=frozenset(tenants) or "*")


@given(st.lists(grants, max_size=6))
def test_somebody_holds_a_scope_in_a_tenant_just_where_a_grant_of_theirs_gives_it(held: list[Grant]) -> None:
    actor = granted(ANN, held, "10.0.0.1")
    for scope in Scope:
        for tenant in (*TENANTS, "unheard-of"):
            expected = any(
                one.group == "oncall" and scope in one.role.scopes and (one.names is None or tenant in one.names)
                for one in held
            )
            assert actor.may(scope, tenant) is expected
            assert (scope in actor.scopes and actor.within(scope).sees(tenant)) is expected
            assert (why_forbidden(actor, scope, tenant) == "") is expected


def test_an_operator_of_one_tenant_only_reads_in_the_other() -> None:
    actor = granted(ANN, [grant(Role.VIEWER, "acme", "beta"), grant(Role.OPERATOR, "acme")], "")
    assert actor.tenants == {"acme", "beta"}
    assert require(actor, Scope.READ).tenants == {"acme", "beta"}
    assert require(actor, Scope.OPERATE).tenants == {"acme"}
    assert why_forbidden(actor, Scope.OPERATE) == ""
    assert why_forbidden(actor, Scope.OPERATE, "beta") == "Needs the permission ops:operate for the tenant beta."
    with pytest.raises(Forbidden, match="ops:admin"):
        require(actor, Scope.ADMIN)


def test_a_viewer_of_all_who_operates_one_acts_for_that_one() -> None:
    actor = granted(ANN, [grant(Role.VIEWER), grant(Role.OPERATOR, "acme")], "")
    assert actor.tenants is None
    assert require(actor, Scope.OPERATE).tenants == {"acme"}
    assert require(actor, Scope.OPERATE).partial


def test_groups_and_users_are_compared_letter_by_letter() -> None:
    for name in ("oncall-interns", "ONCALL", "oncal", ".*", "on.all", " oncall"):
        assert granted(ANN, [grant(Role.ADMIN, group=name)], "").scopes == frozenset()
    by_name = Grant(user="ann", role=Role.ADMIN, tenants="*")
    assert granted(ANN, [by_name], "").refused is Refused.NO_GRANT
    by_subject = Grant(user="sub-ann", role=Role.ADMIN, tenants="*")
    assert granted(ANN, [by_subject], "").scopes == frozenset(Scope)


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "viewer", "tenants": "*"},
        {"group": "a", "user": "b", "role": "viewer", "tenants": "*"},
        {"group": "a", "role": "root", "tenants": "*"},
        {"group": "a", "role": "viewer", "tenants": []},
        {"group": "a", "role": "viewer", "tenants": ["*"]},
        {"group": "a", "role": "viewer", "tenants": ["../x"]},
        {"group": "a", "role": "viewer"},
        {"group": "a", "role": "viewer", "tenants": "*", "tenant": "acme"},
    ],
)
def test_a_grant_that_is_not_clear_is_none(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Grant.model_validate(wrong)


def test_what_is_said_to_who_may_nothing_is_why() -> None:
    with pytest.raises(Unauthenticated):
        require(nobody("10.0.0.1"), Scope.READ)
    with pytest.raises(Forbidden, match="nothing is granted"):
        require(granted(ANN, [], ""), Scope.READ)
    untold = nobody("").model_copy(update={"refused": Refused.UNTOLD})
    with pytest.raises(Unavailable):
        require(untold, Scope.READ)


def test_in_a_read_only_console_everybody_only_looks() -> None:
    actor = read_only(Actor(name="ann", scopes=frozenset(Scope)))
    assert actor.scopes == {Scope.READ, Scope.REVEAL}
    assert "read-only" in why_forbidden(actor, Scope.OPERATE)
    with pytest.raises(Forbidden, match="read-only"):
        require(actor, Scope.ADMIN)
    assert read_only(nobody("")).refused is Refused.UNKNOWN


@given(st.dictionaries(st.sampled_from(Scope), tenant_sets, min_size=1), st.frozensets(st.sampled_from(TENANTS)))
def test_to_narrow_the_view_never_widens_a_permission(
    reach: dict[Scope, frozenset[str] | None], seen: frozenset[str]
) -> None:
    actor = actor_within("token", reach, "")
    narrow = actor.narrowed(seen)
    for scope in Scope:
        for tenant in TENANTS:
            assert narrow.may(scope, tenant) is (actor.may(scope, tenant) and tenant in seen)
