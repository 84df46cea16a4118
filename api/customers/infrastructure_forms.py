"""What the operations about dedicated infrastructure take and answer."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.conventions import Out, Strict
from core.customers.infrastructure import rules

Status = Literal["requested", "provisioning", "ready", "retired"]
Provider = Literal["aws", "azure", "gcp", "other"]
Group = Literal["US", "EU", "APAC", "Other"]
Agreement = Literal["agrees", "violates", "unknown"]
StepState = Literal["open", "in_progress", "blocked", "done", "skipped"]
Short = Annotated[str, Field(max_length=80)]
Size = Annotated[int, Field(strict=True, ge=1, le=rules.MAX_SIZE)]
Region = Annotated[str, Field(min_length=1, max_length=80, examples=["eu-central-1"])]
Host = Annotated[str, Field(max_length=253, examples=["db-7.eu.example.com"])]
Database = Annotated[str, Field(max_length=63, examples=["acme_prod"])]
Notes = Annotated[str, Field(max_length=rules.MAX_NOTES)]


class InfrastructureOut(Out):
    """A record; null is unknown. `region_group` is where the region lies, `agreement` whether that is the tenant's region.
    `steps` and `steps_done` count what is required, `steps_late` what is open after its day."""

    id: UUID
    tenant_id: UUID
    tenant: str | None
    tenant_region: str | None
    status: Status
    provider: Provider
    region: str
    region_group: Group | None
    agreement: Agreement
    host: str | None
    database_name: str | None
    database_version: str | None
    compute: str | None
    cpus: int | None
    memory_gb: int | None
    storage_gb: int | None
    notes: str | None
    requested_by_name: str
    created_at: datetime
    provisioned_at: datetime | None
    retired_at: datetime | None
    retirement_reason: str | None
    steps: int
    steps_done: int
    steps_late: int
    version: int


class InfrastructurePage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[InfrastructureOut]
    next: str | None


class InfrastructureIn(Strict):
    """Where things are, and never how to get in: what looks like a password, key or connection string is refused.
    `region_group` is needed only of a region that is not listed; null is unknown."""

    tenant_id: UUID
    provider: Provider
    region: Region
    region_group: Group | None = None
    host: Host | None = None
    database_name: Database | None = None
    database_version: Short | None = None
    compute: Short | None = None
    cpus: Size | None = None
    memory_gb: Size | None = None
    storage_gb: Size | None = None
    notes: Notes | None = None


class InfrastructureChange(Strict):
    """Only what is given is changed; null is unknown."""

    provider: Provider | None = None
    region: Region | None = None
    region_group: Group | None = None
    host: Host | None = None
    database_name: Database | None = None
    database_version: Short | None = None
    compute: Short | None = None
    cpus: Size | None = None
    memory_gb: Size | None = None
    storage_gb: Size | None = None
    notes: Notes | None = None


class Retirement(Strict):
    reason: Annotated[str, Field(min_length=1, max_length=500, examples=["Moved to Frankfurt"])]


class StepOut(Out):
    """A step of a checklist; `due_on` is a day in UTC."""

    id: UUID
    infrastructure_id: UUID
    tenant_id: UUID
    position: int
    key: str
    title: str
    about: str
    team: str
    is_required: bool
    state: StepState
    owner_id: UUID | None
    owner_name: str | None
    due_on: date | None
    evidence: str | None
    done_at: datetime | None
    done_by_name: str | None
    version: int


class StepList(Out):
    items: list[StepOut]
    next: None


class StepChange(Strict):
    """Only what is given is changed. A step is done or skipped with evidence alone."""

    state: StepState | None = None
    owner_id: UUID | None = None
    due_on: date | None = None
    evidence: Annotated[str, Field(max_length=1_000)] | None = None


class ViolationOut(Out):
    """Infrastructure outside of its tenant's region. `ways_to_settle` is empty once it is settled."""

    id: UUID
    infrastructure_id: UUID
    tenant_id: UUID
    tenant: str | None
    tenant_region: str
    region_group: Group | None
    provider: Provider
    region: str
    host: str | None
    status: Status
    opened_at: datetime
    cause: str
    caused_by_name: str
    settled_at: datetime | None
    settled_by_name: str | None
    settlement: str | None
    ways_to_settle: list[str]


class ViolationPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[ViolationOut]
    next: str | None
