"""What can be done with a plan."""

from typing import Any

from core.customers.plans import rules
from core.customers.plans.models import Plan, PlanVersion
from core.kernel.actor import Actor
from core.kernel.writes import write


def update(actor: Actor, key: str, *, version: int, reason: str, **values: Any) -> Plan:
    """Changes a plan, and keeps what it was as a version. `limits`, `quota_policy` and `settings` replace the whole.

    Running subscriptions keep the prices they were made with. Raises Invalid, NotFound, Conflict.
    """
    cleaned = rules.clean(values)
    with write(actor, "plans.update", reason=reason) as tx:
        plan = tx.lock(Plan, key, version=version)
        changed = {field: value for field, value in cleaned.items() if getattr(plan, field) != value}
        if not changed:
            return plan
        tx.add(PlanVersion(
            plan_key=key, number=plan.version, values={field: getattr(plan, field) for field in rules.EDITABLE},
            valid_from=plan.updated_at, replaced_at=tx.now, replaced_by=actor.operator_id, replaced_by_name=actor.name,
            reason=reason.strip(),
        ))  # fmt: skip
        for field, value in changed.items():
            setattr(plan, field, value)
    return plan
