"""Demo tags: what the company's own people might call its customers."""

from random import Random
from uuid import UUID

from sqlalchemy import bindparam, update

from core.customers.tenants.models import Tenant
from core.kernel.writes import Transaction

TAGS = {"vip": 0.15, "at risk": 0.12, "reference customer": 0.1, "public sector": 0.12, "partner": 0.1, "pilot": 0.15}


def seed_tags(tx: Transaction, random: Random, tenants: list[UUID]) -> None:
    """Gives about every second tenant a tag or two."""
    chosen = {tenant: sorted(tag for tag, share in TAGS.items() if random.random() < share) for tenant in tenants}
    rows = [{"key": tenant, "given": tags} for tenant, tags in chosen.items() if tags]
    table = Tenant.metadata.tables[Tenant.__tablename__]
    tx.bulk(update(table).where(table.c.id == bindparam("key")).values(tags=bindparam("given")), rows)
