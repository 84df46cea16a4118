"""The operators who can work on incidents, by name.

Read as the portal itself: who gives a role to a colleague needs the name, and not the rest of that account.
"""

from collections.abc import Iterable
from uuid import UUID

import pandas as pd
from sqlalchemy import select

from core.access.operators.models import Operator
from core.access.roles.models import RoleGrant
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read

MOST = 1_000
_GRANTS = ("incidents:update", "incidents:*", "*")


def _working() -> AnySelect:
    """Operators in service whose role works on incidents."""
    works = select(RoleGrant.role).where(RoleGrant.role == Operator.role, RoleGrant.permission.in_(_GRANTS)).exists()
    return (
        select(Operator.id, Operator.name)
        .where(Operator.disabled_at.is_(None), works)
        .order_by(Operator.name, Operator.id)
    )


def assignable(actor: Actor) -> pd.DataFrame:
    """Operators in service who may work on incidents, by name: id, name. Raises Denied."""
    require(actor, "incidents:read")
    with read(Actor.system("incidents", request_id=actor.request_id, channel=actor.channel)) as rx:
        return rx.frame(_working(), limit=MOST)


def names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of these operators, in service or not."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    with read(Actor.system("incidents")) as rx:
        return {row.id: row.name for row in rx.rows(select(Operator.id, Operator.name).where(Operator.id.in_(wanted)))}


def require_assignable(operator_id: UUID, *, field: str = "operator_id") -> str:
    """The operator's name. Raises Invalid when he cannot work on incidents."""
    with read(Actor.system("incidents")) as rx:
        found = rx.one(_working().where(Operator.id == operator_id))
    if found is None:
        sentence = "This colleague cannot be given an incident: the account is not in service, or may not work on them."
        raise Invalid(sentence, {field: sentence})
    return str(found.name)
