"""Reads of drafts of new tenants, and what a step of the form must know."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from core.customers.plans.models import Plan
from core.customers.tenants import rules
from core.customers.tenants.drafts.models import TenantDraft
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import read


@dataclass(frozen=True, slots=True)
class Draft:
    """How far an operator came, and what he typed; `trial_ends_on` is a date again."""

    step: str
    values: dict[str, Any]
    updated_at: datetime


def own(actor: Actor) -> Draft | None:
    """The operator's draft, or None. Raises Denied without tenants:create."""
    require(actor, "tenants:create")
    columns = (TenantDraft.step, TenantDraft.values, TenantDraft.updated_at)
    with read(actor) as rx:
        found = rx.one(select(*columns).where(TenantDraft.operator_id == actor.operator_id))
    if found is None:
        return None
    ends_on = found.values.get("trial_ends_on")
    dated = {"trial_ends_on": date.fromisoformat(ends_on)} if ends_on else {}
    return Draft(found.step, found.values | dated, found.updated_at)


def require_free(actor: Actor, domain: str) -> str:
    """The domain as it would be stored. Raises Invalid for one that is none, or that a tenant has already."""
    require(actor, "tenants:create")
    cleaned = rules.clean_domain(domain)
    # By the portal itself: a domain is taken whether or not the operator may see whose it is.
    with read(Actor.system("tenants", request_id=actor.request_id)) as rx:
        is_taken = rx.value(select(Tenant.id).where(Tenant.domain == cleaned)) is not None
    if is_taken:
        sentence = f"The domain {cleaned} is already in use. Each tenant has its own."
        raise Invalid(sentence, {"domain": sentence})
    return cleaned


def plans(actor: Actor) -> list[dict[str, Any]]:
    """What a new tenant can be sold, the smallest first: key, name, price_monthly, price_yearly, currency, seats,
    trial_days. Raises Denied without tenants:create."""
    require(actor, "tenants:create")
    columns = (Plan.key, Plan.name, Plan.price_monthly, Plan.price_yearly, Plan.currency, Plan.seats, Plan.trial_days)
    with read(actor) as rx:
        return [row._asdict() for row in rx.rows(select(*columns).where(Plan.is_public).order_by(Plan.position))]
