"""What the portal itself does when a use crosses a level: a warning, a quota reached, a use that is below again."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from core.customers.quotas import rules, upgrading
from core.customers.quotas.models import QuotaLevel
from core.customers.quotas.resources import BY_KEY
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write


@dataclass(frozen=True, slots=True)
class Look:
    """One measured use of one tenant; as the row of quota_usage."""

    tenant_id: UUID
    resource: str
    used: Decimal | None
    limit: Decimal | None
    policy: str
    at: datetime

    @property
    def measured(self) -> rules.Measured:
        period: date | None = rules.period_of(BY_KEY[self.resource], self.at)
        return rules.Measured(self.at, period, rules.ratio_of(self.used, self.limit), self.limit is None)


def warn(actor: Actor, look: Look) -> rules.Held | None:
    """Tells that 80 or 90 % of a quota are used; once in each month, or until use has been well below."""
    with write(actor, "quotas.warn") as tx:
        return _move(tx, look, is_up=True)


def reach(actor: Actor, look: Look) -> rules.Held | None:
    """Tells that a quota is used up, once as `warn`; where the policy says so, a larger plan is asked for."""
    with write(actor, "quotas.reach") as tx:
        moved = _move(tx, look, is_up=True)
        if moved is not None and look.policy == "auto_upgrade":
            _ask_for_more(tx, look)
    return moved


def ease(actor: Actor, look: Look) -> rules.Held | None:
    """Tells that use is below a level again: less is used, or the limit was raised."""
    with write(actor, "quotas.ease") as tx:
        return _move(tx, look, is_up=False)


def _move(tx: Transaction, look: Look, *, is_up: bool) -> rules.Held | None:
    """The level that is held from now on; None, and nothing changed, when another look was faster."""
    key = (look.tenant_id, look.resource)
    row = tx.session.get(QuotaLevel, key, with_for_update=True, populate_existing=True)
    held = rules.Held(row.level, row.period, row.measured_at) if row else None
    now = rules.after(held, look.measured)
    before = held.level if held is not None and now is not None and held.period == now.period else 0
    if now is None or (now.level > before) is not is_up:
        return None
    row = row or tx.add(QuotaLevel(tenant_id=look.tenant_id, resource=look.resource))
    row.level, row.period, row.measured_at = now.level, now.period, now.at
    tx.note(
        resource=look.resource, level=now.level, level_before=before, used=look.used, limit=look.limit, policy=look.policy,
        period=now.period,
    )  # fmt: skip
    return now


def _ask_for_more(tx: Transaction, look: Look) -> None:
    tenant, resource = tx.get(Tenant, look.tenant_id), BY_KEY[look.resource]
    plan = upgrading.larger_plan(tx, tenant.tier, resource, look.used)
    if plan is None or upgrading.waiting_of(tx, tenant.id) is not None:
        return
    reason = f"The quota of {resource.label} is used up."
    upgrading.ask(tx, tenant, resource, plan, reason=reason, used=look.used, limit=look.limit)
    tx.note(asked_for=plan.key)
