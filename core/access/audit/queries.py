"""Search in the audit trail."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from core.kernel.actor import Actor
from core.kernel.audit import AuditEntry
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, read

# Between the moment in an entry's id and its time: both are taken in the same statement of the same process.
SKEW = timedelta(seconds=5)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=365 * 1_000)


@dataclass(frozen=True, slots=True)
class Filters:
    """Each is off when None. `action` (`tenants.`), `actor_name` and `entity_type` match from their start, names in any
    case; `entity_id` is a row that was changed, its tenant or a request of that id; `until` is excluded."""

    action: str | None = None
    actor_id: UUID | None = None
    actor_name: str | None = None
    entity_type: str | None = None
    outcome: str | None = None
    severity: str | None = None
    tenant_id: UUID | None = None
    entity_id: UUID | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def _narrow(statement: AnySelect, filters: Filters) -> AnySelect:
    equal = {
        AuditEntry.actor_id: filters.actor_id, AuditEntry.outcome: filters.outcome, AuditEntry.severity: filters.severity,
        AuditEntry.tenant_id: filters.tenant_id, AuditEntry.request_id: filters.request_id,
    }  # fmt: skip
    statement = statement.where(*(column == value for column, value in equal.items() if value is not None))
    if filters.action:
        statement = statement.where(AuditEntry.action.startswith(filters.action, autoescape=True))
    if filters.actor_name:
        statement = statement.where(
            func.lower(AuditEntry.actor_name).startswith(filters.actor_name.lower(), autoescape=True)
        )
    if filters.entity_type:
        statement = statement.where(AuditEntry.entity_type.startswith(filters.entity_type, autoescape=True))
    if filters.entity_id:
        touched = AuditEntry.entity_ids.contains([filters.entity_id])
        of_tenant = AuditEntry.tenant_id == filters.entity_id
        # A caller may have named his request by a UUID.
        named = AuditEntry.request_id == str(filters.entity_id)
        statement = statement.where(or_(touched, of_tenant, named))
    if filters.since:
        statement = statement.where(AuditEntry.occurred_at >= filters.since)
    return statement.where(AuditEntry.occurred_at < filters.until) if filters.until else statement


def entries(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per entry, newest first.

    Columns: occurred_at (UTC), id, action, outcome, severity, actor_name, actor_role, channel, reason, entity_type,
    tenant_id, request_id, ip, changes (list), details. Only tenants in the actor's scope. Raises Denied.
    """
    require(actor, "audit:read")
    columns = (
        AuditEntry.occurred_at, AuditEntry.id, AuditEntry.action, AuditEntry.outcome, AuditEntry.severity,
        AuditEntry.actor_name, AuditEntry.actor_role, AuditEntry.channel, AuditEntry.reason, AuditEntry.entity_type,
        AuditEntry.tenant_id, AuditEntry.request_id, AuditEntry.ip, AuditEntry.changes, AuditEntry.details,
    )  # fmt: skip
    with read(actor) as rx:
        return rx.page(
            _narrow(select(*columns), filters), keys=[AuditEntry.occurred_at, AuditEntry.id], after=after, limit=limit
        )


_WHOLE = (
    AuditEntry.occurred_at, AuditEntry.id, AuditEntry.action, AuditEntry.outcome, AuditEntry.severity, AuditEntry.actor_id,
    AuditEntry.actor_name, AuditEntry.actor_role, AuditEntry.channel, AuditEntry.ip, AuditEntry.user_agent,
    AuditEntry.request_id, AuditEntry.reason, AuditEntry.tenant_id, AuditEntry.entity_type, AuditEntry.entity_ids,
    AuditEntry.changes, AuditEntry.details,
)  # fmt: skip


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """As `entries`, as plain rows with who acted by id, from where, and the ids of what was touched. Raises Denied."""
    require(actor, "audit:read")
    with read(actor, timeout_ms=15_000) as rx:
        return rx.listing(
            _narrow(select(*_WHOLE), filters), keys=[AuditEntry.occurred_at, AuditEntry.id], after=after, limit=limit
        )


def one(actor: Actor, entry_id: UUID) -> dict[str, Any]:
    """One entry, as in `listing`. Raises Denied, NotFound.

    An id carries the moment it was made (UUIDv7), which leaves one or two partitions to look at.
    """
    require(actor, "audit:read")
    made = _FIRST + min(timedelta(milliseconds=entry_id.int >> 80), _LONGEST)
    near = AuditEntry.occurred_at.between(made - SKEW, made + SKEW)
    with read(actor) as rx:
        found = rx.one(select(*_WHOLE).where(near, AuditEntry.id == entry_id))
    if found is None:
        raise NotFound("There is no such entry in the audit trail, or it is not in your scope.")
    return found._asdict()
