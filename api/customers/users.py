"""The tenants' people for machines."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import CurrentActor, Cursor, Fields, Limit, Out, Search, area, collection, entity
from core.customers.users import queries

router = area("/superadmin/users", "users")


class UserOut(Out):
    """An account of a tenant's own; times in UTC."""

    id: UUID
    tenant_id: UUID
    email: str
    name: str
    is_admin: bool
    created_at: datetime
    last_seen_at: datetime | None
    deactivated_at: datetime | None
    version: int


class UserPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[UserOut]
    next: str | None


@router.get("", response_model=UserPage)
def list_users(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    search: Annotated[Search, Query(description="Start of a name or address, or an id.")] = "",
    tenant_id: UUID | None = None,
    is_admin: bool | None = None,
    is_active: bool | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The people of the tenants in your scope, newest first."""
    filters = queries.Filters(search, tenant_id, is_admin, is_active)
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.get("/{user_id}", response_model=UserOut)
def get_user(request: Request, actor: CurrentActor, user_id: UUID) -> Response:
    """One of the tenants' people."""
    return entity(request, queries.one(actor, user_id))
