"""Demo customers: about 60 tenants on several plans with 600 people, the same for the same seed, dated relative to today."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from faker import Faker
from sqlalchemy import insert

from core.customers.tenants.models import Tenant, TenantAssignment
from core.customers.users.models import TenantUser
from core.kernel.writes import Transaction

TENANTS, USERS = 60, 600
_TIERS = {"free": (0.25, 5), "basic": (0.30, 20), "pro": (0.30, 80), "enterprise": (0.15, 500)}
_REGIONS = {"US": 0.5, "EU": 0.35, "APAC": 0.15}
_REASONS = (
    "Invoices unpaid for 60 days",
    "Abuse reports under investigation",
    "Requested by the customer during a dispute",
)


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _pick(random: Random, shares: dict[str, float]) -> str:
    return random.choices(list(shares), weights=list(shares.values()))[0]


def _domain(name: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in name.lower()).split()
    return "-".join(word for word in words if word.isascii() and word not in ("and", "the"))[:50] + ".example"


def _names(random: Random) -> list[str]:
    fake = Faker("en_GB")
    fake.seed_instance(random.getrandbits(32))
    names = dict.fromkeys(fake.company() for _ in range(4 * TENANTS))
    by_domain = {_domain(name): name for name in names}
    return list(by_domain.values())[:TENANTS]


def _status(random: Random, place: int, tier: str) -> str:
    if place % 20 == 7:
        return "suspended"
    return "trial" if tier == "free" and random.random() < 0.4 else "active"


def _tenant(random: Random, place: int, name: str, csm_id: UUID | None, now: datetime) -> dict[str, Any]:
    tier = _pick(random, {key: share for key, (share, _) in _TIERS.items()})
    status = _status(random, place, tier)
    created = now - timedelta(
        days=random.randint(1, 20) if status == "trial" else random.randint(30, 1100), minutes=random.randint(0, 1439)
    )
    suspended = (
        now - timedelta(days=random.randint(1, 25), minutes=random.randint(0, 1439)) if status == "suspended" else None
    )
    return {
        "id": _id(random), "name": name, "domain": _domain(name), "status": status, "tier": tier,
        "region": _pick(random, _REGIONS), "seats": max(3, int(_TIERS[tier][1] * random.uniform(0.5, 1.8))),
        "trial_ends_on": (created + timedelta(days=30)).date() if status == "trial" else None,
        "csm_id": csm_id if tier in ("pro", "enterprise") else None, "suspended_at": suspended, "suspended_by": None,
        "suspension_reason": random.choice(_REASONS) if suspended else None, "created_at": created, "updated_at": created,
        "version": 1,
    }  # fmt: skip


def _people(random: Random, tenants: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    fake = Faker(["en_GB", "de_DE", "fr_FR", "es_ES"])
    fake.seed_instance(random.getrandbits(32))
    owners = [
        *tenants,
        *random.choices(tenants, weights=[tenant["seats"] for tenant in tenants], k=USERS - len(tenants)),
    ]
    seen: set[str] = set()
    people = []
    for place, tenant in enumerate(owners):
        name = fake.name()
        email = f"{'.'.join(_domain(name).removesuffix('.example').split('-')) or 'user'}@{tenant['domain']}"
        email = email if email not in seen else f"{place}.{email}"
        seen.add(email)
        joined = tenant["created_at"] + (now - tenant["created_at"]) * random.random()
        people.append({
            "id": _id(random), "tenant_id": tenant["id"], "email": email, "name": name, "is_admin": place < len(tenants),
            "deactivated_at": now - timedelta(days=random.randint(1, 20)) if random.random() < 0.06 else None,
            "last_seen_at": now - timedelta(minutes=random.randint(1, 60 * 24 * 30)) if random.random() < 0.85 else None,
            "created_at": joined, "updated_at": joined, "version": 1,
        })  # fmt: skip
    return people


def seed(tx: Transaction, random: Random, now: datetime, operators: dict[str, UUID]) -> list[UUID]:
    """Makes the tenants, their people, and the assignments of the operators whose role sees only these.

    `operators` maps a role to its demo operator. Returns the ids of the tenants.
    """
    csm = operators.get("client_success")
    tenants = [_tenant(random, place, name, csm, now) for place, name in enumerate(_names(random))]
    tx.bulk(insert(Tenant), tenants)
    tx.bulk(insert(TenantUser), _people(random, tenants, now))
    served = [
        {"operator_id": operators[role], "tenant_id": tenant["id"], "assigned_at": now}
        for role in ("client_success", "implementation_specialist")
        for tenant in random.sample(tenants, 14)
        if role in operators
    ]
    tx.bulk(insert(TenantAssignment), served)
    return [tenant["id"] for tenant in tenants]
