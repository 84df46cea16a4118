"""Which roles there are."""

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
