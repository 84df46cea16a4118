"""Whom a message reaches: tenants, and the people who are written to.

The portal counts them as itself, since they get the message whoever sends it; who they are is shown to those alone who may
see them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, func, or_, select, true

from core.access.operators.models import Operator
from core.customers.tenants.models import Tenant
from core.customers.tenants.rules import GONE
from core.customers.users.models import TenantUser
from core.health.channels.models import AlertChannel
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Reading, read
from core.reliability.communication import rules
from core.reliability.communication.models import IncidentMessage
from core.reliability.incidents.models import Incident, IncidentRole, IncidentTenant
from core.reliability.status_page.models import StatusSubscriber

SHOWN = 200
TENANTS = ("affected", "all", "tenants")


@dataclass(frozen=True, slots=True)
class Reach:
    """`tenants` and `recipients` are counts, `without` how many of the tenants have nobody to write to.

    `listed` has one row per tenant in the viewer's sight, at most SHOWN: tenant, tier, recipients; of channels: channel,
    target, is_enabled; of colleagues: name.
    """

    tenants: int
    recipients: int
    without: int
    listed: pd.DataFrame


def sender(actor: Actor) -> Actor:
    """The portal, as whom recipients are found."""
    return Actor.system("incident messages", request_id=actor.request_id, channel=actor.channel)


def chosen(incident_id: UUID, audience: str, tenant_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """The condition on Tenant of belonging to the audience."""
    served = Tenant.status.not_in(GONE)
    hit = select(IncidentTenant.tenant_id).where(IncidentTenant.incident_id == incident_id)
    if audience == "affected":
        return served & Tenant.id.in_(hit)
    return served if audience == "all" else served & Tenant.id.in_(list(tenant_ids))


def people(condition: ColumnElement[bool]) -> AnySelect:
    """The people who are written to: the administrators of tenants. Columns: tenant_id, recipient."""
    is_read = (TenantUser.is_admin, TenantUser.deactivated_at.is_(None))
    wanted = select(TenantUser.tenant_id, func.lower(TenantUser.email).label("recipient"))
    return wanted.join(Tenant, Tenant.id == TenantUser.tenant_id).where(condition, *is_read)


def colleagues(incident_id: UUID) -> AnySelect:
    """Those who have a part in the incident. Columns: tenant_id (NULL), recipient."""
    parts = select(IncidentRole.operator_id).where(IncidentRole.incident_id == incident_id)
    lead = select(Incident.lead_id).where(Incident.id == incident_id)
    involved = or_(Operator.id.in_(parts), Operator.id.in_(lead))
    wanted = select(Operator.name, func.lower(Operator.email).label("recipient"))
    return wanted.where(involved, Operator.disabled_at.is_(None))


def hit_for(actor: Actor, message_id: UUID) -> list[UUID]:
    """The tenants that are hit now, of a message that is for them; of any other none."""
    of = IncidentMessage
    about = select(of.incident_id).where(of.id == message_id, of.audience == "affected")
    with read(sender(actor)) as rx:
        incident_id = rx.value(about)
        if incident_id is None:
            return []
        wanted = select(Tenant.id).where(chosen(incident_id, "affected", ())).order_by(Tenant.id)
        return [row.id for row in rx.rows(wanted)]


def reach(
    actor: Actor, incident_id: UUID, *, channel: str, audience: str | None = None, tenant_ids: Sequence[UUID] = (),
    channel_ids: Sequence[UUID] = (),
) -> Reach:  # fmt: skip
    """Whom such a message would reach if it were sent now. Raises Denied, Invalid."""
    require(actor, "incidents:read")
    known = rules.audience_of(channel, audience)
    if channel == "status_page":
        return _subscribers(actor)
    if channel == "slack":
        return _channels(actor, channel_ids)
    if known == "internal":
        return _colleagues(actor, incident_id)
    return _tenants(actor, chosen(incident_id, known, tenant_ids))


def _tenants(actor: Actor, condition: ColumnElement[bool]) -> Reach:
    per_tenant = _per_tenant(condition).subquery()
    people_of, total = per_tenant.c.recipients, func.count()
    counted = select(total.label("tenants"), func.coalesce(func.sum(people_of), 0).label("recipients"),
                     total.filter(people_of == 0).label("without"))  # fmt: skip
    with read(sender(actor)) as rx:
        found: Any = rx.one(counted.select_from(per_tenant))
        listed = _per_tenant(condition).order_by(Tenant.name, Tenant.id).limit(SHOWN)
        frame = rx.frame(listed)
    return Reach(found.tenants, int(found.recipients), found.without, _in_sight(actor, frame))


def _per_tenant(condition: ColumnElement[bool]) -> AnySelect:
    is_read = (TenantUser.is_admin, TenantUser.deactivated_at.is_(None), TenantUser.tenant_id == Tenant.id)
    counted = select(func.count().label("recipients")).select_from(TenantUser).where(*is_read).lateral()
    return (
        select(Tenant.id, Tenant.name.label("tenant"), Tenant.tier, counted.c.recipients)
        .where(condition)
        .join(counted, true())
    )


def _in_sight(actor: Actor, frame: pd.DataFrame) -> pd.DataFrame:
    """Those tenants that the viewer may see; nothing for who may not see tenants."""
    seen: set[str] = set()
    if actor.may("tenants:read") and not frame.empty:
        with read(actor) as rx:
            wanted = select(Tenant.id).where(Tenant.id.in_([UUID(one) for one in frame["id"]]))
            seen = {str(row.id) for row in rx.rows(wanted)}
    return frame[frame["id"].isin(seen)].drop(columns="id").reset_index(drop=True)


def _colleagues(actor: Actor, incident_id: UUID) -> Reach:
    with read(sender(actor)) as rx:
        frame = rx.frame(colleagues(incident_id).order_by(Operator.name).limit(SHOWN))
    return Reach(0, len(frame), 0, frame[["name"]])


def _channels(actor: Actor, channel_ids: Sequence[UUID]) -> Reach:
    table = AlertChannel
    wanted = select(table.name.label("channel"), table.target, table.is_enabled).where(table.id.in_(list(channel_ids)))
    with read(sender(actor)) as rx:
        frame = rx.frame(wanted.order_by(table.name).limit(SHOWN))
    return Reach(0, int(frame["is_enabled"].sum()), int((~frame["is_enabled"]).sum()), frame)


def _subscribers(actor: Actor) -> Reach:
    confirmed = (StatusSubscriber.confirmed_at.is_not(None), StatusSubscriber.unsubscribed_at.is_(None))
    with read(sender(actor)) as rx:
        count = int(rx.value(select(func.count()).select_from(StatusSubscriber).where(*confirmed)))
    return Reach(0, count, 0, pd.DataFrame())


def channels(actor: Actor) -> dict[UUID, str]:
    """The alert channels that are in use, by name: whoever works on an incident may send to them. Raises Denied."""
    require(actor, "incidents:update")
    with read(sender(actor)) as rx:
        return named(rx)


def named(rx: Reading) -> dict[UUID, str]:
    wanted = select(AlertChannel.id, AlertChannel.name).where(AlertChannel.is_enabled).order_by(AlertChannel.name)
    return {row.id: row.name for row in rx.rows(wanted)}
