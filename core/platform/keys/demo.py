"""Demo keys of tenants and of the platform, with 90 days of calls; the same for the same seed, dated relative to now.

Their secrets are real random bits that nobody was shown: a demo portal that can be reached has no key that can be known.
"""

import math
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.access.operators.models import Operator
from core.kernel.actor import Actor
from core.kernel.rollups import fill
from core.kernel.telemetry import Recording, record
from core.kernel.writes import Transaction
from core.platform.keys.format import ALPHABET, HINT_LENGTH
from core.platform.keys.models import KEY_ROLLUP, ApiKey, ApiKeyUse

DAYS, HOURS_FOR = 90, timedelta(days=30)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_FLAGS = ("flags:evaluate",)
_TENANT = ("tenants:read", "users:read")
_HOOKS = ("webhooks:create", "webhooks:read", "webhooks:update")


@dataclass(frozen=True, slots=True)
class Shape:
    """`tenant` is a place in the list of tenants, None the platform. Days: `age` since creation, `expires` from now,
    `quiet` since the last call (None: never called). `rate` is calls an hour at noon."""

    name: str
    tenant: int | None
    scopes: tuple[str, ...]
    age: int
    expires: int | None
    quiet: float | None
    rate: float = 0
    mode: str = "live"
    networks: tuple[str, ...] = ()
    rotated: float | None = None
    revoked: str | None = None


SHAPES = (
    Shape("Data warehouse nightly sync", None, ("health:read", "tenants:read"), 210, 120, 0.02, 240, networks=("10.20.0.0/16",)),
    Shape("Status page", None, ("health:read",), 340, None, 0.001, 900),
    Shape("Billing import", None, (*_TENANT, "tenants:update"), 95, 9, 0.3, 120, networks=("203.0.113.0/26", "2001:db8:40::/48")),
    Shape("Release pipeline", None, ("flags:read", "flags:update", "flags:kill"), 60, 30, 0.05, 35, rotated=0.4),
    Shape("Load test of March", None, ("health:read",), 240, 200, 118, mode="test"),
    Shape("Storefront flags", 0, _FLAGS, 150, 215, 0.0005, 2_600),
    Shape("Mobile app flags", 0, _FLAGS, 80, 285, 0.0008, 1_400),
    Shape("CRM connector", 1, _TENANT, 130, 235, 0.1, 90),
    Shape("Webhook set-up", 2, _HOOKS, 45, 45, 6, 4),
    Shape("Integration sandbox", 2, _TENANT, 44, 321, 1.5, 22, mode="test"),
    Shape("Old ERP bridge", 3, _TENANT, 400, None, 131),
    Shape("Partner preview", 4, _FLAGS, 52, None, None),
    Shape("Shop backend", 5, (*_FLAGS, *_HOOKS), 70, 20, 0.01, 480, rotated=18),
    Shape("Contractor laptop", 5, _TENANT, 160, 90, 26, 12, revoked="Laptop stolen in Porto; found in no log since"),
    Shape("Trial evaluation", 6, _FLAGS, 100, -10, 11, 60),
)  # fmt: skip


def seed(tx: Transaction, random: Random, now: datetime, tenants: list[UUID], operators: dict[str, UUID]) -> list[UUID]:
    """Makes the keys, by the developer and the platform administrator. Returns their ids in the order of SHAPES."""
    names = {row.id: row.name for row in tx.session.execute(select(Operator.id, Operator.name))}
    makers = [operators[role] for role in ("developer", "platform_admin") if role in operators]
    rows = [_row(random, shape, now, tenants, makers, names) for shape in SHAPES]
    tx.bulk(insert(ApiKey), rows)
    return [row["id"] for row in rows]


def _row(
    random: Random, shape: Shape, now: datetime, tenants: list[UUID], makers: list[UUID], names: dict[UUID, str]
) -> dict[str, Any]:
    maker = random.choice(makers) if makers else None
    made = now - timedelta(days=shape.age, minutes=random.randint(0, 600))
    rotated = now - timedelta(days=shape.rotated) if shape.rotated is not None else None
    revoked = now - timedelta(days=shape.quiet or 0) if shape.revoked else None
    return {
        "id": UUID(int=random.getrandbits(128), version=4), "tenant_id": _tenant_of(shape, tenants), "name": shape.name,
        "prefix": "iris", "mode": shape.mode, "secret_digest": secrets.token_bytes(32),
        "hint": "".join(random.choices(ALPHABET, k=HINT_LENGTH)), "scopes": sorted(shape.scopes),
        "expires_at": now + timedelta(days=shape.expires) if shape.expires is not None else None,
        "rate_limit_per_minute": random.choice((300, 600, 1_200)), "allowed_networks": list(shape.networks),
        "created_by": maker, "created_by_name": names.get(maker, "demo data") if maker else "demo data",
        "rotated_at": rotated, "previous_digest": secrets.token_bytes(32) if rotated else None,
        "previous_expires_at": rotated + DAY if rotated else None, "revoked_at": revoked, "revoked_by": None,
        "revocation_reason": shape.revoked, "created_at": made, "updated_at": revoked or rotated or made, "version": 1,
    }  # fmt: skip


def _tenant_of(shape: Shape, tenants: list[UUID]) -> UUID | None:
    return None if shape.tenant is None or not tenants else tenants[shape.tenant % len(tenants)]


def seed_usage(system: Actor, random: Random, now: datetime, keys: list[UUID], tenants: list[UUID]) -> None:
    """Fills the tables of usage, which must be empty. The present hour stays free for real calls."""
    present = now.replace(minute=0, second=0, microsecond=0)
    hours_from = (present - HOURS_FOR).replace(hour=0)
    used = [(key, shape) for key, shape in zip(keys, SHAPES, strict=True) if shape.quiet is not None]
    with record(system, timeout_ms=60_000) as tx:
        uses = [_use(random, key, shape, now, tenants) for key, shape in used]
        tx.execute(insert(ApiKeyUse), uses)
        _calls(tx, random, used, now, tenants, (hours_from - timedelta(days=DAYS) + HOURS_FOR, hours_from, present))


def _use(random: Random, key: UUID, shape: Shape, now: datetime, tenants: list[UUID]) -> dict[str, Any]:
    return {
        "key_id": key, "tenant_id": _tenant_of(shape, tenants), "first_used_at": now - timedelta(days=shape.age - 0.1),
        "last_used_at": now - timedelta(days=shape.quiet or 0), "last_ip": f"203.0.113.{random.randint(2, 60)}",
        "previous_used_at": now - timedelta(hours=2) if shape.rotated and shape.rotated < 1 else None,
    }  # fmt: skip


def _calls(
    tx: Recording, random: Random, used: list[tuple[UUID, Shape]], now: datetime, tenants: list[UUID],
    moments: tuple[datetime, datetime, datetime],
) -> None:  # fmt: skip
    begin, hours_from, present = moments
    hours = list(_steps(hours_from, present, HOUR))
    named = [(key, _tenant_of(shape, tenants), shape) for key, shape in used if shape.rate]
    of_hours = [row for at in hours for one in named for row in _bucket(random, *one, at, now, _busy(at))]
    of_days = [
        row for at in _steps(begin, hours_from, DAY) for one in named for row in _bucket(random, *one, at, now, 9.5)
    ]
    fill(tx, KEY_ROLLUP, "day", of_days)
    fill(tx, KEY_ROLLUP, "hour", of_hours)


def _steps(begin: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += step


def _busy(at: datetime) -> float:
    """From 0.1 at night to 1 at noon (UTC)."""
    return 0.1 + 0.9 * math.exp(-((at.hour - 12) ** 2) / 20) * (0.35 if at.weekday() >= 5 else 1.0)


def _bucket(
    random: Random, key: UUID, tenant: UUID | None, shape: Shape, at: datetime, now: datetime, busy: float
) -> Iterator[dict[str, Any]]:
    """The rows of one key and bucket: answers 2xx, now and then 4xx (some of them over the limit) and 5xx."""
    if not now - timedelta(days=shape.age) <= at <= now - timedelta(days=shape.quiet or 0):
        return
    total = max(round(random.gauss(shape.rate * busy, math.sqrt(shape.rate * busy))), 0)
    refused, failed = round(total * random.uniform(0, 0.03)), round(total * random.uniform(0, 0.004))
    for status_class, count in ((2, total), (4, refused), (5, failed)):
        if count:
            yield {
                "bucket": at, "key_id": key, "tenant_id": tenant, "status_class": status_class, "total": count,
                "limited": round(count * 0.2) if status_class == 4 else 0, "duration_ms_sum": count * 24,
            }  # fmt: skip
