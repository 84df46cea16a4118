"""The rule that a tenant's infrastructure lies in the tenant's region (ADR-020, "Data residency enforcement"), and its steps."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.customers.infrastructure import regions, rules
from core.customers.infrastructure.models import Infrastructure, ResidencyViolation
from core.kernel.writes import Transaction

_OFFERED = 4


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the rule is looked at: what was done, by whom, when."""

    told: str
    by_name: str
    at: datetime


def judge(tx: Transaction, record: Infrastructure, tenant_region: str, cause: Cause) -> None:
    """Opens a violation that has begun, settles one that is over. What is unknown does neither."""
    mine = select(ResidencyViolation).where(
        ResidencyViolation.infrastructure_id == record.id, ResidencyViolation.settled_at.is_(None)
    )
    known = tx.session.scalars(mine).first()
    verdict = regions.agreement(tenant_region, record.region_group) if record.status in rules.LIVE else "agrees"
    if verdict == "violates" and known is None:
        _open(tx, record, tenant_region, cause)
    elif verdict == "agrees" and known is not None:
        known.settled_at, known.settled_by_name, known.settlement = cause.at, cause.by_name, cause.told


def _open(tx: Transaction, record: Infrastructure, tenant_region: str, cause: Cause) -> None:
    assert record.region_group is not None
    tx.add(
        ResidencyViolation(
            infrastructure_id=record.id, tenant_id=record.tenant_id, tenant_region=tenant_region,
            region_group=record.region_group, opened_at=cause.at, cause=cause.told, caused_by_name=cause.by_name,
        )
    )  # fmt: skip


def ways_to_settle(tenant_region: str, group: str, provider: str) -> list[str]:
    """What ends a violation, as sentences, the usual way first."""
    listed = regions.REGIONS.get(provider, {}).items()
    offered = [region for region, its in listed if its == tenant_region][:_OFFERED]
    where = f" ({regions.PROVIDER_TITLES[provider]}: {', '.join(offered)} ...)" if offered else ""
    move = f"Request infrastructure in {tenant_region}{where}, move the data there, then retire this one."
    ways = [move, "Correct the record, when the data lie elsewhere than it says."]
    if group in ("US", "EU", "APAC"):
        ways.append(f"Change the tenant's region to {group}, when its contract lets the data lie there.")
    return ways
