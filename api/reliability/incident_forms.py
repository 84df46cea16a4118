"""What calls about incidents bring, and what they are answered."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.conventions import Instant, Out, Strict
from core.reliability.incidents import rules

Severity = Literal["critical", "high", "medium", "low", "sev1", "sev2", "sev3"]
Status = Literal["open", "investigating", "resolved", "closed"]
State = Literal["investigating", "identified", "monitoring", "resolved", "closed"]
Kind = Literal["outage", "bug", "security", "performance"]
Source = Literal["manual", "alert", "violation", "error", "ticket", "api"]
Role = Literal["lead", "communications", "operations", "scribe", "assignee"]
LinkKind = Literal["alert", "violation", "error", "ticket", "incident", "deployment", "flag"]
Figure = Literal[
    "tenants",
    "users",
    "requests",
    "requests_failed",
    "tickets",
    "contracts",
    "violations",
    "revenue",
    "contracts_value",
]
Title = Annotated[str, Field(min_length=1, max_length=rules.MAX_TITLE, examples=["Invoices cannot be created"])]
Text = Annotated[str, Field(max_length=rules.MAX_TEXT)]
Needed = Annotated[str, Field(min_length=1, max_length=rules.MAX_TEXT)]
Service = Annotated[str, Field(min_length=1, max_length=rules.MAX_SERVICE)]
Services = Annotated[tuple[Service, ...], Field(max_length=rules.MAX_SERVICES)]
Target = Annotated[str, Field(min_length=1, max_length=300)]
Count = Annotated[int, Field(ge=0, le=2**53)]


class IncidentOut(Out):
    """An incident; times in UTC.

    `severity` is critical (SEV1), high (SEV2) or medium (SEV3), `level` the same as sev1 to sev3. `status` is open while
    nobody took it, investigating while it is worked on, resolved or closed; `state` tells more. `detected_at` and
    `started_at` are the same: when it began to hurt. `affected_users`, `affected_tenants` and `requests_failed` are from
    data, or what people say instead; null before the first look.
    """

    id: UUID
    number: int
    reference: str
    title: str
    description: str
    incident_type: Kind
    severity: Literal["critical", "high", "medium"]
    level: Literal["sev1", "sev2", "sev3"]
    status: Status
    state: State
    source: Source
    affected_services: list[str]
    affected_users: int | None
    affected_tenants: int | None
    requests_failed: int | None
    detected_at: datetime
    started_at: datetime
    declared_at: datetime
    acknowledged_at: datetime | None
    identified_at: datetime | None
    monitoring_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    archived_at: datetime | None
    assigned_to: UUID | None
    assigned_to_name: str | None
    reported_by: UUID | None
    reported_by_name: str
    resolution_notes: str
    root_cause: str
    reopen_count: int
    merged_into_id: UUID | None
    is_public: bool
    public_title: str
    next_update_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class IncidentPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[IncidentOut]
    next: str | None


class ActiveIncidents(Out):
    """Those that run, gravest first, then the newest."""

    items: list[IncidentOut]
    next: None


class ErrorOfIncident(Out):
    fingerprint: str
    label: str


class IncidentWhole(IncidentOut):
    """An incident with the errors that are linked to it and the figures of its impact (what you may see of them)."""

    error_logs: list[ErrorOfIncident]
    metrics: dict[str, Any]


class LinkIn(Strict):
    """`target` is an id, of a ticket or an incident also its number, an error's fingerprint, or a flag's key."""

    kind: LinkKind
    target: Target
    label: Annotated[str, Field(max_length=300)] = ""


class IncidentIn(Strict):
    """`severity` takes critical, high, medium and low as well as sev1, sev2 and sev3; medium and low are both SEV3.

    `affected_services` are named as requests name them; none means the whole product. `error_logs` and `metrics` are kept
    in the timeline, as the first note.
    """

    title: Title
    severity: Severity
    description: Text = ""
    incident_type: Kind = "outage"
    affected_services: Services = ()
    detected_at: Annotated[Instant | None, Field(description="When it began to hurt; now where left out.")] = None
    assigned_to: Annotated[UUID | None, Field(description="The operator who leads.")] = None
    links: Annotated[tuple[LinkIn, ...], Field(max_length=50)] = ()
    public_title: Annotated[str, Field(max_length=rules.MAX_TITLE)] = ""
    error_logs: dict[str, Any] | None = None
    metrics: dict[str, Any] | None = None


class IncidentChange(Strict):
    """What is edited goes together. A change of status, severity or assigned_to is a request of its own: `note` goes with
    the first two, `resolution_notes` and `root_cause` with the status resolved, and `reason` with opening one again."""

    title: Title | None = None
    description: Text | None = None
    incident_type: Kind | None = None
    affected_services: Services | None = None
    detected_at: Instant | None = None
    root_cause: Text | None = None
    resolution_notes: Text | None = None
    public_title: Annotated[str, Field(max_length=rules.MAX_TITLE)] | None = None
    next_update_at: Instant | None = None
    status: Literal["open", "investigating", "identified", "monitoring", "resolved", "closed"] | None = None
    severity: Severity | None = None
    assigned_to: UUID | None = None
    note: Text | None = None
    reason: Text | None = None


class EventOut(Out):
    """A line of a timeline. `incident_id` is another one's where that was merged into this one."""

    id: UUID
    incident_id: UUID
    at: datetime
    kind: str
    text: str
    actor_id: UUID | None
    actor_name: str
    source: str | None
    source_id: str | None
    detail: dict[str, Any]
    is_key: bool


class Timeline(Out):
    """The last 1,000 lines, oldest first."""

    items: list[EventOut]
    next: None


class NoteIn(Strict):
    """`at` is when it happened, now where left out; `is_key` says that it belongs into the post-mortem."""

    text: Needed
    at: Instant | None = None
    is_key: bool = False


class LinkOut(Out):
    id: UUID
    kind: LinkKind
    target: str
    label: str
    created_by_name: str
    created_at: datetime


class Linked(Out):
    """Whether it was not linked yet."""

    is_new: bool


class Links(Out):
    items: list[LinkOut]
    next: None


class FigureOut(Out):
    """`value` is what counts: what somebody says where `is_corrected`, else what was computed. null is unknown."""

    value: Any
    computed: Any
    is_corrected: bool
    reason: str | None
    by_name: str | None
    at: datetime | None


class ImpactOut(Out):
    """What an incident comes to in its window. Money is a list of {"currency", "amount"}: `revenue` is recurring revenue a
    month, `contracts_value` a year's worth. Figures that you may not see are named in `hidden` and left out."""

    computed_at: datetime | None
    window_start: datetime | None
    window_end: datetime | None
    hidden: list[str]
    figures: dict[str, FigureOut]


class CorrectionIn(Strict):
    """What you say instead of a computed figure, and why: a whole number, or of money a list of {"currency", "amount"};
    null takes the computed one back."""

    field: Figure
    value: Count | list[dict[str, Any]] | None
    reason: Needed


class TenantOfIncident(Out):
    """`found_by` says what it was found by: requests, errors, monitors, tickets, alerts, violations, operator."""

    tenant_id: UUID
    tenant: str | None
    tier: str | None
    requests: int | None
    requests_failed: int | None
    found_by: list[str]
    computed_at: datetime


class TenantsOfIncident(Out):
    """Those in your scope, with most failed requests first."""

    items: list[TenantOfIncident]
    next: None


class Hit(Strict):
    """Whether a tenant is hit, whatever the data say, and why you say so."""

    is_affected: bool
    reason: Needed


class Merging(Strict):
    """Which incidents go on in this one."""

    incident_ids: Annotated[list[UUID], Field(min_length=1, max_length=50)]


class Reopening(Strict):
    reason: Needed


class RoleOut(Out):
    role: Role
    operator_id: UUID
    name: str | None
    created_at: datetime


class Roles(Out):
    items: list[RoleOut]
    next: None
