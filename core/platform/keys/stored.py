"""A key as the door needs it, read from the primary: a replica may lag behind a revocation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.telemetry import record
from core.platform.keys.models import ApiKey

TIMEOUT_MS = 2_000
COLUMNS = (
    ApiKey.id, ApiKey.name, ApiKey.mode, ApiKey.tenant_id, ApiKey.scopes, ApiKey.expires_at, ApiKey.revoked_at,
    ApiKey.allowed_networks, ApiKey.rate_limit_per_minute, ApiKey.secret_digest, ApiKey.previous_digest,
    ApiKey.previous_expires_at, Tenant.status.label("tenant_status"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredKey:
    """`networks` empty: from anywhere."""

    id: UUID
    name: str
    mode: str
    tenant_id: UUID | None
    tenant_status: str | None
    grants: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...]
    rate_limit_per_minute: int
    expires_at: datetime | None
    revoked_at: datetime | None
    secret_digest: bytes = field(repr=False)
    previous_digest: bytes | None = field(repr=False)
    previous_expires_at: datetime | None


def load(digests: Sequence[bytes], ids: Sequence[UUID]) -> list[StoredKey]:
    """The keys with one of these digests (present or previous) or ids. Raises Unavailable."""
    # One parameter, however many keys are in use.
    wanted = [ApiKey.id == any_(literal(list(ids), ARRAY(Uuid())))] if ids else []
    if digests:
        wanted += [ApiKey.secret_digest.in_(digests), ApiKey.previous_digest.in_(digests)]
    found = select(*COLUMNS).outerjoin(Tenant, Tenant.id == ApiKey.tenant_id).where(or_(*wanted))
    with record(Actor.system("api keys"), timeout_ms=TIMEOUT_MS) as tx:
        return [_stored(row._asdict()) for row in tx.execute(found)]


@lru_cache(maxsize=10_000)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)


def _stored(row: dict[str, Any]) -> StoredKey:
    networks = tuple(_network(one) for one in row.pop("allowed_networks"))
    return StoredKey(grants=frozenset(row.pop("scopes")), networks=networks, **row)
