"""What a request brings along to say who asks: read from its headers, believed by nobody yet."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from http.cookies import CookieError, SimpleCookie
from ipaddress import IPv4Network, IPv6Network, ip_address

from pydantic import BaseModel, ConfigDict

Network = IPv4Network | IPv6Network
Headers = Iterable[tuple[bytes, bytes]]

SESSION_COOKIE = "execution_ops_session"
HEADER_MAX = 8192
GROUPS_MAX = 500
# A name with what tells it apart from the same one of others.
OPERATOR_MAX = 400
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)


class Credentials(BaseModel):
    """`source` is the network address of who asks. `bearer` and `session` are secrets, "" where there is none; `user`
    and `groups` are what a proxy said, None where it is not one that is trusted.

    `garbled` says that there is an Authorization header, or that a trusted proxy said something, in a way that can't be
    read: that is no one, rather than whoever the rest of the request would be.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    bearer: str = ""
    session: str = ""
    user: str | None = None
    groups: frozenset[str] = frozenset()
    operator: str = ""
    garbled: bool = False


def read_credentials(
    headers: Headers,
    peer: str,
    *,
    trusted: Collection[Network] = (),
    user_header: str = "",
    groups_header: str = "",
    cookie: str = SESSION_COOKIE,
) -> Credentials:
    """What the request says. `peer` is the other end of the connection; only from `trusted` networks the headers of a
    proxy are read. Names of headers are compared without regard to case."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1")[:HEADER_MAX])
    proxied = is_within(peer, trusted)
    source = client_address(peer, found.get("x-forwarded-for", ()), trusted) if proxied else peer
    bearer, garbled = _bearer(found.get("authorization", []))
    user, groups = None, frozenset[str]()
    if proxied and user_header:
        said = found.get(user_header.lower(), [])
        # Two of them are one that the proxy set and one that came through it.
        garbled = garbled or len(said) > 1 or len(found.get(groups_header.lower(), [])) > 1
        user = _utf8(said[0]).strip() if len(said) == 1 else None
        groups = _groups(found.get(groups_header.lower(), []))
    return Credentials(
        source=source,
        bearer=bearer,
        session=_cookie(found.get("cookie", []), cookie),
        user=user or None,
        groups=groups,
        operator=_utf8(next(iter(found.get("x-stella-operator", [])), "")).strip()[:OPERATOR_MAX],
        garbled=garbled,
    )


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Collection[Network]) -> str:
    """The address that asks: the last one in X-Forwarded-For that is no trusted proxy; what stands before it could have
    been sent by anybody."""
    hops = [hop.strip() for line in forwarded_for for hop in line.split(",") if hop.strip()]
    for hop in reversed(hops):
        if not is_within(hop, trusted):
            return hop if _is_address(hop) else peer
    return peer


def is_within(address: str, networks: Collection[Network]) -> bool:
    """Whether the address is in one of the networks; False for what is no address."""
    return _is_address(address) and any(ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _bearer(given: Sequence[str]) -> tuple[str, bool]:
    """The token, and whether the header is one that can't be read."""
    if not given:
        return "", False
    match = _BEARER.fullmatch(given[0].strip()) if len(given) == 1 else None
    return (match[1], False) if match else ("", True)


def _groups(given: Sequence[str]) -> frozenset[str]:
    names = [name.strip() for line in given for name in _utf8(line).split(",")]
    return frozenset([name for name in names if name][:GROUPS_MAX])


def _cookie(given: Sequence[str], name: str) -> str:
    """The value of the cookie; "" if there is none, or more than one, of which a neighbouring site may have set the
    other."""
    values = [
        part.partition("=")[2].strip()
        for line in given
        for part in line.split(";")
        if part.partition("=")[0].strip() == name
    ]
    if len(values) != 1:
        return ""
    try:
        return next((one.value for one in SimpleCookie(f"{name}={values[0]}").values()), "")
    except CookieError:
        return ""


def _utf8(header: str) -> str:
    """HTTP hands headers over as Latin-1; proxies write UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header
