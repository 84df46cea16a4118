"""Reads of the operators."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, or_, select

from core.access.operators.models import Operator
from core.access.roles.models import RoleRow
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, read


def directory(actor: Actor) -> pd.DataFrame:
    """One row per operator by name.

    Columns: id, name, email, role, role_title, scope, own_scope (NA when the role's counts), time_zone, last_sign_in_at,
    disabled_at (UTC), version.
    """
    require(actor, "operators:read")
    scope = func.coalesce(Operator.scope, RoleRow.scope).label("scope")
    columns = (
        Operator.id, Operator.name, Operator.email, Operator.role, RoleRow.title.label("role_title"), scope,
        Operator.scope.label("own_scope"),
        Operator.time_zone, Operator.last_sign_in_at, Operator.disabled_at, Operator.version,
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(select(*columns).join(RoleRow, RoleRow.name == Operator.role).order_by(Operator.name))


def _account() -> AnySelect:
    scope = func.coalesce(Operator.scope, RoleRow.scope).label("scope")
    columns = (
        Operator.id, Operator.name, Operator.email, Operator.role, scope, Operator.scope.label("own_scope"),
        Operator.time_zone, Operator.created_at, Operator.last_sign_in_at, Operator.disabled_at, Operator.version,
    )  # fmt: skip
    return select(*columns).join(RoleRow, RoleRow.name == Operator.role)


def listing(
    actor: Actor, *, text: str = "", role: str | None = None, is_active: bool | None = None, after: str | None = None,
    limit: int = 50,
) -> Listing:  # fmt: skip
    """Accounts as plain rows, newest first; `text` is the start of a name or address. Raises Denied."""
    require(actor, "operators:read")
    found = _account()
    if text.strip():
        wanted = text.strip().lower()
        named = [func.lower(one).startswith(wanted, autoescape=True) for one in (Operator.name, Operator.email)]
        found = found.where(or_(*named))
    if role is not None:
        found = found.where(Operator.role == role)
    if is_active is not None:
        found = found.where(Operator.disabled_at.is_(None) if is_active else Operator.disabled_at.is_not(None))
    with read(actor) as rx:
        return rx.listing(found, keys=[Operator.id], after=after, limit=limit)


def one(actor: Actor, operator_id: UUID) -> dict[str, Any]:
    """One account, as in `listing`. Raises Denied, NotFound."""
    require(actor, "operators:read")
    with read(actor) as rx:
        found = rx.one(_account().where(Operator.id == operator_id))
    if found is None:
        raise NotFound("There is no such operator.")
    return found._asdict()


def own_email(actor: Actor) -> str:
    """The address with which the actor signs in; empty for the portal itself."""
    with read(Actor.system("account", channel="page")) as rx:
        return str(rx.value(select(Operator.email).where(Operator.id == actor.operator_id)) or "")


def is_first_start() -> bool:
    """Whether there is no operator yet, so that the sign-in page asks for the first."""
    with read(Actor.system("sign-in", channel="page")) as rx:
        return rx.value(select(Operator.id).limit(1)) is None


def assignable(actor: Actor) -> pd.DataFrame:
    """Operators in service who see assigned tenants only, by name: id, name, role_title. Raises Denied.

    Read as the portal itself: who assigns colleagues needs their names, and not the rest of their accounts.
    """
    require(actor, "assignments:read")
    sees_assigned = func.coalesce(Operator.scope, RoleRow.scope) == "assigned"
    people = select(Operator.id, Operator.name, RoleRow.title.label("role_title")).join(
        RoleRow, RoleRow.name == Operator.role
    )
    with read(Actor.system("assignments", request_id=actor.request_id, channel=actor.channel)) as rx:
        return rx.frame(people.where(sees_assigned, Operator.disabled_at.is_(None)).order_by(Operator.name))
