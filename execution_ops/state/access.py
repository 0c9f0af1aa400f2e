"""Who one is here, and the API tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor, Refused, Scope, why_forbidden
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.identity import SignIn
from execution_ops.domain.identity_verbs import IDENTITY_VERBS, TOKEN_CREATE, TOKEN_REVOKE
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.tokens import ApiToken, TokenState
from execution_ops.domain.topics import TOKENS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.shell import ShellState
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import identity as words

NEW = "token"


@dataclass(frozen=True)
class ScopeLine:
    """One permission: what it lets one do, and in which tenants. `off` is why it can't be handed on."""

    scope: str
    meaning: str
    tenants: str
    off: str


@dataclass(frozen=True)
class TokenLine:
    """One token. `off` is why it can't be revoked."""

    id: str
    name: str
    hint: str
    state: str
    scopes: str
    tenants: str
    created_at: str
    about: str
    expires_at: str
    last_used_at: str
    off: str


class Known(NamedTuple):
    """What the page is made of: `tokens` is None for who may not see any."""

    actor: Actor
    tokens: Sequence[ApiToken] | None


class AccessLines(rx.State):
    """The rows, apart from all else."""

    scopes: rx.Field[list[ScopeLine]] = rx.field(default_factory=list)
    tokens: rx.Field[list[TokenLine]] = rx.field(default_factory=list)


class AccessPage(VerbQuestion, rx.State):
    """The page around its rows. The secret of a new token never comes here: the browser asks the REST interface."""

    summary: str = ""
    name: str = ""
    known_by: str = ""
    read_only: bool = False
    sees_tokens: bool = False
    tokens_total: int = 0
    new_off: str = LOADING
    dialog: str = ""
    question_title: str = ""

    _chosen: str = ""
    _names: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    # LivePage

    def _dialog(self) -> str:
        asked = dict(query_pairs(self.router.url.query)).get("ask", "")
        if asked not in ("", NEW):
            raise InvalidInput("This address names no part of the page.")
        return asked

    def _ask(self) -> Ask:
        self._dialog()
        actor = actor_of(self)
        return Ask(TOKENS, ("access", actor.name, viewer_key(actor)), lambda: read_access(actor))

    async def _show(self, answer: Any) -> None:
        known: Known = answer
        actor, tokens, mode = known.actor, known.tokens, services().identities.mode
        now = datetime.now(UTC)
        lines = await self.get_state(AccessLines)
        lines.scopes = [scope_line(actor, scope) for scope in Scope if actor.may(scope)]
        off = why_forbidden(actor, TOKEN_REVOKE.scope)
        lines.tokens = [token_line(one, now, off) for one in tokens or ()]
        self._names = {one.id: one.name for one in tokens or ()}
        self.sees_tokens, self.tokens_total = tokens is not None, len(tokens or ())
        active = None if tokens is None else sum(one.state(now) is TokenState.ACTIVE for one in tokens)
        self.name, self.known_by = visible(actor.name), words.KNOWN_BY[mode.value]
        self.summary = (
            words.THE_OPERATOR_HERE
            if mode is SignIn.NONE and actor.refused is None
            else words.signed_in_as(self.name, len(actor.scopes), active)
        )
        self.read_only = actor.refused is Refused.READ_ONLY
        self.new_off = why_forbidden(actor, TOKEN_CREATE.scope)
        self.dialog = self._dialog() if tokens is not None else ""

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return IDENTITY_VERBS

    def _subjects(self) -> list[str]:
        return [self._chosen]

    def _about(self) -> tuple[Hashable, ...]:
        return (self._chosen,)

    def _phrase(self, verb: Verb) -> None:
        # Any client can ask before the page is loaded, or about a verb that has a form and no question.
        name = self._names.get(self._chosen, "")
        self.asking = verb.name if name and verb is TOKEN_REVOKE else ""
        self.question_title = words.revoke_title(visible(name))

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        token = await asyncio.to_thread(services().identities.revoke_token, actor, self._asked_ids[0], stamp)
        await (await self.get_state(ShellState))._tell(words.revoked(visible(token.name)), stamp)
        await self._refresh(anew=True)

    # events

    @rx.event
    def ask_revoke(self, token_id: str) -> None:
        """Ask before a token is revoked."""
        self._chosen = str(token_id)
        self.ask_verb(TOKEN_REVOKE.name)

    @rx.event
    def ask_new(self) -> Any:
        """Open the form of a new token."""
        return rx.redirect(routes.new_token())

    @rx.event
    async def close(self) -> Any:
        """Close it."""
        await self._refresh(anew=True)
        return rx.redirect(routes.access(), replace=True)


async def read_access(actor: Actor) -> Known:
    """Who somebody is, and the tokens that they administer."""
    identities = services().identities
    if not identities.has_tokens or not actor.may(Scope.ADMIN):
        # To hear who one is takes being known, and no more.
        await asyncio.to_thread(identities.check_known, actor)
        return Known(actor, None)
    return Known(actor, await asyncio.to_thread(identities.tokens, actor))


def scope_line(actor: Actor, scope: Scope) -> ScopeLine:
    """A permission of the actor's."""
    return ScopeLine(scope.value, words.MEANINGS[scope], said_tenants(actor.within(scope).tenants), "")


def token_line(token: ApiToken, now: datetime, off: str) -> TokenLine:
    """A token as its row shows it."""
    state = token.state(now)
    return TokenLine(
        id=token.id,
        name=visible(token.name),
        hint=f"{token.hint}…",
        state=state.value,
        scopes=", ".join(sorted(token.scopes)),
        tenants=words.FOR_ALL_TENANTS if token.tenants is None else words.for_tenants(said_tenants(token.tenants)),
        created_at=iso(token.created_at),
        about=words.made_by(visible(token.created_by), delegate=token.delegate),
        expires_at=iso(token.expires_at),
        last_used_at=iso(token.last_used_at) if token.last_used_at else "",
        off=off or ("" if state is TokenState.ACTIVE else TOKEN_REVOKE.refusal),
    )


def said_tenants(tenants: frozenset[str] | None) -> str:
    """Tenants in a line."""
    return words.ALL_TENANTS if tenants is None else ", ".join(sorted(tenants)) or words.NONE
