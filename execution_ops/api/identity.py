"""Who asks, and API tokens, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from execution_ops.api.deps import ActorDep, ChangeDep, ServicesDep
from execution_ops.api.operations import changes, for_all_known, reads
from execution_ops.api.replies import Answer
from execution_ops.domain.access import Refused, Scope
from execution_ops.domain.errors import Conflict
from execution_ops.domain.identity import SignIn
from execution_ops.domain.identity_verbs import TOKEN_CREATE, TOKEN_REVOKE
from execution_ops.domain.tokens import ApiToken, NewToken
from execution_ops.routes import Rest

router = APIRouter(tags=["identity"])


class Me(BaseModel):
    """Who asks: what they may do, in which tenants (null: all), and where a scope holds in fewer of them."""

    name: str
    scopes: frozenset[Scope]
    tenants: frozenset[str] | None
    reach: dict[Scope, frozenset[str]]
    sign_in: SignIn
    read_only: bool


class TokenList(BaseModel):
    """Tokens, the newest first. None of them holds its secret."""

    items: tuple[ApiToken, ...]


class TokenRequest(BaseModel):
    """A token that is asked for. Without `tenants` it opens all that who asks may."""

    model_config = ConfigDict(extra="forbid")

    name: str
    scopes: frozenset[Scope]
    tenants: frozenset[str] | None = Field(default=None, max_length=1000)
    days: int = 90
    delegate: StrictBool = False


class CreatedToken(BaseModel):
    """A new token with its secret, which nobody can read again."""

    token: ApiToken
    secret: str


@router.get(Rest.ME, **for_all_known())
def get_me(services: ServicesDep, actor: ActorDep) -> Me:
    """Who asks, by what the request says."""
    return Me(
        name=actor.name,
        scopes=actor.scopes,
        tenants=actor.tenants,
        reach=dict(actor.reach),
        sign_in=services.identities.mode,
        read_only=actor.refused is Refused.READ_ONLY,
    )


@router.get(Rest.TOKENS, **reads(Scope.ADMIN, errors=("NOT_SUPPORTED",)))
def list_tokens(services: ServicesDep, actor: ActorDep) -> TokenList:
    """The tokens that open no more than who asks administers."""
    return TokenList(items=tuple(services.identities.tokens(actor)))


@router.post(Rest.TOKENS, status_code=201, **changes(TOKEN_CREATE, errors=("NO_IDEMPOTENCY", "NOT_SUPPORTED")))
def create_token(body: Annotated[TokenRequest, Body()], change: ChangeDep) -> CreatedToken:
    """Make a token. Its secret is in this answer only, so an Idempotency-Key is refused: nothing is kept of it."""
    if change.stamp.idempotency_key:
        raise Conflict("The answer to this is not kept, so it takes no Idempotency-Key.", code="NO_IDEMPOTENCY")
    asked = NewToken.model_validate(body.model_dump())
    token, secret = change.services.identities.create_token(change.actor, asked, change.stamp)
    return CreatedToken(token=token, secret=secret)


@router.post(Rest.TOKEN_REVOKE, response_model=ApiToken, **changes(TOKEN_REVOKE, errors=("NOT_SUPPORTED",)))
def revoke_token(token_id: str, change: ChangeDep) -> Response:
    """Make it open nothing any more, within seconds; needs a reason."""

    def act() -> Answer:
        revoked = change.services.identities.revoke_token(change.actor, token_id, change.stamp)
        return Answer(200, revoked.model_dump(mode="json"))

    return change.once([TOKEN_REVOKE.name, token_id], act)
