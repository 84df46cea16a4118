"""Demo infrastructure of enterprise tenants: ready, on its way, retired, and two outside of their tenant's region."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.customers.infrastructure import regions
from core.customers.infrastructure.checklist import TEMPLATE
from core.customers.infrastructure.models import Infrastructure, InfrastructureStep, ResidencyViolation
from core.customers.tenants.models import Tenant
from core.kernel.writes import Transaction


@dataclass(frozen=True, slots=True)
class Shape:
    """`place` is a region, or `own` for one in the tenant's region and `foreign` for one outside. `done` counts steps."""

    provider: str
    place: str
    status: str
    age: int
    done: int
    is_known: bool = True


SHAPES = (
    Shape("aws", "own", "ready", 210, 11), Shape("azure", "own", "ready", 150, 10), Shape("gcp", "foreign", "ready", 95, 11),
    Shape("aws", "own", "provisioning", 10, 4), Shape("aws", "foreign", "provisioning", 6, 2),
    Shape("azure", "own", "requested", 1, 0, False), Shape("other", "rack 4, Porto", "ready", 400, 11),
    Shape("gcp", "own", "retired", 600, 11),
)  # fmt: skip
_OWN = {"aws": {"US": "us-east-1", "EU": "eu-central-1", "APAC": "ap-southeast-2"},
        "azure": {"US": "eastus2", "EU": "westeurope", "APAC": "japaneast"},
        "gcp": {"US": "us-central1", "EU": "europe-west3", "APAC": "asia-northeast1"}}  # fmt: skip
_FOREIGN = {"US": "EU", "EU": "US", "APAC": "US"}
_SIZES = ((8, 32, 500), (16, 64, 1_000), (32, 128, 4_000))


def seed(tx: Transaction, random: Random, now: datetime, tenants: list[UUID], operators: dict[str, UUID]) -> None:
    """Records of the first enterprise tenants in the list, each with its checklist."""
    asked = select(Tenant.id, Tenant.name, Tenant.domain, Tenant.region).where(
        Tenant.id.in_(tenants), Tenant.tier == "enterprise", Tenant.status.not_in(("deleted", "purged"))
    )
    found = {row.id: row for row in tx.session.execute(asked)}
    chosen = [found[one] for one in tenants if one in found]
    pairs = list(zip(SHAPES, chosen, strict=False))
    rows = [_record(random, shape, tenant, now) for shape, tenant in pairs]
    if not rows:
        return
    tx.bulk(insert(Infrastructure), rows)
    owner = operators.get("implementation_manager")
    steps = [
        step for (shape, _), row in zip(pairs, rows, strict=True) for step in _steps(random, shape, row, owner, now)
    ]
    tx.bulk(insert(InfrastructureStep), steps)
    broken = [_violation(random, tenant, row) for (shape, tenant), row in zip(pairs, rows, strict=True)
              if shape.place == "foreign"]  # fmt: skip
    if broken:
        tx.bulk(insert(ResidencyViolation), broken)


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _region(shape: Shape, tenant: Any) -> str:
    if shape.place == "own":
        return _OWN[shape.provider][tenant.region]
    return _OWN[shape.provider][_FOREIGN[tenant.region]] if shape.place == "foreign" else shape.place


def _record(random: Random, shape: Shape, tenant: Any, now: datetime) -> dict[str, Any]:
    made = now - timedelta(days=shape.age, hours=3)
    is_over, region = shape.status == "retired", _region(shape, tenant)
    return {
        "id": _id(random), "tenant_id": tenant.id, "status": shape.status, "provider": shape.provider, "region": region,
        "region_group": regions.group_of(shape.provider, region), "notes": None, "requested_by_name": "demo data",
        "provisioned_at": made + timedelta(days=12) if shape.status in ("ready", "retired") else None,
        "retired_at": now - timedelta(days=40) if is_over else None,
        "retirement_reason": "Moved back to the shared database; disks wiped" if is_over else None,
        "created_at": made, "updated_at": made, "version": 1, **_known(random, shape, tenant),
    }  # fmt: skip


def _known(random: Random, shape: Shape, tenant: Any) -> dict[str, Any]:
    """Host, database and sizes; of what was only requested they are unknown."""
    names = ("host", "database_name", "database_version", "compute", "cpus", "memory_gb", "storage_gb")
    if not shape.is_known:
        return dict.fromkeys(names)
    word = tenant.domain.partition(".")[0]
    server = f"i-{random.getrandbits(68):017x}"
    known = (f"db.{word[:40]}.example", word.replace("-", "_")[:50], "PostgreSQL 18.1", server, *random.choice(_SIZES))
    return dict(zip(names, known, strict=True))


def _steps(
    random: Random, shape: Shape, row: dict[str, Any], owner: UUID | None, now: datetime
) -> list[dict[str, Any]]:  # fmt: skip
    return [_step(random, shape, row, place, owner, now) for place in range(len(TEMPLATE))]


def _step(
    random: Random, shape: Shape, row: dict[str, Any], place: int, owner: UUID | None, now: datetime
) -> dict[str, Any]:  # fmt: skip
    one, made = TEMPLATE[place], row["created_at"]
    is_done = place < shape.done
    is_begun = place == shape.done and shape.status == "provisioning"
    is_owned = owner is not None and one.team == "Implementation"
    done_at = min(made + timedelta(days=one.days, hours=-random.randint(1, 30)), now) if is_done else None
    return {
        "id": _id(random), "infrastructure_id": row["id"], "tenant_id": row["tenant_id"], "position": place,
        "key": one.key, "title": one.title, "about": one.about, "team": one.team, "is_required": one.is_required,
        "state": "done" if is_done else "in_progress" if is_begun else "open", "owner_id": owner if is_owned else None,
        "owner_name": "Implementation manager" if is_owned else None,
        "due_on": (made + timedelta(days=one.days)).date(),
        "evidence": f"OPS-{random.randint(1_000, 9_999)}" if is_done else None, "done_at": done_at,
        "done_by_name": "demo data" if is_done else None, "created_at": made, "updated_at": done_at or made, "version": 1,
    }  # fmt: skip


def _violation(random: Random, tenant: Any, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _id(random), "infrastructure_id": row["id"], "tenant_id": row["tenant_id"], "tenant_region": tenant.region,
        "region_group": row["region_group"], "opened_at": row["created_at"], "cause": f"requested in {row['region']}",
        "caused_by_name": "demo data", "settled_at": None, "settled_by_name": None, "settlement": None,
    }  # fmt: skip
