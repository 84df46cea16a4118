"""The obvious way: FastAPI routes with the same SQL, without accounts, rights, limits, records or errors of their own."""

import os
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import create_engine, select, tuple_

from core.customers.tenants.models import Tenant
from core.customers.tenants.queries import COLUMNS

engine = create_engine(os.environ["DATABASE_URL"], pool_size=10, max_overflow=20)
app = FastAPI()


class TenantOut(BaseModel):
    id: UUID
    name: str
    domain: str
    status: str
    tier: str
    region: str
    seats: int
    created_at: datetime
    suspended_at: datetime | None
    suspension_reason: str | None
    version: int


class TenantPage(BaseModel):
    items: list[TenantOut]


@app.get("/tenants")
def list_tenants(created_at: datetime | None = None, id: UUID | None = None, limit: int = 50) -> TenantPage:
    statement = select(*COLUMNS).where(Tenant.status != "deleted")
    if created_at and id:
        statement = statement.where(tuple_(Tenant.created_at, Tenant.id) < (created_at, id))
    ordered = statement.order_by(Tenant.created_at.desc(), Tenant.id.desc()).limit(limit + 1)
    with engine.connect() as connection:
        rows = connection.execute(ordered).mappings().all()
    return TenantPage(items=rows[:limit])  # type: ignore[arg-type]


@app.get("/tenants/{tenant_id}")
def get_tenant(tenant_id: UUID) -> TenantOut:
    with engine.connect() as connection:
        row: Any = connection.execute(select(*COLUMNS).where(Tenant.id == tenant_id)).mappings().one()
    return TenantOut(**row)
