"""Reads of the impact: what was computed, with what people say instead."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.reliability.incidents.models import IncidentCorrection, IncidentImpact, IncidentTenant

COUNTED = ("tenants", "users", "requests", "requests_failed", "tickets", "contracts", "violations")
MONEY = ("revenue", "contracts_value")
COMPUTED = COUNTED + MONEY
# What is worth money is told to those alone who may see it elsewhere.
NEEDS = {"revenue": "revenue:read", "contracts_value": "contracts:read"}
MOST = 2_000
TENANT = "tenant:"  # field of a correction that says whether a tenant is hit: tenant:<id>


def hidden(actor: Actor) -> set[str]:
    """The figures that the actor may not see."""
    return {field for field, needed in NEEDS.items() if not actor.may(needed)}


def impact(actor: Actor, incident_id: UUID) -> dict[str, Any]:
    """What an incident comes to. Keys: computed_at, window_start, window_end (NULL before the first look), detail (dict),
    hidden (fields that the actor may not see), and per field of COMPUTED one of {"value", "computed", "is_corrected",
    "reason", "by_name", "at"}. `value` is None where nothing is known. Money: [{"currency", "amount"}, ...]. Raises Denied."""
    require(actor, "incidents:read")
    of = IncidentImpact
    with read(actor) as rx:
        found = rx.one(select(*of.__table__.c).where(of.incident_id == incident_id))
        said = {row.field: row for row in rx.rows(_latest(incident_id))}
    unseen = hidden(actor)
    known: dict[str, Any] = dict(found._mapping) if found else {}
    figures = {field: _figure(known.get(field), said.get(field)) for field in COMPUTED if field not in unseen}
    about = {name: known.get(name) for name in ("computed_at", "window_start", "window_end")}
    return {**about, "detail": known.get("detail") or {}, "hidden": sorted(unseen), **figures}


def _latest(incident_id: UUID) -> Any:
    """The last word on each field."""
    said = IncidentCorrection
    return (
        select(said.field, said.value, said.reason, said.by_name, said.created_at)
        .where(said.incident_id == incident_id)
        .ext(distinct_on(said.field))
        .order_by(said.field, said.created_at.desc(), said.id.desc())
    )


def _figure(computed: Any, said: Any) -> dict[str, Any]:
    is_corrected = said is not None and said.value is not None
    return {
        "value": said.value["value"] if is_corrected else computed, "computed": computed, "is_corrected": is_corrected,
        "reason": said.reason if is_corrected else None, "by_name": said.by_name if is_corrected else None,
        "at": said.created_at if is_corrected else None,
    }  # fmt: skip


def corrections(actor: Actor, incident_id: UUID) -> pd.DataFrame:
    """All that was said instead, newest first: field, value (dict or NULL), reason, by_name, created_at. Raises Denied."""
    require(actor, "incidents:read")
    said, unseen = IncidentCorrection, hidden(actor)
    found = select(said.field, said.value, said.reason, said.by_name, said.created_at)
    listed = found.where(said.incident_id == incident_id, said.field.not_in(unseen))
    with read(actor) as rx:
        return rx.frame(listed.order_by(said.created_at.desc(), said.id.desc()).limit(MOST))


def tenants(actor: Actor, incident_id: UUID, *, limit: int = MOST) -> pd.DataFrame:
    """The tenants in sight that an incident hits, those with most failed requests first: tenant_id, tenant, tier, requests,
    requests_failed (NA where not counted), found_by (list), computed_at. Raises Denied."""
    require(actor, "incidents:read")
    hit = IncidentTenant
    found = (
        select(
            hit.tenant_id, Tenant.name.label("tenant"), Tenant.tier, hit.requests, hit.requests_failed, hit.found_by,
            hit.computed_at,
        )
        .join(Tenant, Tenant.id == hit.tenant_id, isouter=True)
        .where(hit.incident_id == incident_id)
        .order_by(hit.requests_failed.desc().nulls_last(), Tenant.name, hit.tenant_id)
        .limit(limit)
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(found)
