"""Exclusions as people look at them: what was asked for, why, and what was decided."""

from uuid import UUID

import pandas as pd
from sqlalchemy import select

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.reliability.sla.models import SlaExclusion, SlaViolation

MOST = 200


def exclusions(
    actor: Actor, *, violation_id: UUID | None = None, contract_id: UUID | None = None, is_waiting: bool = False
) -> pd.DataFrame:
    """One row per exclusion, those that wait first, then the latest; at most MOST.

    Columns: id, version, violation_id, contract_id, tenant_id, tenant (NA: out of sight), metric, starts_at, ends_at (UTC),
    reason, asked_by, asked_by_name, created_at, decision (NA: it waits), decided_at, decided_by_name, decision_note.
    """
    require(actor, "sla:read")
    one = SlaExclusion
    columns = (
        one.id, one.version, one.violation_id, one.contract_id, one.tenant_id, Tenant.name.label("tenant"),
        SlaViolation.metric, one.starts_at, one.ends_at, one.reason, one.asked_by, one.asked_by_name, one.created_at,
        one.decision, one.decided_at, one.decided_by_name, one.decision_note,
    )  # fmt: skip
    found = select(*columns).join(SlaViolation, SlaViolation.id == one.violation_id)
    found = found.outerjoin(Tenant, Tenant.id == one.tenant_id)
    given = ((one.violation_id, violation_id), (one.contract_id, contract_id))
    found = found.where(*(column == value for column, value in given if value is not None))
    found = found.where(one.decision.is_(None)) if is_waiting else found
    with read(actor) as rx:
        return rx.frame(found.order_by(one.decision.is_not(None), one.created_at.desc(), one.id), limit=MOST)
