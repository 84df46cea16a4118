"""The operators who can answer tickets, by name.

Read as the portal itself: who gives a ticket to a colleague needs the name, and not the rest of that account.
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
_GRANTS = ("tickets:update", "tickets:*", "*")


def _answering() -> AnySelect:
    """Operators in service whose role answers tickets."""
    answers = select(RoleGrant.role).where(RoleGrant.role == Operator.role, RoleGrant.permission.in_(_GRANTS)).exists()
    return (
        select(Operator.id, Operator.name)
        .where(Operator.disabled_at.is_(None), answers)
        .order_by(Operator.name, Operator.id)
    )


def answering_ids() -> AnySelect:
    """A subquery: the ids of operators in service who may answer tickets."""
    return _answering().with_only_columns(Operator.id).order_by(None)


def assignable(actor: Actor) -> pd.DataFrame:
    """Operators in service who may answer tickets, by name: id, name. Raises Denied."""
    require(actor, "tickets:read")
    with read(Actor.system("tickets", request_id=actor.request_id, channel=actor.channel)) as rx:
        return rx.frame(_answering(), limit=MOST)


def names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of these operators, in service or not."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    with read(Actor.system("tickets")) as rx:
        return {row.id: row.name for row in rx.rows(select(Operator.id, Operator.name).where(Operator.id.in_(wanted)))}


def require_assignable(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of these operators. Raises Invalid when one of them cannot be given a ticket."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    with read(Actor.system("tickets")) as rx:
        known = {row.id: row.name for row in rx.rows(_answering().where(Operator.id.in_(wanted)))}
    if wanted - set(known):
        sentence = "This colleague cannot be given tickets: the account is not in service, or may not answer them."
        raise Invalid(sentence, {"assignee_id": sentence})
    return known
