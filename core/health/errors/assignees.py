"""Who can be given an error."""

from uuid import UUID

import pandas as pd
from sqlalchemy import select

from core.access.operators.models import Operator
from core.access.roles.models import RoleGrant
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read

_GRANTS = ("errors:read", "errors:*", "*")


def _people() -> AnySelect:
    """Operators in service whose role reads errors."""
    reads = select(RoleGrant.role).where(RoleGrant.role == Operator.role, RoleGrant.permission.in_(_GRANTS)).exists()
    return select(Operator.id, Operator.name).where(Operator.disabled_at.is_(None), reads).order_by(Operator.name)


def assignees(actor: Actor) -> pd.DataFrame:
    """Operators in service who may read errors, by name: id, name.

    Read as the portal itself: who assigns colleagues needs their names, and not the rest of their accounts.
    """
    require(actor, "errors:read")
    with read(Actor.system("errors", request_id=actor.request_id, channel=actor.channel)) as rx:
        return rx.frame(_people())


def assignee_named(operator_id: UUID | None) -> str | None:
    """The name of one of them; None for nobody. Raises Invalid for somebody who cannot be given an error."""
    if operator_id is None:
        return None
    with read(Actor.system("errors")) as rx:
        found = rx.one(_people().where(Operator.id == operator_id))
    if found is None:
        sentence = "This colleague cannot be given errors: the account is not in service, or may not read them."
        raise Invalid(sentence, {"assignee_id": sentence})
    return str(found.name)
