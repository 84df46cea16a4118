"""Whom and what a grave act on a tenant hits, counted before it is confirmed. Other slices register what they keep."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, literal, select

from core.customers.campaigns.models import Campaign
from core.customers.invoices.models import Invoice
from core.customers.tenants.models import Tenant
from core.customers.users.models import TenantUser
from core.health.monitors.models import MonitorTenant
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.platform.flags.models import FlagOverride
from core.platform.keys.models import ApiKey
from core.platform.webhooks.models import Webhook
from core.support.tickets.models import ACTIVE, Ticket

NOT_KEPT = "Not kept here yet"
HIDDEN = "Your role does not see these"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that a tenant has. `statement` counts it, of a tenant's id; None: the portal does not keep it yet."""

    key: str
    label: str
    permission: str
    statement: Callable[[UUID], AnySelect] | None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Adds a kind of thing, or replaces the one of the same key."""
    _kinds[kind.key] = kind


def kinds() -> list[Kind]:
    """All of them, in the order in which they are shown."""
    return list(_kinds.values())


def _of(model: Any, *conditions: Any) -> Callable[[UUID], AnySelect]:
    return lambda tenant_id: select(func.count()).select_from(model).where(model.tenant_id == tenant_id, *conditions)


for _one in (
    Kind("users", "Active users", "users:read", _of(TenantUser, TenantUser.deactivated_at.is_(None))),
    Kind("campaigns", "Running campaigns", "campaigns:read", _of(Campaign, Campaign.status == "running")),
    Kind("webhooks", "Webhooks", "webhooks:read", _of(Webhook)),
    Kind("api_keys", "API keys in use", "api_keys:read", _of(ApiKey, ApiKey.revoked_at.is_(None))),
    Kind("monitors", "Monitors", "monitors:read", _of(MonitorTenant)),
    Kind("flag_overrides", "Feature flag overrides", "flags:read", _of(FlagOverride)),
    Kind("open_invoices", "Open invoices", "invoices:read", _of(Invoice, Invoice.status == "open")),
    Kind("contracts", "Contracts", "contracts:read", None),
    Kind("tickets", "Open tickets", "tickets:read", _of(Ticket, Ticket.status.in_(ACTIVE))),
):
    register(_one)


def counts(actor: Actor, tenant_id: UUID) -> pd.DataFrame:
    """One row per kind of thing: key, label, count (NA: unknown), note (why it is unknown, or empty).

    One statement for all of them. Raises NotFound for a tenant that is not in sight.
    """
    require(actor, "tenants:read")
    seen = {one.key: one.statement for one in kinds() if one.statement is not None and actor.may(one.permission)}
    columns = [statement(tenant_id).scalar_subquery().label(key) for key, statement in seen.items()]
    with read(actor) as rx:
        found = rx.one(select(literal(1).label("is_known"), *columns).where(Tenant.id == tenant_id))
    if found is None:
        raise NotFound("This tenant does not exist, or is not among those you may see.")
    counted = found._asdict()
    rows = [(one.key, one.label, counted.get(one.key), _note(one, counted)) for one in kinds()]
    return pd.DataFrame(rows, columns=["key", "label", "count", "note"]).astype({"count": "Int64"})


def _note(kind: Kind, counted: dict[str, Any]) -> str:
    if kind.statement is None:
        return NOT_KEPT
    return "" if kind.key in counted else HIDDEN
