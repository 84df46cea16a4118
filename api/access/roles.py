"""Roles for machines."""

from typing import Literal

from fastapi import Request, Response

from api.conventions import CurrentActor, Out, area, collection
from core.access.roles import queries

router = area("/superadmin/roles", "operators")


class RoleOut(Out):
    """`grants` are resource:verb, resource:* or *; `scope` is whose tenants the role sees."""

    name: str
    title: str
    scope: Literal["all", "assigned"]
    grants: list[str]


class RolePage(Out):
    """All of them: `next` is always null."""

    items: list[RoleOut]
    next: str | None


@router.get("", response_model=RolePage)
def list_roles(request: Request, actor: CurrentActor) -> Response:
    """Every role by name, with what it grants."""
    return collection(request, queries.with_grants(actor))
