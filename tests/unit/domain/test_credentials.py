"""What a request says of who asks, and whom it is not believed."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.credentials import SESSION_COOKIE, Credentials, client_address, read_credentials

PROXY = "10.0.0.1"
TRUSTED = (ip_network("10.0.0.0/24"), ip_network("fd00::/8"))
Lines = list[tuple[str, str]]


def read(lines: Lines, peer: str = PROXY) -> Credentials:
    return read_credentials(
        [(name.encode(), value.encode()) for name, value in lines],
        peer,
        trusted=TRUSTED,
        user_header="X-Forwarded-User",
        groups_header="X-Forwarded-Groups",
    )


def test_only_a_trusted_proxy_says_who_asks() -> None:
    said: Lines = [
        ("x-forwarded-user", "ann"),
        ("X-FORWARDED-GROUPS", "oncall, viewers"),
        ("x-forwarded-for", "1.2.3.4"),
    ]
    found = read(said)
    assert (found.user, found.groups, found.source) == ("ann", {"oncall", "viewers"}, "1.2.3.4")
    for stranger in ("10.0.1.1", "127.0.0.1", "", "nonsense", "10.0.0.1.evil.example"):
        found = read(said, stranger)
        assert (found.user, found.groups, found.source) == (None, frozenset(), stranger)


def test_two_names_are_none() -> None:
    assert read([("x-forwarded-user", "ann"), ("X-Forwarded-User", "root")]).garbled
    assert read([("x-forwarded-user", "ann"), ("x-forwarded-groups", "a"), ("x-forwarded-groups", "b")]).garbled
    assert read([("x-forwarded-user", "  ")]).user is None


@pytest.mark.parametrize(
    ("hops", "source"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        (["6.6.6.6, 203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        (["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
        (["10.0.0.9"], PROXY),
        (["<script>"], PROXY),
        ([""], PROXY),
        ([], PROXY),
    ],
)
def test_the_address_is_the_last_hop_that_is_no_proxy(hops: list[str], source: str) -> None:
    assert client_address(PROXY, hops, TRUSTED) == source


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer a b", "bearer", "", "Bearer\ta", "Token x"])
def test_an_authorization_that_is_no_token_makes_nobody(header: str) -> None:
    assert read([("authorization", header)]).garbled


def test_a_token_and_a_cookie_are_read() -> None:
    found = read([("authorization", "bEaReR  abc"), ("cookie", f"a=b; {SESSION_COOKIE}=s3cret; c=d")])
    assert (found.bearer, found.session, found.garbled) == ("abc", "s3cret", False)
    assert read([("authorization", "Bearer a"), ("authorization", "Bearer b")]).garbled


@pytest.mark.parametrize(
    "cookies",
    [
        [f"{SESSION_COOKIE}=a; {SESSION_COOKIE}=b"],
        [f"{SESSION_COOKIE}=a", f"{SESSION_COOKIE}=b"],
        [f"x{SESSION_COOKIE}=a"],
        [f"{SESSION_COOKIE}x=a"],
        [f"{SESSION_COOKIE}"],
        ["=;;;="],
    ],
)
def test_a_cookie_that_is_not_clear_is_none(cookies: list[str]) -> None:
    assert read([("cookie", line) for line in cookies]).session == ""


@given(
    st.lists(st.tuples(st.sampled_from(["cookie", "authorization", "x-forwarded-user", "x-forwarded-for"]), st.text()))
)
def test_nothing_that_is_sent_breaks_the_reading(lines: Lines) -> None:
    found = read(lines)
    assert found.source
