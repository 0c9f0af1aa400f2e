"""Who asks: from what a request brings along to the actor that everything else goes by; and API tokens."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from execution_ops import routes
from execution_ops.backends.base_identity import Attempt, IdentityStore
from execution_ops.domain.access import Actor, Refused, Scope, local_operator, require
from execution_ops.domain.credentials import SESSION_COOKIE, Credentials, Headers, read_credentials
from execution_ops.domain.errors import Conflict, Forbidden, OpsError, Unauthenticated
from execution_ops.domain.identity import Identity, SignIn, granted, nobody, read_only
from execution_ops.domain.identity_verbs import TOKEN_CREATE, TOKEN_REVOKE
from execution_ops.domain.ids import check_id
from execution_ops.domain.tokens import (
    LISTED_MAX,
    ApiToken,
    NewToken,
    check_new_token,
    digest,
    hint_of,
    is_secret,
    new_secret,
)
from execution_ops.domain.verbs import Stamp
from execution_ops.services.requests import sign
from execution_ops.settings import Settings

if TYPE_CHECKING:
    from execution_ops.services.oidc import OpenIdProvider

ATTEMPT_S = 600
# For so long an ended session or token may still open something in another process than the one that ended it.
MEMORY_S = 5.0
MEMORY_MAX = 10_000
RETURN_MAX = 2000
_log = logging.getLogger(__name__)


class Begun(NamedTuple):
    """Where a browser goes to sign in, and the secret that it keeps meanwhile."""

    url: str
    browser: str


class SignedIn(NamedTuple):
    """Somebody who came back: the secret of the session, until when it holds, and where to go."""

    session: str
    expires_at: datetime
    return_to: str


class IdentityService:
    """Blocking and thread-safe. `store` is None where the engine keeps none: then nobody signs in here, and there are
    no tokens. `unable` tells which verbs the engine does for nobody, and why."""

    def __init__(
        self,
        settings: Settings,
        store: IdentityStore | None,
        provider: OpenIdProvider | None = None,
        clock: Callable[[], float] = time.monotonic,
        unable: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._settings = settings
        self._store = store
        self._provider = provider
        self._clock = clock
        self._unable = unable
        self._memory: OrderedDict[tuple[str, str], tuple[float, Identity | ApiToken | None]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def mode(self) -> SignIn:
        """How people become known."""
        return self._settings.sign_in

    @property
    def has_tokens(self) -> bool:
        """Whether there can be tokens here."""
        return self._store is not None

    # who asks

    @property
    def session_cookie(self) -> str:
        """The name of the cookie that holds a session. With `__Host-` no neighbouring site can set it for ours."""
        return f"__Host-{SESSION_COOKIE}" if self.is_secure else SESSION_COOKIE

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the console over https."""
        return self._settings.public_url.startswith("https:")

    def read(self, headers: Headers, peer: str) -> Credentials:
        """What a request says of who asks; `peer` is the other end of its connection."""
        proxied = self.mode is SignIn.PROXY
        return read_credentials(
            headers,
            peer,
            trusted=self._settings.trusted_proxies,
            user_header=self._settings.proxy_user_header if proxied else "",
            groups_header=self._settings.proxy_groups_header,
            cookie=self.session_cookie,
        )

    def identify(self, given: Credentials) -> Actor:
        """The actor; `nobody` for whoever can't be known. Unavailable when that can't be told now.

        What is wrong is never passed over for the next best: a token that opens nothing makes nobody of whoever
        presents it, even where everybody may do everything.
        """
        actor = self._actor(given).model_copy(update={"unable": tuple(sorted(self._unable().items()))})
        return read_only(actor) if self._settings.read_only else actor

    def _actor(self, given: Credentials) -> Actor:
        if given.garbled:
            return nobody(given.source)
        if given.bearer:
            return self._by_token(given)
        if self.mode is SignIn.NONE:
            return local_operator(given.source)
        who = self._by_proxy(given) if self.mode is SignIn.PROXY else self._by_session(given.session)
        return nobody(given.source) if who is None else granted(who, self._settings.grants, given.source)

    def _by_token(self, given: Credentials) -> Actor:
        store = self._store
        if store is None or not is_secret(given.bearer):
            return nobody(given.source)
        token = self._remembered("token", digest(given.bearer), store.token)
        if not isinstance(token, ApiToken) or token.expires_at <= datetime.now(UTC):
            return nobody(given.source)
        self._note_use(store, token)
        return token.actor(given.source, given.operator)

    def _by_proxy(self, given: Credentials) -> Identity | None:
        if given.user is None:
            return None
        return Identity(subject=given.user[:255], name=given.user[:120], groups=given.groups)

    def _by_session(self, session: str) -> Identity | None:
        store = self._store
        if store is None or not session:
            return None

        def read(key: str) -> Identity | None:
            found = store.session(key)
            return None if found is None else found.who

        found = self._remembered("session", digest(session), read)
        return found if isinstance(found, Identity) else None

    def _remembered(
        self, kind: str, key: str, read: Callable[[str], Identity | ApiToken | None]
    ) -> Identity | ApiToken | None:
        """What the store says, not asked more often than every MEMORY_S for the same."""
        now = self._clock()
        with self._lock:
            known = self._memory.get((kind, key))
        if known is not None and known[0] > now:
            return known[1]
        found = read(key)
        with self._lock:
            self._memory[kind, key] = (now + MEMORY_S, found)
            self._memory.move_to_end((kind, key))
            while len(self._memory) > MEMORY_MAX:
                self._memory.popitem(last=False)
        return found

    def _forget(self, keys: Iterable[tuple[str, str]] | None = None) -> None:
        with self._lock:
            for key in [*self._memory] if keys is None else keys:
                self._memory.pop(key, None)

    def _note_use(self, store: IdentityStore, token: ApiToken) -> None:
        """Written once a minute at most, and never in the way of what the token is used for."""
        try:
            self._remembered("use", token.id, lambda _: store.note_use(token.id))
        except OpsError as error:
            _log.warning("the use of token %s can't be noted: %s", token.hint, error.message)

    def check_known(self, actor: Actor) -> None:
        """Unauthenticated, or Unavailable, for somebody who is not known, or of whom that can't be told now."""
        if actor.refused in (Refused.UNKNOWN, Refused.UNTOLD):
            require(actor, Scope.READ)

    # signing in

    def begin(self, return_to: str) -> Begun:
        """A sign-in that leads to the address in the end. Conflict where nobody signs in this way."""
        store, provider = self._signing_in()
        began, browser = provider.begin(), secrets.token_urlsafe(32)
        attempt = Attempt(began.nonce, began.verifier, safe_return(return_to, self._settings.origins()))
        store.keep_attempt(digest(began.state), digest(browser), attempt, seconds=ATTEMPT_S)
        return Begun(began.url, browser)

    def complete(self, state: str, code: str, browser: str) -> SignedIn:
        """Somebody came back from the provider. Unauthenticated unless this browser began just this sign-in, lately."""
        store, provider = self._signing_in()
        attempt = store.take_attempt(digest(state), digest(browser)) if state and browser else None
        if attempt is None:
            raise Unauthenticated("This sign-in was not begun here, or it took too long. Sign in again.")
        who = provider.end(code, attempt.verifier, attempt.nonce)
        session = secrets.token_urlsafe(32)
        seconds = self._settings.session_hours * 3600
        expires_at = store.keep_session(digest(session), who, seconds=seconds)
        _log.info("%s signed in", who.subject)
        return SignedIn(session, expires_at, attempt.return_to)

    def sign_out(self, session: str, back_to: str) -> str:
        """End the session, and say where the browser goes to end that with the provider too."""
        store, provider = self._signing_in()
        if session:
            store.end_session(digest(session))
            self._forget([("session", digest(session))])
        there = safe_return(back_to, self._settings.origins())
        absolute = f"{self._settings.public_url}{there}" if there.startswith("/") else there
        try:
            return provider.sign_out_url(absolute)
        except OpsError as error:
            _log.warning("signed out here, but not at the provider: %s", error.message)
            return absolute

    def _signing_in(self) -> tuple[IdentityStore, OpenIdProvider]:
        if self._store is None or self._provider is None:
            raise Conflict("Nobody signs in at this console itself.", code="NO_SIGN_IN")
        return self._store, self._provider

    # tokens

    def tokens(self, actor: Actor) -> Sequence[ApiToken]:
        """The tokens that open no more than the actor administers, the newest first, at most LISTED_MAX."""
        admin = require(actor, Scope.ADMIN)
        return self._tokens_of().tokens(tenants=admin.tenants, limit=LISTED_MAX)

    def create_token(self, actor: Actor, asked: NewToken, stamp: Stamp) -> tuple[ApiToken, str]:
        """A new token, and its secret, which nobody can read again."""
        admin = require(actor, TOKEN_CREATE.scope)
        store, checked, secret = self._tokens_of(), check_new_token(actor, asked), new_secret()
        if checked.delegate and admin.tenants is not None:
            raise Forbidden("Only who may act for all tenants hands out tokens that act for others.", field="delegate")
        made = store.create_token(digest(secret), hint_of(secret), checked, sign(TOKEN_CREATE, admin, stamp))
        return made, secret

    def revoke_token(self, actor: Actor, token_id: str, stamp: Stamp) -> ApiToken:
        """Make a token open nothing any more: at once in this process, within MEMORY_S in others."""
        admin = require(actor, TOKEN_REVOKE.scope)
        revoked = self._tokens_of().revoke_token(check_id(token_id), sign(TOKEN_REVOKE, admin, stamp))
        self._forget()
        return revoked

    def _tokens_of(self) -> IdentityStore:
        if self._store is None:
            raise Conflict("This console keeps no tokens: make them where its jobs are.", code="NOT_SUPPORTED")
        return self._store


def callback_of(settings: Settings) -> str:
    """Where the provider sends browsers back to."""
    return f"{settings.public_url}{routes.Auth.CALLBACK}"


def safe_return(address: str, origins: Collection[str]) -> str:
    """The address if it leads to a page of ours: a path, or an address on one of the origins. Else the start page.

    A browser takes `//host`, `/\\host` and what has control characters in it for other hosts.
    """
    if len(address) > RETURN_MAX or "\\" in address or any(ord(character) <= 32 for character in address):
        return "/"
    if address.startswith("/"):
        return "/" if address.startswith("//") else address
    parts = urlsplit(address)
    return address if f"{parts.scheme}://{parts.netloc}" in origins else "/"
