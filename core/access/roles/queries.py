"""Which roles there are."""

from typing import Any

import pandas as pd
from sqlalchemy import func, select

from core.access.roles.models import RoleGrant, RoleRow
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read


def all_roles(actor: Actor) -> pd.DataFrame:
    """One row per role by title: name, title, scope, grants (how many)."""
    require(actor, "operators:read")
    grants = select(func.count()).where(RoleGrant.role == RoleRow.name).scalar_subquery().label("grants")
    with read(actor) as rx:
        return rx.frame(select(RoleRow.name, RoleRow.title, RoleRow.scope, grants).order_by(RoleRow.title))


def with_grants(actor: Actor) -> list[dict[str, Any]]:
    """Every role by name, with what it grants: name, title, scope, grants (sorted). Raises Denied."""
    require(actor, "operators:read")
    grants = select(func.array_agg(RoleGrant.permission)).where(RoleGrant.role == RoleRow.name).scalar_subquery()
    roles = select(RoleRow.name, RoleRow.title, RoleRow.scope, grants.label("grants")).order_by(RoleRow.name)
    with read(actor) as rx:
        return [{**row._asdict(), "grants": sorted(row.grants or ())} for row in rx.rows(roles)]
