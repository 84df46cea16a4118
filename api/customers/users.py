"""The tenants' people for machines."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Once,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
)
from core.customers.users import actions, inviting, naming, queries, rules
from core.kernel.actor import Actor
from core.kernel.many import Outcome

router = area("/superadmin/users", "users")

Invitation = Literal["pending", "failed", "expired", "accepted"]
Reason = Annotated[str, Field(min_length=1, max_length=500, examples=["Left the company"])]
Chosen = Annotated[list[UUID], Field(min_length=1, max_length=rules.MAX_MANY)]


class UserOut(Out):
    """An account of a tenant's own; times in UTC. Without the scope users:pii, name and address are masked."""

    id: UUID
    tenant_id: UUID
    email: str
    name: str
    is_admin: bool
    is_owner: bool
    created_at: datetime
    last_seen_at: datetime | None
    deactivated_at: datetime | None
    invitation: Invitation | None
    invitation_expires_at: datetime | None
    version: int


class UserPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[UserOut]
    next: str | None


class Deactivation(Strict):
    reason: Reason


class Naming(Strict):
    reason: Reason


class Many(Strict):
    user_ids: Chosen


class ManyDeactivations(Many):
    reason: Reason


class OutcomeOut(Out):
    """What became of one of many; `problem` is null when it was done."""

    user_id: UUID
    problem: str | None


class OutcomesOut(Out):
    outcomes: list[OutcomeOut]


class InvitationOut(Out):
    """A new invitation. Its token goes to the person's address alone."""

    id: UUID
    user_id: UUID
    created_at: datetime
    expires_at: datetime


class Acceptance(Strict):
    token: Annotated[str, Field(min_length=20, max_length=200)]


def _version(actor: Actor, user_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one(actor, user_id)["version"]))


def _outcomes(request: Request, found: list[Outcome]) -> Response:
    return entity(request, OutcomesOut(outcomes=[OutcomeOut(user_id=one.id, problem=one.problem) for one in found]))


@router.get("", response_model=UserPage)
def list_users(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    search: Annotated[Search, Query(description="Starts of words of a name, an address or a tenant; or an id.")] = "",
    tenant_id: UUID | None = None,
    is_admin: bool | None = None,
    is_active: bool | None = None,
    invitation: Annotated[tuple[Invitation, ...], Query()] = (),
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The people of the tenants in your scope, newest first."""
    filters = queries.Filters(search, tenant_id, is_admin, is_active, invitation)
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("/deactivate", response_model=OutcomesOut)
def deactivate_users(request: Request, actor: CurrentActor, given: ManyDeactivations) -> Response:
    """Deactivates many, each on its own; the answer says of each why it was refused."""
    return _outcomes(request, actions.deactivate_many(actor, given.user_ids, reason=given.reason))


@router.post("/activate", response_model=OutcomesOut)
def activate_users(request: Request, actor: CurrentActor, given: Many) -> Response:
    """Activates many, each on its own, as long as their tenants have seats."""
    return _outcomes(request, actions.activate_many(actor, given.user_ids))


@router.post("/accept-invitation", response_model=UserOut)
def accept_invitation(request: Request, actor: CurrentActor, given: Acceptance) -> Response:
    """Whose invitation a token is, for the product that its link leads to. It counts once."""
    user = inviting.accept_invitation(actor, given.token)
    return entity(request, queries.one(actor, user.id))


@router.get("/{user_id}", response_model=UserOut)
def get_user(request: Request, actor: CurrentActor, user_id: UUID) -> Response:
    """One of the tenants' people, with its version as ETag."""
    return entity(request, queries.one(actor, user_id))


@router.post("/{user_id}/deactivate", response_model=UserOut)
def deactivate_user(
    request: Request, actor: CurrentActor, user_id: UUID, given: Deactivation, match: IfMatch
) -> Response:
    """Takes access and frees the seat; never of a tenant's owner or last administrator."""
    actions.deactivate(actor, user_id, reason=given.reason, version=_version(actor, user_id, match))
    return entity(request, queries.one(actor, user_id))


@router.post("/{user_id}/activate", response_model=UserOut)
def activate_user(request: Request, actor: CurrentActor, user_id: UUID, match: IfMatch) -> Response:
    """Gives access back, as long as the tenant has a free seat."""
    actions.activate(actor, user_id, version=_version(actor, user_id, match))
    return entity(request, queries.one(actor, user_id))


@router.put("/{user_id}/owner", response_model=UserOut)
def name_owner(request: Request, actor: CurrentActor, user_id: UUID, given: Naming, match: IfMatch) -> Response:
    """Makes an active person the owner of the tenant, and an administrator with it."""
    naming.name_owner(actor, user_id, reason=given.reason, version=_version(actor, user_id, match))
    return entity(request, queries.one(actor, user_id))


@router.put("/{user_id}/admin", response_model=UserOut)
def name_admin(request: Request, actor: CurrentActor, user_id: UUID, match: IfMatch) -> Response:
    """Makes an active person an administrator of the tenant."""
    naming.name_admin(actor, user_id, version=_version(actor, user_id, match))
    return entity(request, queries.one(actor, user_id))


@router.delete("/{user_id}/admin", response_model=UserOut)
def remove_admin(
    request: Request, actor: CurrentActor, user_id: UUID, match: IfMatch,
    reason: Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")],
) -> Response:  # fmt: skip
    """Takes the rights of an administrator; never of the owner or the last one."""
    naming.remove_admin(actor, user_id, reason=reason, version=_version(actor, user_id, match))
    return entity(request, queries.one(actor, user_id))


@router.post("/{user_id}/invitation", status_code=201, response_model=InvitationOut)
def reset_invitation(request: Request, actor: CurrentActor, user_id: UUID, once: Once) -> Response:
    """Ends the invitation there was and mails a new one, which counts for seven days."""
    invitation = inviting.reset_invitation(actor, user_id, once=once)
    return entity(request, InvitationOut.model_validate(invitation), status=201)
