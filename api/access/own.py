"""Who the portal takes the caller for."""

from typing import Literal
from uuid import UUID

from fastapi import Request, Response

from api.conventions import CurrentActor, Out, area, entity

router = area("/superadmin/me", "operators")


class OwnOut(Out):
    """The caller: an operator (`operator_id`) or an API key (`key_id`), what it may do and whose tenants it sees."""

    operator_id: UUID | None
    key_id: UUID | None
    session_id: UUID | None
    name: str
    role: str
    scope: Literal["all", "assigned", "tenant"]
    tenant_id: UUID | None
    grants: list[str]
    time_zone: str


@router.get("", response_model=OwnOut)
def get_own_session(request: Request, actor: CurrentActor) -> Response:
    """Your own session or key, with its rights."""
    told = {name: getattr(actor, name) for name in OwnOut.model_fields}
    return entity(request, told | {"grants": sorted(actor.grants)})
