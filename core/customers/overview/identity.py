"""Who answers for a tenant, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.access.operators.models import Operator
from core.customers.users import masking
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read


@dataclass(frozen=True, slots=True)
class People:
    """The tenant's owner (masked where the role sees no people) and our colleague; None is nobody, or not to be seen."""

    owner: str | None
    csm: str | None


def people(actor: Actor, tenant: Mapping[str, Any]) -> People:
    """Of a row of tenants.queries.one. The colleague is read as the portal itself, the owner as the actor."""
    require(actor, "tenants:read")
    return People(_owner(actor, tenant), _csm(actor, tenant))


def _owner(actor: Actor, tenant: Mapping[str, Any]) -> str | None:
    if not tenant["owner_id"] or not actor.may("users:read"):
        return None
    columns = (TenantUser.id, TenantUser.name, TenantUser.email)
    with read(actor) as rx:
        found = rx.one(select(*columns).where(TenantUser.id == tenant["owner_id"]))
    if found is None:
        return None
    row = masking.masked_row(actor, found._asdict())
    return f"{row['name']}, {row['email']}"


def _csm(actor: Actor, tenant: Mapping[str, Any]) -> str | None:
    if not tenant["csm_id"]:
        return None
    with read(Actor.system("overview", request_id=actor.request_id, channel=actor.channel)) as rx:
        name: str | None = rx.value(select(Operator.name).where(Operator.id == tenant["csm_id"]))
    return name
